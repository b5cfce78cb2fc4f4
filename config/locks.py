"""Locks between processes: one at a time, or many users of whom the last is known; standard library only."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _wait_alone(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)

    def _wait_shared(handle: int) -> None:
        """Windows has no shared locks; there the last user is not known, and servers are left running."""

    def _try_alone(handle: int) -> bool:
        return False
else:
    import fcntl

    def _wait_alone(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)

    def _wait_shared(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_SH)

    def _try_alone(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Wait for the lock file `path` and hold it; it frees itself when the process dies."""
    handle = _opened(path)
    try:
        _wait_alone(handle)
        yield
    finally:
        os.close(handle)


def share(path: Path) -> int:
    """Become a user of `path` until the returned handle is closed; waits while another holds it unshared."""
    handle = _opened(path)
    _wait_shared(handle)
    return handle


@contextmanager
def unshared(path: Path) -> Iterator[bool]:
    """Whether `path` has no user left; who wants to become one waits until the block ends."""
    handle = _opened(path)
    try:
        yield _try_alone(handle)
    finally:
        os.close(handle)


def _opened(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
