"""What the law says before anybody has typed anything: its numbers, and the days of the working calendar."""

from __future__ import annotations

import csv
from pathlib import Path

from django.db import transaction

from laws.models import CalendarDay, RuleParameter

DATA = Path(__file__).with_name("data")


def load_laws() -> dict[str, int]:
    """Bring the numbers of the law and the working calendar up to date; returns the rows of each.

    Safe to repeat: rows of the files are written anew, versions of the past among them, since an error in them can be
    mended nowhere else; rows that somebody added stay.
    """
    with transaction.atomic():
        return {"rule_parameters": _load_rules(), "calendar_days": _load_calendar()}


def _load_rules() -> int:
    rows = [RuleParameter(**row) for row in _rows("rule_parameters")]
    RuleParameter.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["key", "valid_from"],
        update_fields=["value", "unit", "source", "note"],
    )  # fmt: skip
    return len(rows)


def _load_calendar() -> int:
    rows = [CalendarDay(**row | {"is_working": row["is_working"] == "1"}) for row in _rows("calendar")]
    CalendarDay.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["day"], update_fields=["is_working", "note"]
    )
    return len(rows)


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
