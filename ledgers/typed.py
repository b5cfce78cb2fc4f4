"""What stands in the invoice form, read: the one validator of a paper's head and lines, for form, import and API.

`Typed` is a draft exactly as it was typed; `read` makes a `Reading` of it: rows that make sense, and a sentence for
every field that does not.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.lookup import code_of, own_goods, produce_called
from catalog.models import Product, Unit, lot_key
from catalog.numbers import NumberField
from enterprises.models import Enterprise, Partnership
from ledgers.scanning import placed, why_unknown

LINE_FIELDS = ("code", "lot", "made", "until", "quantity", "unit", "price")
HEAD_FIELDS = ("partner", "traded_on", "paper_number", "note")
LINES_MAX = 500
LOT_MAX = 40
SHORT_DATE = re.compile(r"\d{4}|\d{6}|\d{8}", re.ASCII)


class TypedDateField(forms.DateField):
    """A date as clerks type it: 2026-11-22, 20261122, 261122, or 1122 for the last time that day was.

    With `ahead`, 1122 is the next time that day will be.
    """

    def __init__(self, *, ahead: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ahead = ahead

    def to_python(self, value: Any) -> datetime.date | None:
        text = unicodedata.normalize("NFKC", str(value or "")).strip().replace("/", "-").replace(".", "-")
        if SHORT_DATE.fullmatch(text):
            text = self._long(text)
        return super().to_python(text)

    def _long(self, digits: str) -> str:
        today = timezone.localdate()
        if len(digits) == 4:
            now = f"{today:%m%d}"
            other_year = digits < now if self.ahead else digits > now
            digits = f"{today.year + (1 if self.ahead else -1) * other_year}{digits}"
        digits = digits if len(digits) == 8 else f"{str(today.year)[:2]}{digits}"
        return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


class HeadForm(forms.Form):
    partner = forms.CharField(label=gettext_lazy("Partner"), max_length=160)
    traded_on = TypedDateField(label=gettext_lazy("Date"))
    paper_number = forms.CharField(label=gettext_lazy("Number on the partner's paper"), max_length=40, required=False)
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)

    def clean_traded_on(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["traded_on"]
        if day > timezone.localdate():
            raise ValidationError(_("The date lies in the future. Type the day the goods were handed over."))
        return day


class LineForm(forms.Form):
    code = forms.CharField(label=gettext_lazy("Goods"), max_length=120)
    lot = forms.CharField(label=gettext_lazy("Lot number"), max_length=LOT_MAX, required=False)
    made = TypedDateField(label=gettext_lazy("Made on"), required=False)
    until = TypedDateField(ahead=True, label=gettext_lazy("Best before"), required=False)
    quantity = NumberField(label=gettext_lazy("Quantity"), max_digits=14, decimal_places=3)
    unit = forms.CharField(label=gettext_lazy("Unit"), max_length=20, required=False)
    price = NumberField(label=gettext_lazy("Unit price"), max_digits=10, decimal_places=2, required=False)

    def clean_lot(self) -> str:
        lot: str = self.cleaned_data["lot"]
        if len(lot_key(lot)) > LOT_MAX:  # one printed sign may stand for several, such as ㍿
            raise ValidationError(_("This lot number is too long. Type it as it is printed on the package."))
        return lot

    def clean_made(self) -> datetime.date | None:
        day: datetime.date | None = self.cleaned_data["made"]
        if day and day > timezone.localdate():
            raise ValidationError(_("Made in the future? Check the production date."))
        return day

    def clean_quantity(self) -> Decimal:
        quantity: Decimal = self.cleaned_data["quantity"]
        if quantity == 0:
            raise ValidationError(_("A quantity is more than zero."))
        return quantity

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if typed.get("made") and typed.get("until") and typed["until"] < typed["made"]:
            self.add_error("until", _("Best before is earlier than the production date. Check both."))
        return typed


@dataclass(frozen=True)
class Line:
    """One line that makes sense; `product` may not be on the enterprise's list yet (`is_new_here`)."""

    product: Product
    is_new_here: bool
    lot_code: str
    lot_is_generated: bool
    produced_on: datetime.date | None
    expires_on: datetime.date | None
    quantity: Decimal
    unit: Unit
    factor: Decimal
    price: Decimal | None


@dataclass
class Reading:
    """A paper as far as it makes sense; `head_errors` by field, `line_errors` by row (from 0) and field."""

    partner: Enterprise | None = None
    traded_on: datetime.date | None = None
    paper_number: str = ""
    note: str = ""
    lines: list[Line] = field(default_factory=list)
    head_errors: dict[str, str] = field(default_factory=dict)
    line_errors: dict[int, dict[str, str]] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        return not self.head_errors and not self.line_errors and bool(self.lines)


def read(typed: Mapping[str, Any], *, author: Enterprise, role: str) -> Reading:
    """Make sense of what `author` typed; `role` is what the partner is to it, supplier or customer."""
    reading = Reading()
    head = HeadForm({name: typed.get(name, "") for name in HEAD_FIELDS})
    head.is_valid()
    reading.head_errors = {name: " ".join(map(str, told)) for name, told in head.errors.items()}
    reading.traded_on = head.cleaned_data.get("traded_on")
    reading.paper_number = head.cleaned_data.get("paper_number", "")
    reading.note = head.cleaned_data.get("note", "")
    if name := head.cleaned_data.get("partner"):
        reading.partner = partner_called(name, author=author, role=role)
        if reading.partner is None:
            reading.head_errors["partner"] = _("This partner is not on your list. Choose one, or add it first.")
    rows: Sequence[Mapping[str, str]] = [placed(row) for row in typed.get("lines", [])]
    for number, row in enumerate(rows[:LINES_MAX]):
        _read_line(reading, number, row, author=author)
    if len(rows) > LINES_MAX:
        reading.head_errors["lines"] = _("A paper has at most %(max)s lines. Split it.") % {"max": LINES_MAX}
    return reading


def partner_called(name: str, *, author: Enterprise, role: str) -> Enterprise | None:
    """The partner on the author's list meant by `name (number)`, a number, or an unmistakable name."""
    number = re.search(r"[（(]([0-9A-Za-z]{15,18})[)）]\s*$", name)
    listed = Partnership.objects.filter(owner=author.firm, role=role).current().exclude(partner=author)
    wanted = (number[1] if number else name).strip()
    for lookup in ({"partner__uscc": wanted.upper()}, {"partner__legacy_number": wanted}, {"partner__name": wanted}):
        found = list(listed.filter(**lookup).select_related("partner")[:2])
        if len(found) == 1:
            partner: Enterprise = found[0].partner
            return partner
    return None


def _read_line(reading: Reading, number: int, row: Mapping[str, str], *, author: Enterprise) -> None:
    form = LineForm({name: row.get(name, "") for name in LINE_FIELDS})
    form.is_valid()
    errors = {name: " ".join(map(str, told)) for name, told in form.errors.items()}
    typed = form.cleaned_data
    goods = _goods(typed.get("code", ""), author=author)
    if goods is None and "code" not in errors:
        errors["code"] = why_unknown(typed["code"])
    elif goods is not None:
        errors |= _check_against_goods(typed, goods[0])
    if typed.get("made") and reading.traded_on and typed["made"] > reading.traded_on:
        errors["made"] = _("Made after it was delivered. Check the date.")
    if typed.get("until") and reading.traded_on and typed["until"] < reading.traded_on and "until" not in errors:
        errors["until"] = _("It had expired when it was delivered, and may not be sold. Check the date.")
    if errors:
        reading.line_errors[number] = errors
    elif goods is not None:
        reading.lines.append(_line(reading, typed, goods, author=author))


def _goods(code: str, *, author: Enterprise) -> tuple[Product, Decimal, bool] | None:
    """The product meant, how many base units the code stands for, and whether it is new on the author's list."""
    if own := own_goods(code, enterprise=author):
        return own[0].product, Decimal(own[1]), False
    if known := code_of(code):
        return known.product, known.factor, True
    produce = produce_called(code)
    return (produce, Decimal(1), True) if produce else None


def _check_against_goods(typed: Mapping[str, Any], product: Product) -> dict[str, str]:
    errors = {}
    unit = typed.get("unit", "").strip()
    if unit and unit not in (product.unit_id, product.unit.name_zh, product.unit.name_en):
        errors["unit"] = _("These goods are counted in %(unit)s. Change the unit and the quantity.") % {
            "unit": product.unit
        }
    prepacked = product.kind == Product.Kind.PREPACKED
    if prepacked and not typed.get("lot") and not typed.get("made"):
        errors["lot"] = _("Prepackaged food needs its lot number or its production date.")
    return errors


def _line(
    reading: Reading, typed: Mapping[str, Any], goods: tuple[Product, Decimal, bool], *, author: Enterprise
) -> Line:
    product, factor, is_new_here = goods
    made, until = typed["made"], typed["until"]
    if until is None and made and product.shelf_life_days:
        until = made + datetime.timedelta(days=product.shelf_life_days)
    day = reading.traded_on or timezone.localdate()
    code = typed["lot"] or (f"{made:%Y%m%d}" if made else f"{author.pk}-{day:%Y%m%d}")
    return Line(
        product=product, is_new_here=is_new_here, lot_code=code, lot_is_generated=not typed["lot"], produced_on=made,
        expires_on=until, quantity=typed["quantity"], unit=product.unit, factor=factor, price=typed["price"],
    )  # fmt: skip
