"""The shared catalogue as one file for everybody: written every night, product by product, and put in place at once."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.utils import timezone

from catalog.facts import facts_of, shared_products

FOLDER, TELLS = "opendata", "products.json"
NAME = re.compile(r"products-\d{8}T\d{6}\.jsonl\.gz")
AT_ONCE = 2_000  # products in memory
KEPT = 2  # the newest file, and the one that somebody may be fetching


@dataclass(frozen=True)
class OpenData:
    """A file as it is told of: its name, when it was begun, products in it, bytes, and the hash to check it by."""

    name: str
    written_at: str
    products: int
    size: int
    sha256: str

    @property
    def path(self) -> Path:
        return _folder() / self.name

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.written_at)


def latest() -> OpenData | None:
    """The newest whole file, or None before the first night."""
    try:
        told = OpenData(**json.loads((_folder() / TELLS).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return told if told.path.is_file() else None


def write() -> OpenData:
    """Write the file anew: gzipped JSON Lines, a product a line. Who reads meanwhile gets the whole old one."""
    folder, now = _folder(), timezone.localtime()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"products-{now:%Y%m%dT%H%M%S}.jsonl.gz"
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            count = _fill(file, int(now.timestamp()))
            file.flush()
            os.fsync(file.fileno())
        told = OpenData(target.name, now.isoformat(timespec="seconds"), count, draft.stat().st_size, _hash_of(draft))
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    _tell(told)
    _forget_old(folder)
    return told


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / FOLDER


def _fill(file: BinaryIO, moment: int) -> int:
    count = 0
    with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=moment) as packed, io.TextIOWrapper(packed) as text:
        for facts in _facts():
            text.write(json.dumps(facts, ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
    return count


def _facts() -> Iterator[dict[str, Any]]:
    """All shared products in the order of their keys, a portion in memory at a time."""
    last = 0
    while some := list(shared_products().filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        yield from map(facts_of, some)
        last = some[-1].pk


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _tell(told: OpenData) -> None:
    draft = _folder() / f".{TELLS}.{os.getpid()}"
    draft.write_text(json.dumps(asdict(told)), encoding="utf-8")
    draft.replace(_folder() / TELLS)


def _forget_old(folder: Path) -> None:
    files = sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name))
    for path in files[:-KEPT]:
        path.unlink(missing_ok=True)
