"""Random passwords of embedded servers, each in a file that only our account may read."""

import os
import secrets
from pathlib import Path


def password_in(path: Path) -> str:
    """The password in the file `path`, made on first use; whoever may make it holds a lock."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24))
    return path.read_text()


def write_private(path: Path, text: str) -> None:
    """Write `path`, readable by us alone, as a whole or not at all."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
    new.replace(path)
