"""A form's rules applied to many rows: each distinct cell is cleaned once, however often it is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.forms import Form


class Cell(NamedTuple):
    """What a cell means, or the sentence for why it means nothing."""

    value: Any
    refusal: str


class Cleaner:
    """Cleans a row as `form_class` would. Its `clean_<field>` may look at that field alone.

    Rules between two fields are the caller's. A file says the same date or unit a thousand times, so what a cell means
    is remembered: a form of its own for each row is fifty times slower.
    """

    def __init__(self, form_class: type[Form]) -> None:
        self._form = form_class({})
        self._known: dict[str, dict[str, Cell]] = {name: {} for name in self._form.fields}

    def clean(self, row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """What the row's cells mean, and a sentence for each that means nothing."""
        values, refusals = {}, {}
        for name, known in self._known.items():
            text = row.get(name, "")
            value, refusal = known.get(text) or self._learn(name, text)
            if refusal:
                refusals[name] = refusal
            else:
                values[name] = value
        return values, refusals

    def cell(self, name: str, text: str) -> Cell:
        """What one cell means."""
        return self._known[name].get(text) or self._learn(name, text)

    def _learn(self, name: str, text: str) -> Cell:
        form = self._form
        try:
            value = form.fields[name].clean(text)
            form.cleaned_data = {name: value}
            hook = getattr(form, f"clean_{name}", None)
            cell = Cell(hook() if hook else value, "")
        except ValidationError as refusal:
            cell = Cell(None, " ".join(map(str, refusal.messages)))
        self._known[name][text] = cell
        return cell
