"""The same paper again: a new draft with yesterday's partner and goods, from what is in stock today."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.models import User
from catalog.models import Lot, ProductCode
from ledgers.drafts import save_draft
from ledgers.fefo import Shelf
from ledgers.models import Invoice, InvoiceLine


def repeat_invoice(invoice: Invoice, *, actor: User) -> Invoice:
    """A draft like a confirmed paper of the same author, dated today.

    A sale takes its lots from stock, the first to expire first; a purchase leaves them to be typed, for the goods are
    new. Raises PermissionDenied where `actor` does not keep the author's books.
    """
    lines = list(invoice.lines.select_related("entry", "unit", "product__unit"))
    shelf = None if invoice.is_purchase else Shelf(invoice.author_id, {line.product_id for line in lines})
    partner = invoice.seller if invoice.is_purchase else invoice.buyer
    typed = {
        "partner": f"{partner} ({partner.licence_number})" if partner else "",
        "traded_on": timezone.localdate().isoformat(),
        "lines": [row for line in lines for row in _rows(line, shelf)],
    }
    draft, _reading = save_draft(
        None, typed, author=invoice.author, is_purchase=invoice.is_purchase, version=0, actor=actor
    )
    return draft


def _rows(line: InvoiceLine, shelf: Shelf | None) -> Iterator[dict[str, Any]]:
    """A line as it would be typed today: one row for each lot that it takes from."""
    is_packed = line.unit_id != line.product.unit_id
    code = line.entry.goods_code or line.product.name if is_packed else _code(line)
    price = "" if line.price is None else str(line.price)
    same = {"code": code, "unit": str(line.unit) if is_packed else "", "price": price}
    for lot, quantity in _shares(shelf, line):
        dates = {"made": lot.produced_on, "until": lot.expires_on} if lot else {"made": None, "until": None}
        written = {name: day.isoformat() if day else "" for name, day in dates.items()}
        yield {**same, **written, "lot": lot.code if lot else "", "quantity": f"{quantity.normalize():f}"}


def _shares(shelf: Shelf | None, line: InvoiceLine) -> Iterator[tuple[Lot | None, Decimal]]:
    """The lots that a line takes from today; what is not in stock has no lot."""
    wanted = line.quantity
    for lot, taken in shelf.take(line.product_id, wanted, factor=line.factor) if shelf else ():
        yield lot, taken
        wanted -= taken
    if wanted:
        yield None, wanted


def _code(line: InvoiceLine) -> str:
    """What a clerk would scan or type for these goods: the case's barcode for a case."""
    if line.factor == 1:
        return line.entry.goods_code or line.product.name
    case = ProductCode.objects.filter(product=line.product, factor=line.factor).first()
    return case.gtin if case else line.product.name
