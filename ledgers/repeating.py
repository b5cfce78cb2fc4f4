"""The same paper again: a new draft with yesterday's partner and goods, from what is in stock today."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from catalog.models import ProductCode
from ledgers.drafts import save_draft
from ledgers.models import Invoice, InvoiceLine, StockBalance


def repeat_invoice(invoice: Invoice, *, actor: User) -> Invoice:
    """A draft like a confirmed paper of the same author, dated today.

    A sale takes its lots from stock, the first to expire first; a purchase leaves them to be typed, for the goods are
    new. Raises PermissionDenied where `actor` does not keep the author's books.
    """
    partner = invoice.seller if invoice.is_purchase else invoice.buyer
    typed = {
        "partner": f"{partner} ({partner.licence_number})" if partner else "",
        "traded_on": timezone.localdate().isoformat(),
        "lines": [row for line in _lines(invoice) for row in _rows(invoice, line)],
    }
    draft, _reading = save_draft(
        None, typed, author=invoice.author, is_purchase=invoice.is_purchase, version=0, actor=actor
    )
    return draft


def _lines(invoice: Invoice) -> Iterator[InvoiceLine]:
    yield from invoice.lines.select_related("entry", "unit", "product__unit")


def _rows(invoice: Invoice, line: InvoiceLine) -> Iterator[dict[str, Any]]:
    """A line as it would be typed today: one row for each lot that it takes from."""
    same = {"code": _code(line), "unit": "", "price": "" if line.price is None else str(line.price)}
    lots = [(None, line.quantity)] if invoice.is_purchase else _from_stock(invoice.author_id, line)
    for lot, quantity in lots:
        dates = {"made": lot.produced_on, "until": lot.expires_on} if lot else {"made": None, "until": None}
        written = {name: day.isoformat() if day else "" for name, day in dates.items()}
        yield {**same, **written, "lot": lot.code if lot else "", "quantity": f"{quantity.normalize():f}"}


def _from_stock(enterprise: int, line: InvoiceLine) -> Iterator[tuple[Any, Decimal]]:
    """Lots of the goods, the first to expire first, until the quantity is met; what is not there has no lot."""
    good = Q(lot__expires_on=None) | Q(lot__expires_on__gte=timezone.localdate())
    held = Q(lot__holds__released_at=None, lot__holds__isnull=False)
    balances = StockBalance.objects.filter(good, enterprise=enterprise, lot__product=line.product, quantity__gt=0)
    wanted = line.quantity
    for balance in balances.exclude(held).select_related("lot"):
        taken = min(wanted, balance.quantity // line.factor)
        if taken > 0:
            yield balance.lot, taken
            wanted -= taken
    if wanted:
        yield None, wanted


def _code(line: InvoiceLine) -> str:
    """What a clerk would scan or type for these goods: the case's barcode for a case."""
    if line.factor == 1:
        return line.entry.goods_code or line.product.name
    case = ProductCode.objects.filter(product=line.product, factor=line.factor).first()
    return case.gtin if case else line.product.name
