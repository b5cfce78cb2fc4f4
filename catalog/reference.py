"""What the catalogue holds before anybody has typed anything: units, food categories, produce without a barcode."""

from __future__ import annotations

import csv
from pathlib import Path

from django.db import transaction

from catalog.models import FoodCategory, NamedInTwoLanguages, Product, Unit

DATA = Path(__file__).with_name("data")
TABLES: dict[str, type[NamedInTwoLanguages]] = {"units": Unit, "food_categories": FoodCategory}
DEFAULT_UNIT = "piece"


def load_reference() -> dict[str, int]:
    """Bring units, food categories and produce without a barcode up to date; returns the rows of each.

    Safe to repeat: rows of the files are written anew, rows that somebody added stay.
    """
    with transaction.atomic():
        return {name: _load(name, model) for name, model in TABLES.items()} | {"produce": _load_produce()}


def _load(name: str, model: type[NamedInTwoLanguages]) -> int:
    rows = _rows(name)
    model._default_manager.bulk_create(
        (model(**{field: cell or None for field, cell in row.items()}) for row in rows),
        update_conflicts=True, unique_fields=["code"], update_fields=[field for field in rows[0] if field != "code"],
    )  # fmt: skip
    return len(rows)


def _load_produce() -> int:
    """Goods that anybody sells without a barcode and without a maker: one shared row for each."""
    rows = _rows("produce")
    generic = Product.objects.generic()
    known = set(generic.values_list("name", flat=True))
    for row in rows:
        if row["name"] not in known:
            facts = {"unit_id": row["unit"], "category_id": row["category"]}
            Product.objects.create(name=row["name"], kind=Product.Kind.RAW, **facts)
    for category in {row["category"] for row in rows}:
        names = [row["name"] for row in rows if row["category"] == category]
        generic.filter(name__in=names, category=None).update(category=category)
    return len(rows)


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
