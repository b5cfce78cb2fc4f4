"""Files to fill in: one per kind and format, with instructions, the statutory columns and one example."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.models import Kind
from exchange.papers import EXAMPLE


def blank_table(kind: str) -> list[list[Any]]:
    """The rows of a file to fill in (Food Safety Law 50 and 53): an instruction, the headings, one example.

    The specification, address and telephone that the law also names stand in the catalogue and in the registry.
    """
    headings = [
        _("Document number") + "*", _("Date") + "*",
        (_("Supplier") if kind == Kind.PURCHASE else _("Customer")) + "*",
        _("Credit code"), _("Barcode") + "*", _("Product name"), _("Lot number"), _("Made on"), _("Best before"),
        _("Quantity") + "*", _("Unit"), _("Unit price"), _("Note"),
    ]  # fmt: skip
    today = timezone.localdate()
    example = [
        EXAMPLE, str(today), "北谷示例粮油", "91230110DEMH0001XB", "9520004000017", "示例花生", "PN-20260905",
        str(today - timedelta(days=60)), str(today + timedelta(days=120)), "10", "袋", "12.50", "",
    ]  # fmt: skip
    instruction = _(
        "Fields with a star are needed. One row per line of goods; rows with the same number and partner are one "
        "document. Format barcodes as text. The row below the headings is an example and is not imported."
    )
    return [[instruction, *[""] * (len(headings) - 1)], headings, example]
