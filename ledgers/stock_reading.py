"""A stock paper as far as it makes sense: its head, its rows, and a sentence for everything that does not."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal

from catalog.models import Lot, Product
from ledgers.models import StockBalance


@dataclass(frozen=True)
class StockRow:
    """One lot of a stock paper; `quantity` is how much more there is of it afterwards, in the lot's unit."""

    product: Product
    lot: Lot | None
    lot_code: str
    quantity: Decimal
    counted: Decimal | None = None
    booked: Decimal | None = None
    lot_is_generated: bool = False
    produced_on: datetime.date | None = None
    expires_on: datetime.date | None = None
    supplier: str = ""
    is_new_here: bool = False


@dataclass
class StockReading:
    """A stock paper as far as it makes sense: rows by their number from 0, a sentence for every field that does not,
    and the balance that each row speaks of."""

    happened_on: datetime.date | None = None
    note: str = ""
    method: str = ""
    witness: str = ""
    rows: dict[int, StockRow] = field(default_factory=dict)
    balances: dict[int, StockBalance] = field(default_factory=dict)
    head_errors: dict[str, str] = field(default_factory=dict)
    row_errors: dict[int, dict[str, str]] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        return not self.problems and bool(self.rows)

    @property
    def problems(self) -> int:
        """How many fields need somebody."""
        return len(self.head_errors) + sum(map(len, self.row_errors.values()))
