"""The programs that the drill kills, each as the machine would lose it, and how they come back."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from socket import socket

import psycopg2

from config.demo_server import CELERY, Supervisor, start_web, start_worker
from config.logins import APP, DATABASE, app_can_connect
from config.postgres import Postgres

BACKENDS = "SELECT pid FROM pg_stat_activity WHERE usename = %s"
PAUSE = 0.05


class Victims:
    """A database server, a web and a worker. `recoveries` are the seconds until the database answered again."""

    def __init__(self, database: Postgres, supervisor: Supervisor, listener: socket) -> None:
        self.database, self.supervisor = database, supervisor
        self.web = start_web(supervisor, listener)
        self.worker = start_worker(supervisor)
        self.recoveries: list[float] = []

    def start_beat(self, folder: Path) -> None:
        """Give the worker something to do all the time; beat keeps its own notes in `folder`."""
        self.supervisor.start("beat", [*CELERY, "beat", "--loglevel", "WARNING", "--schedule", str(folder / "beat")])

    @property
    def ways(self) -> dict[str, tuple[int, Callable[[], None]]]:
        """Whom to kill, how often among a hundred, and how."""
        return {
            "web": (50, self._kill_web),
            "worker": (15, self._kill_worker),
            "backend": (25, self._kill_backend),
            "postmaster": (10, self._kill_postmaster),
        }

    def kill_one(self) -> str:
        """Kill one of them; returns whom."""
        names, chances = list(self.ways), [chance for chance, _kill in self.ways.values()]
        name = random.choices(names, chances)[0]
        self.ways[name][1]()
        return name

    def wait(self) -> None:
        """Until the database takes the application's connections again."""
        while not app_can_connect(self.database):
            time.sleep(PAUSE)

    def _kill_web(self) -> None:
        """One of the processes that answer; its parent starts another."""
        _kill(random.choice(_children(self.web.process.pid) or [0]))

    def _kill_worker(self) -> None:
        """The worker with its child, in the midst of a task; and start another."""
        with suppress(ProcessLookupError):
            os.killpg(self.worker.process.pid, signal.SIGKILL)
        self.worker.process.wait()
        self.supervisor.programs.remove(self.worker)
        self.worker = start_worker(self.supervisor)

    def _kill_backend(self) -> None:
        """The database's process of one connection; the server then throws out all, and recovers."""
        with suppress(psycopg2.OperationalError):
            with closing(psycopg2.connect(self.database.superuser_url(DATABASE))) as link, link.cursor() as cursor:
                cursor.execute(BACKENDS, [APP])
                found = [pid for (pid,) in cursor.fetchall()]
            _kill(random.choice(found or [0]))
            self._time(self.wait)

    def _kill_postmaster(self) -> None:
        """The database's first process; somebody has to start the server again."""
        _kill(self.database.pid() or 0)
        self._time(self.database.start)

    def _time(self, recovery: Callable[[], None]) -> None:
        started = time.monotonic()
        time.sleep(PAUSE)  # before it notices, a killed server takes connections still
        recovery()
        self.recoveries.append(time.monotonic() - started)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        if pid:
            os.kill(pid, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
