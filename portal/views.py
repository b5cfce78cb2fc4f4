"""The public's pages: no sign-in, no cookie, no script, and nothing that is not meant for everybody."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import conditional_page, require_safe
from django.views.decorators.vary import vary_on_headers

from catalog.barcodes import Barcode, parse
from catalog.facts import panel_facts
from portal.facts import ProductFacts, address_of, lots_behind, product_behind, product_facts
from portal.search import look_up, tidy_text, voucher_behind

LOT_MAX = 40
JSON_TYPES = ("application/json", "application/problem+json")
PURPOSES = {
    "HC": gettext_lazy("This paper reverses an earlier one: the goods count as not delivered."),
    "CY": gettext_lazy("This paper corrects an earlier one: its lines say the difference."),
}


def public_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of facts: the same for everybody in one language, so it may be kept for a minute."""
    for decorate in (
        conditional_page,
        vary_on_headers("Accept", "Accept-Language", "Cookie"),
        cache_control(public=True, max_age=60),
        require_safe,
        login_not_required,
    ):
        view = decorate(view)
    return view


@login_not_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The one box: it leads to the product or the voucher at once, or shows what fits."""
    text = tidy_text(request.GET.get("q", ""))
    found = look_up(text) if text else None
    if found and found.address:
        return redirect(found.address)
    return render(request, "portal/search.html", {"text": text, "found": found})


@public_page
def product(request: HttpRequest, gtin: str) -> HttpResponse:
    """The goods behind a barcode; a lot number typed there leads on to its page."""
    return _at_barcode(request, gtin, lot=_one_line(request.GET.get("lot", "")))


@public_page
def lot(request: HttpRequest, gtin: str, lot: str) -> HttpResponse:
    """One lot as printed on a package; two where two makers use the same number."""
    return _at_barcode(request, gtin, lot=_one_line(lot), is_lot_page=True)


@login_not_required
@require_safe
@never_cache
def voucher(request: HttpRequest, token: str) -> HttpResponse:
    """Whether a printed voucher is genuine, and still counts."""
    row = voucher_behind(token)
    if row is None:
        response = _unknown(
            request, _("There is no voucher with this code"), _("Scan it again, or ask who gave it to you.")
        )
    else:
        response = render(request, "portal/voucher.html", {"row": row, "purpose": PURPOSES.get(row.number[:2], "")})
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _at_barcode(request: HttpRequest, gtin: str, *, lot: str, is_lot_page: bool = False) -> HttpResponse:
    """The product or lot page behind an address: any written form of a barcode leads to the one it is printed in."""
    try:
        barcode = parse(gtin.replace("\0", ""))
    except ValidationError as refusal:
        return _unknown(request, _("This is no barcode of goods"), " ".join(refusal.messages))
    address = address_of(barcode)
    if lot and not is_lot_page:
        return redirect("portal:lot", address, lot)
    if gtin != address:
        return redirect("portal:lot" if lot else "portal:product", *filter(None, (address, lot)), permanent=True)
    return _facts_page(request, barcode, lot)


def _one_line(lot: str) -> str:
    """A lot number without what cannot be printed; its inner blanks belong to it."""
    return "".join(filter(str.isprintable, unicodedata.normalize("NFKC", lot))).strip()


def _facts_page(request: HttpRequest, barcode: Barcode, lot: str) -> HttpResponse:
    code = product_behind(barcode)
    if code is None:
        title = _("Nobody has entered goods with this barcode yet")
        return _unknown(request, title, _("Compare the digits with those on the package, or search by the name."))
    facts = product_facts(code, with_lots=not lot)
    if not lot:
        return _as_asked(request, "portal/product.html", {"product": facts})
    lots = lots_behind(code.product, lot) if len(lot) <= LOT_MAX else ()
    return _as_asked(request, "portal/lot.html", {"product": facts, "lots": lots, "lot": lot})


def _as_asked(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The page, or the same facts as JSON."""
    lots, facts = context.get("lots"), context["product"]
    if not _wants_json(request):
        return render(request, template, context, status=404 if lots == () else 200)
    if lots is None:
        return _json(_public(facts))
    if not lots:
        return _problem(_("No data of this lot"), _("Compare the lot number with the one on the package."))
    return _json({"product": _public(facts, with_lots=False), "lots": [asdict(row) for row in lots]})


def _public(facts: ProductFacts, *, with_lots: bool = True) -> dict[str, Any]:
    pictures = [reverse("portal:picture", args=[facts.gtin, pk]) for pk in facts.pictures]
    whole = asdict(facts) | {"nutrition": panel_facts(facts.nutrition), "pictures": pictures}
    return whole if with_lots else {name: value for name, value in whole.items() if name not in ("lots", "answer")}


def _unknown(request: HttpRequest, title: str, sentence: str) -> HttpResponse:
    if _wants_json(request):
        return _problem(title, sentence)
    return render(request, "portal/unknown.html", {"title": title, "sentence": sentence}, status=404)


def _problem(title: str, detail: str) -> HttpResponse:
    """RFC 9457: what a machine gets in place of a page."""
    problem = {"type": "about:blank", "title": title, "status": 404, "detail": detail}
    return _json(problem, status=404, content_type="application/problem+json")


def _json(facts: dict[str, Any], **response: Any) -> HttpResponse:
    """Chinese as it is written, not as escapes."""
    return JsonResponse(facts, json_dumps_params={"ensure_ascii": False}, **response)


def _wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", *JSON_TYPES]) in JSON_TYPES
