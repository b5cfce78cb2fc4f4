"""The file of rows that were not taken: where each stood, why, and the row itself, to be mended."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import IO

from accounts.bulk.rows import Refused, Row, Sheet, harmless

OWN_HEADINGS = ("row", "file", "column", "reason")


class RejectedRows:
    """Writes bad rows to a csv whose headings are ours and then all headings of all files."""

    def __init__(self, stream: IO[str], sheets: Iterable[Sheet]) -> None:
        self.places: dict[tuple[str, int], int] = {}
        for sheet in sheets:
            for heading in _numbered(sheet.headings):
                self.places.setdefault(heading, len(self.places))
        self.writer = csv.writer(stream)
        self.writer.writerow([*OWN_HEADINGS, *(harmless(heading) for heading, _nth in self.places)])

    def write(self, row: Row, refused: Refused) -> None:
        """Write one row with its reason; cells beyond its headings stand at the end."""
        headings = row.sheet.headings
        cells = [""] * len(self.places)
        for heading, cell in zip(_numbered(headings), row.line, strict=False):
            cells[self.places[heading]] = cell
        place = row.sheet.places.get(refused.column)
        column = headings[place] if place is not None else ""
        line = [row.sheet.table.name, column, refused.sentence, *cells, *row.line[len(headings) :]]
        self.writer.writerow([row.number, *map(harmless, line)])


def _numbered(headings: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Headings with how often they came before: two columns may have one name."""
    met: Counter[str] = Counter()
    for heading in headings:
        yield heading, met[heading]
        met[heading] += 1
