"""What is in stock today, and what of it needs somebody's eye."""

from __future__ import annotations

from django.utils import timezone

from enterprises.models import Enterprise, EnterpriseRole
from laws.parameters import in_force
from ledgers.models.lots import StockBalanceQuerySet

EXPIRING = "stock.expiring"
TO_CONSUMERS = {EnterpriseRole.RETAILER, EnterpriseRole.CATERER}


def stock_today(balances: StockBalanceQuerySet) -> StockBalanceQuerySet:
    """What of these is in stock, each with its `state` today; how soon is soon the rule `stock.expiring` says."""
    days = int(in_force(EXPIRING).value)
    return balances.in_stock().with_state(timezone.localdate(), expiring_within=days)


def sells_to_consumers(enterprise: Enterprise) -> bool:
    """Whether it is a shop or a kitchen: it need not write down its sales, and what is missing counts as sold."""
    return bool(TO_CONSUMERS.intersection(enterprise.roles))
