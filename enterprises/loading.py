"""Enterprises out of a register's export: taken or reported one by one, each in the region of its code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.bulk.loading import Facts, Loader, differs
from accounts.bulk.rows import Refused
from accounts.models import CODE_LENGTHS, Region
from enterprises.identifiers import (
    LEGACY_SHAPE,
    has_valid_organisation_code,
    is_uscc,
    normalise,
    validate_legacy_number,
    validate_uscc,
)
from enterprises.models import Enterprise, EnterpriseQuerySet
from enterprises.spelling import pinyin

NOT_GIVEN = frozenset({"N/A", "NA", "NULL", "-", "--", "/", "无", "暂无"})
LENGTHS = {
    field: int(getattr(Enterprise._meta.get_field(field), "max_length", None) or 0)
    for field in (
        "name",
        "address",
        "legal_representative",
        "telephone",
        "economic_type",
        "business_scope",
        "place",
    )
}
WRITTEN = (*LENGTHS, "name_pinyin", "name_initials", "registered_on", "region", "region_as_given")


class EnterpriseLoader(Loader):
    """Rows of a business register. The number decides: a code of 18 signs, or an old one of 15 digits.

    A new row becomes a stub, which its people may claim. A known stub takes over what the file says; a row with
    people here keeps their words, and only what is empty is filled. The second row with one number in one load is
    reported with its reason, not merged: which one is right cannot be told, and so a load can be repeated.
    """

    columns = {
        "number": ("统一社会信用代码", "社会信用代码", "uscc", "营业执照号", "注册号", "number"),
        "name": ("企业名称", "名称", "单位名称", "name"),
        "place": ("经营场所编号", "场所编号", "place"),
        "registered_on": ("注册日期", "成立日期", "registeredon"),
        "economic_type": ("企业类型", "经济类型", "economictype"),
        "legal_representative": ("法人代表", "法定代表人", "负责人", "legalrepresentative"),
        "business_scope": ("经营范围", "businessscope"),
        "address": ("注册地址", "地址", "住所", "经营地址", "address"),
        "telephone": ("电话", "联系电话", "telephone"),
    }
    required = ("number", "name")

    def check(self, cells: Mapping[str, str]) -> Facts:
        cells = {field: "" if cell.upper() in NOT_GIVEN else cell for field, cell in cells.items()}
        number = normalise(cells["number"])
        warnings = _judge(number)
        values: dict[str, Any] = {field: _text(cells, field) for field in LENGTHS if field in cells}
        if not values["name"]:
            raise Refused("name", _("The enterprise has no name."))
        values["registered_on"] = _day(cells.get("registered_on", ""))
        values["uscc" if is_uscc(number) else "legacy_number"] = number
        values["region_as_given"] = number[2:8] if is_uscc(number) else number[:6]
        return Facts((number, values.get("place", "")), values, warnings)

    def settle(self, batch: Sequence[Facts]) -> Callable[[Facts], Facts]:
        """The smallest known region that holds the six digits; and numbers of rows that were merged away."""
        prefixes = {prefix for facts in batch for prefix in _prefixes(facts.values["region_as_given"])}
        known = set(Region.objects.filter(code__in=prefixes).values_list("code", flat=True))
        merged = self._merged([facts.key for facts in batch])

        def complete(facts: Facts) -> Facts:
            if facts.key in merged:
                raise Refused("number", _("This record was merged into %(name)s.") % {"name": merged[facts.key]})
            given = facts.values["region_as_given"]
            facts.values["region_id"] = next((code for code in _prefixes(given) if code in known), None)
            return facts

        return complete

    def known(self, keys: Iterable[Any]) -> dict[Any, Enterprise]:
        current = _with_numbers(keys).filter(merged_into=None)
        return _by_key(current.select_for_update(of=("self",)).order_by("-pk"))

    def make(self, facts: Facts) -> Enterprise:
        enterprise = Enterprise(status=Enterprise.Status.STUB, **facts.values)
        enterprise.name_pinyin, enterprise.name_initials = pinyin(enterprise.name)
        return enterprise

    def change(self, row: Enterprise, facts: Facts) -> bool:
        values = {name: value for name, value in facts.values.items() if name not in ("uscc", "legacy_number")}
        keeps_its_words = row.status != Enterprise.Status.STUB or (row.uscc and "legacy_number" in facts.values)
        if changed := differs(row, values, only_empty=bool(keeps_its_words)):
            row.name_pinyin, row.name_initials = pinyin(row.name)
        return changed

    def write(self, new: Sequence[Enterprise], changed: Sequence[Enterprise]) -> None:
        Enterprise.objects.bulk_create(new)
        Enterprise.objects.bulk_create(
            {row.pk: row for row in changed}.values(),
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=WRITTEN,
        )

    @staticmethod
    def _merged(keys: Iterable[Any]) -> dict[Any, str]:
        """Numbers of which only a row is left that was merged into another, and the name of that other."""
        rows = _with_numbers(keys).select_related("merged_into")
        gone = _by_key(rows.exclude(merged_into=None))
        here = _by_key(rows.filter(merged_into=None))
        return {key: str(row.merged_into) for key, row in gone.items() if key not in here}


def _judge(number: str) -> list[str]:
    """What is odd about a number. Registers hold genuine codes with a wrong check character: they are taken.

    Raises Refused where the number is none.
    """
    if not is_uscc(number):
        _refuse_unless_legacy(number)
        return []
    try:
        validate_uscc(number)
    except ValidationError:
        return [_("The check character of the code does not fit; taken as the register has it.")]
    return [] if has_valid_organisation_code(number) else [_("The organisation code inside the code does not fit.")]


def _refuse_unless_legacy(number: str) -> None:
    if not LEGACY_SHAPE.fullmatch(number):
        raise Refused(
            "number",
            _("This is neither a unified social credit code (18 characters) nor an old number (15 digits)."),
        )
    try:
        validate_legacy_number(number)
    except ValidationError as fault:
        raise Refused("number", " ".join(fault.messages)) from fault


def _text(cells: Mapping[str, str], field: str) -> str:
    if len(cells[field]) > LENGTHS[field]:
        raise Refused(field, _("Longer than %(max)s characters.") % {"max": LENGTHS[field]})
    return cells[field]


def _day(text: str) -> date | None:
    """A day as 1978-08-24, 1978/8/24 or 1978年8月24日, with or without a time behind it."""
    digits = text.split(" ")[0].split("T")[0].replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-")
    try:
        return date(*map(int, digits.split("-"))) if digits else None
    except (TypeError, ValueError):
        raise Refused("registered_on", _("This is no date. Write it as 2026-11-22.")) from None


def _prefixes(code: str) -> list[str]:
    """The places a six-digit code may lie in, the smallest first."""
    return [code[:length] for length in reversed(CODE_LENGTHS) if length <= len(code)]


def _with_numbers(keys: Iterable[Any]) -> EnterpriseQuerySet:
    numbers = {number for number, _place in keys}
    codes = {number for number in numbers if is_uscc(number)}
    return Enterprise.objects.filter(Q(uscc__in=codes) | Q(legacy_number__in=numbers - codes), is_person=False)


def _by_key(rows: Iterable[Enterprise]) -> dict[Any, Enterprise]:
    """Rows by number and place; one that has both numbers is found by each."""
    return {(number, row.place): row for row in rows for number in (row.legacy_number, row.uscc) if number}
