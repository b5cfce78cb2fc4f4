"""What an officer at the counter asks of one enterprise: its licences, what it bought and sold lately, what is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from certificates.models import Licence
from certificates.registers import state_column
from enterprises.models import Enterprise
from ledgers.models import Invoice, LedgerEntry, Receipt, StockBalance, StockState, purchases_of, sales_of
from ledgers.stock import stock_today

LAST_LINES = 20
PERIODS = ((0, _("Today")), (6, _("7 days")), (29, _("30 days")))  # days before today that they reach back
WATCHED = (StockState.EXPIRED, StockState.EXPIRING, StockState.OVERSOLD)
RELATED = ("lot__unit", "line", "invoice", "seller", "buyer", "reversed_by")


@dataclass(frozen=True)
class Period:
    """What one enterprise's books hold from `since` to today."""

    words: Any
    since: date
    purchases: int
    sales: int
    papers: int


def book_of(enterprise: Enterprise, scope: Scope) -> dict[str, Any]:
    """The page of one enterprise's book, in a number of statements that does not grow with the book."""
    receipts, stock = Receipt.objects.visible_to(scope), _stock(enterprise)
    return {
        "licences": licences_of(enterprise), "licence_state": state_column,
        "periods": _periods(enterprise, scope, timezone.localdate()),
        "waiting": _of_either_side(receipts.waiting(), enterprise),
        "claimed": _of_either_side(receipts.claimed(), enterprise),
        "in_stock": sum(stock.values()),
        "stock": [{"state": state.value, "words": state.label, "count": stock.get(state, 0)} for state in WATCHED],
        "books": [
            {"words": _("Last purchases"), "list": "ledgers:purchases-list", "entries": _last(purchases_of(enterprise)),
             "other": "seller", "detail": "ledgers:purchases-detail", "whole": _("The whole purchase ledger")},
            {"words": _("Last sales"), "list": "ledgers:sales-list", "entries": _last(sales_of(enterprise)),
             "other": "buyer", "detail": "ledgers:sales-detail", "whole": _("The whole sales ledger")},
        ],
        "places": Enterprise.objects.visible_to(scope).filter(
            Q(headquarters=enterprise, merged_into=None) | Q(merged_into=enterprise)
        ),
    }  # fmt: skip


def licences_of(enterprise: Enterprise) -> QuerySet[Licence]:
    """The place's own licences and those of its headquarters, which serve all its places."""
    rows = Licence.objects.standing().current().filter(holder__in=[enterprise.pk, enterprise.firm.pk])
    return rows.select_related("kind")


def _periods(enterprise: Enterprise, scope: Scope, today: date) -> list[Period]:
    papers = Invoice.objects.visible_to(scope).filter(Q(seller=enterprise) | Q(buyer=enterprise))
    counted = [_per_period(rows, today) for rows in (purchases_of(enterprise), sales_of(enterprise), papers)]
    return [
        Period(words, today - timedelta(days=days), *(counts[f"last_{days}"] for counts in counted))
        for days, words in PERIODS
    ]


def _per_period(rows: QuerySet[Any], today: date) -> dict[str, int]:
    """How many rows each period has, in one statement."""
    firsts = {f"last_{days}": today - timedelta(days=days) for days, _words in PERIODS}
    recent = rows.filter(traded_on__gte=min(firsts.values())).order_by()
    return recent.aggregate(**{name: Count("pk", filter=Q(traded_on__gte=first)) for name, first in firsts.items()})


def _of_either_side(receipts: QuerySet[Any], enterprise: Enterprise) -> int:
    """Two counts, each by its own index: as buyer and as seller."""
    return receipts.filter(buyer=enterprise).count() + receipts.filter(invoice__seller=enterprise).count()


def _stock(enterprise: Enterprise) -> dict[str, int]:
    """How many lots are in each state today."""
    rows = stock_today(StockBalance.objects.filter(enterprise=enterprise))
    return dict(rows.values_list("state").annotate(Count("pk")).order_by())


def _last(entries: QuerySet[LedgerEntry]) -> QuerySet[LedgerEntry]:
    return entries.select_related(*RELATED)[:LAST_LINES]
