"""The two logins of an embedded server: the owner, who migrates, and the application, who owns nothing."""

from contextlib import closing

import psycopg2
from psycopg2 import sql

from config.postgres import Postgres
from config.postgres_programs import ServerFailed

DATABASE, APP, OWNER = "foodtrace", "foodtrace_app", "foodtrace_owner"
OF_THE_SERVER = """
REVOKE ALL ON DATABASE postgres, template1, {database} FROM PUBLIC;
GRANT CONNECT ON DATABASE postgres TO {owner};
"""  # from there the owner makes the databases of the tests
OF_THE_DATABASE = """
ALTER SCHEMA public OWNER TO {owner};
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO {app};
"""
NAMES = {"database": sql.Identifier(DATABASE), "owner": sql.Identifier(OWNER), "app": sql.Identifier(APP)}


def prepare(server: Postgres) -> None:
    """Make the roles and the database, if need be; the application can connect only when all is done."""
    try:
        with closing(psycopg2.connect(server.superuser_url())) as link, link.cursor() as cursor:
            link.autocommit = True
            _make_role(cursor, OWNER, "CREATEDB", server.password(OWNER))
            _make_database(cursor)
            cursor.execute(sql.SQL(OF_THE_SERVER).format(**NAMES))
        with closing(psycopg2.connect(server.superuser_url(DATABASE))) as link, link, link.cursor() as cursor:
            _make_role(cursor, APP, "NOCREATEDB", server.password(APP))
            cursor.execute(sql.SQL(OF_THE_DATABASE).format(**NAMES))
    except psycopg2.OperationalError as fault:
        raise ServerFailed(
            f"The embedded PostgreSQL refuses its superuser: {str(fault).strip()}. "
            f"Delete {server.data} to begin with an empty one."
        ) from fault


def app_can_connect(server: Postgres) -> bool:
    """Whether the server runs and was prepared."""
    try:
        psycopg2.connect(server.url(APP, DATABASE), connect_timeout=5).close()
    except psycopg2.OperationalError:
        return False
    return True


def _make_role(cursor: psycopg2.extensions.cursor, name: str, rights: str, password: str) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
    verb = "ALTER" if cursor.fetchone() else "CREATE"
    statement = f"{verb} ROLE {{}} LOGIN NOSUPERUSER NOCREATEROLE {rights} PASSWORD {{}}"
    cursor.execute(sql.SQL(statement).format(sql.Identifier(name), sql.Literal(password)))


def _make_database(cursor: psycopg2.extensions.cursor) -> None:
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
    if cursor.fetchone() is None:
        cursor.execute(sql.SQL("CREATE DATABASE {database} OWNER {owner}").format(**NAMES))
