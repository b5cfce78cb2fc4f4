"""Writing a paper before it is confirmed: everything typed is kept, whether it makes sense yet or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Listing, Product, lot_key
from documents.locking import locked, opened
from enterprises.models import Enterprise, Partnership
from enterprises.services import PartnerFacts, add_partner, find_or_enter, require_keeper
from ledgers.bulk_lines import copy_lines
from ledgers.lot_order import take_lots
from ledgers.models import Invoice, InvoiceLine, ProductionRun, RunOutput, StockPaper, StockPaperLine
from ledgers.own_lots import lots_known
from ledgers.scanning import placed
from ledgers.typed import HEAD_FIELDS, LINE_FIELDS, Line, Reading, read

TEXT_MAX = 200


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
    require_keeper(actor, author)
    invoice = opened(invoice, version) if invoice else Invoice(author=author, version=0)
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
def save_drafts(
    papers: Sequence[tuple[Mapping[str, Any], Reading]], *, author: Enterprise, is_purchase: bool, actor: User
) -> list[Invoice]:
    """Write many new drafts in a few statements. Each is tidy, and its reading complete. Returns them in this order."""
    require_keeper(actor, author)
    drafts = [_new_draft(typed, reading, author=author, is_purchase=is_purchase) for typed, reading in papers]
    Invoice.objects.bulk_create(drafts)
    lines = [line for _typed, reading in papers for line in reading.lines]
    list_new_goods(lines, enterprise=author)
    own = {} if is_purchase else lots_known(lines, enterprise=author)
    take_lots(own.values())
    copy_lines(zip(drafts, (reading.lines for _typed, reading in papers), strict=True), own_lots=own)
    return drafts


def _new_draft(typed: Mapping[str, Any], reading: Reading, *, author: Enterprise, is_purchase: bool) -> Invoice:
    if not reading.is_complete or reading.traded_on is None:
        raise ValidationError(_("This paper is not complete. Open it and correct what is marked."))
    seller, buyer = (reading.partner, author) if is_purchase else (author, reading.partner)
    return Invoice(
        author=author, seller=seller, buyer=buyer, traded_on=reading.traded_on, paper_number=reading.paper_number,
        note=reading.note, typed=dict(typed),
    )  # fmt: skip


@transaction.atomic
def enter_customer(typed: Mapping[str, Any], *, author: Enterprise, actor: User) -> None:
    """Put a customer without a number on the author's list: one that is typed with a name and a telephone and nobody
    knows here (a canteen, a stall). It belongs to the author alone and is found by no one else.

    Does nothing where the name is known, or one of the two is missing or makes no sense: the form says which.
    """
    reading = read(typed, author=author, role=Partnership.Role.CUSTOMER)
    name, telephone = (str(typed.get(field) or "").strip() for field in ("partner", "telephone"))
    if reading.partner or not telephone or {"telephone"} & reading.head_errors.keys():
        return
    require_keeper(actor, author)
    facts = PartnerFacts(name=name, telephone=telephone, is_person=True)
    customer = find_or_enter(facts, owner=author, actor=actor)
    add_partner(customer, owner=author, role=Partnership.Role.CUSTOMER, details={}, actor=actor)


@transaction.atomic
def discard_draft(invoice: Invoice, *, actor: User) -> None:
    """Throw a draft away. Raises DocumentIsConfirmed where it is none any more, ValidationError where it is gone."""
    require_keeper(actor, invoice.author)
    locked(invoice).delete()


def _write_lines(invoice: Invoice, lines: list[Line]) -> None:
    list_new_goods(lines, enterprise=invoice.author)
    own = {} if invoice.is_purchase else lots_known(lines, enterprise=invoice.author)
    take_lots(own.values())
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=invoice, position=position, product=line.product, lot_code=line.lot_code,
            known_lot_id=own.get((line.product.pk, lot_key(line.lot_code))),
            lot_is_generated=line.lot_is_generated, produced_on=line.produced_on, expires_on=line.expires_on,
            quantity=line.quantity, unit=line.unit, factor=line.factor, price=line.price,
        )
        for position, line in enumerate(lines, start=1)
    )  # fmt: skip


class Listable(Protocol):
    """A line whose goods may be new on somebody's list."""

    @property
    def product(self) -> Product: ...
    @property
    def is_new_here(self) -> bool: ...


def list_new_goods(lines: Iterable[Listable], *, enterprise: Enterprise) -> None:
    """Put goods that a paper speaks of, and that the enterprise had not listed yet, on its list."""
    new_here = {line.product.pk: line.product for line in lines if line.is_new_here}
    Listing.objects.bulk_create(
        (Listing(enterprise=enterprise.firm, product=product) for product in new_here.values()), ignore_conflicts=True
    )


def tidy(typed: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a form: known fields, text without NUL, rows that are not wholly empty, scans in their places."""
    rows = [placed({name: _text(row.get(name)) for name in LINE_FIELDS}) for row in typed.get("lines", [])]
    head = {name: _text(typed.get(name)) for name in HEAD_FIELDS}
    return {**head, "lines": [row for row in rows if any(row.values())]}


def _text(value: object) -> str:
    return str(value or "").replace("\0", "").strip()[:TEXT_MAX]


def follow_merge(merged: Product, survivor: Product) -> None:
    """Lines of drafts speak of the goods that stay."""
    InvoiceLine.objects.filter(invoice__in=Invoice.objects.drafts(), product=merged).update(product=survivor)
    RunOutput.objects.filter(run__in=ProductionRun.objects.drafts(), product=merged).update(product=survivor)
    StockPaperLine.objects.filter(paper__in=StockPaper.objects.drafts(), product=merged).update(product=survivor)
