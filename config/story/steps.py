"""What happens in the story, before it is written: papers and production runs, by keys of the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from config.story.goods import Goods


@dataclass(frozen=True)
class Batch:
    """A lot that will exist once a step has spoken of it."""

    product: str
    code: str
    made_on: date
    expires_on: date
    is_generated: bool = False

    @classmethod
    def of(cls, product: str, code: str, made_on: date, goods: Mapping[str, Goods]) -> Batch:
        """A lot made on this day, which keeps as long as its product does."""
        expires_on = made_on + timedelta(days=goods[product].shelf_life_days)
        generated = bool(goods[product].product.self_code) and not goods[product].maker
        return cls(product, code, made_on, expires_on, generated)


@dataclass(frozen=True)
class Line:
    """Some of a lot: a quantity, of which each is `factor` base units (a case of 24 has the factor 24)."""

    batch: Batch
    quantity: int
    factor: int = 1


@dataclass(frozen=True)
class Paper:
    """An invoice to be; `then` says what becomes of it: nothing, draft, claim, agree (to a claim),
    reject, reverse or acknowledge.
    """

    day: date
    seller: str
    buyer: str
    author: str
    lines: tuple[Line, ...]
    then: str = ""
    reason: str = ""
    difference: int = 0


@dataclass(frozen=True)
class Run:
    """A production run to be; its outputs are released at once on the strength of `certificate`."""

    day: date
    plant: str
    inputs: tuple[Line, ...]
    outputs: tuple[Line, ...]
    certificate: str


Step = Paper | Run
