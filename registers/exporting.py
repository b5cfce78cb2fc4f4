"""Rows out to a file: streamed, harmless to a spreadsheet, at most as many as a spreadsheet holds well."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any
from urllib.parse import quote

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from accounts.bulk.rows import harmless
from accounts.request import HouseRequest
from registers.columns import plain
from registers.register import Register

ROWS_MAX = 100_000
PIECE = 1_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(register: Register, rows: QuerySet[Any], request: HouseRequest) -> HttpResponseBase:
    """All rows of a register as csv or, unless the query says so, xlsx; a longer list is cut at ROWS_MAX."""
    columns = register.table_columns()
    headings = [str(column.label) for column in columns]
    cells = ([plain(column.read(row)) for column in columns] for row in _completed(register, rows, request))
    if request.GET.get("format") == "csv":
        return as_csv(register.slug, headings, cells)
    return as_xlsx(register.slug, headings, cells)


def _completed(register: Register, rows: QuerySet[Any], request: HouseRequest) -> Iterator[Any]:
    """The rows, a piece at a time, each piece with what the register adds to it."""
    stream = rows[:ROWS_MAX].iterator(chunk_size=PIECE)
    while piece := list(islice(stream, PIECE)):
        register.complete(piece, request.scope)
        yield from piece


def download_table(name: str, table: Sequence[Sequence[Any]]) -> HttpResponseBase:
    """A small table that is in memory already, as csv."""
    return as_csv(name, table[0], table[1:])


def as_csv(name: str, headings: Sequence[Any], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """A stream of lines that begins with a byte order mark: Excel reads UTF-8 only then."""
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield "\ufeff" + str(writer.writerow([harmless(cell) for cell in headings]))
        for row in rows:
            yield str(writer.writerow([harmless(cell) for cell in row]))

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = attachment(f"{name}.csv")
    return response


def as_xlsx(name: str, headings: Sequence[Any], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A workbook of one sheet."""
    return as_workbook(name, [(name, chain([headings], rows))])


def as_workbook(name: str, sheets: Iterable[tuple[str, Iterable[Sequence[Any]]]]) -> HttpResponse:
    """Sheets with their names, written row by row; text stays text, whatever sign it begins with."""
    book = Workbook(write_only=True)
    for title, rows in sheets:
        sheet = book.create_sheet(title[:31])
        for row in rows:
            sheet.append([_cell(sheet, value) for value in row])
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        response = HttpResponse(file.read(), content_type=XLSX)
    response["Content-Disposition"] = attachment(f"{name}.xlsx")
    return response


def _cell(sheet: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"
    return cell


def attachment(filename: str) -> str:
    """A Content-Disposition that any browser understands, Chinese names included (RFC 6266)."""
    return f"attachment; filename*=UTF-8''{quote(filename)}"


class _Echo:
    """A file that hands each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line
