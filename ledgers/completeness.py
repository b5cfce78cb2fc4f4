"""How much of a lot's chain is written: who has sold or used a lot of which nobody knows how it came there (L-045)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
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
        return (self.holdings - len(self.gaps)) * 100 // self.holdings if self.holdings else 100

    @property
    def enterprises(self) -> list[int]:
        """Whose paper is missing, each once."""
        return list(dict.fromkeys(gap.enterprise_id for gap in self.gaps))


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
