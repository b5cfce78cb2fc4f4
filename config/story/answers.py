"""What buyers said to deliveries: most accepted, one in twelve by silence, the last two days' still to be answered."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import User
from config.story.steps import Paper
from ledgers.models import Invoice, Receipt
from ledgers.receiving import (
    Complaint,
    accept_deliveries,
    accept_silent_deliveries,
    accept_with_differences,
    agree_to_claims,
    reject_delivery,
)

DAYS_TO_ANSWER = 2
ONE_SILENT_IN = 12
LONG_AFTER = timedelta(days=30)


def claim(invoice: Invoice, paper: Paper, actor: User) -> Receipt:
    """Some of the first line did not come as it should; the seller has not settled it."""
    complaint = Complaint(position=1, quantity=Decimal(-paper.difference), cause="short", reason=paper.reason)
    return accept_with_differences(invoice.receipt, complaints=[complaint], actor=actor)


def claim_and_agree(invoice: Invoice, paper: Paper, actor: User) -> None:
    """The seller settles the claim by a difference paper."""
    agree_to_claims(claim(invoice, paper, actor), actor=actor)


def reject(invoice: Invoice, paper: Paper, actor: User) -> None:
    """Nothing of it is taken."""
    reject_delivery(invoice.receipt, cause="damaged", reason=paper.reason, actor=actor)


def answer_what_waits(actor: User) -> None:
    """Accept what has been written so far; what nobody answered is accepted by time."""
    waiting = list(Receipt.objects.waiting().order_by("pk"))
    accept_deliveries([receipt for receipt in waiting if receipt.pk % ONE_SILENT_IN], actor=actor)
    accept_silent_deliveries(now=timezone.now() + LONG_AFTER)
