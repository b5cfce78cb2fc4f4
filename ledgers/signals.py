"""What the ledgers tell whoever listens above."""

from django.dispatch import Signal

invoice_confirmed = Signal()
"""Sent in the confirming transaction, with `invoice_id` and `reverses_id`, for every invoice, reversals included."""
