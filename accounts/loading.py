"""Regions out of published lists: which place a code means, and in what order they must come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from accounts import sql
from accounts.bulk.loading import Facts, Loader, differs
from accounts.bulk.rows import Refused, Row, Sheet
from accounts.models import CODE_LENGTHS, Region

PARENTS = ("village_parent", "street_parent", "district_parent", "city_parent")
NAME_MAX = 80
FILLERS = {12: "000", 9: "000", 6: "00", 4: "00"}


class RegionLoader(Loader):
    """Provinces, cities, districts, streets and villages, told apart by their codes.

    A list without a column of parents may fill its codes up with zeros (230000, 230100: GB/T 2260).
    `under` loads one region, what lies in it and what it lies in, and reads no other row.
    """

    columns = {
        "code": ("code", "区划代码", "行政区划代码", "统计用区划代码", "代码", "regioncode"),
        "name": ("name", "名称", "区划名称", "行政区划名称", "单位名称", "地名"),
        "village_parent": ("streetcode", "街道代码", "乡镇代码"),
        "street_parent": ("areacode", "区县代码", "县代码"),
        "district_parent": ("citycode", "城市代码", "市代码"),
        "city_parent": ("provincecode", "省代码"),
        "latitude": ("latitude", "lat", "纬度"),
        "longitude": ("longitude", "lng", "lon", "经度"),
    }
    required = ("code", "name")

    def __init__(self, *, under: str = "") -> None:
        self.under = under

    def rows(self, sheets: Sequence[Sheet]) -> Iterator[Row]:
        """Parents before children: a file is gone through once for each length of code in it."""
        lengths = [{len(self._code(row)) for row in sheet.rows()} for sheet in sheets]
        for length in sorted(set().union(*lengths)):
            for sheet, found in zip(sheets, lengths, strict=True):
                if length in found:
                    yield from (row for row in sheet.rows() if self._is_wanted(row, length))

    def check(self, cells: Mapping[str, str]) -> Facts:
        code = shortened(cells)
        if len(code) not in CODE_LENGTHS or not (code.isascii() and code.isdigit()):
            raise Refused("code", _("A region code has 2, 4, 6, 9, 12 or 15 digits (GB/T 2260)."))
        if not cells["name"]:
            raise Refused("name", _("The region has no name."))
        if len(cells["name"]) > NAME_MAX:
            raise Refused("name", _("The name is longer than 80 characters."))
        parent = next((cells[field] for field in PARENTS if cells.get(field)), "")
        if not code.startswith(parent):
            raise Refused("code", _("The code does not begin with its parent's, %(parent)s.") % {"parent": parent})
        return Facts(code, {"name": cells["name"], **_position(cells)})

    def settle(self, batch: Sequence[Facts]) -> Callable[[Facts], Facts]:
        """A place lies in a place that is known, or that comes before it in this batch."""
        above = {code for facts in batch for code in places_above(str(facts.key))}
        known = set(Region.objects.filter(code__in=above).values_list("code", flat=True))

        def complete(facts: Facts) -> Facts:
            code = str(facts.key)
            above = places_above(code)
            if above and not known.intersection(above):
                raise Refused("code", _("Its parent %(code)s is not known. Load that first.") % {"code": above[0]})
            known.add(code)
            return facts

        return complete

    def known(self, keys: Iterable[Any]) -> dict[Any, Region]:
        return {region.code: region for region in Region.objects.select_for_update().filter(code__in=keys)}

    def make(self, facts: Facts) -> Region:
        return Region(code=str(facts.key), **facts.values)

    def change(self, row: Region, facts: Facts) -> bool:
        return differs(row, facts.values)

    def write(self, new: Sequence[Region], changed: Sequence[Region]) -> None:
        Region.objects.bulk_create(
            [*new, *changed],
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["name", "latitude", "longitude"],
        )

    def finish(self) -> None:
        """Full names at once: a renamed city renames everything in it."""
        with connection.cursor() as cursor:
            cursor.execute(sql.FULL_NAMES)

    def _is_wanted(self, row: Row, length: int) -> bool:
        code = self._code(row)
        return len(code) == length and (code.startswith(self.under) or self.under.startswith(code))

    @staticmethod
    def _code(row: Row) -> str:
        try:
            return shortened(row.cells())
        except Refused:
            return ""  # told in its turn


def _position(cells: Mapping[str, str]) -> dict[str, Decimal]:
    """Where the place is; nothing where the list does not say."""
    written = {"latitude": (cells.get("latitude", ""), 90), "longitude": (cells.get("longitude", ""), 180)}
    if not any(text for text, _most in written.values()):
        return {}
    found = {}
    for name, (text, most) in written.items():
        try:
            found[name] = round(Decimal(text), 4)
        except InvalidOperation:
            found[name] = Decimal("NaN")
        if not found[name].is_finite() or abs(found[name]) > most:
            raise Refused(name, _("Write latitude and longitude as degrees, like 45.7569 and 126.6425."))
    return found


def shortened(cells: Mapping[str, str]) -> str:
    """The code of a row without the zeros some lists fill up with; a list that names parents does not."""
    code = cells["code"]
    if any(field in cells for field in PARENTS):
        return code
    while (filler := FILLERS.get(len(code))) and code.endswith(filler):
        code = code.removesuffix(filler)
    return code


def places_above(code: str) -> list[str]:
    """Where a place may hang in the tree, nearest first: a level that is all zeros does not exist."""
    shorter = [code[:length] for length in reversed(CODE_LENGTHS) if length < len(code)]
    nearest = shorter[:1]
    while nearest and len(nearest) < len(shorter) and nearest[-1].endswith(FILLERS.get(len(nearest[-1]), "x")):
        nearest.append(shorter[len(nearest)])
    return nearest
