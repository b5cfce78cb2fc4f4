"""The lots an enterprise has had, under the names a clerk types or scans for them."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import count

from django.db.models import Q
from django.utils import timezone

from catalog.models import Lot, lot_key
from enterprises.models import Enterprise
from ledgers.models import RunOutput, StockBalance

CHOICES_MAX = 2_000
SEPARATOR = " · "


def names_of(lot: Lot) -> tuple[str, str, str]:
    """The lot number, with the goods behind it, and with what tells even those apart."""
    named = f"{lot.code}{SEPARATOR}{lot.product}"
    return lot.code, named, f"{named}{SEPARATOR}{lot.pk}"


def lots_to_use(enterprise: Enterprise) -> list[tuple[str, StockBalance]]:
    """What is in stock and still good, the first to expire in front, each under its shortest unmistakable name."""
    good = Q(lot__expires_on=None) | Q(lot__expires_on__gte=timezone.localdate())
    balances = StockBalance.objects.filter(good, enterprise=enterprise, quantity__gt=0)
    related = balances.select_related("lot__product", "lot__unit")
    chosen = list(related.order_by("lot__expires_on", "lot_id")[:CHOICES_MAX])
    seen = Counter(lot_key(name) for balance in chosen for name in names_of(balance.lot))
    return [(next(n for n in names_of(balance.lot) if seen[lot_key(n)] == 1), balance) for balance in chosen]


def lots_called(texts: Iterable[str], *, enterprise: Enterprise) -> dict[str, list[StockBalance]]:
    """For every text the balances it may mean, in one query; those in stock go before those used up."""
    keys = {lot_key(part) for text in texts for part in (text, text.split(SEPARATOR)[0])}
    balances = StockBalance.objects.filter(enterprise=enterprise, lot__code_key__in=keys)
    known = list(balances.select_related("lot__product", "lot__unit").order_by("lot_id"))
    return {text: _meant(text, known) for text in texts}


def _meant(text: str, balances: Iterable[StockBalance]) -> list[StockBalance]:
    found = [balance for balance in balances if lot_key(text) in map(lot_key, names_of(balance.lot))]
    return [balance for balance in found if balance.quantity > 0] or found


def shortest_names(lots: Collection[Lot], *, enterprise: Enterprise) -> dict[int, str]:
    """By the key of each lot the shortest text that `lots_called` takes for this lot alone."""
    called = lots_called([name for lot in lots for name in names_of(lot)], enterprise=enterprise)
    means = {name: [balance.lot_id for balance in balances] for name, balances in called.items()}
    return {lot.pk: next((name for name in names_of(lot) if means[name] == [lot.pk]), lot.code) for lot in lots}


def free_lot_numbers(enterprise: Enterprise, day: datetime.date, *, run_id: int | None) -> Iterator[str]:
    """Numbers for what is made on this day: the day and two digits, without those of its lots and of other runs."""
    prefix = f"{day:%Y%m%d}"
    made = Lot.objects.filter(producer=enterprise, code_key__startswith=prefix).values_list("code", flat=True)
    others = RunOutput.objects.filter(run__enterprise=enterprise, lot_code__startswith=prefix).exclude(run=run_id)
    taken = {lot_key(code) for code in (*made, *others.values_list("lot_code", flat=True))}
    return (number for n in count(1) if (number := f"{prefix}{n:02d}") not in taken)
