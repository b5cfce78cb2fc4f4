"""Which row of a foreign file holds the headings, and which heading means which field."""

from __future__ import annotations

import csv
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from registers.spreadsheets import Sheet

DATA = Path(__file__).with_name("data") / "headings.csv"
LOOKED_AT = 30  # rows from the top in which headings are looked for
HEAD = ("paper_number", "partner", "partner_number", "traded_on", "note")
LINE = ("code", "name", "lot", "made", "until", "quantity", "unit", "price")
FIELDS = (*HEAD, *LINE)
NOISE = re.compile(r"[\s*:_\-./]|\([^()]*\)")


@dataclass(frozen=True)
class Heading:
    """The row of the headings, from 0, its words, and by field the position of its column, from 0."""

    row: int
    words: list[str]
    columns: dict[str, int]


@lru_cache(maxsize=1)
def known_words() -> Mapping[str, str]:
    """By bare heading, the field it means: rows of data/headings.csv."""
    with DATA.open(encoding="utf-8") as file:
        return {bare(row["heading"]): row["field"] for row in csv.DictReader(file)}


def bare(heading: str) -> str:
    """A heading without width, case, blanks, stars and what stands in brackets: `单价（元）*` is 单价."""
    return NOISE.sub("", unicodedata.normalize("NFKC", heading)).lower()


def shape(words: Sequence[str]) -> str:
    """What two files of one program have in common: the hash of their headings."""
    return hashlib.sha256("\x1f".join(map(bare, words)).encode()).hexdigest()


def find_heading(sheet: Sheet, remembered: Mapping[str, Mapping[str, int]]) -> Heading:
    """The row of the headings: one of a shape `remembered` by its hash, else that with most words known here.

    Instructions, titles and headings in several rows stand above it. Where no word is known it is the first row with
    two words, and a person has to say what they mean.
    """
    candidates = [heading_at(sheet, row) for row in range(min(LOOKED_AT, len(sheet.rows)))]
    for heading in candidates:
        if columns := remembered.get(shape(heading.words)):
            return Heading(heading.row, heading.words, {**columns})
    best = max(candidates, key=lambda heading: (len(heading.columns), -heading.row))
    if len(best.columns) > 1:
        return best
    return next((heading for heading in candidates if sum(map(bool, heading.words)) > 1), candidates[0])


def heading_at(sheet: Sheet, row: int) -> Heading:
    """This row taken for the headings; a cell merged with one above has the words of that."""
    width = max(map(len, sheet.rows[: LOOKED_AT * 2]))
    words = [*sheet.rows[row], *[""] * (width - len(sheet.rows[row]))]
    for top, left, bottom, right in sheet.merged:
        if top < row <= bottom and left == right and left < width and not words[left]:
            words[left] = sheet.rows[top][left] if left < len(sheet.rows[top]) else ""
    return Heading(row, words, columns_of(words))


def columns_of(words: Iterable[str]) -> dict[str, int]:
    """By field the first column whose heading means it."""
    found: dict[str, int] = {}
    for position, word in enumerate(words):
        field = known_words().get(bare(word), "")
        if field in FIELDS:
            found.setdefault(field, position)
    return found


def is_total(cells: Iterable[str]) -> bool:
    """Whether a row says that it is a sum."""
    return any(known_words().get(bare(cell)) == "total" for cell in cells if cell)
