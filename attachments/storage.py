"""Where the content lies: private, in a place named after its hash, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from django.conf import settings


def place_of(sha256: str) -> Path:
    """The file with this content: ab/cd/abcd… below ATTACHMENTS_ROOT."""
    return Path(settings.ATTACHMENTS_ROOT, sha256[:2], sha256[2:4], sha256)


def thumbnail_of(sha256: str) -> Path:
    """The small picture beside it."""
    return place_of(sha256).with_suffix(".thumbnail")


def keep(content: bytes, place: Path) -> None:
    """Write `content` to `place` unless it is there; after a crash it is there whole or not there. Raises OSError."""
    if place.exists():
        return
    folders = [place.parent, place.parent.parent, Path(settings.ATTACHMENTS_ROOT)]
    for folder in reversed(folders):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, temporary = tempfile.mkstemp(dir=place.parent, prefix=".")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(place)
    finally:
        Path(temporary).unlink(missing_ok=True)
    for folder in folders:
        _settle(folder)


def _settle(folder: Path) -> None:
    """Bring the names in the folder to the disk, too."""
    with suppress(PermissionError):  # Windows does not open folders
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
