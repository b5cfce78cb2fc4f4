"""Which lots a sale or a run takes when nobody names them: from stock, the first to expire first."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from catalog.models import Lot
from ledgers.models import LotHold, StockBalance


class Shelf:
    """The lots of some goods in one enterprise that may be sold; what is taken for one line is gone for the next.

    With `to_use` they are those that may be worked on: what waits for its release only is not sold, but used.
    """

    def __init__(
        self, enterprise_id: int, products: Collection[int], *, to_use: bool = False, without: Collection[int] = ()
    ) -> None:
        self._left: dict[int, list[tuple[Lot, Decimal]]] = {}
        for balance in _good(enterprise_id, products, to_use=to_use).exclude(lot__in=without):
            product = balance.lot.product
            self._left.setdefault(product.merged_into_id or product.pk, []).append((balance.lot, balance.quantity))

    def take(self, product: int, quantity: Decimal, *, factor: Decimal = Decimal(1)) -> Iterator[tuple[Lot, Decimal]]:
        """Lots and how much of each, in units of `factor` base units each, until the quantity is met or nothing is
        left; a lot gives whole units only."""
        lots = self._left.get(product, [])
        for at, (lot, left) in enumerate(lots):
            taken = min(quantity, left / factor if factor == 1 else left // factor)
            if taken > 0:
                lots[at] = lot, left - taken * factor
                quantity -= taken
                yield lot, taken


def _good(enterprise_id: int, products: Collection[int], *, to_use: bool) -> QuerySet[StockBalance]:
    good = Q(lot__expires_on=None) | Q(lot__expires_on__gte=timezone.localdate())
    held = LotHold.objects.filter(lot=OuterRef("lot"), released_at=None)
    if to_use:
        held = held.filter(cause=LotHold.Cause.AUTHORITY)
    balances = StockBalance.objects.of_goods(products).filter(good, enterprise=enterprise_id, quantity__gt=0)
    return balances.exclude(Exists(held)).select_related("lot__product")
