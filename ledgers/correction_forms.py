"""What a person types to correct a confirmed paper or to send goods back, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.numbers import NumberField
from ledgers.models import Invoice, InvoiceLine, corrected_price
from ledgers.returning import returnable
from ledgers.services import quantities_now


class CorrectionLineForm(forms.Form):
    quantity = NumberField(label=gettext_lazy("Right quantity"), max_digits=14, decimal_places=3)
    price = NumberField(label=gettext_lazy("Right unit price"), max_digits=10, decimal_places=2, required=False)


class ReturnLineForm(forms.Form):
    quantity = NumberField(label=gettext_lazy("Goes back"), max_digits=14, decimal_places=3, required=False)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


@dataclass(frozen=True)
class Row:
    """A line of a confirmed paper, how much of it counts now, and what is typed about it."""

    line: InvoiceLine
    now: Decimal
    price: Decimal | None
    form: forms.Form


def correction_rows(invoice: Invoice, typed: Mapping[str, object] | None = None) -> list[Row]:
    """The lines of a paper with what counts today, each with its form."""
    now = quantities_now(invoice)
    lines = invoice.lines.select_related("product__unit", "unit", "entry").annotate(price_now=corrected_price())
    return [
        Row(line, now[line.position], line.price_now, CorrectionLineForm(
            typed, prefix=str(line.position),
            initial={"quantity": now[line.position].normalize(), "price": line.price_now},
        ))
        for line in lines
    ]  # fmt: skip


def return_rows(invoice: Invoice, typed: Mapping[str, object] | None = None) -> list[Row]:
    """The lines of a delivery with how much of each may go back, each with its form."""
    most = returnable(invoice)
    lines = invoice.lines.select_related("product__unit", "unit", "entry")
    return [Row(line, most[line.position], None, ReturnLineForm(typed, prefix=str(line.position))) for line in lines]


def read_rows(rows: list[Row]) -> None:
    """Raises ValidationError where a number makes no sense; the form of its line says which."""
    if not all([row.form.is_valid() for row in rows]):  # noqa: C419 -- every form shall say what is wrong with it
        raise ValidationError(_("Some numbers do not make sense. See the lines below."))


def differences(rows: list[Row]) -> dict[int, Decimal]:
    """By position what the right quantity adds to or takes from what counts now."""
    found = {row.line.position: row.form.cleaned_data["quantity"] - row.now for row in rows}
    return {position: difference for position, difference in found.items() if difference}


def new_prices(rows: list[Row]) -> dict[int, Decimal]:
    """By position the prices that were typed anew."""
    typed = {row.line.position: row.form.cleaned_data["price"] for row in rows}
    old = {row.line.position: row.price for row in rows}
    return {position: price for position, price in typed.items() if price is not None and price != old[position]}


def returned(rows: list[Row]) -> dict[int, Decimal]:
    """By position how much goes back."""
    typed = {row.line.position: row.form.cleaned_data["quantity"] for row in rows}
    return {position: quantity for position, quantity in typed.items() if quantity}
