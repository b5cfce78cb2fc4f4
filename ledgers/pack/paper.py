"""The pack as a PDF of A4 pages, to be printed, signed and handed over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from reportlab.lib.units import mm
from reportlab.platypus import PageBreak, Spacer, Table

from ledgers.fonts import register_fonts
from ledgers.models import Invoice, LedgerEntry, ReceiptClaim
from ledgers.pack import words
from ledgers.pack.contents import Pack, Supplier
from ledgers.registers import entry_state, paper_state
from ledgers.typesetting import FACTS, WIDTH, Sheet, on_a4, part
from registers.templatetags.house import quantity

ROWS_MAX = 1_000  # lines of purchases: some fifty pages, made while the reader waits


def pack_pdf(pack: Pack) -> bytes:
    """The whole pack but its sales, in the active language. Raises FontsNotReady while the fonts are not built."""
    register_fonts()
    sheet = Sheet()
    story = [
        *_cover(sheet, pack), PageBreak(), *_licences(sheet, pack), *_suppliers(sheet, pack), *_purchases(sheet, pack),
        *_papers(sheet, pack), *_objections(sheet, pack),
    ]  # fmt: skip
    name = f"{words.title()} · {pack.enterprise} · {pack.wanted.since} – {pack.wanted.until}"
    return on_a4([*story, Spacer(WIDTH, 4 * mm), *sheet.apology()], title=name)


def _cover(sheet: Sheet, pack: Pack) -> Iterator[Any]:
    yield sheet.set(words.title(), "title")
    yield Spacer(WIDTH, 4 * mm)
    yield Table([[sheet.set(fact) for fact in pair] for pair in words.head(pack)], [38 * mm, None], style=FACTS)
    yield Spacer(WIDTH, 3 * mm)
    yield sheet.set(words.purpose())
    yield sheet.set(_("Contents"), "section")
    parts = [(name, ngettext("%(n)s row", "%(n)s rows", n) % {"n": n}) for name, n in words.contents(pack)]
    yield Table([[sheet.set(fact) for fact in pair] for pair in parts], [60 * mm, None], style=FACTS)
    yield sheet.set(_("What this pack does not show"), "section")
    yield from (sheet.set(f"· {sentence}") for sentence in words.limits())


def _licences(sheet: Sheet, pack: Pack) -> Iterator[Any]:
    headings = [_("Kind of licence"), _("Licence number"), _("Valid from"), _("Valid until"), _("In the period")]
    rows = (
        (str(row.kind), row.number, row.valid_from, row.valid_until, words.licence_state(row, pack))
        for row in pack.licences
    )
    yield from part(sheet, _("Licences of the enterprise"), (38, 42, 20, 20, 0), headings, rows)


def _suppliers(sheet: Sheet, pack: Pack) -> Iterator[Any]:
    headings = [
        _("Supplier"), _("Address and telephone"), _("Lines"), _("First"), _("Last"),
        _("Food licence on the days of purchase"),
    ]  # fmt: skip
    rows = (_supplier(row) for row in pack.suppliers.values())
    yield from part(sheet, _("Suppliers"), (46, 0, 12, 17, 17, 50), headings, rows)


def _supplier(row: Supplier) -> Sequence[Any]:
    firm = row.enterprise
    licences = (words.validity(licence) for licence in row.licences)
    return (
        (firm.name, firm.licence_number), (firm.address, firm.telephone), row.lines, row.first, row.last,
        (words.supplier_state(row), *licences),
    )  # fmt: skip


def _purchases(sheet: Sheet, pack: Pack) -> Iterator[Any]:
    headings = [
        _("Date"), _("Goods"), _("Lot number"), _("Made on, best before"), _("Quantity"), _("Supplier"),
        _("Its food licence that day"), _("Paper"),
    ]  # fmt: skip
    rows = (_purchase(pack, entry) for entry in pack.purchases.iterator(chunk_size=500))
    yield from part(sheet, _("Purchase ledger"), (16, 0, 22, 17, 16, 28, 26, 27), headings, rows)


def _purchase(pack: Pack, entry: LedgerEntry) -> Sequence[Any]:
    licence = pack.suppliers[entry.seller_id].licence_on(entry.traded_on)
    return (
        entry.traded_on, (entry.goods, entry.goods_code), entry.lot.code,
        (entry.line.produced_on or words.DASH, entry.line.expires_on or words.DASH),
        f"{quantity(entry.quantity)} {entry.lot.unit}", entry.seller.name, words.on_the_day(licence),
        (entry.invoice, entry_state(entry)[1]),
    )  # fmt: skip


def _papers(sheet: Sheet, pack: Pack) -> Iterator[Any]:
    headings = [
        _("Paper"), _("Date"), _("Supplier"), _("Written by"), _("Code of the voucher"), _("Receipt"), _("State"),
    ]  # fmt: skip
    rows = (_paper(row) for row in pack.papers.iterator(chunk_size=500))
    yield from part(sheet, _("Vouchers and receipts"), (30, 17, 0, 20, 40, 22, 15), headings, rows)


def _paper(row: Invoice) -> Sequence[Any]:
    return (
        row, row.traded_on, row.seller, words.written_by(row), row.voucher_token, words.answer(row), paper_state(row)[1]
    )  # fmt: skip


def _objections(sheet: Sheet, pack: Pack) -> Iterator[Any]:
    headings = [_("Paper"), _("Goods"), _("Lot number"), _("Quantity"), _("Cause"), _("Reason"), _("How it ended")]
    rows = (_objection(row) for row in pack.objections)
    yield from part(sheet, _("Objections to deliveries"), (30, 0, 24, 16, 20, 36, 18), headings, rows)


def _objection(row: ReceiptClaim) -> Sequence[Any]:
    entry, end = row.line.entry, getattr(row, "settlement", None)
    return (
        row.receipt.invoice, entry.goods, entry.lot.code, f"{quantity(row.quantity)} {entry.lot.unit}",
        row.get_cause_display(), row.reason or words.DASH, end.get_outcome_display() if end else _("Open"),
    )  # fmt: skip
