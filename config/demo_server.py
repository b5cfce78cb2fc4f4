"""Runs the programs of the demo side by side, and ends all of them when one dies or somebody asks."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from socket import socket
from types import FrameType

from config.ports import HOST

ROOT = Path(__file__).resolve().parent.parent
GRACE = 10.0  # seconds for requests and tasks to end; who takes longer is killed
PAUSE = 0.1
MANAGE = [sys.executable, "manage.py"]
CELERY = [sys.executable, "-m", "celery", "--quiet", "--app", "config"]
STOP_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Died(Exception):
    """A program that must run has ended; the text is a sentence for the user."""


@dataclass(frozen=True)
class Program:
    """A started program; the death of a vital one ends the demo."""

    name: str
    process: subprocess.Popen[bytes]
    vital: bool


class Supervisor:
    """The started programs. As a context it takes over Ctrl-C and its like, and leaves no program behind.

    What the programs say goes where our own words go, or to the end of the file `log`.
    """

    def __init__(self, environment: Mapping[str, str], grace: float = GRACE, log: Path | None = None) -> None:
        self.environment, self.grace, self.log = dict(environment), grace, log
        self.programs: list[Program] = []
        self.asked_to_stop = False

    def __enter__(self) -> "Supervisor":
        for number in STOP_SIGNALS:
            signal.signal(number, self._remember)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, name: str, command: Sequence[str], *, vital: bool = True, handles: Sequence[int] = ()) -> Program:
        """Start a program, out of reach of the terminal's Ctrl-C; it inherits the open `handles`."""
        with open(self.log, "ab") if self.log else nullcontext() as output:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True, pass_fds=tuple(handles),
            )  # fmt: skip
        self.programs.append(Program(name, process, vital))
        return self.programs[-1]

    def wait(self, until: Callable[[], bool]) -> bool:
        """True when `until` says so, False when somebody asked to stop before; raises Died."""
        while not self.asked_to_stop:
            self._check()
            if until():
                return True
            time.sleep(PAUSE)
        return False

    def stop(self) -> None:
        """End all programs: politely, and after the grace by force, with whatever they have started."""
        for program in self.programs:
            program.process.terminate()
        deadline = time.monotonic() + self.grace
        for program in self.programs:
            with suppress(subprocess.TimeoutExpired):
                program.process.wait(max(0.0, deadline - time.monotonic()))
            _kill_session(program.process)
            program.process.wait()
        self.programs.clear()

    def _check(self) -> None:
        for program in self.programs:
            code = program.process.poll()
            if program.vital and code is not None:
                raise Died(f"The {program.name} ended by itself ({_how(code)}); its messages above say why.")

    def _remember(self, number: int, frame: FrameType | None) -> None:
        self.asked_to_stop = True


def environment(port: int, database_url: str, redis_url: str) -> dict[str, str]:
    """What the programs know: the addresses of their servers, and not the password of the tables' owner."""
    servers = {"DATABASE_URL": database_url, "DATABASE_OWNER_URL": "", "REDIS_URL": redis_url}
    return {"SITE_URL": f"http://{HOST}:{port}", **os.environ, **servers}


def start_all(supervisor: Supervisor, listener: socket, *, queue: bool) -> None:
    """Start web (on `listener`), beat, the fonts' maker and, if there is a queue, the worker."""
    start_web(supervisor, listener)
    supervisor.start("beat", [*CELERY, "beat", "--loglevel", "WARNING"])
    if queue:
        start_worker(supervisor)
    supervisor.start("maker of fonts", [*MANAGE, "build_fonts"], vital=False)


def start_worker(supervisor: Supervisor) -> Program:
    """Start the one that does the work of the queue."""
    alone = ["--concurrency", "1", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    queues = ["--queues", "celery,deliveries"]
    return supervisor.start("worker", [*CELERY, "worker", "--loglevel", "WARNING", *alone, *queues])


def start_web(supervisor: Supervisor, listener: socket) -> Program:
    """Start the web on `listener`."""
    if sys.platform == "win32":  # no gunicorn there, and no inherited sockets
        host, port = listener.getsockname()
        listener.close()
        return supervisor.start("web", [*MANAGE, "runserver", "--noreload", f"{host}:{port}"])
    handle = listener.fileno()
    gunicorn = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"fd://{handle}"]
    options = ["--workers", "2", "--preload", "--no-control-socket", "--log-level", "warning"]
    return supervisor.start("web", [*gunicorn, *options], handles=[handle])


def answers(port: int) -> bool:
    """Whether the web on `port` says that it is alive; no proxy of the environment is asked."""
    connection = HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"


def _kill_session(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # nobody is left in it; macOS says it the second way
        return
