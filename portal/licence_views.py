"""Licences as they hang on the wall [H-150]: checked, in force or not, with their pictures, for everybody."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from attachments.views import answer
from certificates.models import Licence
from enterprises.models import Enterprise
from portal.views import public_page

KEPT = "public, max-age=300"
IN_BUSINESS = {"holder__status": Enterprise.Status.ACTIVE, "holder__is_person": False}


@public_page
def licence(request: HttpRequest, pk: int) -> HttpResponse:
    """One licence; 404 for what nobody has checked, was taken back, or is of nobody in business."""
    row = _public(pk)
    pages = [page.attachment for page in row.pages.select_related("attachment")]
    context = {"row": row, "pages": pages, "is_valid": row.covers(timezone.localdate())}
    return render(request, "portal/licence_page.html", context)


@login_not_required
@require_safe
def licence_picture(request: HttpRequest, pk: int, page: int) -> HttpResponse:
    """One of its pages as a file, small with `?small`."""
    file = get_object_or_404(_public(pk).pages.select_related("attachment"), attachment=page).attachment
    return answer(request, file, is_small="small" in request.GET and file.is_image, cache=KEPT)


def _public(pk: int) -> Licence:
    rows = Licence.objects.public().filter(**IN_BUSINESS).select_related("kind", "holder__region")
    licence: Licence = get_object_or_404(rows, pk=pk)
    return licence
