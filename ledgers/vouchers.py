"""The printed voucher (食安E通) of a confirmed paper: parties, lines, and a code to check it by."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from xml.sax.saxutils import escape

from django.utils import formats, timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from reportlab.graphics.barcode import createBarcodeDrawing
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from ledgers.fonts import BOLD, GETA, REGULAR, printable, register_fonts
from ledgers.models import Invoice, InvoiceLine
from registers.templatetags.house import quantity

INK, GREY, RED, SHADE = HexColor("#1c2430"), HexColor("#5b6573"), HexColor("#c0262d"), HexColor("#eef1ee")
LEFT, RIGHT, TOP, BOTTOM = 18 * mm, 12 * mm, 12 * mm, 16 * mm  # vouchers are bound into a book at the left
WIDTH = A4[0] - LEFT - RIGHT
QR_SIDE = 32 * mm
CENT = Decimal("0.01")
WIDTHS = (7, 0, 22, 26, 16, 16, 14, 9)  # of the columns, in mm; goods take what is left
PRICE_WIDTHS = (13, 18)

TEXT = ParagraphStyle("text", fontName=REGULAR, fontSize=9, leading=12.5, textColor=INK, wordWrap="CJK")
STYLES = {
    "text": TEXT,
    "small": ParagraphStyle("small", TEXT, fontSize=7.5, leading=10, textColor=GREY),
    "title": ParagraphStyle("title", TEXT, fontName=BOLD, fontSize=20, leading=25),
    "number": ParagraphStyle("number", TEXT, fontName=BOLD, fontSize=12, leading=17),
    "name": ParagraphStyle("name", TEXT, fontName=BOLD, fontSize=10.5, leading=14),
    "banner": ParagraphStyle("banner", TEXT, fontName=BOLD, fontSize=11, leading=15, textColor=RED),
    "cell": ParagraphStyle("cell", TEXT, fontSize=7.5, leading=10),
    "figure": ParagraphStyle("figure", TEXT, fontSize=7.5, leading=10, alignment=TA_RIGHT),
    "heading": ParagraphStyle("heading", TEXT, fontName=BOLD, fontSize=7.5, leading=10),
    "heading_of_figure": ParagraphStyle(
        "heading_of_figure", TEXT, fontName=BOLD, fontSize=7.5, leading=10, alignment=TA_RIGHT
    ),
    "total": ParagraphStyle("total", TEXT, fontName=BOLD, fontSize=10, leading=15, alignment=TA_RIGHT),
}
LATIN = {name: ParagraphStyle(f"latin_{name}", style, wordWrap=None) for name, style in STYLES.items()}


def voucher_pdf(invoice: Invoice, *, address: str, with_prices: bool) -> bytes:
    """The A4 voucher of a confirmed invoice, in the active language, as the parties stood on its day.

    `address` is the public page where it can be checked. Prices are printed only where the reader is a party.
    Raises FontsNotReady while the fonts are not built.
    """
    register_fonts()
    lines = list(invoice.lines.select_related("unit", "entry"))
    sheet = _Sheet()
    story = [
        *_head(sheet, invoice, address),
        *_standing(sheet, invoice),
        _parties(sheet, invoice.printed),
        Spacer(1, 4 * mm),
        _table(sheet, lines, with_prices=with_prices),
        Spacer(1, 2 * mm),
        *_totals(sheet, lines, with_prices=with_prices),
        *_foot(sheet, invoice, address),
    ]
    return _printed(story, invoice.number or "")


class _Sheet:
    """Sets text for this one paper and remembers whether a character had to be replaced."""

    lacks_characters = False

    def set(self, text: object, style: str = "text") -> Paragraph:
        """A paragraph of plain text: whatever people typed into it is printed, never read as markup."""
        written = str(text)
        shown = printable(written)
        self.lacks_characters |= GETA in shown and GETA not in written
        styles = LATIN if shown.isascii() else STYLES  # English breaks between words, Chinese anywhere
        return Paragraph(escape(shown), styles[style])


def _head(sheet: _Sheet, invoice: Invoice, address: str) -> Iterator[Any]:
    day = formats.date_format(invoice.traded_on, "DATE_FORMAT")
    left = [
        sheet.set(_("Food safety voucher (食安E通)"), "title"),
        sheet.set(_kind(invoice)),
        Spacer(1, 2 * mm),
        sheet.set(_("Number: %(number)s") % {"number": invoice.number}, "number"),
        sheet.set(_("Date: %(day)s") % {"day": day}),
    ]
    if invoice.paper_number:
        left.append(sheet.set(_("Number on the partner's paper: %(number)s") % {"number": invoice.paper_number}))
    code = createBarcodeDrawing("QR", value=address, width=QR_SIDE, height=QR_SIDE, barLevel="M", barBorder=2)
    yield Table([[left, code]], [WIDTH - QR_SIDE, QR_SIDE], style=_plain())
    yield Spacer(1, 3 * mm)


def _kind(invoice: Invoice) -> str:
    if invoice.reverses_id:
        return _("Reversal of an earlier paper")
    if invoice.adjusts_id:
        return _("Correction of an earlier paper: the lines say the difference")
    return _("Return of goods") if invoice.kind == Invoice.Kind.RETURN else _("Trade voucher: goods handed over")


def _standing(sheet: _Sheet, invoice: Invoice) -> Iterator[Any]:
    """What became of the paper, or what it does to another; nothing where it simply is in force."""
    reversal = getattr(invoice, "reversed_by", None)
    if reversal:
        sentence = _("Reversed by %(number)s: this paper no longer counts.") % {"number": reversal.number}
        yield from _banner(sheet, sentence, reversal.reason)
    if invoice.reverses:
        sentence = _("This paper reverses %(number)s.") % {"number": invoice.reverses.number}
        yield from _banner(sheet, sentence, invoice.reason)
    if invoice.adjusts:
        sentence = _("This paper corrects %(number)s.") % {"number": invoice.adjusts.number}
        yield from _banner(sheet, sentence, invoice.reason)
    for paper in invoice.adjusted_by.all():
        yield from _banner(sheet, _("Corrected by %(number)s.") % {"number": paper.number}, paper.reason)


def _banner(sheet: _Sheet, sentence: str, reason: str) -> Iterator[Any]:
    because = sheet.set(_("Reason: %(reason)s") % {"reason": reason})
    frame = [("BOX", (0, 0), (-1, -1), 1.2, RED), ("BOTTOMPADDING", (0, 0), (-1, -1), 6)]
    yield Table([[[sheet.set(sentence, "banner"), because]]], [WIDTH], style=TableStyle(frame))
    yield Spacer(1, 3 * mm)


def _parties(sheet: _Sheet, printed: dict[str, dict[str, str]]) -> Table:
    sides = [
        _party(sheet, _("Seller"), printed.get("seller", {})),
        _party(sheet, _("Buyer"), printed.get("buyer", {})),
    ]
    frame = [("BOX", (0, 0), (-1, -1), 0.5, GREY), ("LINEAFTER", (0, 0), (0, 0), 0.5, GREY), *TOP_ALIGNED]
    return Table([sides], [WIDTH / 2] * 2, style=TableStyle(frame))


def _party(sheet: _Sheet, title: str, party: dict[str, str]) -> list[Paragraph]:
    facts = (
        (_("Licence: %(value)s"), "licence"), (_("Address: %(value)s"), "address"),
        (_("Telephone: %(value)s"), "telephone"),
    )  # fmt: skip
    known = [sheet.set(sentence % {"value": party[key]}) for sentence, key in facts if party.get(key)]
    return [sheet.set(title, "small"), sheet.set(party.get("name", ""), "name"), *known]


def _table(sheet: _Sheet, lines: Sequence[InvoiceLine], *, with_prices: bool) -> Table:
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


def _row(sheet: _Sheet, line: InvoiceLine, *, with_prices: bool) -> list[Paragraph]:
    row = [
        sheet.set(line.position, "cell"), sheet.set(line.entry.goods, "cell"), sheet.set(line.entry.goods_code, "cell"),
        sheet.set(line.lot_code, "cell"), sheet.set(line.produced_on or "–", "cell"),
        sheet.set(line.expires_on or "–", "cell"), sheet.set(quantity(line.quantity), "figure"),
        sheet.set(line.unit, "cell"),
    ]  # fmt: skip
    if with_prices:
        row += [sheet.set(_money(line.price), "figure"), sheet.set(_money(_amount(line)), "figure")]
    return row


def _amount(line: InvoiceLine) -> Decimal | None:
    """In yuan, rounded as on every till."""
    return None if line.price is None else (line.quantity * line.price).quantize(CENT, ROUND_HALF_UP)


def _money(yuan: Decimal | None) -> str:
    return "–" if yuan is None else formats.number_format(yuan, decimal_pos=2, force_grouping=True)


def _totals(sheet: _Sheet, lines: Sequence[InvoiceLine], *, with_prices: bool) -> Iterator[Paragraph]:
    count = len(lines)
    yield sheet.set(ngettext("%(count)s line", "%(count)s lines", count) % {"count": count}, "total")
    amounts = [amount for line in lines if (amount := _amount(line)) is not None]
    if with_prices and amounts:
        whole = len(amounts) == count
        sentence = _("Total: %(yuan)s yuan") if whole else _("Total of the lines with a price: %(yuan)s yuan")
        yield sheet.set(sentence % {"yuan": _money(sum(amounts, Decimal(0)))}, "total")


def _foot(sheet: _Sheet, invoice: Invoice, address: str) -> Iterator[Any]:
    yield Spacer(1, 3 * mm)
    if invoice.note:
        yield sheet.set(_("Note: %(note)s") % {"note": invoice.note})
    if invoice.confirmed_at:
        moment = formats.date_format(timezone.localtime(invoice.confirmed_at), "Y-m-d H:i")
        yield sheet.set(_("Confirmed by %(person)s, %(moment)s") % {"person": invoice.confirmed_by, "moment": moment})
    yield sheet.set(
        _("Scan the square code to check this voucher, or open %(address)s. Code of this voucher: %(token)s")
        % {"address": address, "token": invoice.voucher_token},
        "small",
    )
    if sheet.lacks_characters:
        sentence = _("%(sign)s stands for a character that cannot be printed; the platform shows it.") % {"sign": GETA}
        yield sheet.set(sentence, "small")


def _printed(story: Iterable[Any], number: str) -> bytes:
    buffer = io.BytesIO()
    document = SimpleDocTemplate(
        buffer, pagesize=A4, leftMargin=LEFT, rightMargin=RIGHT, topMargin=TOP, bottomMargin=BOTTOM, title=number,
        creator=_("FoodTrace"), lang=get_language(), initialFontName=REGULAR, pageCompression=1,
    )  # fmt: skip
    document.build(list(story), canvasmaker=_NumberedCanvas)
    return buffer.getvalue()


class _NumberedCanvas(Canvas):
    """Writes the foot of each page once it is known how many there are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802  # the library's name
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for page in self._pages:
            self.__dict__.update(page)
            self._foot(len(self._pages))
            super().showPage()
        super().save()

    def _foot(self, pages: int) -> None:
        words = _("%(number)s · page %(page)s of %(pages)s") % {
            "number": self._doc.info.title, "page": self._pageNumber, "pages": pages,
        }  # fmt: skip
        self.setFont(REGULAR, 8)
        self.setFillColor(GREY)
        self.drawRightString(A4[0] - RIGHT, 9 * mm, printable(words))


TOP_ALIGNED: tuple[Any, ...] = (("VALIGN", (0, 0), (-1, -1), "TOP"), ("BOTTOMPADDING", (0, 0), (-1, -1), 5))
LINES = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.4, GREY), ("BACKGROUND", (0, 0), (-1, 0), SHADE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"), ("FONTNAME", (0, 0), (-1, -1), REGULAR),
        ("LEFTPADDING", (0, 0), (-1, -1), 3), ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
)  # fmt: skip


def _plain() -> TableStyle:
    return TableStyle([*TOP_ALIGNED, ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)])
