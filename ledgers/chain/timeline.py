"""A chain in time: a row for each lot, from the day it was made to its last hand-over."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Lot
from ledgers.tracing import Movement

ROWS_MAX = 60  # more lots stand in one row for each kind of goods
LABEL, WIDTH, ROW, HEAD = 250, 1000, 30, 26
TICKS = 8


@dataclass(frozen=True)
class Mark:
    """What happened on one day: a diamond where the lot was made, a circle for hand-overs, larger for more."""

    x: float
    radius: float
    words: str
    is_made: bool = False


@dataclass(frozen=True)
class TimeRow:
    label: str
    y: int
    begins: float
    ends: float
    marks: Sequence[Mark]


@dataclass(frozen=True)
class Timeline:
    rows: Sequence[TimeRow]
    ticks: Sequence[tuple[float, date]]
    height: int
    width: int = WIDTH


def timeline(lots: Mapping[int, Lot], movements: Iterable[Movement]) -> Timeline:
    """Made and handed over, day by day, lot by lot; oldest above."""
    is_grouped = len(lots) > ROWS_MAX
    made: dict[str, set[date]] = defaultdict(set)
    given: dict[str, Counter[date]] = defaultdict(Counter)
    for lot in lots.values():
        made[_label(lot, is_grouped)] |= {lot.produced_on} if lot.produced_on else set()
    for move in movements:
        given[_label(lots[move.lot_id], is_grouped)][move.traded_on] += 1
    days = {name: sorted(made[name] | set(given[name])) for name in made}
    dated = sorted((name for name in days if days[name]), key=lambda name: (days[name][0], name))
    if not dated:
        return Timeline([], [], 0)
    first, last = min(days[name][0] for name in dated), max(days[name][-1] for name in dated)
    scale = _Scale(first, max(last, first + timedelta(days=1)))
    rows = [_row(n, name, days[name], made[name], given[name], scale) for n, name in enumerate(dated)]
    return Timeline(rows, scale.ticks(), HEAD + ROW * len(rows) + 8)


@dataclass(frozen=True)
class _Scale:
    first: date
    last: date

    def x(self, day: date) -> float:
        return round(LABEL + 20 + (WIDTH - LABEL - 40) * (day - self.first).days / (self.last - self.first).days, 1)

    def ticks(self) -> list[tuple[float, date]]:
        step = max((self.last - self.first).days // TICKS, 1)
        days = range(0, (self.last - self.first).days + 1, step)
        return [(self.x(self.first + timedelta(days=n)), self.first + timedelta(days=n)) for n in days]


def _label(lot: Lot, is_grouped: bool) -> str:
    return str(lot.product.name) if is_grouped else f"{lot.product.name} {lot.code}"


def _row(
    n: int, name: str, days: list[date], made: set[date], given: Counter[date], scale: _Scale
) -> TimeRow:  # fmt: skip
    marks = [Mark(scale.x(day), 6, f"{day} · {_('Made')}", is_made=True) for day in sorted(made)]
    for day, count in sorted(given.items()):
        words = ngettext("%(n)s hand-over", "%(n)s hand-overs", count) % {"n": count}
        marks.append(Mark(scale.x(day), round(min(3 + sqrt(count), 12), 1), f"{day} · {words}"))
    return TimeRow(name, HEAD + ROW * n, scale.x(days[0]), scale.x(days[-1]), marks)
