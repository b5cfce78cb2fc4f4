"""Which lots lack a paper that their goods must have."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from certificates.evidence import lacking
from ledgers.models import LedgerEntry


def gaps(rows: QuerySet[Any, Any], *, days: int) -> QuerySet[Any, Any]:
    """Of these balances those whose lot lacks a paper and is in stock, or was traded in the last `days`."""
    since = timezone.localdate() - timedelta(days=days)
    lately = LedgerEntry.objects.in_force().filter(lot=OuterRef("lot"), traded_on__gte=since)
    traded = Exists(lately.filter(seller=OuterRef("enterprise"))) | Exists(lately.filter(buyer=OuterRef("enterprise")))
    return rows.filter(lacking("lot__product", "lot__code_key")).filter(Q(quantity__gt=0) | traded)
