"""The two weights of the Chinese font that printed papers are set in, and which characters it can print."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

WEIGHTS = {"Regular": 400, "Bold": 700}
FAMILY = "FoodTrace"
REGULAR, BOLD = (f"{FAMILY}-{weight}" for weight in WEIGHTS)
GETA = "〓"  # what printers have always put where a character is missing
NOT_PRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufe00-\ufe0f\ufeff\ud800-\udfff]")


class FontsNotReady(Exception):
    """`manage.py build_fonts` has not run yet, or is still running: printing has to wait for it."""


def font_file(weight: str) -> Path:
    """Where the built font of this weight (Regular or Bold) is kept."""
    return Path(settings.FONT_ROOT) / f"{weight}.ttf"


@lru_cache(maxsize=1)
def register_fonts() -> frozenset[int]:
    """Make both weights known to ReportLab, once per process; returns the code points that can be printed.

    Raises FontsNotReady: the fonts take some ten seconds to build, which no web request waits for.
    """
    missing = [weight for weight in WEIGHTS if not font_file(weight).exists()]
    if missing:
        raise FontsNotReady(f"Not built yet: {', '.join(missing)}. Run manage.py build_fonts.")
    for weight in WEIGHTS:
        pdfmetrics.registerFont(TTFont(f"{FAMILY}-{weight}", str(font_file(weight))))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
    return frozenset(pdfmetrics.getFont(REGULAR).face.charToGlyph)


def printable(text: str) -> str:
    """`text` as the fonts can print it: what they lack shows as 〓, so that a name is never blank without a sign."""
    known = register_fonts()
    visible = NOT_PRINTED.sub("", " ".join(text.split()))
    return "".join(character if ord(character) in known else GETA for character in visible)
