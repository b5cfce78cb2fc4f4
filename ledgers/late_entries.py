"""Which papers were written late: more than the hours of `entry.late` after the day of the trade had ended."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import F, QuerySet

from laws.parameters import Clock, clocks, midnight

LATE = "entry.late"


def late_papers(papers: QuerySet[Any], clock: Clock | None = None) -> QuerySet[Any]:
    """Those of the invoices that were confirmed late, each with the moment at which it was `due_at`.

    A paper tells the day of its trade, not the hour: the clock starts at 24:00 of that day, which is in favour of the
    writer. Reversals and difference papers are written when a mistake is found, and are never late.
    """
    due_at = (clock or clocks(LATE)[LATE]).after("traded_on")
    return papers.filter(reverses=None, adjusts=None).exclude(number=None).annotate(due_at=due_at).filter(
        confirmed_at__gt=F("due_at")
    )  # fmt: skip


def written_between(papers: QuerySet[Any], first: date | None, last: date | None) -> QuerySet[Any]:
    """Those confirmed from the first of these days to the last, both included; None is no limit.

    By moments, not by the days they fall on: so that the index on `confirmed_at` serves.
    """
    if first:
        papers = papers.filter(confirmed_at__gte=midnight(first))
    if last and last < date.max:
        papers = papers.filter(confirmed_at__lt=midnight(last + timedelta(days=1)))
    return papers
