"""Units and food categories: what the catalogue's own tables hold before anybody has typed anything."""

from __future__ import annotations

import csv
from pathlib import Path

from django.db import transaction

from catalog.models import FoodCategory, NamedInTwoLanguages, Unit

DATA = Path(__file__).with_name("data")
TABLES: dict[str, type[NamedInTwoLanguages]] = {"units": Unit, "food_categories": FoodCategory}
DEFAULT_UNIT = "piece"


def load_reference() -> dict[str, int]:
    """Bring units and the 32 classes of the production licence up to date; returns the rows of each file.

    Safe to repeat: rows of the files are written anew, rows that somebody added stay.
    """
    with transaction.atomic():
        return {name: _load(name, model) for name, model in TABLES.items()}


def _load(name: str, model: type[NamedInTwoLanguages]) -> int:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = [model(**row) for row in csv.DictReader(file)]
    model._default_manager.bulk_create(
        rows, update_conflicts=True, unique_fields=["code"], update_fields=["name_zh", "name_en"]
    )
    return len(rows)
