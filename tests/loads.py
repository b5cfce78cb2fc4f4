"""What the tests of the loading commands share."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

REAL = settings.BASE_DIR.parent / "shared" / "data"


def real(name: str) -> Path:
    """A file or folder of the collection of real data, which a newcomer's clone does not have."""
    path = REAL / name
    if not path.exists():
        pytest.skip(f"the real data {name} are not here")
    return path


def table(path: Path, *rows: str, encoding: str = "utf-8") -> Path:
    """A csv file with these lines."""
    path.write_text("\n".join(rows) + "\n", encoding=encoding)
    return path


def load(command: str, *arguments: object) -> dict[str, int]:
    """The counts of one loading, which always add up."""
    out = StringIO()
    call_command(command, *map(str, arguments), "--json", stdout=out)
    counts = json.loads(out.getvalue())
    assert counts["read"] == sum(counts[name] for name in ("created", "updated", "unchanged", "rejected"))
    return counts


def became(counts: dict[str, int]) -> tuple[int, int, int, int]:
    return counts["created"], counts["updated"], counts["unchanged"], counts["rejected"]


def rejected(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
