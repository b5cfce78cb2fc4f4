"""Foreign spreadsheets, read at arm's length: size first, then a child process with limits, then rows of text."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _
from openpyxl.utils import column_index_from_string

CHILD = Path(__file__).with_name("sheet_child.py")
BYTES_MAX = 20 * 1024 * 1024
UNPACKED_MAX = 200 * 1024 * 1024
RATIO_MAX = 100
ENTRIES_MAX = 200
SECONDS_MAX = 60


class Unreadable(Exception):
    """A file that cannot be taken; `sentence` says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass
class Sheet:
    """The first sheet of a file: its rows as text, and what a person should know of some cells, counted from 0.

    `merged` holds (first row, first column, last row, last column); `formulas` the (row, column) of cells whose
    formula nobody has worked out, so that the file does not have their value.
    """

    rows: list[list[str]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    formulas: set[tuple[int, int]] = field(default_factory=set)


def read(file: IO[bytes], *, rows_max: int) -> list[list[str]]:
    """The rows of the first sheet as text, without empty rows at the end; at most `rows_max` besides the heading.

    csv may be UTF-8 (with or without its mark), UTF-16 or GB18030; xls and xlsx are read by what they are, not by
    their name. Raises Unreadable.
    """
    return read_sheet(file, rows_max=rows_max).rows


def read_sheet(file: IO[bytes], *, rows_max: int) -> Sheet:
    """As `read`, with what is known of merged cells and formulas. Raises Unreadable."""
    return sheet_from(open_apart(file, rows_max=rows_max), rows_max=rows_max)


def open_apart(file: IO[bytes], *, rows_max: int) -> bytes:
    """What the child process tells of a foreign file: lines of JSON for `sheet_from`. Raises Unreadable."""
    content = file.read(BYTES_MAX + 1)
    _refuse_bombs(content)
    try:
        child = subprocess.run(
            [sys.executable, "-I", str(CHILD), str(rows_max)],
            input=content, capture_output=True, timeout=SECONDS_MAX, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Unreadable(_("Reading the file takes too long. Save it again as csv and upload that.")) from None
    if child.returncode:
        raise Unreadable(
            _("This file cannot be read as a table. Save it as xlsx or csv (UTF-8 or GBK) and upload that.")
        )
    return child.stdout


def sheet_from(told_lines: bytes, *, rows_max: int) -> Sheet:
    """The sheet that the child process told of. Raises Unreadable."""
    sheet, facts, known = Sheet(), {}, dict[str, str]()
    for line in io.BytesIO(told_lines):
        told = json.loads(line)
        if isinstance(told, dict):
            facts = told
        else:  # a table says the same words over and over: each is kept once
            sheet.rows += ([known.setdefault(cell, cell) for cell in row] for row in told)
    if "too_many" in facts:
        raise Unreadable(
            _("The file has more than %(max)s rows. Split it, or ask the administrator to load it by command.")
            % {"max": rows_max}
        )
    if len(sheet.rows) < 2:
        raise Unreadable(_("The file has no rows below its headings. Fill in the template and upload it."))
    sheet.merged = [tuple(place) for place in facts.get("merged", [])]
    sheet.formulas = {(row - 1, column_index_from_string(letters) - 1) for row, letters in facts.get("formulas", [])}
    return sheet


def _refuse_bombs(content: bytes) -> None:
    if not content:
        raise Unreadable(_("The file is empty. Choose another one."))
    if len(content) > BYTES_MAX:
        raise Unreadable(_("The file is larger than 20 MB. Split it and upload the parts."))
    if not content.startswith(b"PK"):
        return
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except zipfile.BadZipFile:
        raise Unreadable(_("The file is damaged. Save it again and upload that.")) from None
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > ENTRIES_MAX or unpacked > min(UNPACKED_MAX, RATIO_MAX * max(len(content), 100_000)):
        raise Unreadable(_("The file unpacks to more than a table should. Save it as csv and upload that."))
