"""Recipes and packings of the story, and one invented limit of an additive: no true standard is in the project."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from catalog.models import AdditiveLimit, Component, Packing
from config.story.goods import Goods
from config.story.rows import days_from, rows
from enterprises.models import Enterprise


def load_making(cast: Mapping[str, Enterprise], goods: Mapping[str, Goods], today: date) -> None:
    """Enter the recipes, the packings and the limits."""
    Component.objects.bulk_create(
        Component(
            owner=cast[row["owner"]],
            product=goods[row["product"]].product,
            part=goods[row["part"]].product,
            quantity=row["quantity"],
        )
        for row in rows("recipes")
    )
    Packing.objects.bulk_create(
        Packing(
            owner=cast[row["owner"]], product=goods[row["product"]].product, unit_id=row["unit"],
            quantity=row["quantity"],
        )
        for row in rows("packings")
    )  # fmt: skip
    for row in rows("additive_limits"):
        AdditiveLimit.objects.create(
            additive=row["additive"],
            category_id=row["category"],
            max_grams_per_kg=row["max_grams_per_kg"],
            source=row["source"],
            valid_from=days_from(today, row["valid_from"]),
        )
