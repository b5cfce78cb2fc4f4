"""How the story's tables are kept: csv files whose dates are days counted from the day of loading."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

DATA = Path(__file__).with_name("data")


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one table of the story, as text, by column."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def days_from(today: date, offset: str) -> date:
    """The day that stands in a table as `offset`; below zero it lies before today."""
    return today + timedelta(days=int(offset))
