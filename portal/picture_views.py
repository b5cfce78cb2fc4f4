"""Pictures of shared goods, for everybody; one that was taken away is gone within minutes."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from attachments.views import answer
from catalog.barcodes import parse
from portal.facts import pictures_of, product_behind

KEPT = "public, max-age=300"


@login_not_required
@require_safe
def picture(request: HttpRequest, gtin: str, pk: int) -> HttpResponse:
    """One picture of the goods with this barcode, small with `?small`."""
    try:
        code = product_behind(parse(gtin.replace("\0", "")))
    except ValidationError:
        raise Http404 from None
    if code is None:
        raise Http404
    image = get_object_or_404(pictures_of(code.product), pk=pk)
    return answer(request, image.attachment, is_small="small" in request.GET, cache=KEPT)
