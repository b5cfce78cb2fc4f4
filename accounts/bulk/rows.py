"""Which column of a file means what, and its rows as cells under our own names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from accounts.bulk.tables import Table

Columns = Mapping[str, tuple[str, ...]]  # our name of a column: the headings that mean it, the surest first

HEADING_LINES = 10  # instructions may stand above the headings
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
UNREADABLE = "\ufffd"
INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn")  # controls, direction marks, zero widths, holes of Unicode


class Refused(Exception):
    """Why a row cannot be taken: the column (empty for the whole row) and a sentence."""

    def __init__(self, column: str, sentence: str) -> None:
        super().__init__(sentence)
        self.column, self.sentence = column, sentence


@dataclass(frozen=True)
class Sheet:
    """A table whose headings are understood: `places` says where each of our columns stands."""

    table: Table
    headings: list[str]
    below: int
    places: Mapping[str, int]

    def rows(self) -> Iterator[Row]:
        """The rows below the headings; empty lines are no rows."""
        return (Row(self, number, line) for number, line in self.table.lines() if number > self.below)


@dataclass(frozen=True, slots=True)
class Row:
    """One line below the headings, as it stands in its file."""

    sheet: Sheet
    number: int
    line: list[str]

    def cells(self) -> dict[str, str]:
        """What stands under the headings we know. Refuses a line that lost its shape or its letters."""
        given, wanted = len(self.line), len(self.sheet.headings)
        if given < wanted or any(self.line[wanted:]):
            raise Refused(
                "",
                _("The row has %(given)s cells, the headings %(wanted)s: look for a comma or quote too many.")
                % {"given": given, "wanted": wanted},
            )
        return {field: self.cell(field) for field in self.sheet.places}

    def cell(self, field: str) -> str:
        """One cell, tidied; empty where the file has no such column."""
        place = self.sheet.places.get(field, len(self.line))
        text = tidy(self.line[place]) if place < len(self.line) else ""
        if UNREADABLE in text:
            raise Refused(field, _("Some letters were lost when the file was saved. Save it again as UTF-8."))
        return text


def recognise(table: Table, columns: Columns, required: tuple[str, ...]) -> Sheet | None:
    """Find the line of headings, the first that has all `required` columns; None where there is none."""
    for number, line in islice(table.lines(), HEADING_LINES):
        headings = [bare(cell) for cell in line]
        places = {
            field: headings.index(word)
            for field, words in columns.items()
            for word in [next((word for word in words if word in headings), None)]
            if word is not None
        }
        if all(field in places for field in required):
            return Sheet(table, line, number, places)
    return None


def bare(heading: str) -> str:
    """A heading without the signs around its words: `保质期(天) *` is `保质期天`."""
    return re.sub(r"[\s*:()_\ufeff-]", "", unicodedata.normalize("NFKC", heading)).lower()


def tidy(text: str) -> str:
    """A cell without signs nobody can see, nor the apostrophe that a file of rejected rows got from us."""
    if not text.isprintable():
        text = "".join(sign for sign in text if sign.isspace() or unicodedata.category(sign) not in INVISIBLE)
    return re.sub(r"^'(?=[=+\-@＝＋－＠])", "", " ".join(text.split()))


def harmless(cell: Any) -> Any:
    """Keep a spreadsheet from running somebody's words as a formula; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS) else cell
