"""How GS1 element strings are built: application identifiers, what each is worth in signs, and where one ends."""

from __future__ import annotations

import calendar
import datetime
import re
from itertools import pairwise

GS = "\x1d"
SEPARATOR = re.compile(r"␝|<GS>|\{GS\}|\^\]")  # as scanners and their manuals spell it
FIXED = {
    "00": 18, "01": 14, "02": 14, "03": 14, "11": 6, "12": 6, "13": 6, "15": 6, "16": 6, "17": 6, "20": 2,
    "31": 6, "32": 6, "33": 6, "34": 6, "35": 6, "36": 6, "41": 13,
}  # fmt: skip
TWO, THREE, FOUR = (
    ("00", "01", "02", "03", "10", "11", "12", "13", "15", "16", "17", "20", "21", "22", "30", "37",
     *map(str, range(90, 100))),
    ("23", "24", "25", "40", "41", "42", "71"),
    ("31", "32", "33", "34", "35", "36", "39", "43", "70", "72", "80", "81", "82"),
)  # fmt: skip
DIGITS_OF_AI = {**dict.fromkeys(TWO, 2), **dict.fromkeys(THREE, 3), **dict.fromkeys(FOUR, 4)}
BRACKET = re.compile(r"\((\d{2,4})\)")
GLUED_DATES = re.compile(r"(.{1,20}?)((?:(?:11|13|15|17)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01]))+)")

Element = tuple[str, str]


class NoElements(ValueError):
    """It is not built as GS1 asks; the text is the part that does not fit."""


def elements(text: str) -> list[Element]:
    """The identifiers and values of an element string, in its order. Raises NoElements."""
    text, found = SEPARATOR.sub(GS, text), []
    while text := text.lstrip(GS):
        ai, value = _first(text)
        found.append((ai, value))
        text = text[len(ai) + len(value) :]
    return found


def bracketed(text: str) -> list[Element]:
    """The same from the form printed for people, `(01)09520004000017(10)A7`. Raises NoElements."""
    marks = list(BRACKET.finditer(text))
    if not marks or marks[0].start():
        raise NoElements(text)
    ends = [after.start() for _mark, after in pairwise(marks)] + [len(text)]
    found = [(mark[1], text[mark.end() : end].strip()) for mark, end in zip(marks, ends, strict=True)]
    for ai, value in found:
        size = FIXED.get(ai[:2])
        if not value or len(ai) != DIGITS_OF_AI.get(ai[:2]) or (size and not _are_digits(value, size)):
            raise NoElements(f"({ai}){value}")
    return found


def unglued(lot: str) -> tuple[str, list[Element]]:
    """The lot number and the dates behind it, where a scanner has swallowed the separator between them."""
    glued = GLUED_DATES.fullmatch(lot)
    if not glued:
        return lot, []
    return glued[1], [(glued[2][at : at + 2], glued[2][at + 2 : at + 8]) for at in range(0, len(glued[2]), 8)]


def day_of(digits: str, *, today: datetime.date) -> datetime.date | None:
    """The day that YYMMDD means, DD 00 being the last of its month; None where there is no such day.

    The century is the one that brings it within about fifty years of `today`: GS1 General Specifications, 7.12.
    """
    if not _are_digits(digits, 6):
        return None
    year, month, day = (int(digits[at : at + 2]) for at in (0, 2, 4))
    year += today.year - today.year % 100
    year -= 100 * (year - today.year > 50)
    year += 100 * (today.year - year > 49)
    try:
        return datetime.date(year, month, day or calendar.monthrange(year, month)[1])
    except ValueError:  # also what calendar raises of a thirteenth month
        return None


def _first(text: str) -> Element:
    digits = DIGITS_OF_AI.get(text[:2])
    if digits is None or not _are_digits(text[:digits], digits):
        raise NoElements(text)
    ai, rest = text[:digits], text[digits:]
    size = FIXED.get(ai[:2])
    value = rest[:size] if size else rest.partition(GS)[0]
    if not value or (size and not _are_digits(value, size)):
        raise NoElements(text)
    return ai, value


def _are_digits(text: str, count: int) -> bool:
    return len(text) == count and text.isascii() and text.isdigit()
