"""The registers of the catalogue: one's own goods and recipes, shared products, units, categories, additives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter, FilterSet

from accounts.request import HouseRequest
from catalog.forms import AdditiveLimitForm, ComponentForm, ListingForm, PackingForm
from catalog.lookup import goods_offered, own_goods
from catalog.models import (
    AdditiveLimit,
    Component,
    FieldConflict,
    FoodCategory,
    Listing,
    Packing,
    Product,
    ProductCode,
    ProductImage,
    ProductMerge,
    ProductReport,
    Unit,
)  # fmt: skip
from catalog.nutrition import panel_words
from catalog.packing import packings_of
from catalog.provenance import FIELDS, facts_of, history_of, label_of
from catalog.search import coded, matching, words_of
from enterprises.registers import BookRegister
from enterprises.request import EnterpriseRequest
from registers.actions import READ_ONLY, Action
from registers.columns import Column
from registers.register import Register

IMAGES_SHOWN = 6


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
        "product__maker_name", "product__maker_licence", "product__storage", "product__ingredients",
        Column(_("Nutrition facts"), lambda row: panel_words(row.product.nutrition), "product"),
    ]  # fmt: skip
    fields = ["barcode", "name"]
    search_fields = ["product__name", "item_number"]
    search_help = _("Name, pinyin initials, barcode or item number")
    filterset_class = ListingFilters
    empty_help = _("The goods you buy and sell belong here. Scan a barcode to add the first one.")

    def rows(self, scope: Any) -> QuerySet[Any]:
        return super().rows(scope).prefetch_related("product__codes")

    def search(self, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        """As goods are found everywhere, and by one's own item number."""
        if exact := coded(words):
            return rows.filter(product=exact)
        for word in words_of(words):
            codes = ProductCode.objects.filter(product=OuterRef("product"), gtin__contains=word)
            rows = rows.filter(Q(product__search__text__contains=word) | Q(item_number__icontains=word) | Exists(codes))
        return rows

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        """How the goods look, and how they are packed by one's own word or the maker's."""
        if action is not Action.DETAIL or not isinstance(row, Listing):
            return {}
        packings = packings_of([row.product_id], enterprise=row.enterprise).get(row.product_id, [])
        return {"packings": packings, "images": _images(request, row.product)}

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
    search_help = _("Barcode, name, pinyin, brand, maker or licence number")
    filters = ["kind", "category"]
    actions = READ_ONLY

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        """How goods look; of a shared product where each value comes from, and what it was before."""
        if action is not Action.DETAIL or not isinstance(row, Product):
            return {}
        images = {"images": _images(request, row)}
        if row.owner_id is not None:
            return images
        is_steward = request.user.has_perm("catalog.steward_product")
        reports = ProductReport.objects.visible_to(request.scope).filter(product=row)[:REPORTS_SHOWN]
        told = {"facts": facts_of(row), "turns": history_of(row), "reports": reports, "is_steward": is_steward}
        return images | told

    def filterset(self, request: HouseRequest, rows: QuerySet[Any]) -> FilterSet:
        """Lists are without what was merged into other goods; its page still leads to them."""
        return super().filterset(request, rows.filter(merged_into=None))

    def rows(self, scope: Any) -> QuerySet[Any]:
        return super().rows(scope).prefetch_related("codes")

    def search(self, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        return matching(words, rows)


class ConflictFilters(FilterSet):
    field = ChoiceFilter(label=_("Field"), choices=[(field, label_of(field)) for field in FIELDS])


class ConflictRegister(Register):
    """Fields of shared products about which enterprises do not agree, oldest first: a steward's queue."""

    model = FieldConflict
    name = "conflict"
    columns = ["product", Column(_("Field"), lambda row: label_of(row.field)), "since"]
    search_fields = ["product__name", "product__name_initials"]
    search_help = _("Name or pinyin initials")
    filterset_class = ConflictFilters
    actions = (Action.LIST, Action.EXPORT)
    empty_help = _("Where enterprises say different things of the same goods, and none has clearly more voices, "
                   "the field stands here until a data steward decides.")  # fmt: skip

    def allows(self, action: Action, request: HouseRequest) -> bool:
        return action in self.actions and request.user.has_perm("catalog.steward_product")

    def leads_to(self, row: Any) -> str:
        return reverse("catalog:product-decide", args=[row.product_id, row.field])


MERGES = {
    "merged": ("green", _("Merged")),
    "undone": ("amber", _("Undone")),
    "undoing": ("amber", _("Undoes a merge")),
}


def _state(row: ProductMerge) -> str:
    if row.undoes_id is not None:
        return "undoing"
    return "merged" if row.is_in_force else "undone"


class ProductMergeRegister(Register):
    """What stewards have merged, and taken apart again."""

    model = ProductMerge
    columns = [
        Column(_("Merged"), lambda row: row.merged), Column(_("Into"), lambda row: row.survivor, "survivor"),
        Column(_("State"), lambda row: MERGES[_state(row)][1], tone=lambda row: MERGES[_state(row)][0]),
        "reason", "author", "created_at",
    ]  # fmt: skip
    search_fields = ["merged__name", "survivor__name", "reason"]
    search_help = _("Name or reason")
    actions = READ_ONLY
    empty_help = _("Two products that are one trade item are merged from the page of the one that stays.")

    def allows(self, action: Action, request: HouseRequest) -> bool:
        return action in self.actions and request.user.has_perm("catalog.steward_product")

    def rows(self, scope: Any) -> QuerySet[Any]:
        return super().rows(scope).select_related("survivor", "merged", "author", "undone_by")


REPORTS_SHOWN = 20
REPORTS = {"open": "amber", "accepted": "green", "rejected": "grey"}


class ProductReportRegister(Register):
    """What people say is wrong: all of it for data stewards, for others what concerns them."""

    model = ProductReport
    columns = [
        "product", Column(_("What is wrong"), lambda row: row.field_words), "says", "times",
        Column(_("State"), lambda row: row.get_state_display(), tone=lambda row: REPORTS[row.state]),
        "answer", "created_at",
    ]  # fmt: skip
    search_fields = ["product__name", "says", "note", "answer"]
    search_help = _("Name of the goods, or words of the report")
    filters = ["state"]
    actions = READ_ONLY
    empty_help = _("Wrong data is reported from the page of a product.")

    def allows(self, action: Action, request: HouseRequest) -> bool:
        return action in self.actions and request.user.has_perm("catalog.view_product")

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        if not isinstance(row, ProductReport):
            return {}
        fact = next((fact for fact in facts_of(row.product) if fact.field == row.field), None)
        return {"is_steward": request.user.has_perm("catalog.steward_product"), "fact": fact}


class FoodCategoryRegister(Register):
    model: ClassVar[type[Model]] = FoodCategory
    columns: ClassVar[Sequence[Column | str]] = ["name_zh", "name_en", "code"]
    fields: ClassVar[Sequence[str]] = ["code", "name_zh", "name_en"]
    search_fields = ["code", "name_zh", "name_en"]
    import_key = ["code"]


class UnitRegister(FoodCategoryRegister):
    model = Unit
    columns = [*FoodCategoryRegister.columns, "grams"]
    fields = [*FoodCategoryRegister.fields, "grams"]


class AdditiveLimitRegister(Register):
    model = AdditiveLimit
    form_class = AdditiveLimitForm
    columns = ["additive", "category", "max_grams_per_kg", "source", "valid_from"]
    search_fields = ["additive", "category__name_zh", "category__name_en", "source"]
    search_help = _("Additive, category or source")
    filters = ["category"]
    import_key = ["additive", "category", "valid_from"]
    list_help = _(
        "Production runs are checked against these limits. A limit that changes gets a new row with the day from "
        "which it holds; none may be used where the limit is zero."
    )
    empty_help = _("No table of limits is loaded, so nothing is checked. Import the table of the standard.")


class OwnGoodsRegister(BookRegister):
    """Rows about goods of one's own list, which the form offers."""

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        """What may be chosen in the form."""
        enterprise = cast("EnterpriseRequest", request).enterprise
        if not enterprise or action is not Action.ADD:
            return {}
        return {"listings": goods_offered(enterprise)}


class ComponentRegister(OwnGoodsRegister):
    model = Component
    owner = "owner"
    form_class = ComponentForm
    columns = ["part", "product", "quantity", "part__unit"]
    fields = ["product", "part", "quantity"]
    search_fields = ["product__name", "product__name_initials", "part__name", "part__name_initials"]
    search_help = _("Name or pinyin initials")
    empty_help = _("Say what your goods are made of: a production run then fills in the lots of the parts by itself.")

    def existing(self, request: HouseRequest, typed: Mapping[str, Any]) -> Model | None:
        """A row of a file means the line of the recipe with this part."""
        enterprise = cast("EnterpriseRequest", request).enterprise
        texts = [str(typed.get(name) or "") for name in ("product", "part")]
        found = [own_goods(text, enterprise=enterprise) for text in texts] if enterprise else [None]
        if None in found:
            return None
        made, part = (goods[0].product for goods in found if goods)
        row: Model | None = self.changeable(request).filter(product=made, part=part).first()
        return row


class PackingRegister(OwnGoodsRegister):
    model = Packing
    owner = "owner"
    form_class = PackingForm
    columns = ["product", "unit", "quantity", Column(_("Base unit"), lambda row: row.product.unit, "product__unit")]
    fields = ["product", "unit", "quantity"]
    search_fields = ["product__name", "product__name_initials"]
    search_help = _("Name or pinyin initials")
    empty_help = _("Say how many a case holds: papers may then be written in cases, and the books count the pieces.")

    def existing(self, request: HouseRequest, typed: Mapping[str, Any]) -> Model | None:
        """A row of a file means this package of these goods."""
        enterprise = cast("EnterpriseRequest", request).enterprise
        found = own_goods(str(typed.get("product") or ""), enterprise=enterprise) if enterprise else None
        rows = self.changeable(request).filter(product=found[0].product) if found else self.changeable(request).none()
        word = str(typed.get("unit") or "").strip()
        row: Model | None = rows.filter(Q(unit=word) | Q(unit__name_zh=word) | Q(unit__name_en=word)).first()
        return row


def _images(request: HouseRequest, product: Product) -> QuerySet[ProductImage]:
    return ProductImage.objects.visible_to(request.scope).of(product).select_related("product")[:IMAGES_SHOWN]


registers: list[Register] = [
    ListingRegister(), ProductRegister(), ConflictRegister(), ProductMergeRegister(), ProductReportRegister(),
    ComponentRegister(), PackingRegister(), UnitRegister(), FoodCategoryRegister(), AdditiveLimitRegister(),
]  # fmt: skip
