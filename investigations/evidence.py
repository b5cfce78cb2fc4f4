"""What a case freezes: its weights, suppositions, scores and the chains of its lots, in a fixed order, with a hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from catalog.models import Lot
from enterprises.models import Enterprise
from investigations.analysis import Analysis
from investigations.models import Case, CaseSnapshot
from ledgers.tracing import downstream, upstream

MOVEMENTS_MAX = 50_000
DIGITS = 6  # of a score: far more than anybody reads, and the same on every machine


def gathered(case: Case) -> dict[str, Any]:
    """The evidence of a case as the books have it now. Raises ValidationError where a chain is too long to keep."""
    analysis = Analysis(case)
    lots = [row.lot for row in case.subjects.select_related("lot").order_by("lot") if row.lot]
    chains = {str(lot.pk): _chain(lot) for lot in lots}
    if sum(len(chain["movements"]) for chain in chains.values()) > MOVEMENTS_MAX:
        raise ValidationError(
            _("The chains of this case have more than %(most)s hand-overs. Take out a lot.") % {"most": MOVEMENTS_MAX}
        )
    supposed = analysis.supposed
    return {
        "case": {"id": case.pk, "title": case.title, "in_time": case.in_time},
        "weights": {"enterprises": _by_id(analysis.weights), "lots": _by_id(analysis.lot_weights)},
        "suppositions": {
            "cross_contamination": sorted(supposed.cross_contamination), "kill": sorted(supposed.kill),
            "ignored": sorted(supposed.ignore), "merged": sorted(map(list, supposed.merged)),
        },
        "scores": {"enterprises": _by_id(analysis.scores.enterprises), "lots": _by_id(analysis.scores.lots)},
        "chains": chains,
        "names": _names(chains, analysis),
    }  # fmt: skip


def digest(evidence: Mapping[str, Any]) -> str:
    """SHA-256 of the facts written in one way only."""
    written = json.dumps(evidence, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


@dataclass(frozen=True)
class Comparison:
    """What is different now from what a snapshot says; `is_sound` says that the snapshot still has its own hash."""

    is_sound: bool
    is_same: bool
    new_movements: list[list[Any]]
    gone_movements: list[list[Any]]
    scores: list[tuple[str, float, float]]  # name, then, now
    settings_differ: bool


def compare(snapshot: CaseSnapshot) -> Comparison:
    """A snapshot beside the books of today."""
    then, now = snapshot.evidence, gathered(snapshot.case)
    before, after = _movements(then), _movements(now)
    names = {**then["names"], **now["names"]}
    old, new = then["scores"]["enterprises"], now["scores"]["enterprises"]
    changed = [(names.get(pk, pk), old.get(pk, 0), new.get(pk, 0)) for pk in sorted({*old, *new}, key=int)]
    return Comparison(
        digest(then) == snapshot.digest,
        digest(then) == digest(now),
        _with_names(after - before, names),
        _with_names(before - after, names),
        [row for row in changed if row[1] != row[2]],
        (then["weights"], then["suppositions"], then["case"]) != (now["weights"], now["suppositions"], now["case"]),
    )


def _chain(lot: Lot) -> dict[str, Any]:
    down, up = downstream(lot), upstream(lot)
    movements = sorted({*down.movements, *up.movements})
    return {
        "lots": sorted({*down.lots, *up.lots}),
        "movements": [[*move[:3], str(move.quantity), move.traded_on.isoformat()] for move in movements],
        "holders": [[*holder[:2], str(holder.quantity)] for holder in sorted(down.holders)],
    }


def _by_id(values: Mapping[int, float]) -> dict[str, float]:
    return {str(pk): round(value, DIGITS) for pk, value in sorted(values.items())}


def _names(chains: Mapping[str, Any], analysis: Analysis) -> dict[str, str]:
    """Of every enterprise that is spoken of."""
    keys = {*analysis.scores.enterprises, *analysis.weights}
    for chain in chains.values():
        keys.update(party for move in chain["movements"] for party in move[:2])
    return {str(pk): name for pk, name in Enterprise.objects.filter(pk__in=keys).values_list("pk", "name")}


def _movements(evidence: Mapping[str, Any]) -> set[tuple[Any, ...]]:
    return {tuple(move) for chain in evidence["chains"].values() for move in chain["movements"]}


def _with_names(movements: set[tuple[Any, ...]], names: Mapping[str, str]) -> list[list[Any]]:
    """Date, seller, buyer, lot and quantity, oldest first."""
    lots = Lot.objects.select_related("product").in_bulk({move[2] for move in movements})
    rows = sorted(movements, key=lambda move: (move[4], move[2]))
    return [[row[4], names.get(str(row[0])), names.get(str(row[1])), lots[row[2]], row[3]] for row in rows]
