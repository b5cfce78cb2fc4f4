"""Servers for a machine that has none: PostgreSQL and Valkey, run for whoever asks for their address.

Every process that asks is a user of the server until it ends; with its last user the server stops.
"""

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager

from config import causes
from config.locks import exclusive, share, unshared
from config.logins import APP, DATABASE, OWNER, app_can_connect, prepare
from config.postgres import DURABLE, FAST, LOCAL, Postgres
from config.postgres_programs import ServerFailed
from config.valkey import Valkey

__all__ = ["DURABLE", "FAST", "Postgres", "ServerFailed", "database_urls", "redis_url", "stop", "stop_all"]

_used: dict[str, tuple[Postgres | Valkey, int]] = {}  # by name: the servers of this process and their handles


def database_urls(*, testing: bool) -> tuple[str, str]:
    """The database's addresses for the application and for the owner; a failure ends the program in words."""
    with _failing_in_words():
        server = Postgres(_name(testing), FAST if testing else DURABLE, LOCAL)
        _use(server)
        if not app_can_connect(server):
            server.start()
            with exclusive(server.home / f"{server.name}.lock"):
                prepare(server)
        return server.url(APP, DATABASE), server.url(OWNER, DATABASE)


def redis_url() -> str:
    """The queue's address; empty where Valkey is not to be had, for example on Windows."""
    server = Valkey("valkey", LOCAL)
    if not server.program():
        return ""
    with _failing_in_words():
        _use(server)
        server.start()
        return server.url()


def stop(*, testing: bool) -> None:
    """Stop the database's server, if this process is the last to use it."""
    _leave(_name(testing))


def stop_all() -> None:
    """Stop the servers of which this process is the last user; the next who asks starts them again."""
    for name in list(_used):
        _leave(name)


def _name(testing: bool) -> str:
    return "pgtest18" if testing else "pg18"


def _use(server: Postgres | Valkey) -> None:
    if not _used:
        atexit.register(_stop_all_of, os.getpid())
    if server.name not in _used:
        _used[server.name] = server, share(server.home / f"{server.name}.users")


def _leave(name: str) -> None:
    if name not in _used:
        return
    server, handle = _used.pop(name)
    os.close(handle)
    with unshared(server.home / f"{name}.users") as last:
        if last:
            server.stop()


def _stop_all_of(process: int) -> None:
    if os.getpid() == process:  # a forked child must not leave for its parent
        stop_all()


@contextmanager
def _failing_in_words() -> Iterator[None]:
    try:
        yield
    except (ServerFailed, OSError) as fault:
        advice = causes.sentence(str(fault), causes.DISK)
        raise SystemExit(advice or f"The embedded servers cannot run. {fault}") from fault
