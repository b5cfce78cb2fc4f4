"""What the forms of an enterprise's own papers share: tidy text, rows that name a lot, sentences beside fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Lot
from catalog.numbers import NumberField
from ledgers.models import StockBalance

ROWS_MAX = 200
TEXT_MAX = 200
THOUSANDTH, LARGEST = Decimal("0.001"), Decimal("99999999999.999")

Row = Mapping[str, str]


class LotForm(forms.Form):
    """Some of a lot that the enterprise has."""

    lot = forms.CharField(label=gettext_lazy("Lot"), max_length=TEXT_MAX)
    quantity = NumberField(label=gettext_lazy("Quantity"), max_digits=14, decimal_places=3)

    def clean_quantity(self) -> Decimal:
        quantity: Decimal = self.cleaned_data["quantity"]
        if quantity == 0:
            raise ValidationError(_("A quantity is more than zero."))
        return quantity


def wrong_with_lot(found: Sequence[StockBalance], taken: Sequence[Lot]) -> str:
    """Why the balances that a text may mean are not one lot that no other row has taken; empty where they are."""
    if not found:
        return _("Your books know no such lot. Choose one from your stock, or write down its purchase first.")
    if len(found) > 1:
        return _("Several of your lots have this number. Choose the one with the right goods behind it.")
    if found[0].lot in taken:
        return _("This lot stands in another row already. Put both quantities into one row.")
    return ""


def sentences(form: forms.Form) -> dict[str, str]:
    """What is wrong with a form that has been looked at, by field."""
    return {name: " ".join(map(str, told)) for name, told in form.errors.items()}


def tidy_rows(rows: Any, fields: Sequence[str]) -> list[dict[str, str]]:
    """Rows with these fields alone, as tidy text, without those that are wholly empty."""
    kept = [{name: tidy_text(row.get(name)) for name in fields} for row in rows]
    return [row for row in kept if any(row.values())]


def tidy_text(value: object) -> str:
    """Text without NUL and outer blanks, of at most 200 signs."""
    return str(value or "").replace("\0", "").strip()[:TEXT_MAX]
