"""What a clerk most likely meant by a cell that makes no sense: shown beside it, never written by itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

from django.core.exceptions import ValidationError

from catalog.barcodes import SCIENTIFIC, check_digit, parse, tidy
from catalog.lookup import codes_of
from catalog.models import Listing, ProductCode
from enterprises.models import Enterprise, Partnership
from ledgers.typed import partners_called

DAY_LAST = re.compile(r"(\d{1,2})\D(\d{1,2})\D(\d{4})")
NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
LOOKED_UP_MAX = 300  # different words per file; a file with more has another problem


class Proposals:
    """Asks once per file what the author's partners and goods are called, and only where a word is not known."""

    def __init__(self, *, author: Enterprise, role: str) -> None:
        self.author, self.role = author, role
        self._partners: list[str] | None = None
        self._goods: list[str] | None = None
        self._gtins: list[str] | None = None
        self._known: dict[tuple[str, str], str] = {}

    def of(self, field: str, text: str, *, unit: str = "") -> str:
        """What would be right in this field, or nothing where that cannot be told."""
        if field == "unit":
            return unit
        if (field, text) not in self._known:
            self._known[field, text] = self._of(field, text) if len(self._known) < LOOKED_UP_MAX else ""
        return self._known[field, text]

    def _of(self, field: str, text: str) -> str:
        if field in ("traded_on", "made", "until"):
            return a_date(text)
        if field in ("quantity", "price"):
            return a_number(text, places=3 if field == "quantity" else 2)
        if field == "partner":
            return self._closest(text, self._partner_names())
        return self._goods_meant(text) if field == "code" else ""

    def _goods_meant(self, text: str) -> str:
        digits = tidy(text)
        if SCIENTIFIC.fullmatch(digits):
            fits = [gtin for gtin in self._own_gtins() if _rounds_to(gtin, digits)]
            return fits[0] if len(fits) == 1 else ""
        return right_barcode(text) or self._closest(text, self._goods_names())

    def _closest(self, text: str, names: list[str]) -> str:
        return next(iter(get_close_matches(text, names, n=1, cutoff=0.75)), "") if text else ""

    def _partner_names(self) -> list[str]:
        if self._partners is None:
            listed = Partnership.objects.filter(owner=self.author.firm, role=self.role).current()
            names = [*listed.order_by("pk").values_list("partner__name", flat=True)[:5_000]]
            clear = partners_called(names, author=self.author, role=self.role)
            self._partners = [name for name in names if name in clear]
        return self._partners

    def _goods_names(self) -> list[str]:
        if self._goods is None:
            listed = Listing.objects.filter(enterprise=self.author.firm).order_by("pk")
            self._goods = [*listed.values_list("product__name", flat=True)[:5_000]]
        return self._goods

    def _own_gtins(self) -> list[str]:
        if self._gtins is None:
            codes = ProductCode.objects.filter(product__listings__enterprise=self.author.firm).order_by("pk")
            self._gtins = [code.shown for code in codes]
        return self._gtins


def a_date(text: str) -> str:
    """22/11/2026 and 11-22-2026 as 2026-11-22; nothing where day and month cannot be told apart."""
    found = DAY_LAST.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not found:
        return ""
    first, second, year = map(int, found.groups())
    days = {_day(year, second, first), _day(year, first, second)} - {""}
    return days.pop() if len(days) == 1 else ""


def _day(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def a_number(text: str, *, places: int) -> str:
    """`12.5元`, `1,5` and 0.123456789012 as a plain number with so many decimals; nothing where there are two."""
    found = NUMBER.findall(unicodedata.normalize("NFKC", text).replace(" ", ""))
    if len(found) != 1 or text.strip().startswith(("-", "－")):
        return ""
    try:
        number = round(Decimal(found[0].replace(",", ".")), places).normalize()
    except InvalidOperation:
        return ""
    return f"{number:f}" if number else ""


def right_barcode(text: str) -> str:
    """The barcode with the digit that fits, where such goods exist."""
    digits = tidy(text)
    try:
        parse(text)
    except ValidationError as refusal:
        if refusal.code != "check":
            return ""
    else:
        return ""
    right = digits[:-1] + check_digit(digits[:-1])
    return right if codes_of([right]) else ""


def _rounds_to(gtin: str, scientific: str) -> bool:
    mantissa = scientific.split("E")[0]
    places = len(mantissa.partition(".")[2])
    return f"{int(gtin):.{places}E}".replace("E+0", "E+") == scientific.replace("E+0", "E+")


def words_of(problems: Iterable[tuple[str, str]]) -> list[str]:
    """`column: sentence` of several problems, for one cell of a file."""
    return [f"{place}: {sentence}" if place else sentence for place, sentence in problems]
