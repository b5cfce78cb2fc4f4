"""Serves a whitelist of files out of node_modules: no third-party asset is committed, and nothing else is exposed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core import checks
from django.core.files.storage import FileSystemStorage

PREFIX = "vendor/"


class NodeModulesFinder(BaseFinder):
    """Finds `vendor/<package>/<file>` for the packages and file patterns of NODE_ASSETS."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.root: Path = settings.BASE_DIR / "node_modules"

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        missing = [package for package in settings.NODE_ASSETS if not (self.root / package).is_dir()]
        if not missing:
            return []
        message = f"Front-end packages are not installed: {', '.join(missing)}. Pages work, but look plain."
        return [checks.Warning(message, hint="Run `npm ci --ignore-scripts`.", id="foodtrace.W001")]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = [str(self.root / name) for name in self._names() if path == PREFIX + name]
        return found if find_all else (found[0] if found else None)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        storage = FileSystemStorage(location=self.root)
        storage.prefix = PREFIX.rstrip("/")  # type: ignore[attr-defined]  # collectstatic reads it
        for name in self._names():
            yield name, storage

    def _names(self) -> Sequence[str]:
        return names_under(self.root, tuple((package, tuple(found)) for package, found in settings.NODE_ASSETS.items()))


@cache
def names_under(root: Path, assets: Sequence[tuple[str, Sequence[str]]]) -> Sequence[str]:
    """The files of these packages that fit their patterns. Walked once: they are installed before anything starts."""
    return [
        f"{package}/{name}"
        for package, patterns in assets
        for path in sorted((root / package).rglob("*"))
        if any(fnmatch(name := path.relative_to(root / package).as_posix(), pattern) for pattern in patterns)
        and path.is_file()
    ]
