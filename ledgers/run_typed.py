"""What stands in the production form, read: the one validator of a run's head, outputs and inputs."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.lookup import own_goods
from catalog.models import Lot, Product, lot_key
from enterprises.models import Enterprise
from ledgers.additives import Dose, doses
from ledgers.mass_balance import MassBalance, balance_of
from ledgers.models import StockBalance
from ledgers.own_lots import free_lot_numbers, lots_called
from ledgers.run_notes import notes_needed
from ledgers.typed import LineForm, TypedDateField
from ledgers.typed_rows import (
    LARGEST,
    ROWS_MAX,
    TEXT_MAX,
    THOUSANDTH,
    LotForm,
    Row,
    sentences,
    tidy_rows,
    tidy_text,
    wrong_with_lot,
)

HEAD_FIELDS = ("produced_on", "note")
OUTPUT_FIELDS = ("code", "lot", "until", "quantity")
INPUT_FIELDS = ("lot", "quantity")


class RunHeadForm(forms.Form):
    produced_on = TypedDateField(label=gettext_lazy("Made on"))
    note = forms.CharField(label=gettext_lazy("Note"), max_length=TEXT_MAX, required=False)

    def clean_produced_on(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["produced_on"]
        if day > timezone.localdate():
            raise ValidationError(_("The date lies in the future. Type the day the goods were made."))
        return day


class OutputForm(LineForm):
    made = unit = price = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Output:
    """One lot that came out; the quantity is in the product's base unit."""

    product: Product
    lot_code: str
    expires_on: datetime.date | None
    quantity: Decimal


@dataclass(frozen=True)
class Input:
    """Some of a lot that went in, in the lot's unit, and what the books say was there."""

    lot: Lot
    quantity: Decimal
    left: Decimal


@dataclass
class RunReading:
    """A run as far as it makes sense: rows by their number from 0, and a sentence for every field that does not."""

    produced_on: datetime.date | None = None
    note: str = ""
    outputs: dict[int, Output] = field(default_factory=dict)
    inputs: dict[int, Input] = field(default_factory=dict)
    head_errors: dict[str, str] = field(default_factory=dict)
    output_errors: dict[int, dict[str, str]] = field(default_factory=dict)
    input_errors: dict[int, dict[str, str]] = field(default_factory=dict)
    doses: list[Dose] = field(default_factory=list)

    @property
    def used(self) -> list[tuple[Lot, Decimal]]:
        return [(row.lot, row.quantity) for row in self.inputs.values()]

    @property
    def made(self) -> list[tuple[Product, Decimal]]:
        return [(row.product, row.quantity) for row in self.outputs.values()]

    @property
    def balance(self) -> MassBalance | None:
        """What went in against what came out, where one unit counts both."""
        return balance_of(self.used, self.made)

    @property
    def is_complete(self) -> bool:
        return not self.problems and bool(self.outputs)

    @property
    def problems(self) -> int:
        """How many fields need somebody."""
        rows = (*self.output_errors.values(), *self.input_errors.values())
        return len(self.head_errors) + sum(map(len, rows))


def tidy_run(typed: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a form: known fields, text without NUL, rows that are not wholly empty."""
    head = {name: tidy_text(typed.get(name)) for name in HEAD_FIELDS}
    rows = {"outputs": tidy_rows(typed.get("outputs", []), OUTPUT_FIELDS)}
    return {**head, **rows, "inputs": tidy_rows(typed.get("inputs", []), INPUT_FIELDS)}


def read_run(typed: Mapping[str, Any], *, enterprise: Enterprise, run_id: int | None = None) -> RunReading:
    """Make sense of what `enterprise` typed; `run_id` is the draft it stands in, whose lot numbers are its own."""
    reading, outputs, inputs = RunReading(), typed.get("outputs", []), typed.get("inputs", [])
    _read_head(reading, typed)
    if max(len(outputs), len(inputs)) > ROWS_MAX:
        reading.head_errors["outputs"] = _("A run has at most %(max)s rows. Split it.") % {"max": ROWS_MAX}
        return reading
    _read_outputs(reading, outputs, enterprise=enterprise, run_id=run_id)
    _read_inputs(reading, inputs, enterprise=enterprise)
    if not outputs:
        reading.head_errors["outputs"] = _("Say what came out: at least one lot.")
    _refuse_inputs_that_come_out(reading, enterprise)
    _ask_for_a_note(reading)
    return reading


def in_and_out_sentence(lot_code: str) -> str:
    """That a lot stands on both sides of one run."""
    return _("Lot %(lot)s goes in and cannot come out of the same run. Number what is made anew.") % {"lot": lot_code}


def _read_head(reading: RunReading, typed: Mapping[str, Any]) -> None:
    head = RunHeadForm({name: typed.get(name, "") for name in HEAD_FIELDS})
    head.is_valid()
    reading.head_errors = sentences(head)
    reading.produced_on = head.cleaned_data.get("produced_on")
    reading.note = head.cleaned_data.get("note", "")


def _read_outputs(reading: RunReading, rows: Sequence[Row], *, enterprise: Enterprise, run_id: int | None) -> None:
    day = reading.produced_on or timezone.localdate()
    written = {lot_key(row.get("lot", "")) for row in rows}
    free = (number for number in free_lot_numbers(enterprise, day, run_id=run_id) if number not in written)
    for number, row in enumerate(rows):
        form = OutputForm(row)
        form.is_valid()
        errors = sentences(form)
        goods = own_goods(form.cleaned_data.get("code", ""), enterprise=enterprise)
        if goods is None:
            errors.setdefault("code", _not_ours())
        elif not errors:
            made = _output(form.cleaned_data, goods[0].product, Decimal(goods[1]), day=day, free=free)
            errors = _wrong_with(made, reading)
            reading.outputs[number] = made
        if errors:
            reading.output_errors[number] = errors


def _output(
    typed: Mapping[str, Any], product: Product, factor: Decimal, *, day: datetime.date, free: Iterator[str]
) -> Output:
    until = typed["until"]
    if until is None and product.shelf_life_days:
        until = day + datetime.timedelta(days=product.shelf_life_days)
    quantity = (typed["quantity"] * factor).quantize(THOUSANDTH)
    return Output(product, typed["lot"] or next(free), until, quantity)


def _wrong_with(made: Output, reading: RunReading) -> dict[str, str]:
    others = {(row.product.pk, lot_key(row.lot_code)) for row in reading.outputs.values()}
    if (made.product.pk, lot_key(made.lot_code)) in others:
        return {"lot": _("This lot stands in another row already. Put both quantities into one row.")}
    if made.expires_on and reading.produced_on and made.expires_on < reading.produced_on:
        return {"until": _("Best before is earlier than the production date. Check both.")}
    if not 0 < made.quantity <= LARGEST:
        return {"quantity": _("A quantity is too large for the books. Check the quantities.")}
    return {}


def _read_inputs(reading: RunReading, rows: Sequence[Row], *, enterprise: Enterprise) -> None:
    called = lots_called([row.get("lot", "") for row in rows], enterprise=enterprise)
    for number, row in enumerate(rows):
        form = LotForm(row)
        form.is_valid()
        errors = sentences(form)
        found = called[row.get("lot", "")]
        if "lot" not in errors and (sentence := _wrong_with_lot(found, reading)):
            errors["lot"] = sentence
        if errors:
            reading.input_errors[number] = errors
        else:
            reading.inputs[number] = Input(found[0].lot, form.cleaned_data["quantity"], found[0].quantity)


def _wrong_with_lot(found: Sequence[StockBalance], reading: RunReading) -> str:
    if sentence := wrong_with_lot(found, [row.lot for row in reading.inputs.values()]):
        return sentence
    lot = found[0].lot
    if lot.expires_on and reading.produced_on and lot.expires_on < reading.produced_on:
        return _("Lot %(lot)s was past its best before on that day, and may not be used.") % {"lot": lot.code}
    return ""


def _refuse_inputs_that_come_out(reading: RunReading, enterprise: Enterprise) -> None:
    used = [row.lot for row in reading.inputs.values()]
    own = {(lot.product_id, lot.code_key) for lot in used if lot.producer_id == enterprise.pk}
    for number, made in reading.outputs.items():
        if (made.product.pk, lot_key(made.lot_code)) in own:
            reading.output_errors.setdefault(number, {})["lot"] = in_and_out_sentence(made.lot_code)


def _ask_for_a_note(reading: RunReading) -> None:
    if reading.problems or reading.produced_on is None:
        return
    reading.doses = doses(reading.used, reading.made, day=reading.produced_on)
    if not reading.note and (sentences := notes_needed(reading.balance, reading.doses)):
        reading.head_errors["note"] = " ".join(sentences)


def _not_ours() -> str:
    return _("These goods are not among your products. Scan the barcode, or type the item number or the exact name.")
