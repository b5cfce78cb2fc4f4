"""What became of everything that was made: the balance of lots across their whole chain, to the last bag."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from ledgers.chain import sql

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Balance:
    """Made + imported = in stock + sold to consumers + used + written off + unexplained, in the lots' unit.

    Imported is what came from outside of the books: opening stock, and what outside firms, farmers and the maker
    itself gave on without a paper of how they had it. In stock is what the books say, with firms outside of the
    platform as delivered to them. Used is what went into other goods or was used by its owner.
    """

    made: Decimal = NOTHING
    imported: Decimal = NOTHING
    in_stock: Decimal = NOTHING
    sold_to_consumers: Decimal = NOTHING
    used: Decimal = NOTHING
    written_off: Decimal = NOTHING
    unexplained: Decimal = NOTHING

    def __add__(self, other: Balance) -> Balance:
        return Balance(*(getattr(self, part.name) + getattr(other, part.name) for part in fields(self)))

    @property
    def came(self) -> Decimal:
        """Everything there ever was."""
        return self.made + self.imported

    @property
    def percent_unexplained(self) -> Decimal:
        """Of everything there ever was; 0 where there was nothing."""
        return abs(self.unexplained) * 100 / self.came if self.came else NOTHING


class Unexplained(NamedTuple):
    """A quantity whose way nobody can tell, and with whom; below zero is more than ever came in."""

    enterprise_id: int
    lot_id: int
    quantity: Decimal
    why: str  # "missing", "found", "oversold", "not_acknowledged"


@dataclass(frozen=True)
class ChainBalance:
    """The balances of lots, by lot and by lot and place, and what is unexplained in them."""

    places: dict[tuple[int, int], Balance]  # by (lot, enterprise)
    unexplained: list[Unexplained]

    def by_lot(self) -> dict[int, Balance]:
        """The whole balance of each lot."""
        whole: dict[int, Balance] = defaultdict(Balance)
        for (lot, _place), balance in self.places.items():
            whole[lot] += balance
        return dict(whole)

    def of(self, lots: Collection[int], enterprises: Collection[int] | None = None) -> Balance:
        """The balance of some lots, which must be counted in one unit, wherever they are or with these enterprises."""
        return _sum(
            balance
            for (lot, place), balance in self.places.items()
            if lot in lots and (enterprises is None or place in enterprises)
        )


def balance_of_chain(lots: Iterable[int]) -> ChainBalance:
    """What became of these lots, by the books as they stand; one statement."""
    places: dict[tuple[int, int], Balance] = {}
    unexplained: list[Unexplained] = []
    with connection.cursor() as cursor:
        cursor.execute(sql.PARTS_OF_BALANCE, {"lots": list(lots)})
        for lot, place, *amounts, begins_here in cursor.fetchall():
            made, opened, found, consumers, used, written_off, missing, stock, not_acknowledged = amounts
            short = max(-stock, NOTHING)
            open_ends = {
                "missing": missing, "found": -found, "not_acknowledged": -not_acknowledged,
                "oversold": NOTHING if begins_here else -short,
            }  # fmt: skip
            unexplained += [Unexplained(place, lot, amount, why) for why, amount in open_ends.items() if amount]
            imported = opened + (short if begins_here else NOTHING)
            in_stock = max(stock, NOTHING)
            open_end = sum(open_ends.values(), NOTHING)
            places[lot, place] = Balance(made, imported, in_stock, consumers, used, written_off, open_end)
    return ChainBalance(places, sorted(unexplained, key=lambda row: (-abs(row.quantity), row.lot_id)))


def _sum(balances: Iterable[Balance]) -> Balance:
    return sum(balances, Balance())
