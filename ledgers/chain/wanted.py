"""What somebody wants to see of a lot's chain: all of it or from one place, in time or not, now or as of a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Lot
from enterprises.models import Enterprise
from ledgers.chain.as_of import downstream_as_of, upstream_as_of
from ledgers.tracing import Movement, Trace, downstream, upstream
from ledgers.typed import TypedDateField


@dataclass(frozen=True)
class Wanted:
    """`at`: only this enterprise's part. `in_time`: only what left after it arrived. `on`: as it was at the end of that
    day, with `as_known` only from what was written by then. `fault` says what could not be understood."""

    at: Enterprise | None = None
    in_time: bool = False
    on: date | None = None
    as_known: bool = False
    fault: str = ""

    @classmethod
    def read(cls, typed: Mapping[str, str]) -> Wanted:
        """What an address asks for; what makes no sense is left out, and said."""
        at, on, fault = None, None, ""
        if number := typed.get("at", ""):
            known = number.isdecimal() and len(number) < 18
            at = Enterprise.objects.filter(pk=int(number)).first() if known else None
            fault = fault if at else _("This enterprise is not known; the whole chain is shown.")
        if day := typed.get("on", "").replace("\0", "").strip():
            on, wrong = _day(day)
            fault = wrong or fault
        if on:
            return cls(on=on, as_known=bool(typed.get("known")), fault=fault)
        return cls(at=at, in_time=bool(typed.get("in_time")), fault=fault)

    @property
    def query(self) -> str:
        """The same for a link, to be followed by more."""
        named = {
            "at": self.at and self.at.pk, "in_time": self.in_time and 1, "on": self.on, "known": self.as_known and 1
        }  # fmt: skip
        return urlencode({name: value for name, value in named.items() if value})

    def chain(self, lot: Lot) -> Chain:
        """Both directions of `lot` as wanted."""
        if self.on:
            known = {"as_known": self.as_known}
            return Chain(downstream_as_of(lot, self.on, **known), upstream_as_of(lot, self.on, **known))
        down = downstream(lot, enterprise=self.at, in_time=self.in_time)
        return Chain(down, upstream(lot, enterprise=self.at, in_time=self.in_time), is_part=self.at is not None)


@dataclass(frozen=True)
class Chain:
    """The two directions of a lot. Of the whole lot they share what happened to it; of a part (`is_part`) they do not:
    one has what came to the place, the other what left from there."""

    down: Trace
    up: Trace
    is_part: bool = False

    @cached_property
    def forward(self) -> set[int]:
        """The lot and what was made of it."""
        return set(self.down.lots)

    @cached_property
    def lots(self) -> list[int]:
        """Every lot of the chain, once."""
        return list(dict.fromkeys([*self.down.lots, *self.up.lots]))

    @cached_property
    def movements(self) -> list[Movement]:
        """Every hand-over once, oldest first."""
        ahead = set(self.down.movements)
        behind = (
            move
            for move in self.up.movements
            if move not in ahead and (self.is_part or move.lot_id not in self.forward)
        )
        return sorted([*self.down.movements, *behind], key=lambda move: (move.traded_on, move.lot_id))


def _day(text: str) -> tuple[date | None, str]:
    try:
        day = TypedDateField().to_python(text)
    except ValidationError:
        return None, _("“%(day)s” is no day. Write it as 2026-01-31.") % {"day": text[:20]}
    if day and day > timezone.localdate():
        return None, _("This day has not come yet; the chain is shown as it is today.")
    return day, ""
