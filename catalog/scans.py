"""What a scanner delivers, read: GS1 element strings, GS1 Digital Links, barcodes, shops' own codes, other text."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.barcodes import Barcode, check_digit, parse
from catalog.element_strings import GS, Element, NoElements, bracketed, day_of, elements, unglued

SCAN_MAX = 500
LOT_MAX = 20  # signs of AI 10, as of AI 21
POUND = Decimal("0.45359237")  # in kilograms
SYMBOLOGY = re.compile(r"\]([A-Za-z]\d)")
GS1_SYMBOLOGIES = ("C1", "e0", "d2", "Q3", "J1")
GS1_LIKE = re.compile(
    r"\](C1|e0|d2|Q3|J1)|(\(\d{2,4}\)[^(]*)*\(0[012]\)\s*\d|((1[1357]\d{6})*0[012]\d{14})|.*\x1d|https?://",
    re.IGNORECASE,
)
LINK_KEY = re.compile(r"01|gtin")
WEIGHABLE = re.compile(r"2[0-4]\d{11}")
KNOWN_UNUSED = ("00", "03", "12", "16", "20", "21", "22", "24", "25", "33", "40", "41", "42", "80", "9")


class Kind(StrEnum):
    ELEMENTS = "elements"
    LINK = "link"
    BARCODE = "barcode"
    IN_STORE = "in_store"
    TEXT = "text"


@dataclass(frozen=True)
class Scan:
    """One scan and what it says; empty is what it does not say. `weight` is net, in kilograms; `count` in pieces.

    Of a shop's own code `item` is its beginning, which stands for the goods, and `amount` the rest, in thousandths.
    """

    text: str
    kind: Kind
    gtin: str = ""
    lot: str = ""
    made_on: datetime.date | None = None
    until: datetime.date | None = None
    serial: str = ""
    count: Decimal | None = None
    weight: Decimal | None = None
    item: str = ""
    amount: Decimal | None = None
    remarks: tuple[str, ...] = field(default=())

    @property
    def code(self) -> str:
        """What names the goods: the barcode as it is printed, else the text itself."""
        return Barcode(self.gtin, self.gtin).shown if self.gtin else self.text


def looks_like_gs1(text: str) -> bool:
    """Whether it is worth reading as more than a number: cheap, for every cell of a long paper."""
    return bool(GS1_LIKE.match(text))


def read_scan(text: str, *, today: datetime.date | None = None) -> Scan:
    """Read what a scanner delivered, with or without symbology identifier and separators.

    Raises ValidationError where it is certainly a barcode or GS1 code and something in it is wrong, with the right
    digit where that can be told. What is neither is text: a self-made code, a lot number, a name.
    """
    text = unicodedata.normalize("NFKC", text).strip(" \t\r\n\ufeff\u200b")
    if len(text) > SCAN_MAX:
        raise ValidationError(_("This is too long for a code. Scan one code at a time."), code="long")
    symbology = SYMBOLOGY.match(text)
    body = text[3:] if symbology else text
    if symbology and symbology[1] in GS1_SYMBOLOGIES:
        return _of_elements(body, body, certain=True, today=today)
    if body.lower().startswith(("http://", "https://")):
        return _of_link(body, today=today)
    if looks_like_gs1(body):
        scan = _of_elements(body, text, certain=GS in body or body.startswith("("), today=today)
        if scan.kind != Kind.TEXT:
            return scan
    return _of_number(body, shortened=bool(symbology and symbology[1] in ("E0", "E4")))


def gs1_scan(text: str) -> Scan | None:
    """What `text` says where it is a whole GS1 code of some goods; None for all else, broken codes among it."""
    if not looks_like_gs1(text):
        return None
    try:
        scan = read_scan(text)
    except ValidationError:
        return None
    return scan if scan.gtin else None


def _of_elements(body: str, text: str, *, certain: bool, today: datetime.date | None) -> Scan:
    try:
        found = bracketed(body) if body.startswith("(") else elements(body)
    except NoElements as fault:
        if not certain:
            return Scan(text, Kind.TEXT)
        part = str(fault).replace(GS, " ")[:40]
        words = _("This GS1 code cannot be read from “%(part)s” on. Scan it again, or type what is printed beside it.")
        raise ValidationError(words % {"part": part}, code="elements") from None
    glued = GS not in body and not body.startswith("(")
    return _said(Scan(body, Kind.ELEMENTS), found, glued=glued, today=today)


def _of_link(address: str, *, today: datetime.date | None) -> Scan:
    """A GS1 Digital Link says all in its address; the address is never opened."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return Scan(address, Kind.TEXT)
    steps = [unquote(step) for step in parts.path.split("/")]
    at = next((n for n, step in enumerate(steps) if LINK_KEY.fullmatch(step)), len(steps))
    pairs = [*zip(steps[at::2], steps[at + 1 :: 2], strict=False), *parse_qsl(parts.query)]
    found = [("01" if key == "gtin" else key, value.strip()) for key, value in pairs]
    found = [(key, value) for key, value in found if _is_number(key, up_to=4) and value]
    if not any(key == "01" for key, _value in found):
        return Scan(address, Kind.TEXT, remarks=(_("This link names no goods. Scan the barcode of the goods."),))
    return _said(Scan(address, Kind.LINK), found, today=today)


def _said(scan: Scan, found: Iterable[Element], *, today: datetime.date | None, glued: bool = False) -> Scan:
    said, remarks = dict(found), []
    if glued and said.get("10", "") and list(said)[-1] == "10":
        said["10"], dates = unglued(said["10"])
        if dates:
            said |= {ai: value for ai, value in dates if ai not in said}
            remarks.append(_("The scanner leaves out separators: check the lot number, and set it to send them (GS)."))
    days = {ai: day_of(said[ai], today=today or timezone.localdate()) for ai in ("11", "13", "15", "17") if ai in said}
    remarks += [_("The date %(date)s in the code does not exist. Type the one that is printed.") % {"date": said[ai]}
                for ai, day in days.items() if day is None]  # fmt: skip
    remarks += [_("Part (%(ai)s) of the code is not used here.") % {"ai": ai} for ai in said if not _is_known(ai)]
    number = said.get("01") or said.get("02")
    count = said.get("30") or said.get("37") or ""
    until = [day for ai in ("15", "17") if (day := days.get(ai))]
    return replace(
        scan, gtin=parse(number).gtin if number else "", lot=said.get("10", ""), serial=said.get("21", ""),
        made_on=days.get("11") or days.get("13"), until=min(until, default=None),
        count=Decimal(count) or None if _is_number(count, up_to=8) else None,
        weight=_weight(said), remarks=tuple(remarks),
    )  # fmt: skip


def _is_known(ai: str) -> bool:
    used = ("01", "02", "10", "11", "13", "15", "17", "30", "37", "310", "320")
    return ai.startswith((*used, *KNOWN_UNUSED))


def _weight(said: Mapping[str, str]) -> Decimal | None:
    """The net weight in kilograms; the last digit of its identifier says how many decimals it has."""
    for ai, value in said.items():
        if re.fullmatch(r"3[12]0[0-5]", ai) and _is_number(value, up_to=6):
            weight = Decimal(value).scaleb(-int(ai[3])) * (POUND if ai[1] == "2" else 1)
            return weight.quantize(Decimal("0.001")) or None
    return None


def _is_number(text: str, *, up_to: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= up_to


def _of_number(body: str, *, shortened: bool) -> Scan:
    """A plain barcode, or what a shop made; `shortened` is what a scanner says of EAN-8 and UPC-E itself."""
    if WEIGHABLE.fullmatch(body) and check_digit(body[:-1]) == body[-1]:
        amount = Decimal(body[7:12]).scaleb(-3) or None
        return Scan(body, Kind.IN_STORE, item=body[:7], amount=amount)
    if full := upc_a_of(body):
        return Scan(body, Kind.BARCODE, gtin=full.zfill(14))
    if shortened and len(body) == 8:
        body = body.zfill(13)
    try:
        return Scan(body, Kind.BARCODE, gtin=parse(body).gtin)
    except ValidationError as refusal:
        if refusal.code in ("check", "rounded"):
            raise
        return Scan(body, Kind.IN_STORE if refusal.code == "in_store" else Kind.TEXT)


def upc_a_of(short: str) -> str:
    """The 12 digits that the 8 of a UPC-E symbol stand for; empty where they are none."""
    if not re.fullmatch(r"[01]\d{7}", short, re.ASCII):
        return ""
    system, six, check = short[0], short[1:7], short[7]
    last = six[5]
    if last in "012":
        middle = f"{six[:2]}{last}0000{six[2:5]}"
    elif last == "3":
        middle = f"{six[:3]}00000{six[3:5]}"
    else:
        middle = f"{six[:4]}00000{six[4]}" if last == "4" else f"{six[:5]}0000{last}"
    return f"{system}{middle}{check}" if check_digit(system + middle) == check else ""
