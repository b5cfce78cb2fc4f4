"""Whether what came out of a run can have come from what went in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from catalog.models import Lot, Product, Unit
from laws.parameters import in_force

TOLERANCE = "stock.balance_tolerance"

Amounts = Iterable[tuple[Decimal, Unit]]


@dataclass(frozen=True)
class MassBalance:
    """How much went in and came out, in one unit; `tolerance` is the difference in percent that needs no word."""

    used: Decimal
    made: Decimal
    unit: Unit
    tolerance: Decimal

    @property
    def percent(self) -> Decimal:
        """What came out, in percent of what went in."""
        return (self.made * 100 / self.used).quantize(Decimal("0.1"))

    @property
    def needs_a_note(self) -> bool:
        return abs(self.made - self.used) * 100 > self.tolerance * self.used


def mass_balance(used: Amounts, made: Amounts) -> MassBalance | None:
    """The balance of a run, or None where its lots are counted in different units: those are never summed."""
    used, made = list(used), list(made)
    units = {unit for _quantity, unit in (*used, *made)}
    if len(units) != 1 or not used or not made:
        return None
    return MassBalance(_sum(used), _sum(made), units.pop(), in_force(TOLERANCE).value)


def balance_of(used: Iterable[tuple[Lot, Decimal]], made: Iterable[tuple[Product, Decimal]]) -> MassBalance | None:
    """The balance of lots that went in and goods that came out."""
    return mass_balance(
        [(quantity, lot.unit) for lot, quantity in used], [(quantity, product.unit) for product, quantity in made]
    )


def _sum(amounts: Amounts) -> Decimal:
    return sum((quantity for quantity, _unit in amounts), Decimal(0))
