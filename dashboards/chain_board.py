"""How complete the chains of a region are: the rate of whole chains (L-045), by area below and by enterprise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Region
from enterprises.models import Enterprise
from ledgers.completeness import Standing, percent_known, standings

DAYS = 30


@dataclass(frozen=True)
class Area:
    """One of the areas below, with what its enterprises gave on and how much of that is known."""

    region: Region
    holdings: int
    known: int

    @property
    def percent(self) -> int:
        return percent_known(self.known, self.holdings)


@dataclass(frozen=True)
class ChainBoard:
    """The figures of the last days; `rows` are enterprises with their standing, the worst first."""

    since: date
    until: date
    rows: list[tuple[Enterprise, Standing]]
    areas: list[Area]

    @property
    def holdings(self) -> int:
        return sum(standing.holdings for _enterprise, standing in self.rows)

    @property
    def known(self) -> int:
        return sum(standing.known for _enterprise, standing in self.rows)

    @property
    def percent(self) -> int:
        """Of all lots given on, those of which it is written how they came."""
        return percent_known(self.known, self.holdings)

    @property
    def incomplete(self) -> int:
        """How many enterprises owe a paper."""
        return sum(standing.known < standing.holdings for _enterprise, standing in self.rows)

    def table(self) -> tuple[list[str], list[list[Any]]]:
        """Headings and rows for a spreadsheet."""
        headings = [_("Enterprise"), _("Licence number"), _("Lots given on"), _("Known how they came"), _("Percent")]
        return headings, [
            [row.name, row.licence_number, standing.holdings, standing.known, standing.percent]
            for row, standing in self.rows
        ]


def chain_board(region_code: str) -> ChainBoard:
    """The completeness of what the enterprises of a region gave on in the last DAYS days."""
    until = timezone.localdate()
    since = until - timedelta(days=DAYS - 1)
    found = standings(region_code, since=since, until=until)
    parties = Enterprise.objects.select_related("region").in_bulk([row.enterprise_id for row in found])
    rows = [(parties[row.enterprise_id], row) for row in found]
    return ChainBoard(since, until, rows, _areas(region_code, rows))


def _areas(region_code: str, rows: Iterable[tuple[Enterprise, Standing]]) -> list[Area]:
    below = {region.code: region for region in Region.objects.children_of(region_code)}
    length = min(map(len, below), default=0)
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for enterprise, standing in rows:
        total = sums[(enterprise.region_id or "")[:length]]
        total[0] += standing.holdings
        total[1] += standing.known
    return [Area(below[code], *total) for code, total in sorted(sums.items()) if code in below]
