"""A database that is made for one bench and gone afterwards: on the server in use, else on a durable one of our own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg2 import sql

from alerts.reference import load_alert_rules
from catalog.reference import load_reference
from certificates.reference import load_certificates
from config.celery import app as queue
from config.embedded import DURABLE, Postgres
from config.locks import exclusive
from config.logins import APP, DATABASE, OWNER, prepare
from laws.reference import load_laws

CLUSTER = "bench18"
Address = dict[str, Any]


@contextmanager
def throw_away(*, server_of_our_own: bool) -> Iterator[None]:
    """Inside, Django's two logins stand in a fresh, migrated database with units and categories; then it is gone."""
    if server_of_our_own:
        with own_server():
            yield
        return
    with database(f"foodtrace_bench_{os.getpid()}") as name, pointed_at({"NAME": name}, {"NAME": name}):
        _furnish()
        yield


@contextmanager
def own_server(conf: Mapping[str, str] = DURABLE, *, name: str = CLUSTER) -> Iterator[Postgres]:
    """The same on a server of our own, which is there for nobody else and gone afterwards."""
    with _started(Postgres(name, conf)) as server, _both_logins_at(server):
        _furnish()
        yield server


def _both_logins_at(server: Postgres) -> AbstractContextManager[None]:
    return pointed_at(*(_parts(server.url(login, DATABASE)) for login in (APP, OWNER)))


@contextmanager
def _started(server: Postgres) -> Iterator[Postgres]:
    """A server for one bench at a time: a second one waits, and what a killed one left is removed."""
    with exclusive(server.home / "bench.lock"):
        server.remove()
        try:
            server.start()
            prepare(server)
            yield server
        finally:
            server.remove()


@contextmanager
def database(name: str) -> Iterator[str]:
    """An empty database of the owner on the server in use; the application may connect to it."""
    application = connections["default"].settings_dict["USER"]
    as_owner("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    as_owner("CREATE DATABASE {} TEMPLATE template0", name)
    as_owner("GRANT CONNECT ON DATABASE {} TO {}", name, application)
    try:
        yield name
    finally:
        as_owner("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


@contextmanager
def pointed_at(application: Address, owner: Address) -> Iterator[None]:
    """Inside, Django's two connections have these parts of an address; afterwards their own again."""
    before = {alias: dict(connections[alias].settings_dict) for alias in ("default", "owner")}
    broker = queue.conf.broker_url
    queue.conf.update(broker_url="memory://", task_always_eager=False)  # a bench gives nobody work
    try:
        for alias, parts in (("default", application), ("owner", owner)):
            connections[alias].close()
            connections[alias].settings_dict.update(parts)
        yield
    finally:
        queue.conf.update(broker_url=broker, task_always_eager=settings.CELERY_TASK_ALWAYS_EAGER)
        for alias, parts in before.items():
            connections[alias].close()
            connections[alias].settings_dict.update(parts)


def address(alias: str, **other: Any) -> Address:
    """How psycopg2 reaches the database of the connection `alias`."""
    parts = connections[alias].settings_dict
    return {
        "host": parts["HOST"],
        "port": parts["PORT"],
        "user": parts["USER"],
        "password": parts["PASSWORD"],
        "dbname": parts["NAME"],
    } | other


def as_owner(statement: str, *names: str) -> None:
    """Run a statement about databases, as the owner."""
    with closing(psycopg2.connect(**address("owner", dbname="postgres"))) as link:
        link.autocommit = True
        link.cursor().execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def vacuum(*tables: str) -> None:
    """Let the planner see the data just made, as it would see data that grew."""
    with closing(psycopg2.connect(**address("owner"))) as link:
        link.autocommit = True
        link.cursor().execute(f"VACUUM ANALYZE {', '.join(tables)}")


def _furnish() -> None:
    call_command("migrate", verbosity=0)
    load_laws()
    load_alert_rules()
    load_reference()
    load_certificates()


def _parts(url: str) -> Address:
    parts = psycopg2.extensions.parse_dsn(url)
    return {
        "HOST": parts["host"],
        "PORT": parts["port"],
        "USER": parts["user"],
        "PASSWORD": parts["password"],
        "NAME": parts["dbname"],
    }
