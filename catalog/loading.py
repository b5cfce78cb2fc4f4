"""Products out of a shop's or a supplier's goods master: a true barcode enters the shared catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.bulk.loading import Facts, Loader, differs
from accounts.bulk.rows import Refused
from catalog.barcodes import parse, tidy
from catalog.models import Lot, Product, ProductCode, Unit
from catalog.reference import DEFAULT_UNIT
from enterprises.spelling import pinyin

NOT_GIVEN = frozenset({"N/A", "NULL", "-", "/", "无", "其它品牌", "其他品牌", "见包装", "详见包装"})
SHOP_NUMBER = re.compile(r"[0-9]{1,7}")
LENGTHS = {
    field: int(getattr(Product._meta.get_field(field), "max_length", None) or 0)
    for field in ("name", "brand", "pack_size", "origin", "maker_name", "maker_licence")
}
SHELF_LIFE_MAX = 32_767
WRITTEN = (*LENGTHS, "name_pinyin", "name_initials", "unit", "shelf_life_days")


class ProductLoader(Loader):
    """Rows of goods, known by their barcode in any written form.

    Shops' own numbers (price look-up and in-store codes) are refused: they name other goods in the next shop. A
    known product takes over what the file says, but what its maker keeps here is only filled where it is empty,
    and goods that have lots keep their unit. A case's barcode that is known as such stands for its pieces and
    changes nothing. The second row with one barcode in one load is reported with its reason.
    """

    columns = {
        "barcode": ("条码", "商品条码", "条形码", "国条码", "barcode", "gtin", "ean", "upc", "货号"),
        "name": ("品名", "商品名称", "名称", "产品名称", "食品名称", "name"),
        "pack_size": ("规格", "规格型号", "packsize", "specification"),
        "unit": ("单位", "计量单位", "基本单位", "unit"),
        "brand": ("品牌", "商标", "brand"),
        "origin": ("产地", "原产地", "origin"),
        "shelf_life_days": ("保质期天", "保质期天数", "保质期", "shelflifedays"),
        "maker_name": ("生产企业", "生产厂家", "生产厂商", "厂家", "制造商", "maker"),
        "maker_licence": ("生产许可证", "生产许可证号", "makerlicence"),
    }
    required = ("barcode", "name")

    def __init__(self) -> None:
        units = list(Unit.objects.all())
        self.units = {word.lower(): unit for unit in units for word in (unit.code, unit.name_zh, unit.name_en)}
        if DEFAULT_UNIT not in self.units:
            raise ValidationError(_("The units are missing. Run load_reference first."))

    def check(self, cells: Mapping[str, str]) -> Facts:
        gtin = _gtin(cells["barcode"])
        cells = {field: "" if cell.upper() in NOT_GIVEN else cell for field, cell in cells.items()}
        values: dict[str, Any] = {field: _text(cells, field) for field in LENGTHS if field in cells}
        if not values["name"]:
            raise Refused("name", _("The product has no name."))
        values["shelf_life_days"] = _days(cells.get("shelf_life_days", ""))
        unit, warnings = self._unit(cells.get("unit", ""))
        if unit is not None:
            values["unit"] = unit
        return Facts(int(gtin), values, warnings)

    def known(self, keys: Iterable[Any]) -> dict[Any, ProductCode]:
        gtins = [_as_gtin(key) for key in keys]
        codes = ProductCode.objects.select_related("product__unit").select_for_update(of=("product",))
        codes = codes.annotate(has_lots=Exists(Lot.objects.filter(product=OuterRef("product"))))
        return {int(code.gtin): code for code in codes.filter(gtin__in=gtins)}

    def make(self, facts: Facts) -> ProductCode:
        product = Product(**{"unit": self.units[DEFAULT_UNIT]} | facts.values)
        product.name_pinyin, product.name_initials = pinyin(product.name)
        return ProductCode(product=product, gtin=_as_gtin(facts.key))

    def change(self, row: ProductCode, facts: Facts) -> bool:
        if row.factor != 1:
            return False
        values = {name: value for name, value in facts.values.items() if name != "unit" or not row.has_lots}  # type: ignore[attr-defined]
        if changed := differs(row.product, values, only_empty=row.product.maker_id is not None):
            row.product.name_pinyin, row.product.name_initials = pinyin(row.product.name)
        return changed

    def write(self, new: Sequence[ProductCode], changed: Sequence[ProductCode]) -> None:
        Product.objects.bulk_create([code.product for code in new])
        for code in new:
            code.product_id = code.product.pk
        ProductCode.objects.bulk_create(new)
        Product.objects.bulk_create(
            {code.product_id: code.product for code in changed}.values(),
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=WRITTEN,
        )

    def _unit(self, word: str) -> tuple[Unit | None, list[str]]:
        """The unit meant. A new product without one is counted in pieces; a known product keeps its own."""
        unit = self.units.get(word.lower())
        if unit is not None:
            return unit, []
        told = _("Unit %(word)s is not known: counted in pieces.") % {"word": word}
        return None, [told if word else _("No unit is given: counted in pieces.")]


def _gtin(text: str) -> str:
    """The 14 digits of a barcode that may enter the shared catalogue. Raises Refused."""
    if SHOP_NUMBER.fullmatch(tidy(text)):
        raise Refused(
            "barcode",
            _("Fewer than 8 digits are a shop's own number (PLU): it belongs on that shop's own list."),
        )
    try:
        return parse(text).gtin
    except ValidationError as fault:
        raise Refused("barcode", " ".join(fault.messages)) from fault


def _as_gtin(key: Any) -> str:
    return f"{key:014d}"


def _text(cells: Mapping[str, str], field: str) -> str:
    if len(cells[field]) > LENGTHS[field]:
        raise Refused(field, _("Longer than %(max)s characters.") % {"max": LENGTHS[field]})
    return cells[field]


def _days(text: str) -> int | None:
    """A shelf life in days; 0 says nothing. Months and years are not guessed at."""
    digits = text.removesuffix("天")
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit()) or int(digits) > SHELF_LIFE_MAX:
        raise Refused("shelf_life_days", _("The shelf life is a number of days, at most 32767."))
    return int(digits) or None
