"""The publishing step: what of a confirmed paper anybody may read who holds its voucher."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from ledgers.models import Invoice, InvoiceLine
from portal.masking import masked
from portal.models import PublishedVoucher

PAPERS_AT_ONCE = 500


def publish_voucher(invoice_id: int) -> int:
    """Make the voucher of a confirmed invoice readable and, where it reverses another, say so on that one's voucher.

    Safe to repeat: what is published already costs two small queries. Returns how many vouchers were written.
    """
    reversed_ids = Invoice.objects.filter(pk=invoice_id, reverses__isnull=False).values_list("reverses", flat=True)
    return _publish(_unpublished().filter(pk__in=[invoice_id, *reversed_ids]))


def publish_missing_vouchers() -> int:
    """Publish whatever a lost signal or a bulk load has left behind; returns how many vouchers were written."""
    return _publish(_unpublished())


def _unpublished() -> QuerySet[Invoice]:
    """Confirmed papers without a public row, or whose public row does not know yet that they are reversed."""
    published = PublishedVoucher.objects.filter(invoice_id=OuterRef("pk"))
    is_stale = Q(reversed_by__number__isnull=False) & Exists(published.filter(reversed_by=""))
    return Invoice.objects.confirmed().filter(~Exists(published) | is_stale)


def _publish(papers: QuerySet[Invoice]) -> int:
    ids = list(papers.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), PAPERS_AT_ONCE):
        rows = _public_rows(ids[start : start + PAPERS_AT_ONCE])
        PublishedVoucher.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["token"],
            update_fields=["number", "seller", "buyer", "traded_on", "lines", "reversed_by", "published_at"],
        )
    return len(ids)


def _public_rows(ids: list[int]) -> Iterable[PublishedVoucher]:
    """The whitelist: whatever is not named here stays private, prices and telephone numbers above all."""
    lines = _public_lines(ids)
    now = timezone.now()
    papers = Invoice.objects.filter(pk__in=ids).values_list(
        "pk", "voucher_token", "number", "traded_on", "printed__seller__name", "printed__buyer__name",
        "seller__is_person", "buyer__is_person", "reversed_by__number",
    )  # fmt: skip
    for pk, token, number, day, seller, buyer, seller_is_person, buyer_is_person, reversal in papers:
        yield PublishedVoucher(
            token=token, invoice_id=pk, number=number, traded_on=day, lines=lines[pk], reversed_by=reversal or "",
            seller=masked(seller, is_person=seller_is_person), buyer=masked(buyer, is_person=buyer_is_person),
            published_at=now,
        )  # fmt: skip


def _public_lines(ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    """The lines of each paper as it says them: goods, lot, quantity and unit, the unit's name in both languages."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    columns = ("invoice_id", "goods", "lot_code", "quantity", "unit__name_zh", "unit__name_en")
    lines = InvoiceLine.objects.filter(invoice__in=ids).order_by("invoice_id", "position").values_list(*columns)
    for invoice_id, goods, lot, quantity, unit_zh, unit_en in lines:
        found[invoice_id].append(
            {"goods": goods, "lot": lot, "quantity": _plain(quantity), "unit_zh": unit_zh, "unit_en": unit_en}
        )
    return found


def _plain(quantity: Decimal) -> str:
    """Without useless zeros and never with an exponent: 10, 0.5."""
    return f"{quantity.normalize():f}"
