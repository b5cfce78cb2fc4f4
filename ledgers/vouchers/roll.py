"""The voucher on the roll of a receipt printer: one narrow column, as long as what stands on it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

import segno
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from reportlab.lib.colors import black
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch, mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Spacer, Table, TableStyle

from ledgers.fonts import BOLD, REGULAR, printable
from ledgers.models import Invoice, InvoiceLine
from ledgers.typesetting import Sheet, Styles, money
from ledgers.vouchers import facts
from registers.templatetags.house import quantity

ROLLS = {58: 48 * mm, 80: 72 * mm}  # what of a roll's width the heads of such printers reach
DOT = inch / 203  # of their usual resolution
CODE_SIDE = 32 * mm  # at most; a phone reads it from a hand's breadth away
EDGE = 3 * mm  # above and below: the knife cuts there
LENGTH_MAX = 2_000 * mm  # drivers and PDF itself refuse endless pages: a longer paper goes on with a second one

# Thermal heads print black or nothing, and 24 dots are the least in which a dense Chinese character stays clear.
TEXT = ParagraphStyle("roll", fontName=REGULAR, fontSize=8.6, leading=11.5, textColor=black, wordWrap="CJK")
STYLES: Styles = {
    "text": TEXT,
    "title": ParagraphStyle("roll_title", TEXT, fontName=BOLD, fontSize=12, leading=16, alignment=TA_CENTER),
    "middle": ParagraphStyle("roll_middle", TEXT, alignment=TA_CENTER),
    "strong": ParagraphStyle("roll_strong", TEXT, fontName=BOLD, fontSize=9.5, leading=13),
    "total": ParagraphStyle("roll_total", TEXT, fontName=BOLD, fontSize=9.5, leading=13, alignment=TA_RIGHT),
}
FRAME = TableStyle([("BOX", (0, 0), (-1, -1), 1.5, black), ("BOTTOMPADDING", (0, 0), (-1, -1), 5)])
BESIDE = TableStyle(
    [
        ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
        ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
    ]
)  # fmt: skip


def roll_voucher(
    invoice: Invoice, lines: Sequence[InvoiceLine], *, address: str, with_prices: bool, width: int
) -> bytes:
    """The paper as PDF for a roll of `width` mm, one of ROLLS."""
    sheet, room = Sheet(STYLES), ROLLS[width]
    story = [
        *_head(sheet, invoice),
        *_standing(sheet, invoice, room),
        *_parties(sheet, invoice),
        *(part for line in lines for part in _line(sheet, line, room, with_prices=with_prices)),
        _Rule(),
        *(sheet.set(sentence, "total") for sentence in facts.totals(lines, with_prices=with_prices)),
        *(sheet.set(sentence) for sentence in facts.closing(invoice)),
        Spacer(room, 3 * mm),
        SquareCode(address),
        Spacer(room, 2 * mm),
        sheet.set(facts.how_to_check(invoice, address)),
    ]
    return _on_roll([*story, *sheet.apology("text")], room, width * mm, title=invoice.number or "")


class SquareCode(Flowable):
    """A QR code whose modules are whole dots of the printer, on the grid of its dots: no edge is blurred."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.modules = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
        self.module = max(int(CODE_SIDE / DOT / len(self.modules)), 1) * DOT

    def wrap(self, room: float, _height: float) -> tuple[float, float]:
        """ReportLab asks how large it is: as wide as the roll, since it stands in the middle."""
        self.width, self.height = room, len(self.modules) * self.module
        return self.width, self.height

    def draw(self) -> None:
        """ReportLab asks to draw it."""
        left, bottom = self.canv.absolutePosition((self.width - self.height) / 2, 0)
        x, y = round(left / DOT) * DOT, round(bottom / DOT) * DOT
        shift_x, shift_y = (self.width - self.height) / 2 + x - left, y - bottom
        self.canv.setFillColor(black)
        path = self.canv.beginPath()
        for number, row in enumerate(reversed(self.modules)):
            for column in (column for column, is_dark in enumerate(row) if is_dark):
                place = shift_x + column * self.module, shift_y + number * self.module
                path.rect(*place, self.module, self.module)
        self.canv.drawPath(path, stroke=0, fill=1)


def _head(sheet: Sheet, invoice: Invoice) -> Iterator[Any]:
    yield sheet.set(facts.title(), "title")
    yield sheet.set(facts.kind(invoice), "middle")
    yield sheet.set(facts.number(invoice), "strong")
    for sentence in (facts.day(invoice), *facts.partners_number(invoice)):
        yield sheet.set(sentence)


def _standing(sheet: Sheet, invoice: Invoice, room: float) -> Iterator[Any]:
    for sentence, reason in facts.standing(invoice):
        yield Spacer(room, 1.5 * mm)
        yield Table([[[sheet.set(sentence, "strong"), sheet.set(reason)]]], [room - 1 * mm], style=FRAME)


def _parties(sheet: Sheet, invoice: Invoice) -> Iterator[Any]:
    for word, name, known in facts.parties(invoice):
        yield _Rule()
        yield sheet.set(word)
        yield sheet.set(name, "strong")
        yield from (sheet.set(fact) for fact in known)


def _line(sheet: Sheet, line: InvoiceLine, room: float, *, with_prices: bool) -> Iterator[Any]:
    """Goods, code, lot and dates below each other; how much and how many yuan at the end."""
    yield _Rule()
    yield sheet.set(f"{line.position}. {line.entry.goods}", "strong")
    stated = (
        (_("Code: %(value)s"), line.entry.goods_code), (_("Lot number: %(value)s"), line.lot_code),
        (_("Made on: %(value)s"), line.produced_on), (_("Best before: %(value)s"), line.expires_on),
    )  # fmt: skip
    yield from (sheet.set(sentence % {"value": value}) for sentence, value in stated if value)
    measure = f"{quantity(line.quantity)} {line.unit_words}"
    if not with_prices or line.price is None:
        yield sheet.set(measure, "total")
        return
    yield from _sum(sheet, f"{measure} × {money(line.price)}", money(facts.amount(line)), room)


def _sum(sheet: Sheet, measure: str, amount: str, room: float) -> Iterator[Any]:
    """Beside each other where both fit, else below: a number is never broken in two."""
    total = STYLES["total"]
    needed = stringWidth(amount, total.fontName, total.fontSize) + 1 * mm
    if needed + stringWidth(printable(measure), TEXT.fontName, TEXT.fontSize) > room:
        yield from (sheet.set(measure), sheet.set(amount, "total"))
    else:
        yield Table([[sheet.set(measure), sheet.set(amount, "total")]], [room - needed, needed], style=BESIDE)


class _Rule(Flowable):
    """A dashed line across the roll, with air above and below."""

    def wrap(self, room: float, _height: float) -> tuple[float, float]:
        self.width, self.height = room, 2.5 * mm
        return self.width, self.height

    def draw(self) -> None:
        self.canv.setLineWidth(2 * DOT)
        self.canv.setDash(6 * DOT, 4 * DOT)
        self.canv.line(0, self.height / 2, self.width, self.height / 2)


def _on_roll(story: Sequence[Any], room: float, paper: float, *, title: str) -> bytes:
    """Set below each other, then cut to length."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pageCompression=1, lang=get_language(), initialFontName=REGULAR)
    canvas.setTitle(title)
    canvas.setCreator(_("FoodTrace"))
    for pieces in _pages(story, room):
        height = round((sum(tall for _piece, tall in pieces) + 2 * EDGE) / DOT) * DOT
        canvas.setPageSize((paper, height))
        top = height - EDGE
        for piece, tall in pieces:
            top -= tall
            piece.drawOn(canvas, (paper - room) / 2, top)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _pages(story: Sequence[Any], room: float) -> Iterator[list[tuple[Any, float]]]:
    """The pieces with their heights, a page at a time."""
    page: list[tuple[Any, float]] = []
    used = 0.0
    for piece in story:
        tall = piece.wrap(room, LENGTH_MAX)[1]
        if page and used + tall > LENGTH_MAX:
            yield page
            page, used = [], 0.0
        page.append((piece, tall))
        used += tall
    yield page
