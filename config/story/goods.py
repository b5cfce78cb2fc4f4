"""What is traded in the story: goods with barcodes of GS1's demonstration prefix 952 or self-made codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from catalog.barcodes import parse
from catalog.models import Product, ProductCode
from config.story.rows import rows
from enterprises.models import Enterprise
from enterprises.spelling import pinyin

PRODUCTION_LICENCE = "food_production"
COPIED = ("name", "brand", "pack_size", "kind", "origin", "self_code")


@dataclass(frozen=True)
class Goods:
    """A product, with what the everyday trade needs to know of it; `maker` is a key of the cast."""

    product: Product
    maker: str
    price: Decimal
    case_pieces: int

    @property
    def shelf_life_days(self) -> int:
        return self.product.shelf_life_days or 0


def load_products(cast: Mapping[str, Enterprise]) -> dict[str, Goods]:
    """Enter the products and their barcodes; returns them by the key of their table."""
    table = rows("products")
    licences = {row["holder"]: row["number"] for row in rows("licences") if row["kind"] == PRODUCTION_LICENCE}
    products = Product.objects.bulk_create(_product(row, cast, licences) for row in table)
    goods = {row["key"]: _goods(row, product) for row, product in zip(table, products, strict=True)}
    ProductCode.objects.bulk_create(code for row in table for code in _codes(row, goods[row["key"]].product))
    return goods


def _product(row: Mapping[str, str], cast: Mapping[str, Enterprise], licences: Mapping[str, str]) -> Product:
    name_pinyin, name_initials = pinyin(row["name"])
    maker = cast.get(row["maker"])
    return Product(
        **{field: row[field] for field in COPIED},
        name_pinyin=name_pinyin,
        name_initials=name_initials,
        unit_id=row["unit"],
        category_id=row["category"] or None,
        shelf_life_days=int(row["shelf_life_days"]),
        maker=maker,
        maker_name=maker.name if maker else row["maker_name"],
        maker_licence=licences.get(row["maker"], ""),
        owner=cast.get(row["owner"]),
    )


def _goods(row: Mapping[str, str], product: Product) -> Goods:
    return Goods(product, row["maker"], Decimal(row["price"]), int(row["case_pieces"] or 0))


def _codes(row: Mapping[str, str], product: Product) -> Iterator[ProductCode]:
    """The barcode of the piece and, where goods come in cases, that of the case."""
    for gtin, pieces in ((row["gtin"], row["gtin_pieces"]), (row["case_gtin"], row["case_pieces"])):
        if gtin:
            yield ProductCode(product=product, gtin=parse(gtin).gtin, factor=Decimal(pieces))
