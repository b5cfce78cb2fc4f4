"""What the ledgers tell whoever listens above."""

from django.dispatch import Signal

invoice_confirmed = Signal()
"""Sent after the commit, with `invoice_id` and `reverses_id`, for every confirmed invoice, reversals included."""
