"""Two ways to the same end, taken in turns: what is written down is the median of each and their ratio."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Measure:
    """Our figure, the reference's figure of the same run, both in `unit`, and their ratio.

    The ratio is ours to the reference; of a name that begins with times_faster it is the other way round.
    """

    name: str
    ours: float
    reference: float
    unit: str

    @property
    def ratio(self) -> float:
        ratio = self.ours / self.reference
        return 1 / ratio if self.name.startswith("times_faster") else ratio

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "ours": round(self.ours, 3),
            "reference": round(self.reference, 3),
            "ratio": round(self.ratio, 3),
            "unit": self.unit,
        }


@dataclass(frozen=True)
class Report:
    """What a bench found: its measures, facts beside them, and sentences for the reader."""

    bench: str
    measures: list[Measure]
    facts: dict[str, object]
    notes: list[str]

    def as_json(self) -> dict[str, object]:
        measures = [measure.as_json() for measure in self.measures]
        return {
            "bench": self.bench,
            "measures": measures,
            **self.facts,
            **({"notes": self.notes} if self.notes else {}),
        }


def in_turns(*ways: Callable[[], float], rounds: int) -> list[float]:
    """The median of each of `ways`, taken one after the other in `rounds` rounds, so that all meet the same weather."""
    found = [[way() for way in ways] for _ in range(rounds)]
    return [median(figures) for figures in zip(*found, strict=True)]


def milliseconds(step: Callable[[], object]) -> float:
    """How long one call of `step` takes."""
    started = time.perf_counter()
    step()
    return (time.perf_counter() - started) * 1000
