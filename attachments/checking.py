"""What a file is, told by its content and never by its name; and what of it may be stored."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext as _

from attachments.models import Attachment

BYTES_MAX = 10 * 1024 * 1024
SECONDS_MAX = 15
NAME_MAX = 200
CHILD = Path(__file__).with_name("image_child.py")
TOO_LARGE = 3  # image_child's exit code

PHOTO = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF.{4}WEBP", re.DOTALL)
HEIC = re.compile(rb".{4}ftyp(hei|hev|mif1|msf1)", re.DOTALL)
PDF = re.compile(rb"%PDF-\d\.\d")
PDF_END = re.compile(rb"startxref\s+\d+\s+%%EOF[\s\0]*\Z")
PDF_END_MAX = 2_048
PDF_PROGRAM = re.compile(rb"/(JavaScript|Launch)\b")
MARKUP = re.compile(rb"<\s*(!doctype|html|head|body|script|svg|iframe)", re.IGNORECASE)
MARKUP_MAX = 1_024  # as far as browsers look when they guess


@dataclass(frozen=True)
class Checked:
    """A file that may be stored: its tidied name, what it is, and its clean content; a photo has a thumbnail."""

    name: str
    kind: Attachment.Kind
    content: bytes
    thumbnail: bytes = b""
    width: int | None = None
    height: int | None = None


def check(file: File[Any]) -> Checked:
    """Find out what the file is and make it fit to be stored: photos are drawn anew, a PDF stays byte by byte.

    Raises ValidationError with a sentence that says what to do.
    """
    content, name = _content_of(file), tidy_name(file.name or "")
    if PHOTO.match(content):
        return _photo(name, content)
    if PDF.match(content):
        _refuse_bad_pdf(content)
        return Checked(name, Attachment.Kind.PDF, content)
    if HEIC.match(content):
        raise ValidationError(
            _("Photos in the HEIC format cannot be read here. Set the camera to JPEG (most compatible) and try again.")
        )
    raise ValidationError(
        _("Only photos (JPEG, PNG, WebP) and PDF documents are taken. Take a photo of it, or save it as a PDF.")
    )


def tidy_name(name: str) -> str:
    """The name for people to read: without folders, and without characters that steer what is printed."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(c for c in last if not unicodedata.category(c).startswith("C")).strip()[-NAME_MAX:] or "-"


def _content_of(file: File[Any]) -> bytes:
    file.seek(0)
    content: bytes = file.read(BYTES_MAX + 1)
    if not content:
        raise ValidationError(_("The file is empty. Choose another one."))
    if len(content) > BYTES_MAX:
        raise ValidationError(
            _("The file is larger than 10 MB. Take the photo with a lower resolution, or split the PDF.")
        )
    return content


def _photo(name: str, content: bytes) -> Checked:
    head, _line, pictures = ask_child(CHILD, content).partition(b"\n")
    told = json.loads(head)
    large, small = pictures[: told["bytes"]], pictures[told["bytes"] :]
    return Checked(name, Attachment.Kind.IMAGE, large, small, told["width"], told["height"])


def ask_child(program: Path, content: bytes) -> bytes:
    """What `program`, a process of its own, answers to a photo. Raises ValidationError where it finds no answer."""
    try:
        child = subprocess.run(
            [sys.executable, "-I", str(program)], input=content, capture_output=True, timeout=SECONDS_MAX, check=False
        )
    except subprocess.TimeoutExpired:
        raise ValidationError(_("Reading the photo takes too long. Take it with a lower resolution.")) from None
    if child.returncode == TOO_LARGE:
        raise ValidationError(_("The photo has more than 25 million pixels. Take it with a lower resolution."))
    if child.returncode:
        raise ValidationError(_("The photo is damaged or not whole. Take it again, or choose another one."))
    return child.stdout


def _refuse_bad_pdf(content: bytes) -> None:
    """It is never opened here: what counts is that nothing else hides in it, and that it is not a program plainly."""
    if not PDF_END.search(content[-PDF_END_MAX:]) or MARKUP.search(content[:MARKUP_MAX]):
        raise ValidationError(
            _("The PDF is not whole, or holds something that is no PDF. Print it to a new PDF and choose that.")
        )
    if PDF_PROGRAM.search(content):
        raise ValidationError(_("The PDF holds a program. Print it to a new PDF and choose that."))
