"""What is traded: the shared catalogue, each enterprise's own list of goods, lots, and what goods are made of."""

from catalog.models.goods import (
    Contribution,
    FoodCategory,
    Listing,
    Lot,
    LotAlias,
    NamedInTwoLanguages,
    Product,
    ProductCode,
    Unit,
    lot_key,
)
from catalog.models.making import AdditiveLimit, Component
from catalog.models.merging import ProductMerge
from catalog.models.packing import Packing
from catalog.models.picture import ImageRemoval, ProductImage
from catalog.models.reporting import ProductReport, ReportPhoto
from catalog.models.sayings import FieldChange, FieldConflict, FieldDecision, FieldValue
from catalog.models.searching import FrequentGram, ProductSearch

__all__ = [
    "AdditiveLimit", "Component", "Contribution", "FieldChange", "FieldConflict", "FieldDecision", "FieldValue",
    "FoodCategory", "FrequentGram", "ImageRemoval", "Listing", "Lot", "LotAlias", "NamedInTwoLanguages", "Packing",
    "Product", "ProductCode", "ProductImage", "ProductMerge", "ProductReport", "ProductSearch", "ReportPhoto", "Unit",
    "lot_key",
]  # fmt: skip
