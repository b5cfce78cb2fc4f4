"""The child process that opens a foreign spreadsheet: bytes in on stdin, JSON lines of text out, within limits.

It knows nothing of the project and holds no secret; a file that makes it burst takes nothing else along. A line holds
some rows; the last one tells which cells are merged, which hold a formula without its value, or that it is too much.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from itertools import islice
from typing import Any

MEMORY_MAX = 1024 * 1024 * 1024
SECONDS_MAX = 40
COLUMNS_MAX = 100
EMPTY_ROWS_MAX = 100
FACTS_MAX = 1_000
MIDNIGHT = time()
PORTION = 500  # rows in a line
CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]{0,200}><f(.{0,9000}?)</c>', re.DOTALL)
VALUE = re.compile(rb"<v>[^<]")


def main() -> None:
    limit()
    content, rows_max = sys.stdin.buffer.read(), int(sys.argv[1])
    facts: dict[str, Any] = {}
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        rows, facts["merged"] = from_workbook(content)
        facts["formulas"] = formulas_without_value(content)
    else:
        rows = from_text(content)
    told = until_empty([text(cell) for cell in row[:COLUMNS_MAX]] for row in rows)
    kept = islice(told, rows_max + 1)
    while portion := list(islice(kept, PORTION)):
        sys.stdout.write(json.dumps(portion) + "\n")
    if next(told, None):
        facts = {"too_many": True}
    sys.stdout.write(json.dumps(facts))


def limit() -> None:
    try:
        import resource  # noqa: PLC0415  # Windows has none
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MAX, SECONDS_MAX))


def from_workbook(content: bytes) -> tuple[Iterable[list[Any]], list[Any]]:
    """The rows of the first sheet, and its merged cells as (first row, first column, last row, last column)."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  # a csv needs none

    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    merged = [(*first, *last) for first, last in (sheet.merged_cell_ranges or [])[:FACTS_MAX]]
    left = [""] * (sheet.start or (0, 0))[1]  # iter_rows() leaves the empty columns on the left out
    return ([*left, *row] for row in sheet.iter_rows()), merged


def formulas_without_value(content: bytes) -> list[tuple[int, str]]:
    """Row and column letters of cells whose formula nobody has worked out: their value is not in the file."""
    if not content.startswith(b"PK"):
        return []
    packed = zipfile.ZipFile(io.BytesIO(content))
    sheets = sorted(name for name in packed.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name))
    xml = packed.read(sheets[0]) if sheets else b""
    if b"<f" not in xml:
        return []
    cells = ((int(cell[2]), cell[1].decode()) for cell in CELL.finditer(xml) if not VALUE.search(cell[3]))
    return [cell for cell, _number in zip(cells, range(FACTS_MAX), strict=False)]


def from_text(content: bytes) -> Iterable[list[str]]:
    decoded = decode(content)
    if "\0" in decoded or "\ufffd" in decoded:
        raise SystemExit(2)
    try:
        dialect: Any = csv.Sniffer().sniff(decoded[:4096], delimiters=",;\t")
    except csv.Error:
        dialect = csv.excel
    return csv.reader(io.StringIO(decoded, newline=""), dialect)


def decode(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def text(cell: Any) -> str:
    """A cell as a person reads it: fifteen digits of a number, whole ones without `.0`, dates as 2026-11-22."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == MIDNIGHT else cell.isoformat(" ", "minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell).strip()


def until_empty(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """The rows but the empty ones at the end; after too many empty ones there is no more."""
    waiting: list[list[str]] = []
    for row in rows:
        waiting.append(row)
        if any(row):
            yield from waiting
            waiting = []
        elif len(waiting) > EMPTY_ROWS_MAX:
            return


main()
