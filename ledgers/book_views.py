"""Screens that show a book: the code an officer scans, and what stands behind it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import record_access
from enterprises.models import Enterprise
from enterprises.request import EnterpriseRequest
from ledgers.book import book_of
from ledgers.fonts import FontsNotReady
from ledgers.pack.access import may_take_pack
from ledgers.pack.contents import Pack
from ledgers.pack.forms import PackForm, usual_period
from ledgers.pack.limits import FORMATS, refusal_of
from ledgers.pack.paper import pack_pdf
from ledgers.pack.words import contents, limits, title
from ledgers.pack.workbook import sheets
from ledgers.voucher_views import please_wait
from registers.exporting import as_workbook, attachment
from registers.forms import dress


@require_safe
@permission_required("ledgers.view_ledgerentry", raise_exception=True)
def book_code(request: EnterpriseRequest) -> HttpResponse:
    """The square code of the enterprise one acts for, to be held out to an officer or hung up by the counter."""
    if request.enterprise is None:
        raise PermissionDenied
    address = settings.SITE_URL + reverse("ledgers:book-look", args=[request.enterprise.pk])
    return render(request, "ledgers/book_code.html", {"enterprise": request.enterprise, "address": address})


@require_safe
@permission_required("ledgers.view_ledgerentry", raise_exception=True)
def book_look(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """The book of one enterprise at a glance. An officer's look is written down; one's own is nobody's business."""
    enterprise = visible_enterprise(request, pk)
    if pk not in request.scope.enterprise_ids:
        record_access(request.user, "book", f"enterprise {pk} {enterprise}")
    context = {
        "enterprise": enterprise,
        "may_take_pack": may_take_pack(request.user, request.scope, enterprise),
        **book_of(enterprise, request.scope),
    }
    return render(request, "ledgers/book_look.html", context)


@require_safe
@permission_required("ledgers.view_ledgerentry", raise_exception=True)
def book_pack(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Choose a period, see how much it holds, take it as PDF or xlsx. What an officer takes is written down."""
    enterprise = visible_enterprise(request, pk)
    if not may_take_pack(request.user, request.scope, enterprise):
        raise PermissionDenied
    form = PackForm({**usual_period(), **request.GET.dict()})
    dress(form, request.scope)
    context = {"enterprise": enterprise, "form": form}
    if not form.is_valid():
        return render(request, "ledgers/book_pack.html", context, status=422)
    pack = Pack(enterprise, form.wanted(), made_for=request.user)
    file_format = request.GET.get("format", "")
    refusal = refusal_of(pack, file_format)
    if file_format in FORMATS and not refusal:
        return _taken(request, pack, file_format)
    context |= {"contents": contents(pack), "refusal": refusal, "limits": limits()}
    return render(request, "ledgers/book_pack.html", context, status=422 if refusal else 200)


def _taken(request: EnterpriseRequest, pack: Pack, file_format: str) -> HttpResponse:
    enterprise, wanted = pack.enterprise, pack.wanted
    if enterprise.pk not in request.scope.enterprise_ids:
        record_access(request.user, "pack", f"enterprise {enterprise.pk} {enterprise} {wanted.since} {wanted.until}")
    name = f"{title()}-{enterprise}-{wanted.since}-{wanted.until}"
    if file_format == "xlsx":
        return as_workbook(name, sheets(pack))
    try:
        response = HttpResponse(pack_pdf(pack), content_type="application/pdf")
    except FontsNotReady:
        back = reverse("ledgers:book-pack", args=[enterprise.pk])
        return please_wait(request, {"title": title(), "back": back})
    response["Content-Disposition"] = attachment(f"{name}.pdf")
    return response


def visible_enterprise(request: EnterpriseRequest, pk: int) -> Enterprise:
    """The enterprise, for those who work there or whose area it lies in."""
    rows = Enterprise.objects.visible_to(request.scope)
    enterprise: Enterprise = get_object_or_404(
        rows.select_related("headquarters", "region", "market", "merged_into"), pk=pk
    )
    return enterprise
