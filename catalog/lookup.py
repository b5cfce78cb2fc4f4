"""Which product a written code stands for: asked for many texts at once, in as many statements as for one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from catalog.barcodes import own_code, parse
from catalog.models import Listing, Product, ProductCode, Unit
from enterprises.models import Enterprise

AT_ONCE_MAX = 10_000  # texts in one statement

CHOICES_MAX = 2_000


@dataclass(frozen=True)
class Goods:
    """What a text means: a product, how many base units the code stands for, whether the enterprise lists it, and the
    unit in which it is counted where that is not its base unit."""

    product: Product
    factor: Decimal
    is_listed: bool
    unit: Unit | None = None


def goods_meant(texts: Iterable[str], *, enterprise: Enterprise) -> dict[str, Goods]:
    """By text, the goods meant: those on the list of `enterprise`, else a barcode everybody knows, else produce.

    A text that means nothing, or more than one thing, is not in the answer.
    """
    meant: dict[str, Goods] = {}
    for some in _portions(set(texts)):
        codes = codes_of(some)
        produce = _produce_called(some)
        for text, (listing, factor) in _own_goods(some, codes, enterprise).items():
            meant[text] = Goods(listing.product, factor, is_listed=True)
        for text, code in codes.items():
            meant.setdefault(text, Goods(code.product, code.factor, is_listed=False))
        for text in some:
            if text not in meant and text.strip() in produce:
                meant[text] = Goods(produce[text.strip()], Decimal(1), is_listed=False)
    return meant


def codes_of(texts: Collection[str]) -> dict[str, ProductCode]:
    """By text, the barcode row it means in any written form; a case's row carries its number of pieces."""
    gtins = {text: gtin for text in texts if (gtin := _gtin(text))}
    rows = ProductCode.objects.select_related("product__unit").filter(gtin__in=set(gtins.values()))
    known = {row.gtin: row for row in rows} if gtins else {}
    return {text: known[gtin] for text, gtin in gtins.items() if gtin in known}


def code_of(text: str) -> ProductCode | None:
    """The barcode row for `text` in any written form, or None."""
    return codes_of([text]).get(text)


def by_barcode(text: str) -> Product | None:
    """The product with this barcode (any written form), or None."""
    code = code_of(text)
    return code.product if code else None


def goods_offered(enterprise: Enterprise) -> QuerySet[Listing]:
    """What a field for goods proposes while somebody types: the own list, as far as a browser can bear it."""
    listings = Listing.objects.filter(enterprise=enterprise.firm).select_related("product")
    return listings.prefetch_related("product__codes")[:CHOICES_MAX]


def produce_called(name: str) -> Product | None:
    """Generic produce of this exact name, for goods that never had a barcode."""
    return _produce_called([name]).get(name.strip())


def own_goods(text: str, *, enterprise: Enterprise) -> tuple[Listing, int | str] | None:
    """The goods on the list of `enterprise` meant by a barcode, self-made code, item number or exact name.

    Returns the listing and the factor of the code (a case's barcode counts as its pieces), or None.
    """
    own = _own_goods([text], codes_of([text]), enterprise).get(text)
    return (own[0], str(own[1].normalize())) if own else None


def _own_goods(
    texts: Collection[str], codes: dict[str, ProductCode], enterprise: Enterprise
) -> dict[str, tuple[Listing, Decimal]]:
    listings = Listing.objects.filter(enterprise=enterprise.firm).select_related("product__unit")
    products = {code.product_id for code in codes.values()}
    by_product = {row.product_id: row for row in listings.filter(product__in=products)} if products else {}
    meant = {
        text: (by_product[code.product_id], code.factor)
        for text, code in codes.items()
        if code.product_id in by_product
    }
    words = {text: (own_code(text), text.strip(), text.strip()) for text in texts if text not in codes}
    for place, path in enumerate(("product__self_code", "item_number", "product__name")):
        wanted = {written[place] for text, written in words.items() if text not in meant} - {""}
        owned = {"product__owner": enterprise.firm} if place == 0 else {}
        found: dict[str, list[Listing]] = {}
        for row in listings.filter(**{f"{path}__in": wanted}, **owned) if wanted else ():
            found.setdefault(_follow(row, path), []).append(row)
        for text, written in words.items():
            rows = found.get(written[place], [])
            if text not in meant and len(rows) == 1:
                meant[text] = (rows[0], Decimal(1))
    return meant


def _produce_called(names: Collection[str]) -> dict[str, Product]:
    wanted = {name.strip() for name in names} - {""}
    rows = Product.objects.generic().filter(name__in=wanted).select_related("unit") if wanted else ()
    found: dict[str, Product] = {}
    for product in rows:
        found.setdefault(product.name, product)
    return found


def _follow(listing: Listing, path: str) -> str:
    *steps, name = path.split("__")
    return str(getattr(listing.product if steps else listing, name))


def _gtin(text: str) -> str:
    try:
        return parse(text).gtin
    except ValidationError:
        return ""


def _portions(texts: Collection[str]) -> Iterator[list[str]]:
    waiting = iter(texts)
    while some := list(islice(waiting, AT_ONCE_MAX)):
        yield some
