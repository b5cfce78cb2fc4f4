"""The form that says which column of a file is which field, and what holds for the whole file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from openpyxl.utils import get_column_letter

from exchange.headings import FIELDS
from exchange.models import ImportRun
from exchange.services import CONSTANTS

LABELS: Mapping[str, Any] = {
    "paper_number": _("Document number"),
    "partner": _("Partner"),
    "partner_number": _("Partner's number"),
    "traded_on": _("Date"),
    "note": _("Note"),
    "code": _("Barcode or item number"),
    "name": _("Product name"),
    "lot": _("Lot number"),
    "made": _("Made on"),
    "until": _("Best before"),
    "quantity": _("Quantity"),
    "unit": _("Unit"),
    "price": _("Unit price"),
}


class ColumnsForm(forms.Form):
    """A choice among the file's columns for each field; for what concerns a whole document, also a word for all."""

    heading_row = forms.IntegerField(label=_("Row of the headings"), min_value=1, max_value=1_000)

    def __init__(self, run: ImportRun, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.run = run
        self.fields["heading_row"].initial = run.heading_row
        choices = [("", _("not in this file")), *_choices(run.headings)]
        for name in FIELDS:
            self.fields[f"column_{name}"] = forms.ChoiceField(
                label=LABELS[name], choices=choices, required=False, initial=run.columns.get(name, "")
            )
        for name in CONSTANTS:
            self.fields[f"all_{name}"] = forms.CharField(
                label=_("%(field)s, for the whole file") % {"field": LABELS[name]}, max_length=160, required=False,
                initial=run.constants.get(name, ""),
            )  # fmt: skip

    @property
    def columns(self) -> dict[str, int]:
        """By field the position of its column."""
        chosen = {name: self.cleaned_data[f"column_{name}"] for name in FIELDS}
        return {name: int(place) for name, place in chosen.items() if place}

    @property
    def constants(self) -> dict[str, str]:
        return {name: self.cleaned_data[f"all_{name}"] for name in CONSTANTS}


def _choices(headings: list[str]) -> list[tuple[str, str]]:
    return [(str(place), f"{get_column_letter(place + 1)} {word}"[:60]) for place, word in enumerate(headings)]
