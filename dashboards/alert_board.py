"""What is told officers in a region, rule by rule and week by week: what waits, for how long, and who is behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Region
from alerts.models import AlertRule
from dashboards import sql

WEEKS, AREAS_MAX = 12, 60


@dataclass(frozen=True)
class RuleFigures:
    """How the alerts of one rule stand: now, and in the weeks of the board. `hours` is the median until one ends."""

    rule: AlertRule
    open: int
    unseen: int
    overdue: int
    raised: int
    closed: int
    hours: float | None


@dataclass(frozen=True)
class Week:
    """How many were raised and how many ended in the seven days from this Monday on."""

    begins: date
    raised: int
    closed: int


@dataclass(frozen=True)
class Area:
    """What waits in one of the areas below."""

    region: Region
    open: int
    overdue: int


@dataclass(frozen=True)
class Board:
    """The alert board of a region; what came back counts on the day on which it came back."""

    region_code: str
    since: date
    rules: list[RuleFigures]
    weeks: list[Week]
    areas: list[Area]

    def total(self, name: str) -> int:
        """One of the figures over all rules."""
        return sum(getattr(row, name) for row in self.rules)

    @property
    def totals(self) -> dict[str, int]:
        return {name: self.total(name) for name in ("open", "unseen", "overdue", "raised", "closed")}

    def table(self) -> tuple[list[str], list[list[Any]]]:
        """Headings and rows for a spreadsheet."""
        headings = [
            _("Rule"), _("Open now"), _("Not seen by anybody"), _("Overdue"), _("New in these weeks"),
            _("Settled in these weeks"), _("Median hours until closed"),
        ]  # fmt: skip
        return headings, [
            [str(row.rule), row.open, row.unseen, row.overdue, row.raised, row.closed, row.hours] for row in self.rules
        ]


def alert_board(region_code: str, *, now: datetime | None = None) -> Board:
    """The board of the region with this code and everything below it, over the last 12 weeks including this one."""
    now = now or timezone.now()
    monday = timezone.localdate(now) - timedelta(days=timezone.localdate(now).weekday())
    since = monday - timedelta(weeks=WEEKS - 1)
    below = list(Region.objects.children_of(region_code)[:AREAS_MAX])
    named: dict[str, Any] = {
        "area": f"{region_code}%", "now": now, "since": since, "monday": monday,
        "digits": len(below[0].code) if below else 0, "zone": str(timezone.get_current_timezone()),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql.ALERT_BOARD, named)
        by_rule, by_week, by_area = cursor.fetchone()
    known = {rule.pk: rule for rule in AlertRule.objects.all()}
    counts = {row.pop("code"): row for row in by_area}
    return Board(
        region_code, since, [RuleFigures(**row | {"rule": known[row["rule"]]}) for row in by_rule],
        [Week(date.fromisoformat(row["week"]), row["raised"], row["closed"]) for row in by_week],
        sorted((Area(row, **counts[row.code]) for row in below if row.code in counts), key=_urgency),
    )  # fmt: skip


def _urgency(area: Area) -> tuple[int, int]:
    return -area.overdue, -area.open
