"""Wrong data of goods, told by anybody who holds the package: no sign-in, no cookie, nothing about who says it."""

from __future__ import annotations

from urllib.parse import urlsplit

from allauth.core import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from catalog.barcodes import parse
from catalog.models import Product
from catalog.report_forms import ReportForm
from catalog.reporting import Told, report_product
from portal.facts import address_of, product_behind


@csrf_exempt  # it needs no cookie, see decision 0020
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, gtin: str) -> HttpResponse:
    """What is wrong with these goods, and what the package says."""
    product, address = _goods(gtin)
    form = ReportForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        _refuse_other_sites(request)
        status = _take(request, product, form)
        if status == 302:
            return redirect(f"{request.path}?told=1")
    context = {"product": product, "gtin": address, "form": form, "is_told": "told" in request.GET}
    return render(request, "portal/report.html", context, status=status)


def _take(request: HttpRequest, product: Product, form: ReportForm) -> int:
    """Keep what was told; the status of the answer. Whoever fills in the hidden field is thanked and forgotten."""
    if not form.is_valid():
        return 422
    if request.POST.get("website"):
        return 302
    if not ratelimit.consume(request, action="report_product"):
        form.add_error(None, _("Much was reported from here just now. Try again in an hour."))
        return 429
    try:
        report_product(product, Told(**form.cleaned_data), actor=None)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return 422
    return 302


def _goods(gtin: str) -> tuple[Product, str]:
    try:
        barcode = parse(gtin.replace("\0", ""))
    except ValidationError:
        raise Http404 from None
    code = product_behind(barcode)
    if code is None:
        raise Http404
    return code.product, address_of(barcode)


def _refuse_other_sites(request: HttpRequest) -> None:
    """A browser says from which site a form comes; another site's is refused."""
    origin = request.headers.get("Origin")
    if origin and urlsplit(origin).netloc != request.get_host():
        raise PermissionDenied
