"""The registers of the catalogue: one's own goods, the shared products, units and food categories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter, FilterSet

from accounts.request import HouseRequest
from catalog.forms import ListingForm
from catalog.lookup import by_barcode
from catalog.models import FoodCategory, Listing, Product, Unit
from catalog.search import matching
from enterprises.registers import BookRegister
from registers.actions import READ_ONLY
from registers.columns import Column
from registers.register import Register


class ListingFilters(FilterSet):
    kind = ChoiceFilter(label=_("Kind of goods"), field_name="product__kind", choices=Product.Kind)


class ListingRegister(BookRegister):
    model = Listing
    owner = "enterprise"
    form_class = ListingForm
    columns = [
        "product", Column(_("Barcode or own code"), lambda row: row.product.code, "product"), "product__pack_size",
        "product__unit", "product__kind", "item_number", "price",
    ]  # fmt: skip
    details = [
        *columns, "product__brand", "product__category", "product__shelf_life_days", "product__origin",
        "product__maker_name", "product__maker_licence",
    ]  # fmt: skip
    fields = ["barcode", "name"]
    search_fields = [
        "product__name", "product__name_initials", "product__self_code", "item_number", "product__codes__gtin",
    ]  # fmt: skip
    search_help = _("Name, pinyin initials, barcode or item number")
    filterset_class = ListingFilters
    empty_help = _("The goods you buy and sell belong here. Scan a barcode to add the first one.")

    def rows(self, scope: Any) -> QuerySet[Any]:
        return super().rows(scope).prefetch_related("product__codes")

    def search(self, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        return super().search(rows, words).distinct()

    def existing(self, request: HouseRequest, typed: Mapping[str, Any]) -> Model | None:
        """A row of a file always goes through the code: list_product finds what is listed already."""
        return None


class ProductRegister(Register):
    model = Product
    columns = [
        "name", Column(_("Barcode"), lambda row: row.code), "pack_size", "brand", "category", "maker_name", "unit",
    ]  # fmt: skip
    details = [*columns, "kind", "shelf_life_days", "origin", "maker", "maker_licence"]
    search_fields = ["name"]
    search_help = _("Barcode, name, pinyin initials, brand or maker")
    filters = ["kind", "category"]
    actions = READ_ONLY

    def rows(self, scope: Any) -> QuerySet[Any]:
        return super().rows(scope).prefetch_related("codes")

    def search(self, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        exact = by_barcode(words) if words.strip() else None
        return rows.filter(pk=exact.pk) if exact else matching(words, rows)


class UnitRegister(Register):
    model: ClassVar[type[Model]] = Unit
    columns = ["name_zh", "name_en", "code"]
    fields = ["code", "name_zh", "name_en"]
    search_fields = fields
    import_key = ["code"]


class FoodCategoryRegister(UnitRegister):
    model = FoodCategory


registers: list[Register] = [ListingRegister(), ProductRegister(), UnitRegister(), FoodCategoryRegister()]
