"""The pack as a workbook: every column there is, a sheet for each part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from ledgers.models import Invoice, LedgerEntry, ReceiptClaim
from ledgers.pack import words
from ledgers.pack.contents import Pack, Supplier
from ledgers.registers import entry_state, paper_state
from registers.columns import plain

ROWS_MAX = 10_000  # of purchases, and of sales: written while the reader waits
CHUNK = 500

Rows = Iterator[Sequence[Any]]


def sheets(pack: Pack) -> list[tuple[str, Iterable[Sequence[Any]]]]:
    """Name and rows of every sheet; rows are read while they are written."""
    return [
        (_("Cover"), _cover(pack)),
        (_("Licences"), _licences(pack)),
        (_("Suppliers"), _suppliers(pack)),
        (_("Purchases"), _purchases(pack)),
        (_("Vouchers and receipts"), _papers(pack)),
        (_("Objections"), _objections(pack)),
        (_("Sales"), _sales(pack)),
    ]


def _cover(pack: Pack) -> Rows:
    yield [words.title()]
    yield from words.head(pack)
    yield []
    yield from words.contents(pack)
    yield []
    yield [words.purpose()]
    yield []
    yield [_("What this pack does not show")]
    yield from ([sentence] for sentence in words.limits())


def _licences(pack: Pack) -> Rows:
    yield [_("Kind of licence"), _("Licence number"), _("Valid from"), _("Valid until"), _("In the period")]
    for row in pack.licences:
        yield [
            str(row.kind), row.number, row.valid_from, row.valid_until, words.licence_state(row, pack)
        ]  # fmt: skip


def _suppliers(pack: Pack) -> Rows:
    yield [
        _("Supplier"), _("Partner's number"), _("Address"), _("Contact"), _("Telephone"), _("Lines"), _("First"),
        _("Last"), _("Food licence on the days of purchase"), _("Food licences"),
    ]  # fmt: skip
    yield from (_supplier(row) for row in pack.suppliers.values())


def _supplier(row: Supplier) -> Sequence[Any]:
    firm = row.enterprise
    return [
        firm.name, firm.licence_number, firm.address, firm.contact_name, firm.telephone, row.lines, row.first, row.last,
        words.supplier_state(row), "; ".join(words.validity(licence) for licence in row.licences),
    ]  # fmt: skip


def _purchases(pack: Pack) -> Rows:
    yield [
        *_goods_headings(_("Supplier")), _("Supplier's food licence on that day"), _("Written by"), _("Receipt"),
    ]  # fmt: skip
    for entry in pack.purchases.iterator(chunk_size=CHUNK):
        licence = pack.suppliers[entry.seller_id].licence_on(entry.traded_on)
        yield [
            *_goods(entry, entry.seller), words.on_the_day(licence), words.written_by(entry.invoice),
            words.answer(entry.invoice),
        ]  # fmt: skip


def _goods_headings(partner: str) -> list[str]:
    return [
        _("Date"), _("Goods"), _("Code"), _("Lot number"), _("Made on"), _("Best before"), _("Quantity"), _("Unit"),
        partner, _("Partner's number"), _("Telephone"), _("Address"), _("Paper"), _("Recorded"), _("State"),
    ]  # fmt: skip


def _goods(entry: LedgerEntry, partner: Any) -> list[Any]:
    """The columns the law asks of a ledger (Food Safety Law 50-53)."""
    return [
        entry.traded_on, entry.goods, entry.goods_code, entry.lot.code, entry.line.produced_on, entry.line.expires_on,
        entry.quantity, str(entry.lot.unit), partner.name, partner.licence_number, partner.telephone, partner.address,
        str(entry.invoice), plain(entry.recorded_at), str(entry_state(entry)[1]),
    ]  # fmt: skip


def _papers(pack: Pack) -> Rows:
    yield [
        _("Paper"), _("Date"), _("Supplier"), _("Number on the partner's paper"), _("State"), _("Written by"),
        _("Code of the voucher"), _("Receipt"), _("Answered"), _("Remark"),
    ]  # fmt: skip
    yield from (_paper(row) for row in pack.papers.iterator(chunk_size=CHUNK))


def _paper(row: Invoice) -> Sequence[Any]:
    receipt = getattr(row, "receipt", None)
    return [
        str(row), row.traded_on, row.seller and row.seller.name, row.paper_number, str(paper_state(row)[1]),
        words.written_by(row), row.voucher_token, words.answer(row), plain(receipt and receipt.answered_at),
        receipt and receipt.remark,
    ]  # fmt: skip


def _objections(pack: Pack) -> Rows:
    yield [
        _("Paper"), _("Goods"), _("Lot number"), _("Quantity"), _("Unit"), _("Cause"), _("Reason"), _("Claimed"),
        _("How it ended"),
    ]  # fmt: skip
    yield from (_objection(row) for row in pack.objections.iterator(chunk_size=CHUNK))


def _objection(row: ReceiptClaim) -> Sequence[Any]:
    entry, end = row.line.entry, getattr(row, "settlement", None)
    return [
        str(row.receipt.invoice), entry.goods, entry.lot.code, row.quantity, str(entry.lot.unit),
        row.get_cause_display(), row.reason, plain(row.claimed_at), end.get_outcome_display() if end else _("Open"),
    ]  # fmt: skip


def _sales(pack: Pack) -> Rows:
    yield _goods_headings(_("Customer"))
    for entry in pack.sales.iterator(chunk_size=CHUNK):
        yield _goods(entry, entry.buyer)
