"""What is watched: an upper app says here how it finds the cause of an alert, and in what words it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from laws.parameters import Clock


@dataclass(frozen=True)
class Link:
    """Where an alert is settled: the name of an address, its arguments, and what follows the question mark."""

    name: str
    args: Sequence[int | str] = ()
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fact:
    """A cause as it stands now. Rule, `subject` and `period` make it one; the same again is the same alert.

    `facts` fill the rule's sentence: JSON values; a key that ends in `_on` is a day (ISO 8601), one that ends in `_zh`
    or `_en` stands in the sentence without its ending, for readers of that language. `due_at` is when it should be
    settled; at `lapses_at` it is over by itself.
    """

    subject: str
    enterprise_id: int
    facts: Mapping[str, Any]
    link: Link
    period: str = ""
    due_at: datetime | None = None
    lapses_at: datetime | None = None


@dataclass(frozen=True)
class Look:
    """One look for a cause: at what moment, by what numbers of the law, and at which subjects; None is at all."""

    now: datetime
    limit: Clock
    keep: Clock
    only: Sequence[str] | None = None

    def among(self, rows: QuerySet[Any], by: str = "pk") -> QuerySet[Any]:
        """Of these rows the ones that are asked about, where the field `by` is the subject."""
        return rows if self.only is None else rows.filter(**{f"{by}__in": [int(subject) for subject in self.only]})


@dataclass(frozen=True)
class Watch:
    """A rule in code. Whom it tells, how urgent it is, and its numbers stand in the `AlertRule` of the same key.

    `sentence` takes the facts by name, from gettext_lazy or, with `n` among the facts, ngettext_lazy.
    """

    key: str
    title: Any
    sentence: Any
    button: Any
    find: Callable[[Look], Iterable[Fact]]


watches: dict[str, Watch] = {}


def watch(*rules: Watch) -> None:
    """Make these rules known; belongs in `AppConfig.ready()`."""
    watches.update({rule.key: rule for rule in rules})
