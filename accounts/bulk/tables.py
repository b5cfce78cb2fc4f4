"""Lines of text out of csv, csv.gz, xls and xlsx files, one after the other, however long the file."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, cast

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

SUFFIXES = (".csv", ".csv.gz", ".xls", ".xlsx")
WORKBOOK_SIGNS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
UNPACKED_MAX = 4 * 1024**3
WORKBOOK_MAX = 1024**3  # a workbook is held in memory while it is read
CHUNK = 1 << 20
SAMPLE = 4096
DELIMITERS = (",", ";", "\t")


class NoTable(Exception):
    """A file that holds no table we can read; the text is a sentence for the operator."""


@dataclass(frozen=True)
class Table:
    """One sheet of a workbook, or a whole csv file."""

    path: Path
    sheet: str = ""

    @property
    def name(self) -> str:
        return f"{self.path.name} [{self.sheet}]" if self.sheet else self.path.name

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        """The lines with anything in them and their numbers, counted from 1 as a spreadsheet counts."""
        lines = _sheet_lines(self) if is_workbook(self.path) else _text_lines(self.path)
        return ((number, line) for number, line in enumerate(lines, 1) if any(line))


def files_in(paths: Iterable[Path]) -> list[Path]:
    """The files meant by `paths`: a folder means the tables that lie in it. Raises NoTable."""
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise NoTable(_("There is no file or folder %(path)s.") % {"path": path})
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        files += [file for file in inside if file == path or file.name.lower().endswith(SUFFIXES)]
    return files


def tables_in(path: Path) -> list[Table]:
    """The sheets of a workbook, or the one table of a csv file. Raises NoTable."""
    if not is_workbook(path):
        return [Table(path)]
    names = _workbook(path).sheet_names
    return [Table(path, name if len(names) > 1 else "") for name in names]


def is_workbook(path: Path) -> bool:
    """Whether this is an xls or xlsx file, by what it is and not by its name."""
    with path.open("rb") as file:
        return file.read(4) in WORKBOOK_SIGNS


def as_text(cell: Any) -> str:
    """A cell as a person reads it: whole numbers without `.0`, days as 2026-11-22."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if not (cell.hour or cell.minute) else cell.isoformat(" ", "minutes")
    return cell.isoformat() if isinstance(cell, date) else "" if cell is None else str(cell)


def _workbook(path: Path) -> CalamineWorkbook:
    try:
        entries = zipfile.ZipFile(path).infolist() if zipfile.is_zipfile(path) else []
        if sum(entry.file_size for entry in entries) > WORKBOOK_MAX or path.stat().st_size > WORKBOOK_MAX:
            raise NoTable(_("%(file)s is too large for a workbook. Save it as csv.") % {"file": path.name})
        return CalamineWorkbook.from_path(path)
    except (CalamineError, zipfile.BadZipFile) as fault:
        raise NoTable(_("%(file)s cannot be read as a workbook. Save it as csv.") % {"file": path.name}) from fault


def _sheet_lines(table: Table) -> Iterator[list[str]]:
    book = _workbook(table.path)
    sheet = book.get_sheet_by_name(table.sheet) if table.sheet else book.get_sheet_by_index(0)
    for row in sheet.iter_rows():
        yield [as_text(cell) for cell in row]


def _text_lines(path: Path) -> Iterator[list[str]]:
    with _unpacked(path) as file:
        encoding = _encoding(file, path)
    with _unpacked(path) as file, io.TextIOWrapper(file, encoding, errors="replace", newline="") as text:
        start = text.read(SAMPLE)
        text.seek(0)
        reader = csv.reader(text, delimiter=max(DELIMITERS, key=start.count))
        while True:
            try:
                yield [cell.strip() for cell in next(reader)]
            except StopIteration:
                return
            except csv.Error as fault:  # one field longer than any field is: the line is told, the rest is read
                yield [f"({fault})"]


def _unpacked(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path)) if packed else path.open("rb")


def _encoding(file: IO[bytes], path: Path) -> str:
    """UTF-8 where every byte fits, else GB18030; UTF-16 by its mark. Refuses what unpacks without an end."""
    decoder, size = getincrementaldecoder("utf-8")(), 0
    try:
        while chunk := file.read(CHUNK):
            if size == 0 and chunk[:2] in (b"\xff\xfe", b"\xfe\xff"):
                return "utf-16"
            size += len(chunk)
            if size > UNPACKED_MAX:
                raise NoTable(_("%(file)s unpacks to more than 4 GB. Split it.") % {"file": path.name})
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "gb18030"
    except (OSError, EOFError) as fault:
        raise NoTable(_("%(file)s is damaged: it cannot be unpacked.") % {"file": path.name}) from fault
    return "utf-8-sig"
