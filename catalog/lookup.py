"""Which product a written code stands for."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from catalog.barcodes import own_code, parse
from catalog.models import Listing, Product, ProductCode
from enterprises.models import Enterprise


def code_of(text: str) -> ProductCode | None:
    """The barcode row for `text` in any written form, or None; a case's row carries its number of pieces."""
    try:
        barcode = parse(text)
    except ValidationError:
        return None
    return ProductCode.objects.select_related("product").filter(gtin=barcode.gtin).first()


def by_barcode(text: str) -> Product | None:
    """The product with this barcode (any written form), or None."""
    code = code_of(text)
    return code.product if code else None


def produce_called(name: str) -> Product | None:
    """Generic produce of this exact name, for goods that never had a barcode."""
    return Product.objects.generic().filter(name=name.strip()).first()


def own_goods(text: str, *, enterprise: Enterprise) -> tuple[Listing, int | str] | None:
    """The goods on the list of `enterprise` meant by a barcode, self-made code, item number or exact name.

    Returns the listing and the factor of the code (a case's barcode counts as its pieces), or None.
    """
    listings = Listing.objects.filter(enterprise=enterprise.firm).select_related("product__unit")
    if code := code_of(text):
        listing = listings.filter(product=code.product).first()
        return (listing, str(code.factor.normalize())) if listing else None
    for lookup in (
        {"product__self_code": own_code(text), "product__owner": enterprise.firm},
        {"item_number": text.strip()},
        {"product__name": text.strip()},
    ):
        found = list(listings.filter(**lookup)[:2])
        if len(found) == 1:
            return found[0], 1
    return None
