"""What stands in the invoice form, read: the one validator of a paper's head and lines, for form, import and API.

`Typed` is a draft exactly as it was typed; `read` makes a `Reading` of it: rows that make sense, and a sentence for
every field that does not. A `Reader` reads many papers of one author and asks the database once for all of them.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.lookup import Goods, goods_meant
from catalog.models import Product, Unit, lot_key
from catalog.numbers import NumberField
from catalog.packing import Measures
from enterprises.models import Enterprise, Partnership
from ledgers.cleaning import Cleaner
from ledgers.fefo import Shelf
from ledgers.scanning import placed, why_unknown
from ledgers.typed_rows import THOUSANDTH

LINE_FIELDS = ("code", "lot", "made", "until", "quantity", "unit", "price")
HEAD_FIELDS = ("partner", "telephone", "traded_on", "paper_number", "note")
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
    telephone = forms.RegexField(
        r"^[0-9+() -]{5,30}$", label=gettext_lazy("Telephone of a new customer"), required=False,
        error_messages={"invalid": gettext_lazy("A telephone number has 5 to 30 digits, blanks or dashes.")},
    )  # fmt: skip
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
        for name, sentence in between_fields(typed).items():
            self.add_error(name, sentence)
        return typed


def between_fields(typed: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong between two fields of a line, each of which makes sense."""
    if typed.get("made") and typed.get("until") and typed["until"] < typed["made"]:
        return {"until": _("Best before is earlier than the production date. Check both.")}
    return {}


class Line(NamedTuple):
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
    reader = Reader(author=author, role=role)
    placed_paper = {**typed, "lines": [placed(row) for row in typed.get("lines", [])]}
    reader.learn([placed_paper])
    return reader.read(placed_paper)


class Reader:
    """Reads papers of one author. What a word means is asked once: `learn` asks for many papers in a few statements."""

    def __init__(self, *, author: Enterprise, role: str) -> None:
        self.author, self.role = author, role
        self.head, self.line, self.measures = Cleaner(HeadForm), Cleaner(LineForm), Measures(author)
        self._partners: dict[str, Enterprise | None] = {}
        self._goods: dict[str, Goods | None] = {}

    def learn(self, papers: Iterable[Mapping[str, Any]]) -> None:
        """Ask for all of these papers at once what their partners and goods mean, as far as it is not known yet."""
        names, codes = set[str](), set[str]()
        for typed in papers:
            names.add(typed.get("partner", ""))
            codes.update(row.get("code", "") for row in typed.get("lines", [])[:LINES_MAX])
        partners = {self.head.cell("partner", name).value for name in names} - {None, *self._partners}
        goods = {self.line.cell("code", code).value for code in codes} - {None, *self._goods}
        if partners:
            called = partners_called(partners, author=self.author, role=self.role)
            self._partners |= dict.fromkeys(partners) | called
        if goods:
            meant = goods_meant(goods, enterprise=self.author)
            self.measures.learn(known.product for known in meant.values())
            self._goods |= dict.fromkeys(goods) | meant

    def goods(self, code: str) -> Goods | None:
        """The goods that a learnt text means."""
        return self._goods.get(self.line.cell("code", code).value)

    def read(self, typed: Mapping[str, Any]) -> Reading:
        """Make sense of one learnt paper, whose scans stand where they belong."""
        rows: Sequence[Mapping[str, str]] = typed.get("lines", [])
        reading = Reading()
        head, reading.head_errors = self.head.clean(typed)
        reading.traded_on = head.get("traded_on")
        reading.paper_number, reading.note = head.get("paper_number", ""), head.get("note", "")
        if name := head.get("partner"):
            reading.partner = self._partners[name]
            if reading.partner is None:
                reading.head_errors["partner"] = _("This partner is not on your list. Choose one, or add it first.")
        shelf = self._shelf(rows[:LINES_MAX])
        for number, row in enumerate(rows[:LINES_MAX]):
            self._read_line(reading, number, row, shelf)
        if len(rows) > LINES_MAX:
            reading.head_errors["lines"] = _("A paper has at most %(max)s lines. Split it.") % {"max": LINES_MAX}
        return reading

    def _shelf(self, rows: Iterable[Mapping[str, str]]) -> Shelf | None:
        """The stock of those goods for which a sale names no lot."""
        if self.role != Partnership.Role.CUSTOMER:
            return None
        goods = [known for row in rows if not row.get("lot") and (known := self.goods(row.get("code", "")))]
        return Shelf(self.author.pk, {known.product.pk for known in goods}) if goods else None

    def _read_line(self, reading: Reading, number: int, row: Mapping[str, str], shelf: Shelf | None) -> None:
        typed, errors = self.line.clean(row)
        goods = self._goods[typed["code"]] if "code" in typed else None
        if goods is None and "code" not in errors:
            errors["code"] = why_unknown(typed["code"])
        if goods:
            goods, wrong = in_their_unit(typed, goods, self.measures)
            errors |= wrong
        errors |= _check_days(typed, reading.traded_on)
        shares = _shares(typed, goods, shelf) if goods and not errors.keys() - {"lot"} else []
        if goods and (shares or not errors):
            supplier = reading.partner if self.role == Partnership.Role.SUPPLIER else self.author
            day = reading.traded_on or timezone.localdate()
            reading.lines += [line_of(typed | share, goods, supplier=supplier, day=day) for share in shares or [{}]]
        else:
            reading.line_errors[number] = errors


def partners_called(names: Iterable[str], *, author: Enterprise, role: str) -> dict[str, Enterprise]:
    """By text, the partner on the author's list meant by `name (number)`, a number, or an unmistakable name."""
    wanted = {name: _number_in(name) for name in names}
    words = set(wanted.values())
    uppers = {word.upper() for word in words}
    listed = Partnership.objects.filter(owner=author.firm, role=role).current().exclude(partner=author)
    meant = Q(partner__uscc__in=uppers) | Q(partner__legacy_number__in=words) | Q(partner__name__in=words)
    found = [row.partner for row in listed.filter(meant).select_related("partner")]
    by_uscc, by_legacy, by_name = (_grouped(found, name) for name in ("uscc", "legacy_number", "name"))
    answer: dict[str, Enterprise] = {}
    for name, word in wanted.items():
        for rows in (by_uscc.get(word.upper(), []), by_legacy.get(word, []), by_name.get(word, [])):
            if len(rows) == 1:
                answer.setdefault(name, rows[0])
    return answer


def _number_in(name: str) -> str:
    number = re.search(r"[（(]([0-9A-Za-z]{15,18})[)）]\s*$", name)
    return (number[1] if number else name).strip()


def _grouped(partners: Iterable[Enterprise], name: str) -> dict[str, list[Enterprise]]:
    groups: dict[str, list[Enterprise]] = {}
    for partner in partners:
        groups.setdefault(getattr(partner, name), []).append(partner)
    return groups


def in_their_unit(typed: Mapping[str, Any], goods: Goods, measures: Measures) -> tuple[Goods, dict[str, str]]:
    """The goods as counted in the unit that was typed, and what is wrong between the line and them."""
    errors: dict[str, str] = {}
    product, word = goods.product, typed.get("unit", "").strip()
    counted = measures.goods_in(goods, word)
    if counted is None:
        sentence = _(
            "These goods are counted in %(unit)s, and how many are in one %(package)s is not known. Enter it under "
            "Packings, or change the unit and the quantity."
        )
        errors["unit"] = sentence % {"unit": product.unit, "package": word}
    elif counted.factor != 1 and _is_too_fine(typed.get("quantity"), counted.factor):
        errors["quantity"] = _("In %(unit)s this has more than three decimals. Type it in %(unit)s.") % {
            "unit": product.unit
        }
    prepacked = product.kind == Product.Kind.PREPACKED
    if prepacked and not typed.get("lot") and not typed.get("made"):
        errors["lot"] = _("Prepackaged food needs its lot number or its production date.")
    return counted or goods, errors


def _is_too_fine(quantity: Decimal | None, factor: Decimal) -> bool:
    return quantity is not None and (quantity * factor) % THOUSANDTH != 0


def _check_days(typed: Mapping[str, Any], traded_on: datetime.date | None) -> dict[str, str]:
    errors = between_fields(typed)
    if typed.get("made") and traded_on and typed["made"] > traded_on:
        errors["made"] = _("Made after it was delivered. Check the date.")
    if typed.get("until") and traded_on and typed["until"] < traded_on and "until" not in errors:
        errors["until"] = _("It had expired when it was delivered, and may not be sold. Check the date.")
    return errors


def _shares(typed: Mapping[str, Any], goods: Goods, shelf: Shelf | None) -> list[dict[str, Any]]:
    """What a sale without a lot takes from stock, the first to expire first; the last lot takes what is missing."""
    if shelf is None or typed.get("lot") or typed.get("made") or not typed.get("quantity"):
        return []
    taken = list(shelf.take(goods.product.pk, typed["quantity"], factor=goods.factor))
    if missing := typed["quantity"] - sum(quantity for _lot, quantity in taken) if taken else 0:
        taken[-1] = taken[-1][0], taken[-1][1] + missing
    return [
        {"lot": lot.code, "made": lot.produced_on, "until": lot.expires_on, "quantity": quantity}
        for lot, quantity in taken
    ]


def line_of(typed: Mapping[str, Any], goods: Goods, *, supplier: Enterprise | None, day: datetime.date) -> Line:
    """The line that sound fields mean; a lot without a number is named after its production date, else after whoever
    supplied it and `day`."""
    product, made, until = goods.product, typed["made"], typed["until"]
    if until is None and made and product.shelf_life_days:
        until = made + datetime.timedelta(days=product.shelf_life_days)
    code = typed["lot"] or (f"{made:%Y%m%d}" if made else f"{supplier.pk if supplier else 0}-{day:%Y%m%d}")
    return Line(
        product=product, is_new_here=not goods.is_listed, lot_code=code, lot_is_generated=not typed["lot"],
        produced_on=made, expires_on=until, quantity=typed["quantity"], unit=goods.unit or product.unit,
        factor=goods.factor, price=typed.get("price"),
    )  # fmt: skip
