"""What anybody may know of a shared product: the whitelist of the JSON API and of the open data."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from catalog.models import NamedInTwoLanguages, Product
from catalog.nutrition import NUTRIENTS, Nutrition, panel_of


def shared_products() -> QuerySet[Product]:
    """The shared catalogue with all that `facts_of` needs; self-made codes are their enterprise's own business."""
    return Product.objects.shared().select_related("unit", "category", "maker").prefetch_related("codes")


def facts_of(product: Product) -> dict[str, Any]:
    """The facts of one product, the same in every language. What is not known is an empty text or null."""
    return {
        "name": product.name,
        "codes": [
            {"gtin": code.gtin, "printed": code.shown, "pieces": f"{code.factor.normalize():f}"}
            for code in product.codes.all()
        ],
        "kind": product.kind,
        "brand": product.brand,
        "specification": product.pack_size,
        "unit": _named(product.unit),
        "category": _named(product.category) if product.category else None,
        "shelf_life_days": product.shelf_life_days,
        "origin": product.origin,
        "maker": product.maker.name if product.maker else product.maker_name,
        "maker_licence": product.maker_licence,
        "maker_address": product.maker.address if product.maker else "",
        "storage": product.storage,
        "ingredients": product.ingredients,
        "nutrition": panel_facts(panel_of(product.nutrition)),
        "updated_at": product.updated_at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
    }


def facts_for_clients(product: Product) -> dict[str, Any]:
    """The same and how the maker is reached: for known programs only, since a telephone may be a person's own."""
    return facts_of(product) | {"maker_telephone": product.maker.telephone if product.maker else ""}


def panel_facts(panel: Nutrition | None) -> dict[str, Any] | None:
    """A nutrition panel with the unit of each amount, or None."""
    if panel is None:
        return None
    amounts = [
        {"nutrient": key, "amount": f"{amount.normalize():f}", "unit": NUTRIENTS[key].unit}
        for key, amount in panel.amounts.items()
    ]
    return {"per": panel.basis, "amounts": amounts}


def _named(row: NamedInTwoLanguages) -> dict[str, str]:
    return {"code": row.code, "name_zh": row.name_zh, "name_en": row.name_en}
