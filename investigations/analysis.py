"""Who can explain an outbreak: the ranking that follows from a case's weights, and the ways behind each rank."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from catalog.models import Lot
from enterprises.models import Enterprise
from investigations.models import Case
from ledgers.models import StockBalance
from ledgers.tracing import Movement, downstream_of_holdings, upstream_of_holdings
from ledgers.what_if import Scores, Suppositions, weigh

RANKED = 50


@dataclass(frozen=True)
class Suspect:
    """An enterprise or lot, the share of the whole weight that lies downstream of it, and its own weight."""

    row: Enterprise | Lot
    score: float
    own_weight: float = 0

    @property
    def percent(self) -> float:
        return round(self.score * 100, 1)


@dataclass(frozen=True)
class Analysis:
    """What follows from the weights and suppositions of a case, by the books as they stand."""

    case: Case

    @cached_property
    def weights(self) -> dict[int, float]:
        """By enterprise."""
        rows = self.case.subjects.filter(weight__gt=0, lot=None)
        return {row.enterprise_id: float(row.weight) for row in rows if row.enterprise_id}

    @cached_property
    def lot_weights(self) -> dict[int, float]:
        """By lot."""
        rows = self.case.subjects.filter(weight__gt=0, enterprise=None)
        return {row.lot_id: float(row.weight) for row in rows if row.lot_id}

    @cached_property
    def supposed(self) -> Suppositions:
        """The switches of the case."""
        places = {row.enterprise_id: row for row in self.case.subjects.all() if row.enterprise_id}
        return Suppositions(
            cross_contamination=frozenset(pk for pk, row in places.items() if row.mixes),
            kill=frozenset(pk for pk, row in places.items() if row.ends),
            ignore=frozenset(self.case.ignored.values_list("entry", flat=True)),
            in_time=self.case.in_time,
            merged=frozenset(self.case.merges.values_list("one", "other")),
        )

    @cached_property
    def scores(self) -> Scores:
        """Of every enterprise and lot that reaches any weight; one statement."""
        return weigh(places=self.weights, lots=self.lot_weights, supposed=self.supposed)

    def enterprises(self) -> list[Suspect]:
        """The enterprises that reach most of the weight; at the same score who weighs nothing itself comes first."""
        best = sorted(
            self.scores.enterprises.items(), key=lambda pair: (-pair[1], self.weights.get(pair[0], 0), pair[0])
        )
        found = Enterprise.objects.select_related("region").in_bulk([pk for pk, _score in best[:RANKED]])
        return [Suspect(found[pk], score, self.weights.get(pk, 0)) for pk, score in best[:RANKED]]

    def lots(self) -> list[Suspect]:
        """The lots that reach most of the weight."""
        best = sorted(self.scores.lots.items(), key=lambda pair: (-pair[1], pair[0]))
        found = Lot.objects.select_related("product", "producer").in_bulk([pk for pk, _score in best[:RANKED]])
        return [Suspect(found[pk], score, self.lot_weights.get(pk, 0)) for pk, score in best[:RANKED]]

    def ways(self, suspect: Enterprise) -> list[Movement]:
        """Every hand-over on a way from the suspect to weighted places and lots, oldest first."""
        held = StockBalance.objects.filter(enterprise=suspect).values_list("lot", "enterprise")
        weighed = StockBalance.objects.filter(Q(enterprise__in=self.weights) | Q(lot__in=self.lot_weights))
        ahead = downstream_of_holdings(list(held), self.supposed).movements
        behind = upstream_of_holdings(list(weighed.values_list("lot", "enterprise")), self.supposed).movements
        return sorted({*ahead} & {*behind}, key=lambda move: (move.traded_on, move.lot_id, move.seller_id))
