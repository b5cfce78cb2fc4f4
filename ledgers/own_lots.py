"""The lots an enterprise has had, under the names a clerk types or scans for them."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import count
from typing import Any, Protocol

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from catalog.models import Lot, Product, lot_key
from catalog.scans import Scan, gs1_scan
from enterprises.models import Enterprise
from ledgers.models import RunOutput, StockBalance

CHOICES_MAX = 2_000
SEPARATOR = " · "


class Named(Protocol):
    """Goods and a lot number, as a line has them before it has a lot."""

    @property
    def product(self) -> Product: ...
    @property
    def lot_code(self) -> str: ...


def names_of(lot: Lot) -> tuple[str, str, str]:
    """The lot number, with the goods behind it, and with what tells even those apart."""
    named = f"{lot.code}{SEPARATOR}{lot.product}"
    return lot.code, named, f"{named}{SEPARATOR}{lot.pk}"


def lots_to_use(enterprise: Enterprise) -> list[tuple[str, StockBalance]]:
    """What is in stock and still good, the first to expire in front, each under its shortest unmistakable name."""
    good = Q(lot__expires_on=None) | Q(lot__expires_on__gte=timezone.localdate())
    return named(_first_to_expire(StockBalance.objects.filter(good, enterprise=enterprise, quantity__gt=0)))


def lots_there(enterprise: Enterprise) -> list[tuple[str, StockBalance]]:
    """What is in stock, expired or not, in the same order under the same names."""
    return named(_first_to_expire(StockBalance.objects.filter(enterprise=enterprise, quantity__gt=0)))


def lots_to_count(enterprise: Enterprise, *, goods: str, at_most: int) -> list[StockBalance]:
    """What the books say is there or is short, of goods or lots whose name holds `goods`."""
    balances = StockBalance.objects.filter(enterprise=enterprise).exclude(quantity=0)
    if goods:
        balances = balances.filter(Q(lot__product__name__icontains=goods) | Q(lot__code__icontains=goods))
    related = balances.select_related("lot__product", "lot__unit")
    return list(related.order_by("lot__product__name_pinyin", "lot__expires_on", "lot_id")[:at_most])


def _first_to_expire(balances: QuerySet[StockBalance]) -> list[StockBalance]:
    related = balances.select_related("lot__product", "lot__unit")
    return list(related.order_by("lot__expires_on", "lot_id")[:CHOICES_MAX])


def named(balances: Collection[StockBalance]) -> list[tuple[str, StockBalance]]:
    """Each under the shortest name that means none of the others."""
    seen = Counter(lot_key(name) for balance in balances for name in names_of(balance.lot))
    return [(next(n for n in names_of(balance.lot) if seen[lot_key(n)] == 1), balance) for balance in balances]


def lots_known(lines: Collection[Named], *, enterprise: Enterprise) -> dict[tuple[int, str], int]:
    """By product and code the lot in the books of `enterprise`, that with the most left where there are two.

    Without this a sale of what one made oneself, or bought from whoever made it, would begin another lot where the
    catalogue names no maker, or another one; and no hold would stop it.
    """
    codes, products = {lot_key(line.lot_code) for line in lines}, {line.product.pk for line in lines}
    balances = StockBalance.objects.of_goods(products).filter(enterprise=enterprise, lot__code_key__in=codes)
    goods = Coalesce("lot__product__merged_into", "lot__product")
    rows = balances.order_by("quantity", "lot").values_list(goods, "lot__code_key", "lot")
    return {(product, key): lot for product, key, lot in rows}


def lots_called(texts: Iterable[str], *, enterprise: Enterprise) -> dict[str, list[StockBalance]]:
    """For every text the balances it may mean, in one query; those in stock go before those used up.

    A GS1 code means the lot of its number of the goods with its barcode.
    """
    parts = [(text, text.split(SEPARATOR)[0], getattr(gs1_scan(text), "lot", text)) for text in texts]
    keys = {lot_key(part) for names in parts for part in names}
    balances = StockBalance.objects.filter(enterprise=enterprise, lot__code_key__in=keys)
    known = list(balances.select_related("lot__product", "lot__unit").order_by("lot_id"))
    return {text: _meant(text, known) for text in texts}


def _meant(text: str, balances: Iterable[StockBalance]) -> list[StockBalance]:
    if scan := gs1_scan(text):
        found = [balance for balance in balances if _is_scanned(balance.lot, scan)]
    else:
        found = [balance for balance in balances if lot_key(text) in map(lot_key, names_of(balance.lot))]
    return [balance for balance in found if balance.quantity > 0] or found


def _is_scanned(lot: Lot, scan: Scan) -> bool:
    return lot.code_key == lot_key(scan.lot) and lot.product.codes.filter(gtin=scan.gtin).exists()


def shortest_names(lots: Collection[Lot], *, enterprise: Enterprise) -> dict[int, str]:
    """By the key of each lot the shortest text that `lots_called` takes for this lot alone."""
    called = lots_called([name for lot in lots for name in names_of(lot)], enterprise=enterprise)
    means = {name: [balance.lot_id for balance in balances] for name, balances in called.items()}
    return {lot.pk: next((name for name in names_of(lot) if means[name] == [lot.pk]), lot.code) for lot in lots}


def missing_of(lots: Any, *, enterprise_id: int | None) -> str:
    """Of which of these lots the books have less than nothing, and how much less; empty where of none."""
    short = StockBalance.objects.filter(enterprise=enterprise_id, lot__in=lots, quantity__lt=0)
    rows = short.select_related("lot__unit").order_by("lot")
    return "、".join(f"{row.lot.code}: {-row.quantity.normalize():f} {row.lot.unit}" for row in rows)


def free_lot_numbers(enterprise: Enterprise, day: datetime.date, *, run_id: int | None) -> Iterator[str]:
    """Numbers for what is made on this day: the day and two digits, without those of its lots and of other runs."""
    prefix = f"{day:%Y%m%d}"
    made = Lot.objects.filter(producer=enterprise, code_key__startswith=prefix).values_list("code", flat=True)
    others = RunOutput.objects.filter(run__enterprise=enterprise, lot_code__startswith=prefix).exclude(run=run_id)
    taken = {lot_key(code) for code in (*made, *others.values_list("lot_code", flat=True))}
    return (number for n in count(1) if (number := f"{prefix}{n:02d}") not in taken)
