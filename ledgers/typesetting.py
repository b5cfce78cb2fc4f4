"""How printed papers are set: colours, letters, text that is never read as markup, and A4 pages with a foot."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

from ledgers.fonts import BOLD, GETA, REGULAR, printable

Styles = Mapping[str, ParagraphStyle]

INK, GREY, RED, SHADE = HexColor("#1c2430"), HexColor("#5b6573"), HexColor("#c0262d"), HexColor("#eef1ee")
LEFT, RIGHT, TOP, BOTTOM = 18 * mm, 12 * mm, 12 * mm, 16 * mm  # papers are bound into a book at the left
WIDTH = A4[0] - LEFT - RIGHT

TEXT = ParagraphStyle("text", fontName=REGULAR, fontSize=9, leading=12.5, textColor=INK, wordWrap="CJK")
A4_STYLES: Styles = {
    "text": TEXT,
    "small": ParagraphStyle("small", TEXT, fontSize=7.5, leading=10, textColor=GREY),
    "title": ParagraphStyle("title", TEXT, fontName=BOLD, fontSize=20, leading=25),
    "section": ParagraphStyle("section", TEXT, fontName=BOLD, fontSize=12, leading=17, spaceBefore=10, spaceAfter=4),
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
TOP_ALIGNED: tuple[Any, ...] = (("VALIGN", (0, 0), (-1, -1), "TOP"), ("BOTTOMPADDING", (0, 0), (-1, -1), 5))
LINES = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.4, GREY), ("BACKGROUND", (0, 0), (-1, 0), SHADE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"), ("FONT", (0, 0), (-1, -1), REGULAR, 7.5, 10),
        ("TEXTCOLOR", (0, 0), (-1, -1), INK),
        ("LEFTPADDING", (0, 0), (-1, -1), 3), ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
)  # fmt: skip

FACTS = TableStyle([*TOP_ALIGNED, ("LINEBELOW", (0, 0), (-1, -1), 0.4, GREY), ("BACKGROUND", (0, 0), (0, -1), SHADE)])
Rows = Iterable[Sequence[Any]]


class Sheet:
    """Sets text for one paper and remembers whether a character had to be replaced."""

    def __init__(self, styles: Styles = A4_STYLES) -> None:
        self.lacks_characters = False
        self._chinese = styles
        self._latin = {name: ParagraphStyle(f"latin_{name}", style, wordWrap=None) for name, style in styles.items()}

    def set(self, text: object, style: str = "text") -> Paragraph:
        """A paragraph of plain text: whatever people typed into it is printed, never read as markup."""
        written = str(text)
        shown = printable(written)
        self.lacks_characters |= GETA in shown and GETA not in written
        styles = self._latin if shown.isascii() else self._chinese  # English breaks between words, Chinese anywhere
        return Paragraph(escape(shown), styles[style])

    def apology(self, style: str = "small") -> list[Paragraph]:
        """What the sign for a missing character means; nothing where none was needed."""
        sentence = _("%(sign)s stands for a character that cannot be printed; the platform shows it.") % {"sign": GETA}
        return [self.set(sentence, style)] if self.lacks_characters else []


def part(sheet: Sheet, name: str, widths: Sequence[int], headings: Sequence[str], rows: Rows) -> Iterator[Any]:
    """A table under its name; widths are in mm, the 0 among them takes what is left."""
    known = [width * mm for width in widths]
    known[widths.index(0)] = WIDTH - sum(known)
    cells = [[_cell(sheet, cell) for cell in row] for row in rows]
    yield sheet.set(name, "section")
    if not cells:
        yield sheet.set(_("Nothing on record."))
        return
    yield Table([[sheet.set(word, "heading") for word in headings], *cells], known, repeatRows=1, style=LINES)


def _cell(sheet: Sheet, cell: Any) -> Any:
    """Facts in a tuple stand below each other. Dates and counts always fit: as they are they cost a tenth."""
    if isinstance(cell, tuple):
        return [sheet.set(fact, "cell") for fact in cell if fact]
    return str(cell) if isinstance(cell, date | int) else sheet.set(cell, "cell")


def money(yuan: Decimal | None) -> str:
    """An amount with two decimals, or a dash where no price was given."""
    return "–" if yuan is None else formats.number_format(yuan, decimal_pos=2, force_grouping=True)


def on_a4(story: Iterable[Any], *, title: str) -> bytes:
    """The story as a PDF of A4 pages, each with the title and its number at the foot."""
    buffer = io.BytesIO()
    document = SimpleDocTemplate(
        buffer, pagesize=A4, leftMargin=LEFT, rightMargin=RIGHT, topMargin=TOP, bottomMargin=BOTTOM,
        title=printable(title), creator=_("FoodTrace"), lang=get_language(), initialFontName=REGULAR, pageCompression=1,
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
