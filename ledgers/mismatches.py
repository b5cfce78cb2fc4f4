"""What the two sides of a delivery say differently of it."""

from __future__ import annotations

import datetime

from django.db.models import Exists, F, OuterRef

from ledgers.models import Invoice, InvoiceLine, LedgerEntry
from ledgers.models.papers import InvoiceQuerySet

DAYS_APART = 3


def not_agreed(papers: InvoiceQuerySet) -> InvoiceQuerySet:
    """Of these, the purchases whose active seller has not said yes to them, each with `counted_twice` where the seller
    has written the same delivery itself: what the two sides say of a delivery differs."""
    waits = LedgerEntry.objects.filter(invoice=OuterRef("pk"), needs_acknowledgement=True)
    span = datetime.timedelta(days=DAYS_APART)
    goods = InvoiceLine.objects.filter(invoice=OuterRef(OuterRef("pk"))).values("product")
    twin = Invoice.objects.in_force().filter(
        Exists(InvoiceLine.objects.filter(invoice=OuterRef("pk"), product__in=goods)),
        seller=OuterRef("seller"), buyer=OuterRef("buyer"), author=OuterRef("seller"), adjusts=None,
        kind=Invoice.Kind.SALE, traded_on__range=(OuterRef("traded_on") - span, OuterRef("traded_on") + span),
    )  # fmt: skip
    unsaid = papers.in_force().filter(Exists(waits), author=F("buyer"), adjusts=None, acknowledgement=None)
    return unsaid.annotate(counted_twice=Exists(twin))
