"""From whom an enterprise has bought lately, as its books tell it: what an officer asks at the counter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Max
from django.utils import timezone

from certificates.partner_marks import Mark, food_licences
from enterprises.models import Enterprise
from ledgers.models import Invoice

DAYS, SHOWN = 180, 30


@dataclass(frozen=True)
class BoughtFrom:
    """One supplier: how many papers, the last day, and how its food licence stands."""

    enterprise: Enterprise
    papers: int
    last: date
    licence: Mark | None


def suppliers_of(enterprise: Enterprise) -> list[BoughtFrom]:
    """The suppliers of the last DAYS days, the latest first, in three statements; a farmer needs no licence."""
    since = timezone.localdate() - timedelta(days=DAYS)
    bought = Invoice.objects.in_force().filter(buyer=enterprise, traded_on__gte=since, kind=Invoice.Kind.SALE)
    rows = bought.order_by().values("seller").annotate(papers=Count("pk"), last=Max("traded_on"))
    latest = list(rows.order_by("-last", "seller")[:SHOWN])
    sellers = Enterprise.objects.in_bulk([row["seller"] for row in latest])
    marks = food_licences(row for row in sellers.values() if not row.is_person)
    return [BoughtFrom(sellers[row["seller"]], row["papers"], row["last"], marks.get(row["seller"])) for row in latest]
