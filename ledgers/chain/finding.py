"""What one box of text may mean to somebody who traces: lots, papers, enterprises."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet

from accounts.scope import Scope
from catalog.models import Lot, Product
from catalog.scans import gs1_scan
from catalog.search import matching
from enterprises.models import Enterprise
from ledgers.models import Invoice, LedgerEntry
from ledgers.own_trace import lots_in_books
from ledgers.typed import TypedDateField

ENTERPRISES_MAX = 30


@dataclass(frozen=True)
class Found:
    """`lots` are newest first; `papers` with the lots on them; enterprises are offered to officers only."""

    lots: QuerySet[Lot]
    papers: list[tuple[Invoice, list[Lot]]]
    enterprises: list[Enterprise]
    has_more_enterprises: bool = False


def lots_to_trace(scope: Scope, *, all_of_them: bool) -> QuerySet[Lot]:
    """The lots one may ask for: every lot for who traces whole chains, else those in the own books."""
    return Lot.objects.visible_to(scope) if all_of_them else lots_in_books(scope)


def find(text: str, scope: Scope, *, all_of_them: bool) -> Found:
    """Everything that `text` may mean: barcode, scanned code, name, lot number, day, number of a paper, enterprise."""
    text = text.replace("\0", "")[:200].strip()
    lots = lots_to_trace(scope, all_of_them=all_of_them)
    papers = Invoice.objects.confirmed().filter(number__iexact=text)
    if not all_of_them:
        papers = papers.visible_to(scope)
    enterprises = _enterprises(text) if all_of_them else []
    return Found(
        lots_meant(text, lots), [(paper, _lots_on(paper)) for paper in papers], enterprises[:ENTERPRISES_MAX],
        len(enterprises) > ENTERPRISES_MAX,
    )  # fmt: skip


def lots_meant(text: str, lots: QuerySet[Lot]) -> QuerySet[Lot]:
    """The lots that a text means: as one name or number, or some words of it for the goods and one for the lot."""
    scan = gs1_scan(text)
    if scan and scan.gtin and scan.lot:
        return find_lots(scan.gtin, scan.lot, lots)
    whole = find_lots(text, "", lots) | find_lots("", text, lots)
    words = text.split()
    for n, word in enumerate(words) if 1 < len(words) <= 6 else ():
        whole |= find_lots(" ".join([*words[:n], *words[n + 1 :]]), word, lots)
    return whole.distinct()


def find_lots(goods: str, lot: str, lots: QuerySet[Lot]) -> QuerySet[Lot]:
    """The lots of the goods called `goods` whose number holds `lot`, or that were made on the day `lot` says."""
    lots = lots.select_related("product", "producer", "unit").order_by("-produced_on", "-pk")
    if goods:
        lots = lots.filter(product__in=matching(goods, Product.objects.all()).order_by().values("pk"))
    if lot:
        day = _day(lot)
        lots = lots.filter(Q(code__icontains=lot) | (Q(produced_on=day) if day else Q(pk__in=[])))
    return lots


def _enterprises(text: str) -> list[Enterprise]:
    """Firms by name, initials or number; natural persons are found by nobody but who keeps them."""
    named = Q(name__icontains=text) | Q(name_initials__startswith=text.lower())
    by_number = Enterprise.objects.by_number(text).values("pk")
    rows = Enterprise.objects.in_registry().filter(named | Q(pk__in=by_number), is_person=False)
    firms_first = F("headquarters").asc(nulls_first=True)
    found = rows.select_related("region").order_by(firms_first, "name_pinyin", "pk")
    return list(found[: ENTERPRISES_MAX + 1]) if text else []


def _lots_on(paper: Invoice) -> list[Lot]:
    entries: Any = LedgerEntry.objects.filter(invoice=paper).values("lot")
    return list(Lot.objects.filter(pk__in=entries).select_related("product", "producer", "unit").order_by("pk"))


def _day(text: str) -> datetime.date | None:
    try:
        return TypedDateField().to_python(text)
    except ValidationError:
        return None
