"""Screens of the catalogue that are not plain registers."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from catalog.barcodes import parse
from catalog.lookup import by_barcode, own_goods
from catalog.nutrition import panel_words
from enterprises.request import EnterpriseRequest


@require_safe
@permission_required("catalog.view_listing", raise_exception=True)
def lookup(request: EnterpriseRequest) -> HttpResponse:
    """What a scanned code stands for: goods on one's own list, else the shared product, else why it is neither."""
    code = request.GET.get("code", "")[:60].replace("\0", "")
    own = own_goods(code, enterprise=request.enterprise) if request.enterprise else None
    product = own[0].product if own else by_barcode(code)
    if product is None:
        return JsonResponse({"found": None, "refusal": _refusal(code)})
    facts = {
        "product": product.pk, "code": product.code or code, "name": product.name, "pack_size": product.pack_size,
        "brand": product.brand, "unit": product.unit_id, "unit_name": str(product.unit), "kind": product.kind,
        "category": product.category_id, "shelf_life_days": product.shelf_life_days, "origin": product.origin,
        "maker_name": product.maker_name, "maker_licence": product.maker_licence,
        "storage": product.storage, "ingredients": product.ingredients, "nutrition": panel_words(product.nutrition),
        "price": str(own[0].price or "") if own else "", "is_listed": bool(own),
    }  # fmt: skip
    return JsonResponse({"found": facts})


def _refusal(code: str) -> str:
    """Why `code` is no barcode, in the reader's language; empty where it is one that nobody has entered yet."""
    try:
        parse(code)
    except ValidationError as refusal:
        return " ".join(refusal.messages)
    return ""
