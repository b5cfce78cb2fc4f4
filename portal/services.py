"""The publishing step: what of a confirmed paper anybody may read who holds its voucher."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone

from ledgers.models import Invoice, InvoiceLine
from portal.masking import masked
from portal.models import PublishedVoucher

PAPERS_AT_ONCE = 500
LINES = (
    InvoiceLine.objects.filter(invoice=OuterRef("pk"))
    .order_by("position")
    .values(
        json=JSONObject(
            goods="goods", lot="lot_code", quantity=Cast("quantity", TextField()),
            unit_zh="unit__name_zh", unit_en="unit__name_en",
        )
    )
)  # fmt: skip
"""The lines of a paper as it says them: goods, lot, quantity and unit, the unit's name in both languages."""


def publish_voucher(invoice_id: int, *, reverses_id: int | None = None) -> int:
    """Make the voucher of a confirmed invoice readable and, where it reverses another, say so on that one's voucher.

    Two statements, for it is part of every confirmation. Safe to repeat. Returns how many vouchers were written.
    """
    return _publish([invoice_id, reverses_id] if reverses_id else [invoice_id])


def publish_missing_vouchers() -> int:
    """Publish whatever a lost signal or a bulk load has left behind; returns how many vouchers were written."""
    ids = list(_unpublished().order_by("pk").values_list("pk", flat=True))
    return sum(_publish(ids[start : start + PAPERS_AT_ONCE]) for start in range(0, len(ids), PAPERS_AT_ONCE))


def _unpublished() -> QuerySet[Invoice]:
    """Confirmed papers without a public row, or whose public row does not know yet that they are reversed."""
    published = PublishedVoucher.objects.filter(invoice_id=OuterRef("pk"))
    is_stale = Q(reversed_by__number__isnull=False) & Exists(published.filter(reversed_by=""))
    return Invoice.objects.confirmed().filter(~Exists(published) | is_stale)


def _publish(ids: list[int]) -> int:
    rows = list(_public_rows(ids))
    PublishedVoucher.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["token"],
        update_fields=["number", "seller", "buyer", "traded_on", "lines", "reversed_by", "published_at"],
    )
    return len(rows)


def _public_rows(ids: list[int]) -> Iterable[PublishedVoucher]:
    """The whitelist: whatever is not named here stays private, prices and telephone numbers above all."""
    now = timezone.now()
    papers = Invoice.objects.confirmed().filter(pk__in=ids).values_list(
        "pk", "voucher_token", "number", "traded_on", "printed__seller__name", "printed__buyer__name",
        "seller__is_person", "buyer__is_person", "reversed_by__number", ArraySubquery(LINES),
    )  # fmt: skip
    for pk, token, number, day, seller, buyer, seller_is_person, buyer_is_person, reversal, lines in papers:
        yield PublishedVoucher(
            token=token, invoice_id=pk, number=number, traded_on=day, reversed_by=reversal or "", published_at=now,
            lines=[{**line, "quantity": _plain(line["quantity"])} for line in lines],
            seller=masked(seller, is_person=seller_is_person), buyer=masked(buyer, is_person=buyer_is_person),
        )  # fmt: skip


def _plain(quantity: str) -> str:
    """Without useless zeros and never with an exponent: 10, 0.5."""
    return f"{Decimal(quantity).normalize():f}"
