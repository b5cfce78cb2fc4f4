"""Barcodes as people and files write them: GB 12904 / GS1 numbers, made one 14-digit key."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from stdnum import ean

LENGTHS = (8, 12, 13, 14)
INVISIBLE = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\ufeff]")
FLOAT = re.compile(r"(\d+)\.0+")
UNROUNDED = re.compile(r"([0-9])\.([0-9]{7,13})E\+?([0-9]{1,2})")
SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)


@dataclass(frozen=True)
class Barcode:
    """A checked trade item number, always 14 digits, and the text it was read from."""

    gtin: str
    written: str

    @property
    def shown(self) -> str:
        """As it is printed under the bars: without the padding zeros, but never shorter than its kind."""
        digits = self.gtin.lstrip("0")
        return digits.zfill(next(length for length in LENGTHS if length >= len(digits)))


def tidy(text: str) -> str:
    """What was meant: half-width, no blanks, hyphens or invisible marks, a spreadsheet's `.0` cut off."""
    return own_code(unicodedata.normalize("NFKC", text).replace("-", ""))


def own_code(text: str) -> str:
    """A code that an enterprise made itself, as it was meant: like `tidy`, but its hyphens belong to it."""
    text = INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    whole = FLOAT.fullmatch(text)
    return whole[1] if whole else text.upper()


def check_digit(body: str) -> str:
    """The last digit GS1 asks for after `body`: weights 3 and 1 from the right."""
    return str(ean.calc_check_digit(body))


def parse(text: str) -> Barcode:
    """Read one barcode. Refuses, with the right digit where it can be told, what is no trade item number.

    Numbers that shops make for themselves (prefix 20-29, and 8 digits that do not begin with 69) never become a GTIN:
    they stay self-made codes of their enterprise.
    """
    digits = _written_out(tidy(text))
    if SCIENTIFIC.fullmatch(digits):
        raise ValidationError(
            _("The spreadsheet has rounded this barcode (%(text)s). Format the column as text and type it again."),
            code="rounded",
            params={"text": text},
        )
    if not digits.isascii() or not digits.isdigit():
        raise ValidationError(_("A barcode has digits only."), code="digits")
    if len(digits) == 11:
        digits = digits.zfill(12)  # a UPC-A code whose leading zero a spreadsheet ate
    if len(digits) not in LENGTHS:
        raise ValidationError(
            _("A barcode has 8, 12, 13 or 14 digits; this one has %(count)s."),
            code="length",
            params={"count": len(digits)},
        )
    if _is_in_store(digits):
        raise ValidationError(
            _("This is a code that a shop made for itself. Use it as a self-made code, not as a barcode."),
            code="in_store",
        )
    expected = check_digit(digits[:-1])
    if digits[-1] != expected:
        raise ValidationError(
            _("The last digit does not fit the rest: %(right)s would be right. Scan it again, or check the package."),
            code="check",
            params={"right": digits[:-1] + expected},
        )
    return Barcode(digits.zfill(14), text)


def _written_out(text: str) -> str:
    """A number in scientific notation that has lost no digit, as digits; any other text as it is."""
    whole = UNROUNDED.fullmatch(text)
    return whole[1] + whole[2] if whole and len(whole[2]) == int(whole[3]) else text


def _is_in_store(digits: str) -> bool:
    """Restricted circulation: 20-29, 02 and 04 in 13 digits; eight digits that are no Chinese GTIN-8.

    A foreign GTIN-8 is typed with its padding zeros, as 13 or 14 digits.
    """
    if len(digits) == 8:
        return not digits.startswith("69")  # one in ten shop codes passes the check digit by chance
    thirteen = digits.zfill(14)[1:]
    return digits.strip("0") == "" or thirteen.startswith("2") or thirteen.startswith(("02", "04"))


def is_barcode(text: str) -> bool:
    """Whether `text` is a checked trade item number."""
    try:
        parse(text)
    except ValidationError:
        return False
    return True
