"""The servers of a machine without servers: who may do what in them, and that they survive and end."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from psycopg2.errors import InsufficientPrivilege, UniqueViolation

from config.embedded import FAST, Postgres, ServerFailed
from config.logins import APP, DATABASE, OWNER, prepare
from config.valkey import Valkey

ROOT = Path(__file__).resolve().parents[2]
USER = """
import sys; from pathlib import Path; from config import embedded
embedded.LOCAL = Path(sys.argv[1])
print(embedded.database_urls(testing=False), embedded.redis_url(), flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def server(open_folder):
    server = Postgres("pgtest18", FAST, open_folder)
    server.start()
    prepare(server)
    ask(server, OWNER, "CREATE TABLE fact (id int PRIMARY KEY)", "INSERT INTO fact VALUES (1)")
    yield server
    server.remove()


def ask(server, role, *statements, database=DATABASE):
    with closing(psycopg2.connect(server.url(role, database))) as link, link.cursor() as cursor:
        link.autocommit = True
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_neither_login_is_a_superuser_or_a_member_of_anything(server):
    roles = ask(server, OWNER, "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb FROM pg_roles")
    assert (OWNER, False, False, True) in roles
    assert (APP, False, False, False) in roles
    memberships = ask(server, OWNER, "SELECT member::regrole::text FROM pg_auth_members")
    assert memberships
    assert not {(OWNER,), (APP,)} & set(memberships)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE TEMP TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE DATABASE mine",
        "CREATE ROLE mine",
        "CREATE EXTENSION pg_trgm",
        "SELECT FROM fact",
        "TRUNCATE fact",
        "DROP TABLE fact",
        f"SET ROLE {OWNER}",
    ],
)
def test_the_application_is_refused(server, statement):
    with pytest.raises(InsufficientPrivilege):
        ask(server, APP, statement)


@pytest.mark.parametrize("database", ["postgres", "template1"])
def test_the_application_enters_no_other_database(server, database):
    with pytest.raises(psycopg2.OperationalError, match="does not have CONNECT privilege"):
        ask(server, APP, "SELECT 1", database=database)


def test_the_owner_makes_extensions_and_databases_of_tests(server):
    ask(server, OWNER, "CREATE EXTENSION pg_trgm", "CREATE EXTENSION btree_gist")
    make = "CREATE DATABASE test_x TEMPLATE template0"
    ask(server, OWNER, make, "DROP DATABASE test_x", database="postgres")
    assert ask(server, OWNER, "SELECT cardinality(show_trgm('食品安全')) > 0") == [(True,)]


def test_preparing_again_changes_nothing(server):
    prepare(server)
    assert ask(server, OWNER, "SELECT id FROM fact") == [(1,)]


def test_what_users_type_does_not_reach_the_log(server):
    ask(server, OWNER, "CREATE TABLE person (identity text PRIMARY KEY)")
    with pytest.raises(UniqueViolation):
        ask(server, OWNER, *["INSERT INTO person VALUES ('230103199001011234')"] * 2)
    assert "230103199001011234" not in (server.data / "server.log").read_text()


def test_passwords_are_readable_by_us_alone(server):
    secrets = list(server.home.glob("*.secret"))
    assert len({path.read_text() for path in secrets}) == 3
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}


def test_benches_find_pgbench_and_the_superuser(server):
    called = [server.tool("pgbench"), "--initialize", "--quiet", "--init-steps=dt", server.superuser_url()]
    assert subprocess.run(called, capture_output=True).returncode == 0


def test_after_a_kill_it_recovers_what_was_committed(server):
    os.kill(server.pid(), signal.SIGKILL)
    server.start()
    assert ask(server, OWNER, "SELECT id FROM fact") == [(1,)]


def test_it_stands_on_the_port_it_is_told_to(server):
    server.stop()
    assert server.pid() is None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    again = Postgres(server.name, {**FAST, "port": str(port)}, server.home)
    again.start()
    assert again.port() == port
    again.stop()
    server.start()


def test_it_starts_though_another_program_has_its_old_number(server):
    server.stop()
    with subprocess.Popen(["sleep", "60"], **server.programs._as_user()) as other:
        (server.data / "postmaster.pid").write_text(f"{other.pid}\n{server.data}\n0\n1\n")
        assert server.port() is None
        server.start()
        other.kill()
    assert ask(server, OWNER, "SELECT id FROM fact") == [(1,)]


def test_the_last_user_of_the_servers_stops_them(open_folder):
    home = open_folder / "shared"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    users = [subprocess.Popen([sys.executable, "-c", USER, str(home)], cwd=ROOT, **pipes) for _ in range(3)]
    said = {user.stdout.readline() for user in users}
    for user in users[:2]:
        user.communicate()
    assert len(said) == 1
    assert Postgres("pg18", home=home).port()
    assert Valkey(home=home).answers()
    users[2].communicate()
    assert Postgres("pg18", home=home).port() is None
    assert not Valkey(home=home).answers()


def test_the_queue_is_kept_over_a_restart(open_folder):
    valkey = Valkey(home=open_folder)
    valkey.start()
    with valkey._client() as client:
        client.rpush("queue", "task")
    valkey.stop()
    valkey.start()
    with valkey._client() as client:
        kept = client.lrange("queue", 0, -1)
    valkey.stop()
    assert kept == [b"task"]


def test_a_queue_that_cannot_be_saved_ends_nevertheless(open_folder):
    valkey = Valkey("lost", open_folder)
    valkey.start()
    (valkey.folder / "dump.rdb").mkdir()  # no file can take its place
    valkey.stop()
    assert not valkey.answers()


def test_a_folder_that_only_root_can_reach_is_no_obstacle(tmp_path):
    server = Postgres("pg18", FAST, tmp_path)
    server.start()
    assert ask(server, "postgres", "SELECT 1", database="postgres") == [(1,)]
    server.remove()
    if server.data.parent != tmp_path:
        shutil.rmtree(server.data.parent)


def test_a_full_disk_is_told_in_one_sentence(small_disk):
    with pytest.raises(ServerFailed, match=r"^The disk is full: free some space"):
        Postgres("pg18", FAST, small_disk / "checkout").start()


def test_given_servers_are_used_and_none_is_started(tmp_path):
    shutil.copytree(ROOT / "config", tmp_path / "config")
    given = {"DATABASE_URL": "postgres://a:b@127.0.0.1:9/c", "REDIS_URL": "redis://127.0.0.1:9/0"}
    command = [sys.executable, "-c", "import config.settings"]
    assert subprocess.run(command, cwd=tmp_path, env={"PATH": os.environ["PATH"], **given}).returncode == 0
    assert not list(tmp_path.glob(".local/pg*")) + list(tmp_path.glob(".local/valkey*"))
