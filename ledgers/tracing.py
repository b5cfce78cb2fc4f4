"""Where a lot came from and where it went, complete, in three statements whatever the size."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection

from catalog.models import Lot
from enterprises.models import Enterprise
from ledgers import sql
from ledgers.completeness import completeness
from ledgers.what_if import NONE, Ids, Suppositions, all_codes, rows_if, scores

__all__ = [
    "Holder",
    "Movement",
    "Trace",
    "completeness",
    "downstream",
    "downstream_of_holdings",
    "scores",
    "upstream",
    "upstream_of_holdings",
]


PLAIN = Suppositions()


class Movement(NamedTuple):
    """One entry that is in force; a difference paper is a movement of its own, with a negative quantity."""

    seller_id: int
    buyer_id: int
    lot_id: int
    quantity: Decimal
    traded_on: date


class Holder(NamedTuple):
    """What the books say an enterprise still has of a lot, in the lot's unit."""

    enterprise_id: int
    lot_id: int
    quantity: Decimal


@dataclass(frozen=True)
class Trace:
    """A complete answer: the lots reached, every movement of them, and who has some now."""

    lots: list[int]
    movements: list[Movement]
    holders: list[Holder]

    @cached_property
    def enterprises(self) -> set[int]:
        """Everybody the lots passed through or lie with."""
        traders = {party for move in self.movements for party in (move.seller_id, move.buyer_id)}
        return traders | {holder.enterprise_id for holder in self.holders}

    @property
    def counts(self) -> dict[str, int]:
        return {
            "lots": len(self.lots),
            "movements": len(self.movements),
            "holders": len({holder.enterprise_id for holder in self.holders}),
            "enterprises": len(self.enterprises),
        }


def downstream(
    lot: Lot,
    *,
    enterprise: Enterprise | None = None,
    cross_contamination: Ids = NONE,
    kill: Ids = NONE,
    ignore: Ids = NONE,
    in_time: bool = False,
) -> Trace:
    """Where `lot` went: itself and everything made from it, every movement and today's holders.

    With `enterprise`, only what left from there. Reversed papers and reversed runs do not move goods. The others are
    suppositions, see `what_if`: ids of enterprises where everything that was there together may have mixed, ids of
    enterprises where the hazard ends, ids of entries left out; `in_time` reaches only what left after it arrived.
    """
    supposed = Suppositions(cross_contamination, kill, ignore, in_time)
    if supposed:
        return trace_of_rows(*rows_if(supposed, *_beginning(lot, enterprise), down=True))
    if enterprise is None:
        return _whole(lot, sql.LOTS_DOWN)
    return _part(lot, enterprise, sql.PLACES_DOWN, sql.MOVEMENTS_DOWN)


def upstream(
    lot: Lot,
    *,
    enterprise: Enterprise | None = None,
    cross_contamination: Ids = NONE,
    kill: Ids = NONE,
    ignore: Ids = NONE,
    in_time: bool = False,
) -> Trace:
    """Where `lot` came from: itself and everything it was made of; with `enterprise`, only what came to there. Under
    suppositions what can have contaminated it: what came to it, or lay beside what did."""
    supposed = Suppositions(cross_contamination, kill, ignore, in_time)
    if supposed:
        return trace_of_rows(*rows_if(supposed, *_beginning(lot, enterprise), down=False))
    if enterprise is None:
        return _whole(lot, sql.LOTS_UP)
    return _part(lot, enterprise, sql.PLACES_UP, sql.MOVEMENTS_UP)


def downstream_of_holdings(holdings: Collection[tuple[int, int]], supposed: Suppositions = PLAIN) -> Trace:
    """Where all these lots at these places, (lot id, enterprise id), went, as one answer; nothing is told twice."""
    return trace_of_rows(*rows_if(supposed, *_apart(holdings), down=True))


def upstream_of_holdings(holdings: Collection[tuple[int, int]], supposed: Suppositions = PLAIN) -> Trace:
    """Where all these lots at these places came from."""
    return trace_of_rows(*rows_if(supposed, *_apart(holdings), down=False))


def _apart(holdings: Collection[tuple[int, int]]) -> tuple[list[int], list[int]]:
    return [lot for lot, _place in holdings], [place for _lot, place in holdings]


def _beginning(lot: Lot, enterprise: Enterprise | None) -> tuple[list[int], list[int] | None]:
    return ([lot.pk], [enterprise.pk]) if enterprise else (all_codes(lot), None)


def _whole(lot: Lot, lots_statement: str) -> Trace:
    with connection.cursor() as cursor:
        lots = [row[0] for row in _rows(cursor, lots_statement, lot=lot.pk)]
        movements = _rows(cursor, sql.MOVEMENTS, lots=lots)
        holders = _rows(cursor, sql.HOLDERS, lots=lots)
    return trace_of_rows(lots, movements, holders)


def _part(lot: Lot, enterprise: Enterprise, places_statement: str, movements_statement: str) -> Trace:
    with connection.cursor() as cursor:
        reached = _rows(cursor, places_statement, lot=lot.pk, enterprise=enterprise.pk)
        lots, places = [row[0] for row in reached], [row[1] for row in reached]
        movements = _rows(cursor, movements_statement, lots=lots, places=places)
        holders = _rows(cursor, sql.HOLDERS_AT, lots=lots, places=places)
    return trace_of_rows(list(dict.fromkeys(lots)), movements, holders)


def trace_of_rows(lots: list[int], movements: list[Any], holders: list[Any]) -> Trace:
    """A trace out of the rows of its three statements."""
    return Trace(lots, [*map(Movement._make, movements)], [*map(Holder._make, holders)])


def _rows(cursor: Any, statement: str, **parameters: Any) -> list[Any]:
    cursor.execute(statement, parameters)
    rows: list[Any] = cursor.fetchall()
    return rows
