"""How much of a lot's chain is written: who has sold or used a lot of which nobody knows how it came there (L-045)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db import connection

from catalog.models import Lot
from ledgers import sql


class Gap(NamedTuple):
    """A lot that this enterprise gave on or used up, and no paper says where it had it from."""

    enterprise_id: int
    lot_id: int


@dataclass(frozen=True)
class Completeness:
    """Of so many holdings that gave goods on, these are not accounted for."""

    holdings: int
    gaps: list[Gap]

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 means that nothing is missing; 100 where nothing has moved."""
        return percent_known(self.holdings - len(self.gaps), self.holdings)

    @property
    def enterprises(self) -> list[int]:
        """Whose paper is missing, each once."""
        return list(dict.fromkeys(gap.enterprise_id for gap in self.gaps))


class Standing(NamedTuple):
    """Of so many lots that an enterprise gave on or used up in a time, of so many it is known how it had them."""

    enterprise_id: int
    holdings: int
    known: int

    @property
    def percent(self) -> int:
        """Rounded down: 100 means that nothing is missing."""
        return percent_known(self.known, self.holdings)


def percent_known(known: int, holdings: int) -> int:
    """Chain-composition rate in percent, rounded down; 100 where nothing has moved."""
    return known * 100 // holdings if holdings else 100


def standings(region_code: str, *, since: date, until: date) -> list[Standing]:
    """The chain-composition rate of every enterprise of a region that gave something on in these days, the worst first.

    Source: Liuzhou assessment standard, 6.3 (composition of trace chains). One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql.ACCOUNTED_FOR_IN, {"region": region_code, "since": since, "until": until})
        rows = [Standing(*row) for row in cursor.fetchall()]
    return sorted(rows, key=lambda row: (row.percent, -row.holdings, row.enterprise_id))


def completeness(lot: Lot) -> Completeness:
    """How complete the chain of `lot` is, upstream and downstream to both ends, in three statements.

    Accounted for is what was bought, made by a run or by the maker of the lot itself, or opened with its supplier
    named; what comes from outside of the platform or from a farmer begins there.
    """
    lots: set[int] = set()
    with connection.cursor() as cursor:
        for statement in (sql.LOTS_UP, sql.LOTS_DOWN):
            cursor.execute(statement, {"lot": lot.pk})
            lots |= {row[0] for row in cursor.fetchall()}
    return completeness_of(lots)


def completeness_of(lots: Collection[int]) -> Completeness:
    """The same of lots that are known to be a whole chain; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql.ACCOUNTED_FOR, {"lots": list(lots)})
        holdings = cursor.fetchall()
    return Completeness(len(holdings), [Gap(place, pk) for pk, place, is_known in holdings if not is_known])
