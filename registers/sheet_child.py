"""The child process that opens a foreign spreadsheet: bytes in on stdin, JSON rows of text out, within limits.

It knows nothing of the project and holds no secret; a file that makes it burst takes nothing else along.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import date, datetime
from typing import Any

MEMORY_MAX = 1024 * 1024 * 1024
SECONDS_MAX = 40
COLUMNS_MAX = 100
EMPTY_ROWS_MAX = 100


def main() -> None:
    limit()
    content, rows_max = sys.stdin.buffer.read(), int(sys.argv[1])
    rows = from_workbook(content) if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0") else from_text(content)
    kept = until_empty([[text(cell) for cell in row[:COLUMNS_MAX]] for row in rows[: rows_max + 2 + EMPTY_ROWS_MAX]])
    answer: dict[str, Any] = {"too_many": True} if len(kept) > rows_max + 1 else {"rows": kept}
    sys.stdout.write(json.dumps(answer))


def limit() -> None:
    try:
        import resource  # noqa: PLC0415  # Windows has none
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MAX, SECONDS_MAX))


def from_workbook(content: bytes) -> list[list[Any]]:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  # a csv needs none

    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=False)


def from_text(content: bytes) -> list[list[str]]:
    decoded = decode(content)
    if "\0" in decoded or "\ufffd" in decoded:
        raise SystemExit(2)
    try:
        dialect: Any = csv.Sniffer().sniff(decoded[:4096], delimiters=",;\t")
    except csv.Error:
        dialect = csv.excel
    return list(csv.reader(io.StringIO(decoded, newline=""), dialect))


def decode(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def text(cell: Any) -> str:
    """A cell as a person reads it: whole floats without `.0`, dates as 2026-11-22."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time().isoformat() == "00:00:00" else cell.isoformat(" ", "minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell).strip()


def until_empty(rows: list[list[str]]) -> list[list[str]]:
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


main()
