"""The screen that prints a voucher, on A4 or on the roll of a receipt printer."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from enterprises.request import EnterpriseRequest
from ledgers.fonts import FontsNotReady
from ledgers.models import Invoice
from ledgers.presenting import VOUCHER_WIDTH, shows_prices
from ledgers.vouchers import WIDTHS, voucher_pdf

WAIT_SECONDS = 30


@require_safe
@permission_required("ledgers.view_invoice", raise_exception=True)
def invoice_voucher(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """The printable voucher (食安E通) of a confirmed paper; `width` is that of a receipt printer, A4 without it."""
    invoice = get_object_or_404(Invoice.objects.visible_to(request.scope).confirmed(), pk=pk)
    width = _width(request)
    address = settings.SITE_URL + reverse("portal:voucher", args=[invoice.voucher_token])
    with_prices = shows_prices(request, invoice)
    try:
        pdf = voucher_pdf(invoice, address=address, with_prices=with_prices, width=width)
    except FontsNotReady:
        where = {"title": invoice, "back": reverse("ledgers:invoice-detail", args=[pk])}
        return please_wait(request, where)
    request.session[VOUCHER_WIDTH] = width  # what this person prints on, offered first on the next paper
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{invoice.number}.pdf"'
    return response


def _width(request: HttpRequest) -> int | None:
    """The width that was asked for, in mm; another than we have is no address of ours."""
    if "width" not in request.GET:
        return None
    widths = {str(width): width for width in WIDTHS}
    if request.GET["width"] not in widths:
        raise Http404
    return widths[request.GET["width"]]


def please_wait(request: HttpRequest, where: dict[str, object]) -> HttpResponse:
    """The answer while the fonts are being built: a `title`, the way `back`, and the same address once more."""
    waiting = render(request, "ledgers/voucher_wait.html", where, status=503)
    waiting["Retry-After"] = str(WAIT_SECONDS)
    return waiting
