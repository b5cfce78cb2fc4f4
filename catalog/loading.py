"""Products out of a shop's or a supplier's goods master: a true barcode enters the shared catalogue."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from accounts.bulk.loading import Facts, Loader
from accounts.bulk.rows import Refused
from catalog import sql
from catalog.barcodes import parse, tidy
from catalog.models import Product, ProductCode, Unit
from catalog.reference import DEFAULT_UNIT
from catalog.search import refresh_search
from documents.bulk import check_at_once
from enterprises.spelling import pinyin

NOT_GIVEN = frozenset({"N/A", "NULL", "-", "/", "无", "其它品牌", "其他品牌", "见包装", "详见包装"})
SHOP_NUMBER = re.compile(r"[0-9]{1,7}")
LENGTHS = {field: int(getattr(Product._meta.get_field(field), "max_length", None) or 0) for field in sql.LOADED_TEXTS}
SHELF_LIFE_MAX = 32_767


class ProductLoader(Loader):
    """Rows of goods, known by their barcode in any written form.

    Shops' own numbers (price look-up and in-store codes) are refused: they name other goods in the next shop. The
    second row with one barcode in one load is reported with its reason. What a known product takes over is decided
    set by set, in `sql.LOAD_STAGED`.
    """

    batch = 5_000

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
        self.units = {word.lower(): unit.code for unit in units for word in (unit.code, unit.name_zh, unit.name_en)}
        if DEFAULT_UNIT not in self.units:
            raise ValidationError(_("The units are missing. Run load_reference first."))

    def check(self, cells: Mapping[str, str]) -> Facts:
        gtin = _gtin(cells["barcode"])
        cells = {field: "" if cell.upper() in NOT_GIVEN else cell for field, cell in cells.items()}
        values: dict[str, Any] = {field: _text(cells, field) for field in LENGTHS if field in cells}
        if not values["name"]:
            raise Refused("name", _("The product has no name."))
        values["shelf_life_days"] = _days(cells.get("shelf_life_days", ""))
        values["unit"], warnings = self._unit(cells.get("unit", ""))
        return Facts(int(gtin), values, warnings)

    def save(self, batch: Sequence[Facts]) -> tuple[int, int]:
        check_at_once()
        with connection.cursor() as cursor:
            cursor.copy_expert(sql.STAGE, self._lines(batch))
            cursor.execute(sql.LOAD_STAGED, {"unit": DEFAULT_UNIT})
            created, updated = cursor.fetchone()
            cursor.execute(sql.CLEAR_STAGED)
        return created, updated

    def finish(self) -> None:
        refresh_search()

    def _lines(self, batch: Sequence[Facts]) -> StringIO:
        """The rows as COPY reads them, in the order of `sql.STAGED`. Known names need no pinyin."""
        keys = [_as_gtin(facts.key) for facts in batch]
        known = dict(ProductCode.objects.filter(gtin__in=keys).values_list("gtin", "product__name"))
        lines = StringIO()
        writer = csv.writer(lines)
        for key, facts in zip(keys, batch, strict=True):
            values = facts.values
            full, initials = ("", "") if known.get(key) == values["name"] else pinyin(values["name"])
            texts = [values.get(field, "") for field in sql.LOADED_TEXTS]
            writer.writerow([key, *texts, full, initials, values.get("unit"), values["shelf_life_days"]])
        lines.seek(0)
        return lines

    def _unit(self, word: str) -> tuple[str | None, list[str]]:
        """The code of the unit meant. A new product without one is counted in pieces; a known product keeps its own."""
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
