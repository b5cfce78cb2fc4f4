"""What is in stock today, what of it needs somebody's eye, and how far the books can be trusted."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from enterprises.models import Enterprise, EnterpriseRole
from laws.parameters import in_force
from ledgers.models import StockBalance, StockPaperLine
from ledgers.models.lots import StockBalanceQuerySet

EXPIRING = "stock.expiring"
EXPIRED_MAX = 100
TO_CONSUMERS = {EnterpriseRole.RETAILER, EnterpriseRole.CATERER}


def stock_today(balances: StockBalanceQuerySet) -> StockBalanceQuerySet:
    """What of these is in stock, each with its `state` today; how soon is soon the rule `stock.expiring` says."""
    days = int(in_force(EXPIRING).value)
    return balances.in_stock().with_state(timezone.localdate(), expiring_within=days)


def sells_to_consumers(enterprise: Enterprise) -> bool:
    """Whether it is a shop or a kitchen: it need not write down its sales, and what is missing counts as sold."""
    return bool(TO_CONSUMERS.intersection(enterprise.roles))


def with_last_count(balances: StockBalanceQuerySet) -> StockBalanceQuerySet:
    """Each with `counted_on`, the day on which its lot was last counted."""
    counts = StockPaperLine.objects.counts().filter(lot=OuterRef("lot"), paper__enterprise=OuterRef("enterprise"))
    latest = counts.order_by("-paper__happened_on").values("paper__happened_on")[:1]
    return balances.annotate(counted_on=Subquery(latest))


def stock_page(enterprise: Enterprise) -> dict[str, Any]:
    """What stands above an enterprise's stock: what has expired and must go, and whether it was ever counted."""
    balances = StockBalance.objects.filter(enterprise=enterprise)
    expired = balances.filter(quantity__gt=0, lot__expires_on__lt=timezone.localdate()).order_by("lot__expires_on")
    counted = StockPaperLine.objects.counts().filter(paper__enterprise=enterprise).exists()
    return {
        "expired": list(expired.values_list("pk", flat=True)[:EXPIRED_MAX]),
        "is_upper_limit": sells_to_consumers(enterprise) and not counted,
    }
