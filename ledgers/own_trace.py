"""What an enterprise's own books say of a lot: one step back and one step on, which the law asks of everybody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Sum
from django.db.models.functions import Substr

from accounts.models import Region
from accounts.scope import Scope
from catalog.models import Lot
from ledgers.models import LedgerEntry, LotLink, ProductionRun, StockBalance, StockPaperLine
from ledgers.models.entries import LedgerEntryQuerySet
from ledgers.services import with_aliases


def lots_in_books(scope: Scope) -> QuerySet[Lot]:
    """The lots that the enterprises of this scope bought, sold or made (Food Safety Law 51-53), or had from before."""
    traded = LedgerEntry.objects.visible_to(scope).filter(lot=OuterRef("pk"))
    stocked = StockBalance.objects.visible_to(scope).filter(lot=OuterRef("pk"))
    return cast("QuerySet[Lot]", Lot.objects.filter(Exists(traded) | Exists(stocked) | scope.as_q("producer")))


def own_trace(lot: Lot, scope: Scope) -> dict[str, Any]:
    """Where the lot came from, where it went, what of it was made into what, and how much the books say is left."""
    lots = with_aliases([lot])
    own = scope.as_q("enterprise")
    links = LotLink.objects.filter(enterprise__in=scope.enterprise_ids, run__in=ProductionRun.objects.in_force())
    return {
        "came": _in_force(LedgerEntry.objects.in_purchase_book(scope), lots),
        "went": _in_force(LedgerEntry.objects.in_sales_book(scope), lots),
        "sources": _lots(Lot.objects.filter(pk__in=links.filter(to_lot__in=lots).values("from_lot"))),
        "products": _lots(Lot.objects.filter(pk__in=links.filter(from_lot__in=lots).values("to_lot"))),
        "stock_lines": stock_lines(lots).filter(paper__enterprise__in=scope.enterprise_ids),
        "left": StockBalance.objects.filter(own, lot__in=lots).aggregate(Sum("quantity"))["quantity__sum"] or 0,
    }


def forward_view(lot: Lot) -> list[dict[str, Any]]:
    """For its maker: in which cities a lot is now, with how many enterprises and how much, the most first.

    No names: to whom its customers sell on is their business. Officers see the names (Food Safety Law 63: the maker
    recalls, everybody on the way is told by the platform).
    """
    left = StockBalance.objects.filter(lot__in=with_aliases([lot])).annotate(left=F("quantity") + F("disputed"))
    city = Substr("enterprise__region", 1, 4)
    rows = (
        left.filter(left__gt=0)
        .values(city=city)
        .annotate(quantity=Sum("left"), enterprises=Count("enterprise", distinct=True))
    )
    found = list(rows.order_by("-quantity", "city"))
    names = Region.objects.in_bulk({code[:n] for row in found if (code := row["city"]) for n in (2, 4)})
    return [{**row, "region": names.get(row["city"]) or names.get((row["city"] or "")[:2])} for row in found]


def stock_lines(lots: Iterable[int]) -> QuerySet[StockPaperLine]:
    """What stock papers in force say of these lots: where a chain begins, and where it ends; oldest first."""
    related = StockPaperLine.objects.in_force().filter(lot__in=lots).select_related("paper__enterprise", "lot__unit")
    return cast("QuerySet[StockPaperLine]", related.order_by("paper__happened_on", "pk"))


def _in_force(entries: LedgerEntryQuerySet, lots: set[int]) -> QuerySet[LedgerEntry]:
    related = entries.in_force().filter(lot__in=lots).select_related("seller", "buyer", "lot__unit", "invoice")
    return cast("QuerySet[LedgerEntry]", related.order_by("traded_on", "pk"))


def _lots(lots: QuerySet[Lot]) -> QuerySet[Lot]:
    return lots.select_related("product", "producer").distinct().order_by("produced_on", "code")
