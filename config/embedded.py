"""Servers for a machine that has none: PostgreSQL and Valkey, run for whoever asks for their address.

Every process that asks is a user of the server until it ends; with its last user the server stops.
"""

import atexit
import os
from collections.abc import Callable

from config.locks import exclusive, share, unshared
from config.logins import APP, DATABASE, OWNER, app_can_connect, prepare
from config.postgres import DURABLE, FAST, Postgres
from config.postgres_programs import ServerFailed
from config.valkey import Valkey

__all__ = ["DURABLE", "FAST", "Postgres", "ServerFailed", "database_urls", "redis_url", "stop", "stop_all"]

_handles: dict[str, int] = {}  # the servers that this process uses


def database_urls(*, testing: bool) -> tuple[str, str]:
    """The database's addresses for the application and for the owner; a failure ends the program in words."""
    try:
        server = _database(testing=testing)
        _use(server)
        if not app_can_connect(server):
            server.start()
            with exclusive(server.home / f"{server.name}.lock"):
                prepare(server)
    except ServerFailed as sentence:
        raise SystemExit(str(sentence)) from sentence
    return server.url(APP, DATABASE), server.url(OWNER, DATABASE)


def redis_url() -> str:
    """The queue's address; empty where Valkey is not to be had, for example on Windows."""
    server = Valkey()
    if not server.program():
        return ""
    try:
        _use(server)
        server.start()
    except ServerFailed as sentence:
        raise SystemExit(str(sentence)) from sentence
    return server.url()


def stop(*, testing: bool) -> None:
    """Stop the database's server, unless another process uses it."""
    _leave(_database(testing=testing))


def stop_all() -> None:
    """Stop the servers of the demo, unless another process uses them; the next who asks starts them again."""
    stop(testing=False)
    _leave(Valkey())


def _database(*, testing: bool) -> Postgres:
    return Postgres("pgtest18", FAST) if testing else Postgres("pg18", DURABLE)


def _use(server: Postgres | Valkey) -> None:
    if server.name not in _handles:
        _handles[server.name] = share(server.home / f"{server.name}.users")
        atexit.register(_at_exit(server, os.getpid()))


def _leave(server: Postgres | Valkey) -> None:
    if server.name in _handles:
        os.close(_handles.pop(server.name))
    with unshared(server.home / f"{server.name}.users") as last:
        if last:
            server.stop()


def _at_exit(server: Postgres | Valkey, user: int) -> Callable[[], None]:
    def leave() -> None:
        if os.getpid() == user and server.name in _handles:  # a forked child must not leave for its parent
            _leave(server)

    return leave
