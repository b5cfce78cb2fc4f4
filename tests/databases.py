"""Databases for tests: made and migrated by the owner, used with the application's login."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg2 import sql
from psycopg2.errors import InsufficientPrivilege

PREFIX = "test_foodtrace_"
TEMPLATE = f"{PREFIX}{os.getpid()}"  # two runs at once do not meet


def make_template() -> None:
    """A fresh test database with every migration, grant and reference row; both logins are pointed at it."""
    for name in left_behind():
        drop(name)
    make(TEMPLATE, like="template0")
    point_at(TEMPLATE)
    call_command("migrate", verbosity=0)
    call_command("load_reference", verbosity=0)
    connections["owner"].close()


def left_behind() -> list[str]:
    """Test databases of runs that were killed."""
    with maintenance() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        names = [row[0] for row in cursor.fetchall()]
    return [name for name in names if not Path(f"/proc/{name[len(PREFIX) :].split('_')[0]}").exists()]


def make(name: str, *, like: str) -> None:
    drop(name)
    run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(like)))
    login = sql.Identifier(connections["default"].settings_dict["USER"])
    run(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
    run(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(name), login))


def drop(name: str) -> None:
    """Gone, whoever is still in it. A cleaning worker is not ours to end by force: the plain order sends it away."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    try:
        run(statement + sql.SQL(" WITH (FORCE)"))
    except InsufficientPrivilege:
        run(statement)


def run(statement: sql.Composable) -> None:
    """Run one statement as the owner, in the maintenance database."""
    with maintenance() as cursor:
        cursor.execute(statement)


@contextmanager
def maintenance() -> Iterator[Any]:
    owner = connections["owner"].settings_dict
    address = {"host": owner["HOST"], "port": owner["PORT"], "user": owner["USER"], "password": owner["PASSWORD"]}
    with closing(psycopg2.connect(dbname="postgres", **address)) as connection:
        connection.autocommit = True
        yield connection.cursor()


def point_at(name: str) -> None:
    for alias in settings.DATABASES:
        connections[alias].close()
        settings.DATABASES[alias]["NAME"] = connections[alias].settings_dict["NAME"] = name


@contextmanager
def clone() -> Iterator[str]:
    """A copy of the test database for what really commits: threads, processes, browsers."""
    name = f"{TEMPLATE}_clone"
    point_at("postgres")  # a template is copied only while nobody is connected to it
    make(name, like=TEMPLATE)
    point_at(name)
    try:
        yield name
    finally:
        point_at(TEMPLATE)
        drop(name)
