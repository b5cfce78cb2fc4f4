"""What stands in the form of a stock paper, read: the one validator of its head and of its rows, for every kind."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Lot
from catalog.numbers import NumberField
from enterprises.models import Enterprise
from ledgers.models import StockBalance, StockPaper
from ledgers.opening_typed import opening_is_over, read_opening
from ledgers.own_lots import lots_called
from ledgers.stock import sells_to_consumers
from ledgers.stock_reading import StockReading, StockRow
from ledgers.typed import TypedDateField
from ledgers.typed_rows import TEXT_MAX, LotForm, Row, sentences, tidy_rows, tidy_text, wrong_with_lot

HEAD_FIELDS = ("happened_on", "note", "method", "witness")
LOT_FIELDS = ("lot", "quantity", "booked")
OPENING_FIELDS = ("code", "lot", "made", "until", "quantity", "supplier")
LINES_MAX = 500

Kind = StockPaper.Kind


class StockHeadForm(forms.Form):
    happened_on = TypedDateField(label=gettext_lazy("Date"))
    note = forms.CharField(label=gettext_lazy("Reason"), max_length=TEXT_MAX, required=False)
    method = forms.CharField(label=gettext_lazy("How it was destroyed"), max_length=TEXT_MAX, required=False)
    witness = forms.CharField(label=gettext_lazy("Who saw it"), max_length=100, required=False)

    def clean_happened_on(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["happened_on"]
        if day > timezone.localdate():
            raise ValidationError(_("The date lies in the future. Type the day on which it happened."))
        return day


class CountForm(LotForm):
    """How much of a lot is there; nothing at all is an answer, too."""

    quantity = NumberField(label=gettext_lazy("Counted"), max_digits=14, decimal_places=3)
    booked = forms.DecimalField(required=False, max_digits=14, decimal_places=3)

    def clean_quantity(self) -> Decimal:
        counted: Decimal = self.cleaned_data["quantity"]
        return counted


def fields_of(kind: str) -> Sequence[str]:
    """What a row of such a paper is made of."""
    return OPENING_FIELDS if kind == Kind.OPENING else LOT_FIELDS


def tidy_stock_paper(typed: Mapping[str, Any], *, kind: str) -> dict[str, Any]:
    """What is kept of a form: known fields, text without NUL, rows that are not wholly empty."""
    head = {name: tidy_text(typed.get(name)) for name in HEAD_FIELDS}
    return {**head, "rows": tidy_rows(typed.get("rows", []), fields_of(kind))}


def read_stock_paper(typed: Mapping[str, Any], *, kind: str, enterprise: Enterprise) -> StockReading:
    """Make sense of what `enterprise` typed into a paper of this kind."""
    reading, rows = StockReading(), typed.get("rows", [])
    _read_head(reading, typed, kind=kind)
    if sentence := opening_is_over(enterprise) if kind == Kind.OPENING else "":
        reading.head_errors["happened_on"] = sentence
    if len(rows) > LINES_MAX:
        reading.head_errors["rows"] = _("A paper has at most %(max)s lines. Split it.") % {"max": LINES_MAX}
        return reading
    if kind == Kind.OPENING:
        read_opening(reading, rows, enterprise=enterprise)
    else:
        _read_lots(reading, rows, kind=kind, enterprise=enterprise)
    if not reading.rows and not reading.row_errors:
        reading.head_errors["rows"] = _("Type at least one lot and its quantity.")
    if (
        kind == Kind.COUNT
        and not reading.note
        and not sells_to_consumers(enterprise)
        and _something_is_missing(reading)
    ):
        reading.head_errors["note"] = missing_sentence()
    return reading


def missing_sentence() -> str:
    """That a count by who does not sell to consumers must explain what is missing."""
    return _("Something is missing: say why, in the reason. Only shops and kitchens take it as sold to consumers.")


def beyond_stock_sentence(balance: StockBalance) -> str:
    """That more is to leave than is there, and how much is."""
    return _("Your books have only %(left)s %(unit)s of lot %(lot)s.") % {
        "left": f"{max(balance.quantity, Decimal(0)).normalize():f}",
        "unit": balance.lot.unit,
        "lot": balance.lot.code,
    }


def _something_is_missing(reading: StockReading) -> bool:
    return any(row.quantity < 0 for row in reading.rows.values())


def _read_head(reading: StockReading, typed: Mapping[str, Any], *, kind: str) -> None:
    head = StockHeadForm({name: typed.get(name, "") for name in HEAD_FIELDS})
    for name, sentence in _needed(kind).items():
        head.fields[name].required = True
        head.fields[name].error_messages["required"] = sentence
    head.is_valid()
    reading.head_errors = sentences(head)
    for name in HEAD_FIELDS:
        if name in head.cleaned_data:
            setattr(reading, name, head.cleaned_data[name])


def _needed(kind: str) -> dict[str, str]:
    """The fields without which such a paper says too little, and what to do about each."""
    if kind in (Kind.OPENING, Kind.COUNT):
        return {}
    why = {"note": _("Say why the goods leave your stock.")}
    if kind != Kind.DESTRUCTION:
        return why
    return {**why, "method": _("Say how the goods were destroyed."), "witness": _("Say who saw the destruction.")}


def _read_lots(reading: StockReading, rows: Sequence[Row], *, kind: str, enterprise: Enterprise) -> None:
    called = lots_called([row.get("lot", "") for row in rows], enterprise=enterprise)
    for number, row in enumerate(rows):
        found = called[row.get("lot", "")]
        if len(found) == 1:
            reading.balances[number] = found[0]
        if kind == Kind.COUNT and row.get("lot") and not row.get("quantity"):
            continue  # not counted
        form = CountForm(row) if kind == Kind.COUNT else LotForm(row)
        form.is_valid()
        errors = sentences(form)
        errors.pop("booked", None)  # nobody types it: where it is spoilt, the books of now are meant
        taken = [other.lot for other in reading.rows.values() if other.lot]
        if "lot" not in errors and (sentence := wrong_with_lot(found, taken)):
            errors["lot"] = sentence
        elif kind == Kind.OWN_USE and found and _has_expired(found[0].lot, reading):
            errors["lot"] = expired_sentence(found[0].lot.code)
        if not errors:
            read = _counted if kind == Kind.COUNT else _leaving
            errors = read(reading, number, found[0], form.cleaned_data)
        if errors:
            reading.row_errors[number] = errors


def _has_expired(lot: Lot, reading: StockReading) -> bool:
    return bool(lot.expires_on and reading.happened_on and lot.expires_on < reading.happened_on)


def expired_sentence(lots: str) -> str:
    """That expired goods are not used up."""
    return _("Past their best before on that day, and may not be used: %(lots)s. Write them off or destroy them.") % {
        "lots": lots
    }


def _counted(reading: StockReading, number: int, balance: StockBalance, typed: Mapping[str, Any]) -> dict[str, str]:
    lot, counted, booked = balance.lot, typed["quantity"], typed.get("booked")
    if booked is not None and booked != balance.quantity:
        return {"quantity": moved_sentence(balance, booked)}
    reading.rows[number] = StockRow(
        lot.product, lot, lot.code, counted - balance.quantity, counted=counted, booked=balance.quantity
    )
    return {}


def moved_sentence(balance: StockBalance, booked: Decimal) -> str:
    """That the books have changed since somebody counted."""
    return _("Meanwhile your books have changed, from %(before)s to %(now)s. Count this lot again.") % {
        "before": f"{booked.normalize():f}",
        "now": f"{balance.quantity.normalize():f}",
    }


def _leaving(reading: StockReading, number: int, balance: StockBalance, typed: Mapping[str, Any]) -> dict[str, str]:
    if typed["quantity"] > balance.quantity:
        return {"quantity": beyond_stock_sentence(balance)}
    lot = balance.lot
    reading.rows[number] = StockRow(lot.product, lot, lot.code, -typed["quantity"])
    return {}
