"""Where and as whom a server runs that refuses to be root: an existing account, no foreign folder touched."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import sys
from pathlib import Path

if sys.platform != "win32":
    import pwd

SHELTER = Path("/var/tmp")  # survives a restart, and every account may pass through it


def account() -> pwd.struct_passwd | None:
    """Whom to run as when we are root: an account that is there anyway; None when we are not root."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PermissionError("it does not run as root, and there is neither an account postgres nor nobody.")


def can_reach(user: pwd.struct_passwd, path: Path) -> bool:
    """Whether `user` may pass through every folder down to `path`, or to as much of it as exists."""
    folders = [folder for folder in (path, *path.parents) if folder.is_dir()]
    return all(_may_pass(user, folder.stat()) for folder in folders)


def shelter_of(folder: Path) -> Path:
    """A place of ours that every account can reach, in place of the unreachable `folder`."""
    shelter = SHELTER / f"foodtrace-{hashlib.sha256(str(folder).encode()).hexdigest()[:10]}"
    shelter.mkdir(mode=0o755, exist_ok=True)
    found = shelter.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise PermissionError(f"{shelter} was made by another account: remove it and run the command again.")
    return shelter


def copied(programs: Path, shelter: Path) -> Path:
    """A copy of the folder `programs` in `shelter`, with the libraries that its wheel lays beside it."""
    version = f"{programs}{programs.stat().st_mtime_ns}"
    copy = shelter / f"programs-{hashlib.sha256(version.encode()).hexdigest()[:10]}"
    package = programs.parents[1]
    if not copy.exists():
        half = shelter / f"{copy.name}.half"
        shutil.rmtree(half, ignore_errors=True)
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, half / part.name, symlinks=True)
        half.rename(copy)
    return copy / programs.relative_to(package.parent)


def _may_pass(user: pwd.struct_passwd, folder: os.stat_result) -> bool:
    if folder.st_uid == user.pw_uid:
        return bool(folder.st_mode & stat.S_IXUSR)
    if folder.st_gid == user.pw_gid:
        return bool(folder.st_mode & stat.S_IXGRP)
    return bool(folder.st_mode & stat.S_IXOTH)
