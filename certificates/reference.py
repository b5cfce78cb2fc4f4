"""The kinds of certificates and the rules for evidence that every database has."""

from __future__ import annotations

import csv
from pathlib import Path

from certificates.models import CertificateKind, EvidenceRule

DATA = Path(__file__).with_name("data")
FLAGS = {"needs_number", "is_food_licence", "is_report", "is_public", "is_legacy"}
NUMBERS = {"years_max", "position", "region_at", "months", "level"}


def load_certificates() -> dict[str, int]:
    """Bring the kinds up to date, and add the rules that are missing; returns the rows of each. Safe to repeat.

    A rule that is there already stays as it is: what was in force is history.
    """
    kinds = [CertificateKind(**_read(row)) for row in _rows("certificate_kinds")]
    CertificateKind.objects.bulk_create(
        kinds, update_conflicts=True, unique_fields=["key"],
        update_fields=[field for field in _rows("certificate_kinds")[0] if field != "key"],
    )  # fmt: skip
    rules = [EvidenceRule(**_read(row) | {"kinds": row["kinds"].split()}) for row in _rows("evidence_rules")]
    EvidenceRule.objects.bulk_create(rules, ignore_conflicts=True)
    return {"certificate_kinds": len(kinds), "evidence_rules": len(rules)}


def _read(row: dict[str, str]) -> dict[str, object]:
    read: dict[str, object] = {}
    for field, cell in row.items():
        if field in FLAGS:
            read[field] = cell == "1"
        elif field in NUMBERS:
            read[field] = int(cell) if cell else None
        elif field == "category":
            read["category_id"] = cell or None
        else:
            read[field] = cell
    return read


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
