"""Makes the environment of a checkout and starts the command again inside it; runs on a bare Python 3.11."""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

from config import causes, installers, ports
from config.installers import LOCAL, ROOT, VENV, VENV_PYTHON
from config.locks import exclusive

PYTHON_LOCK = ROOT / "requirements" / "dev.txt"
NODE_LOCK = ROOT / "package-lock.json"
READY = "FOODTRACE_READY"  # environment variable: this venv has just been looked after
UNFINISHED = "unfinished"


def ensure_and_reexec(argv: list[str]) -> None:
    """Return when we run in the project's complete environment; otherwise complete it and start again."""
    if argv[1:2] == ["demo"]:
        ports.refuse_taken(argv[2:])
    inside = Path(sys.prefix).resolve() == VENV.resolve()
    if inside and os.environ.get(READY) == str(VENV):
        return
    try:
        changed = ensure()
    except KeyboardInterrupt:
        sys.exit("Stopped: run the command again to continue.")
    except OSError as fault:
        advice = causes.sentence(str(fault), causes.DISK)
        sys.exit(advice or f"The environment cannot be made in {ROOT}: {fault}.")
    if changed or not inside:
        _start_again(argv)


def ensure() -> bool:
    """Install what the lock files name and is not there yet; True when the Python packages changed."""
    if _python_is_ready() and _node_is_ready():
        return False
    with exclusive(LOCAL / "bootstrap.lock"):
        installers.LOG.unlink(missing_ok=True)
        changed = not _python_is_ready()
        if changed:
            _install_python()
        if not _node_is_ready():
            _install_node()
    return changed


def _install_python() -> None:
    started = time.monotonic()
    print("Making the Python environment in .venv (only this once) ...", flush=True)
    half_done = _stamp(PYTHON_LOCK).exists() and _stamp(PYTHON_LOCK).read_text() == UNFINISHED
    _stamp(PYTHON_LOCK).write_text(UNFINISHED)
    try:
        installers.install_python(PYTHON_LOCK, afresh=half_done or not _venv_works())
    except installers.Failed as failure:
        sys.exit(failure.sentence("The Python packages could not be installed."))
    _stamp(PYTHON_LOCK).write_text(_digest(PYTHON_LOCK))
    print(f"The Python environment is ready after {time.monotonic() - started:.0f} s.", flush=True)


def _install_node() -> None:
    print("Fetching the front-end packages into node_modules (only this once) ...", flush=True)
    try:
        installers.install_node()
    except installers.Failed as failure:
        reason = failure.sentence("They could not be fetched.")
        print(f"Without them pages work, but look plain. {reason}", flush=True)
    else:
        _stamp(NODE_LOCK).write_text(_digest(NODE_LOCK))


def _start_again(argv: list[str]) -> None:
    paths = [str(VENV_PYTHON.parent), *filter(None, [os.environ.get("PATH")])]
    environment = os.environ | {READY: str(VENV), "VIRTUAL_ENV": str(VENV), "PATH": os.pathsep.join(paths)}
    environment.pop("PYTHONHOME", None)
    command = [str(VENV_PYTHON), str(ROOT / "manage.py"), *argv[1:]]
    if sys.platform == "win32":
        sys.exit(subprocess.call(command, env=environment))
    os.execve(command[0], command, environment)


def _python_is_ready() -> bool:
    return _is_stamped(PYTHON_LOCK) and _venv_works()


def _node_is_ready() -> bool:
    return _is_stamped(NODE_LOCK) and (ROOT / "node_modules").is_dir()


def _venv_works() -> bool:
    """Whether the venv's Python starts, is of our version and has packages."""
    found = "import sys, importlib.util as i; print(bool(i.find_spec('django')), *sys.version_info[:2])"
    try:
        answer = subprocess.run([VENV_PYTHON, "-I", "-c", found], capture_output=True, text=True).stdout
    except OSError:
        return False
    return answer.split() == ["True", *map(str, sys.version_info[:2])]


def _is_stamped(lock: Path) -> bool:
    return _stamp(lock).exists() and _stamp(lock).read_text() == _digest(lock)


def _stamp(lock: Path) -> Path:
    return LOCAL / f"{lock.name}.stamp"


def _digest(lock: Path) -> str:
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    return f"{digest} for Python {sys.version_info[0]}.{sys.version_info[1]}"
