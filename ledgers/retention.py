"""Which papers need not be kept any more: it tells, and deletes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from ledgers import sql
from ledgers.models import RetentionYear

KEYS = ("retain.purchase.after_expiry", "retain.purchase.least", "retain.seed_floor")


@dataclass(frozen=True)
class FreePaper:
    """A paper that need not be kept any more since the day after `kept_until`, with all its corrections."""

    number: str
    traded_on: date
    kept_until: date


@transaction.atomic
def count_years(*, on: date | None = None) -> list[RetentionYear]:
    """Count for each year of trade what must be kept and what may go on this day; keeps the counts and returns them.

    Until the later of these a paper is kept: `retain.purchase.after_expiry` after the best before of any of its lines,
    or `retain.purchase.least` after the trade where a line has none (Food Safety Law 50, 51, 53), and
    `retain.seed_floor` after the trade (the platform's own rule). A paper and its corrections go together; what is in
    dispute stays.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")  # once a year it reads every line there is
        cursor.execute(sql.COUNT_RETENTION, _asked(on))
    return list(RetentionYear.objects.all())


@transaction.atomic
def free_papers(*, on: date | None = None) -> Iterator[FreePaper]:
    """Every paper that need not be kept any more on this day, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(sql.FREE_PAPERS, _asked(on))
        for row in cursor:
            yield FreePaper(*row)


def _asked(on: date | None) -> dict[str, Any]:
    return {"day": on or timezone.localdate(), **dict(zip(("expiry", "least", "floor"), KEYS, strict=True))}
