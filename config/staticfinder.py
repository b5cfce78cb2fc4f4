"""Serves a whitelist of files out of node_modules: no third-party asset is committed, and nothing else is exposed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
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

    def _names(self) -> Iterator[str]:
        for package, patterns in settings.NODE_ASSETS.items():
            for path in sorted((self.root / package).rglob("*")):
                name = path.relative_to(self.root / package).as_posix()
                if path.is_file() and any(fnmatch(name, pattern) for pattern in patterns):
                    yield f"{package}/{name}"
