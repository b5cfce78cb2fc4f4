"""The figures of a region, exact at the moment of asking: folded days plus what is not folded yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from dashboards import sql
from enterprises.models import Enterprise, EnterpriseRole
from ledgers.late_entries import late_papers, written_between
from ledgers.models import Invoice, Receipt, StockBalance

NO_TRADE_DAYS = 7
"""After how many days without trade an enterprise is on the list (Harbin proposal, no-trade warning)."""

LATE_DAYS = 7


@dataclass(frozen=True)
class Day:
    """What the enterprises of a region wrote and received on one day."""

    day: date
    purchase_lines: int
    sale_lines: int
    active: int


@dataclass(frozen=True)
class Overview:
    """A region's dashboard; every number says what it counts, and its rows can be listed."""

    region_code: str
    since: date
    until: date
    enterprises: int
    by_role: list[tuple[str, Any, int]]
    by_status: list[tuple[str, Any, int]]
    days: list[Day]
    active: int
    silent: int

    @property
    def purchase_lines(self) -> int:
        return sum(day.purchase_lines for day in self.days)

    @property
    def sale_lines(self) -> int:
        return sum(day.sale_lines for day in self.days)


def overview(region_code: str, *, days: int = 30) -> Overview:
    """The figures of the region with this code and everything below it, for the last `days` days including today."""
    until = timezone.localdate()
    since = until - timedelta(days=days - 1)
    area = Enterprise.objects.in_region(region_code).filter(merged_into=None)
    parameters: Any = {"area": f"{region_code}%", "since": since, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(sql.DAYS, parameters)
        rows = [Day(*row) for row in cursor.fetchall()]
        cursor.execute(sql.ACTIVE, parameters)
        (active,) = cursor.fetchone()
    return Overview(
        region_code, since, until, area.count(), _by_role(area), _by_status(area), rows, active,
        area.silent_since(NO_TRADE_DAYS).count(),
    )  # fmt: skip


@dataclass(frozen=True)
class Watched:
    """What in a region's books an officer should look at now, and since when what was written late is counted."""

    since: date
    late: int
    oversold: int
    disputed: int
    escalated: int


def watched(region_code: str, *, days: int = LATE_DAYS) -> Watched:
    """Papers written late in the last `days` days including today, lots sold beyond stock, deliveries in dispute."""
    since = timezone.localdate() - timedelta(days=days - 1)
    written = written_between(Invoice.objects.filter(author__region__code__startswith=region_code), since, None)
    active = Enterprise.objects.in_region(region_code).filter(status=Enterprise.Status.ACTIVE)
    short = StockBalance.objects.filter(enterprise__in=active, quantity__lt=0)
    claimed = Receipt.objects.in_region(region_code).claimed()
    with_station = claimed.filter(state=Receipt.State.ESCALATED)
    return Watched(since, late_papers(written).count(), short.count(), claimed.count(), with_station.count())


def _by_role(area: Any) -> list[tuple[str, Any, int]]:
    counts = [(role.value, role.label, area.filter(roles__contains=[role.value]).count()) for role in EnterpriseRole]
    return [row for row in counts if row[2]]


def _by_status(area: Any) -> list[tuple[str, Any, int]]:
    counts = [(status.value, status.label, area.filter(status=status).count()) for status in Enterprise.Status]
    return [row for row in counts if row[2]]
