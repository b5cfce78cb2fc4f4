"""The voucher on A4, to be bound into the book of vouchers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from reportlab.graphics.barcode import createBarcodeDrawing
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, Spacer, Table, TableStyle

from ledgers.models import Invoice, InvoiceLine
from ledgers.typesetting import GREY, LINES, RED, TOP_ALIGNED, WIDTH, Sheet, money, on_a4
from ledgers.vouchers import facts
from registers.templatetags.house import quantity

QR_SIDE = 32 * mm
WIDTHS = (7, 0, 22, 26, 16, 16, 14, 9)  # of the columns, in mm; goods take what is left
PRICE_WIDTHS = (13, 18)


def a4_voucher(invoice: Invoice, lines: Sequence[InvoiceLine], *, address: str, with_prices: bool) -> bytes:
    """The paper as PDF; its lines flow over as many pages as they need."""
    sheet = Sheet()
    story = [
        *_head(sheet, invoice, address),
        *_standing(sheet, invoice),
        _parties(sheet, invoice),
        Spacer(1, 4 * mm),
        _table(sheet, lines, with_prices=with_prices),
        Spacer(1, 2 * mm),
        *(sheet.set(sentence, "total") for sentence in facts.totals(lines, with_prices=with_prices)),
        Spacer(1, 3 * mm),
        *(sheet.set(sentence) for sentence in facts.closing(invoice)),
        sheet.set(facts.how_to_check(invoice, address), "small"),
    ]
    return on_a4([*story, *sheet.apology()], title=invoice.number or "")


def _head(sheet: Sheet, invoice: Invoice, address: str) -> Iterator[Any]:
    left = [
        sheet.set(facts.title(), "title"), sheet.set(facts.kind(invoice)), Spacer(1, 2 * mm),
        sheet.set(facts.number(invoice), "number"), sheet.set(facts.day(invoice)),
        *(sheet.set(sentence) for sentence in facts.partners_number(invoice)),
    ]  # fmt: skip
    code = createBarcodeDrawing("QR", value=address, width=QR_SIDE, height=QR_SIDE, barLevel="M", barBorder=2)
    yield Table([[left, code]], [WIDTH - QR_SIDE, QR_SIDE], style=_plain())
    yield Spacer(1, 3 * mm)


def _standing(sheet: Sheet, invoice: Invoice) -> Iterator[Any]:
    frame = TableStyle([("BOX", (0, 0), (-1, -1), 1.2, RED), ("BOTTOMPADDING", (0, 0), (-1, -1), 6)])
    for sentence, reason in facts.standing(invoice):
        yield Table([[[sheet.set(sentence, "banner"), sheet.set(reason)]]], [WIDTH], style=frame)
        yield Spacer(1, 3 * mm)


def _parties(sheet: Sheet, invoice: Invoice) -> Table:
    sides = [
        [sheet.set(word, "small"), sheet.set(name, "name"), *(sheet.set(fact) for fact in known)]
        for word, name, known in facts.parties(invoice)
    ]
    frame = [("BOX", (0, 0), (-1, -1), 0.5, GREY), ("LINEAFTER", (0, 0), (0, 0), 0.5, GREY), *TOP_ALIGNED]
    return Table([sides], [WIDTH / 2] * 2, style=TableStyle(frame))


def _table(sheet: Sheet, lines: Sequence[InvoiceLine], *, with_prices: bool) -> Table:
    """The lines; the heading is repeated on every page they flow over."""
    headings = [_("No."), _("Goods"), _("Code"), _("Lot number"), _("Made on"), _("Best before")]
    figures = [_("Quantity"), _("Unit"), *([_("Unit price"), _("Amount")] if with_prices else [])]
    top = [
        *(sheet.set(word, "heading") for word in headings),
        sheet.set(figures[0], "heading_of_figure"), sheet.set(figures[1], "heading"),
        *(sheet.set(word, "heading_of_figure") for word in figures[2:]),
    ]  # fmt: skip
    widths = [width * mm for width in (*WIDTHS, *(PRICE_WIDTHS if with_prices else ()))]
    widths[1] = WIDTH - sum(widths)
    rows = [top, *(_row(sheet, line, with_prices=with_prices) for line in lines)]
    return Table(rows, widths, repeatRows=1, style=LINES)


def _row(sheet: Sheet, line: InvoiceLine, *, with_prices: bool) -> list[Paragraph]:
    row = [
        sheet.set(line.position, "cell"), sheet.set(line.entry.goods, "cell"), sheet.set(line.entry.goods_code, "cell"),
        sheet.set(line.lot_code, "cell"), sheet.set(line.produced_on or "–", "cell"),
        sheet.set(line.expires_on or "–", "cell"), sheet.set(quantity(line.quantity), "figure"),
        sheet.set(line.unit_words, "cell"),
    ]  # fmt: skip
    if with_prices:
        row += [sheet.set(money(line.price), "figure"), sheet.set(money(facts.amount(line)), "figure")]
    return row


def _plain() -> TableStyle:
    return TableStyle([*TOP_ALIGNED, ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)])
