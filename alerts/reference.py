"""The alert rules that every database has: whom they tell, how urgent they are, by which numbers they go."""

from __future__ import annotations

import csv
from pathlib import Path

from alerts.models import AlertRule, Reach

DATA = Path(__file__).with_name("data") / "alert_rules.csv"


def load_alert_rules() -> dict[str, int]:
    """Bring the alert rules up to date; returns how many. Safe to repeat: what an administrator has set stays."""
    with DATA.open(encoding="utf-8", newline="") as file:
        rules = [AlertRule(**row | {"reach": row["reach"] or Reach.ALL}) for row in csv.DictReader(file)]
    AlertRule.objects.bulk_create(
        rules, update_conflicts=True, unique_fields=["key"],
        update_fields=["audience", "limit", "keep", "reach"],
    )  # fmt: skip
    return {"alert_rules": len(rules)}
