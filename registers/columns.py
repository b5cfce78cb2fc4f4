"""One column of a register: its heading and a way to read one cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Field, Model
from django.utils import timezone
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Column:
    """`related` is what the list must join; `tone` colours a state: green, amber, red or grey, beside its words.

    `leads_to` is the address of what the cell speaks of; empty for none.
    """

    label: Any
    read: Callable[[Any], Any]
    related: str = ""
    tone: Callable[[Any], str] | None = None
    is_number: bool = False
    leads_to: Callable[[Any], str] | None = None

    @classmethod
    def of(cls, model: type[Model], path: str) -> Column:
        """The column of a field, or of a field of a related row: `partner__uscc`."""
        *steps, name = path.split("__")
        for step in steps:
            model = model._meta.get_field(step).related_model  # type: ignore[assignment]
        field = model._meta.get_field(name)
        assert isinstance(field, Field)
        attribute = f"get_{name}_display" if field.choices or hasattr(model, f"get_{name}_display") else name
        related = "__".join([*steps, name] if field.many_to_one else steps)
        is_number = field.get_internal_type() in ("DecimalField", "IntegerField", "PositiveSmallIntegerField")
        return cls(field.verbose_name, lambda row: _follow(row, [*steps, attribute]), related, is_number=is_number)


def _follow(row: Any, names: list[str]) -> Any:
    for name in names:
        if row is None:
            return None
        row = getattr(row, name)
    return row() if callable(row) else row


def plain(cell: Any) -> str | Decimal | int | float | date | None:
    """A cell as a spreadsheet takes it: numbers and dates stay what they are, the rest becomes words."""
    if isinstance(cell, datetime):
        return f"{timezone.localtime(cell):%Y-%m-%d %H:%M}"
    if isinstance(cell, bool):
        return str(_("Yes") if cell else _("No"))
    if cell is None or (isinstance(cell, Decimal | int | float | date)):
        return cell
    return str(cell)
