"""Traces under suppositions, and how much of the weight of an outbreak each enterprise and lot can explain.

Followed holding by holding, a holding being a lot at a place, as FoodChain-Lab does: what came to a place leaves it
again, in the same lot or in what was made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from catalog.models import Lot
from ledgers import sql
from ledgers import what_if_sql as statements
from ledgers.services import with_aliases

Ids = frozenset[int]
NONE: Ids = frozenset()


@dataclass(frozen=True)
class Suppositions:
    """Enterprises where everything that was there together may have mixed; enterprises where the hazard ends; entries
    that are left out; whether only what left after it arrived counts; and pairs of enterprises that are taken for one
    place, so that what came to one may have left from the other."""

    cross_contamination: Ids = NONE
    kill: Ids = NONE
    ignore: Ids = NONE
    in_time: bool = False
    merged: frozenset[tuple[int, int]] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.cross_contamination or self.kill or self.ignore or self.in_time or self.merged)

    @property
    def parameters(self) -> dict[str, Any]:
        """As the statements name them; days are kept only where they matter, so that fewer holdings differ."""
        both_ways = sorted({*self.merged, *((other, one) for one, other in self.merged)})
        return {
            "merged": [one for one, _other in both_ways], "merged_into": [other for _one, other in both_ways],
            "cross": list(self.cross_contamination), "kill": list(self.kill), "ignore": list(self.ignore),
            "in_time": self.in_time, "with_days": self.in_time or bool(self.cross_contamination),
        }  # fmt: skip


@dataclass(frozen=True)
class Scores:
    """The share of the whole weight, 0 to 1, that lies downstream of each enterprise and of each lot, own included."""

    enterprises: dict[int, float]
    lots: dict[int, float]


def rows_if(
    supposed: Suppositions, lots: list[int], places: list[int] | None, *, down: bool
) -> tuple[list[int], list[Any], list[Any]]:
    """Lots, movements and holders that are reached under these suppositions, in three statements.

    From these lots at `places`, one for each; without them from wherever a lot that goes by these codes begins
    (upstream: ends).
    """
    whole = statements.HOLDINGS_DOWN if down else statements.HOLDINGS_UP
    part = statements.HOLDINGS_DOWN_FROM if down else statements.HOLDINGS_UP_FROM
    named = supposed.parameters
    with connection.cursor() as cursor:
        cursor.execute(whole if places is None else part, {"lots": lots, "places": places, **named})
        holdings = cursor.fetchall()
        names = ("lots", "places", "opens", "days")
        reached = {name: [row[n] for row in holdings] for n, name in enumerate(names)}
        cursor.execute(statements.MOVEMENTS_DOWN if down else statements.MOVEMENTS_UP, {**reached, **named})
        movements = cursor.fetchall()
        cursor.execute(sql.HOLDERS_AT, reached)
        return list(dict.fromkeys(reached["lots"])), movements, cursor.fetchall()


def weigh(
    *, places: Mapping[int, float], lots: Mapping[int, float] | None = None, supposed: Suppositions | None = None
) -> Scores:
    """The scores that follow from the weights of enterprises (outbreak places) and lots (failed ones); one statement.

    Published definition (FoodChain-Lab): the weight reachable downstream, the own included, over the whole weight.
    Nothing where nothing weighs.
    """
    lots, supposed = dict(lots or {}), supposed or Suppositions()
    weights = [*places.values(), *lots.values()]
    if not (whole := sum(weights)):
        return Scores({}, {})
    named = {"places": list(places), "lots": list(lots), "weights": weights, **supposed.parameters}
    with connection.cursor() as cursor:
        cursor.execute(statements.SCORES, named)
        found = cursor.fetchall()
    scores = Scores({pk: weight / whole for pk, weight in places.items()}, {})
    for kind, subject, weight in found:
        (scores.enterprises if kind == "place" else scores.lots)[subject] = weight / whole
    return scores


def scores(*, weights: Mapping[int, float], cross_contamination: Ids = NONE, kill: Ids = NONE) -> dict[int, float]:
    """`{enterprise_id: score}` for `{enterprise_id: weight}`: see `weigh`."""
    supposed = Suppositions(cross_contamination=cross_contamination, kill=kill)
    return weigh(places=weights, supposed=supposed).enterprises


def all_codes(lot: Lot) -> list[int]:
    """The lot and those that are one lot with it in the world; itself first."""
    return [lot.pk, *sorted(with_aliases([lot]) - {lot.pk})]
