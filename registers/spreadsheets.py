"""Foreign spreadsheets, read at arm's length: size first, then a child process with limits, then rows of text."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

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


def read(file: IO[bytes], *, rows_max: int) -> list[list[str]]:
    """The rows of the first sheet as text, without empty rows at the end; at most `rows_max` besides the heading.

    csv may be UTF-8 (with or without its mark), UTF-16 or GB18030; xls and xlsx are read by what they are, not by
    their name. Raises Unreadable.
    """
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
    answer = json.loads(child.stdout)
    if "too_many" in answer:
        raise Unreadable(
            _("The file has more than %(max)s rows. Split it, or ask the administrator to load it by command.")
            % {"max": rows_max}
        )
    rows: list[list[str]] = answer["rows"]
    if len(rows) < 2:
        raise Unreadable(_("The file has no rows below its headings. Fill in the template and upload it."))
    return rows


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
