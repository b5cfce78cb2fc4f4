"""The publishing step: what of a confirmed paper anybody may read who holds its voucher."""

from __future__ import annotations

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from ledgers.models import Invoice
from portal import sql
from portal.models import PublishedVoucher


def publish_voucher(invoice_id: int, *, reverses_id: int | None = None) -> int:
    """Make the voucher of a confirmed invoice readable and, where it reverses another, say so on that one's voucher.

    One statement, for it is part of every confirmation. Safe to repeat. Returns how many vouchers were written.
    """
    return _publish([invoice_id, reverses_id] if reverses_id else [invoice_id])


def publish_missing_vouchers() -> int:
    """Publish whatever a lost signal or a bulk load has left behind; returns how many vouchers were written."""
    return _publish(list(_unpublished().values_list("pk", flat=True)))


def _publish(ids: list[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql.PUBLISH, [ids])
        return int(cursor.fetchone()[0])


def _unpublished() -> QuerySet[Invoice]:
    """Confirmed papers without a public row, or whose public row does not know yet that they are reversed."""
    published = PublishedVoucher.objects.filter(invoice_id=OuterRef("pk"))
    is_stale = Q(reversed_by__number__isnull=False) & Exists(published.filter(reversed_by=""))
    return Invoice.objects.confirmed().filter(~Exists(published) | is_stale)
