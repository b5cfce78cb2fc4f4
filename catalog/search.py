"""Finding products by what people type: a barcode, a piece of the name, or its pinyin initials."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from catalog.lookup import by_barcode
from catalog.models import Product


def matching(text: str, products: QuerySet[Product]) -> QuerySet[Product]:
    """Those of `products` whose name, initials, brand or maker holds every word of `text`."""
    for word in text.split()[:8]:
        products = products.filter(
            Q(name__icontains=word)
            | Q(name_initials__contains=word.lower())
            | Q(brand__icontains=word)
            | Q(maker_name__icontains=word)
        )
    return products


def find(text: str, *, limit: int = 20) -> list[Product]:
    """Shared products for `text`, best first: the barcode's own product, else names, shortest first."""
    if exact := by_barcode(text):
        return [exact]
    if not text.strip():
        return []
    found = matching(text, Product.objects.shared()).prefetch_related("codes")
    return sorted(found.order_by("name_pinyin", "pk")[: limit * 5], key=lambda product: len(product.name))[:limit]
