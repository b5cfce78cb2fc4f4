"""Writing a paper before it is confirmed: everything typed is kept, whether it makes sense yet or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Listing, lot_key
from documents.errors import DocumentIsConfirmed
from enterprises.models import Enterprise, Partnership
from enterprises.services import keeps_books
from ledgers.lot_order import take_lots
from ledgers.models import Invoice, InvoiceLine, StockBalance
from ledgers.typed import HEAD_FIELDS, LINE_FIELDS, Line, Reading, read

TEXT_MAX = 200


class SavedBySomebodyElse(ValidationError):
    """The draft has moved on since this form was opened; what was typed here is still in the form."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else has saved this draft since you opened it. Open it anew and add your changes."),
            code="stale",
        )


def partner_role(*, is_purchase: bool) -> str:
    """What the partner of a paper is to its author."""
    return Partnership.Role.SUPPLIER if is_purchase else Partnership.Role.CUSTOMER


@transaction.atomic
def save_draft(
    invoice: Invoice | None,
    typed: Mapping[str, Any],
    *,
    author: Enterprise,
    is_purchase: bool,
    version: int,
    actor: User,
) -> tuple[Invoice, Reading]:
    """Keep what was typed; where all of it makes sense, write the lines. Returns the draft and what it means.

    Raises SavedBySomebodyElse where `version` is not the draft's, DocumentIsConfirmed where it is none any more.
    """
    if not keeps_books(actor, author):
        raise PermissionDenied
    invoice = _open(invoice, version) if invoice else Invoice(author=author, version=0)
    reading = read(typed, author=author, role=partner_role(is_purchase=is_purchase))
    seller, buyer = (reading.partner, author) if is_purchase else (author, reading.partner)
    invoice.seller, invoice.buyer = seller, buyer
    invoice.traded_on = reading.traded_on or timezone.localdate()
    invoice.paper_number, invoice.note = reading.paper_number, reading.note
    invoice.typed = tidy(typed)
    invoice.version += 1
    invoice.save()
    invoice.lines.all().delete()
    if reading.is_complete:
        _write_lines(invoice, reading.lines)
    return invoice, reading


@transaction.atomic
def discard_draft(invoice: Invoice, *, actor: User) -> None:
    """Throw a draft away. Raises DocumentIsConfirmed where it is none any more, ValidationError where it is gone."""
    if not keeps_books(actor, invoice.author):
        raise PermissionDenied
    _locked(invoice).delete()


def _locked(invoice: Invoice) -> Invoice:
    found: Invoice | None = Invoice.objects.select_for_update(of=("self",)).filter(pk=invoice.pk).first()
    if found is None:
        raise ValidationError(_("The draft is gone."))
    return found


def _open(invoice: Invoice, version: int) -> Invoice:
    locked = _locked(invoice)
    if not locked.is_draft:
        raise DocumentIsConfirmed(locked)
    if locked.version != version:
        raise SavedBySomebodyElse
    return locked


def _write_lines(invoice: Invoice, lines: list[Line]) -> None:
    new_here = {line.product.pk: line.product for line in lines if line.is_new_here}
    Listing.objects.bulk_create(
        (Listing(enterprise=invoice.author.firm, product=product) for product in new_here.values()),
        ignore_conflicts=True,
    )
    own = {} if invoice.is_purchase else _own_lots(invoice.author, lines)
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=invoice, position=position, product=line.product, lot_code=line.lot_code,
            known_lot_id=own.get((line.product.pk, lot_key(line.lot_code))),
            lot_is_generated=line.lot_is_generated, produced_on=line.produced_on, expires_on=line.expires_on,
            quantity=line.quantity, unit=line.unit, factor=line.factor, price=line.price,
        )
        for position, line in enumerate(lines, start=1)
    )  # fmt: skip


def _own_lots(author: Enterprise, lines: list[Line]) -> dict[tuple[int, str], int]:
    """By product and code the lot in the author's books, that with the most left where there are two.

    Without this a sale of what one made oneself, or bought from whoever made it, would begin another lot where the
    catalogue names no maker, or another one; and no hold would stop it.
    """
    codes, products = {lot_key(line.lot_code) for line in lines}, {line.product.pk for line in lines}
    balances = StockBalance.objects.filter(enterprise=author, lot__code_key__in=codes, lot__product__in=products)
    rows = balances.order_by("quantity", "lot").values_list("lot__product", "lot__code_key", "lot")
    own = {(product, key): lot for product, key, lot in rows}
    take_lots(own.values())
    return own


def tidy(typed: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a form: known fields, text without NUL, rows that are not wholly empty."""
    rows = [{name: _text(row.get(name)) for name in LINE_FIELDS} for row in typed.get("lines", [])]
    head = {name: _text(typed.get(name)) for name in HEAD_FIELDS}
    return {**head, "lines": [row for row in rows if any(row.values())]}


def _text(value: object) -> str:
    return str(value or "").replace("\0", "").strip()[:TEXT_MAX]
