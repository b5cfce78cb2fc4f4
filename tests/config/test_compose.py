"""The production set-up: no default secret, two logins, nothing writable or reachable that need not be."""

import os
import subprocess
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
import yaml
from psycopg2.errors import InsufficientPrivilege

from config.embedded import FAST, Postgres

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "docker" / "init-roles.sh"
OPTIONAL = ("SMS_", "EMAIL_", "DEFAULT_FROM_EMAIL", "DELIVERIES_")  # how people are told; by default in the log
PROGRAMS = ["migrate", "web", "worker", "courier", "beat"]


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


@pytest.fixture(scope="module")
def prepared(open_folder):
    """A server on which the script of the database's image has run."""
    server = Postgres("compose18", FAST, open_folder)
    server.start()
    environment = {
        "PATH": f"{server.tool('psql').parent}:/usr/bin:/bin",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port()),
        "PGPASSWORD": server.password("postgres"),
        "OWNER_PASSWORD": server.password("foodtrace_owner"),
        "APP_PASSWORD": server.password("foodtrace_app"),
    }
    subprocess.run([SCRIPT], env=environment, check=True)
    yield server
    server.remove()


def run(server, role, statement):
    with closing(psycopg2.connect(server.url(role, "foodtrace"))) as link, link, link.cursor() as cursor:
        cursor.execute(statement)


def test_every_program_and_server_is_there(services):
    assert set(services) == {*PROGRAMS, "db", "redis"}
    assert services["db"]["image"] == "postgres:18"


def test_only_migrations_know_the_owner(services):
    knowing = [name for name in PROGRAMS if "OWNER" in str(services[name])]
    assert knowing == ["migrate"]


def test_no_secret_has_a_default(services):
    values = {name: value for service in services.values() for name, value in service["environment"].items()}
    secret = {name: value for name, value in values.items() if "$" in value and not name.startswith(OPTIONAL)}
    assert secret
    assert all(":?" in value and ":-" not in value for value in secret.values())
    assert all(values[name].endswith(":-}") for name in ("SMS_OPTIONS", "EMAIL_HOST_PASSWORD")), "empty, or one's own"


def test_every_variable_is_explained_in_the_example():
    text = (ROOT / "docker-compose.yml").read_text()
    needed = {part.split(":?")[0] for part in text.split("${")[1:] if ":?" in part.split("}")[0]}
    lines = (ROOT / ".env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    assert needed <= set(given)
    assert not any(given[name] for name in needed)


@pytest.mark.parametrize("name", [*PROGRAMS, "db", "redis"])
def test_containers_cannot_write_to_their_image_or_gain_rights(services, name):
    assert services[name]["read_only"]
    assert services[name]["security_opt"] == ["no-new-privileges:true"]


def test_only_the_web_is_reachable_and_only_from_this_machine(services):
    assert [name for name in services if "ports" in services[name]] == ["web"]
    assert all(port.startswith("127.0.0.1:") for port in services["web"]["ports"])


def test_the_data_outlive_the_containers(services):
    assert "database:/var/lib/postgresql" in services["db"]["volumes"]
    assert {"media:/srv/media", "attachments:/srv/attachments"} <= set(services["web"]["volumes"])


def test_the_image_holds_no_secrets_and_no_laptop():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".*", "tests", "node_modules"} <= set(ignored)


def test_the_script_of_the_database_makes_an_owner_who_can_migrate(prepared):
    run(prepared, "foodtrace_owner", "CREATE EXTENSION pg_trgm; CREATE EXTENSION btree_gist")
    run(prepared, "foodtrace_owner", "CREATE TABLE fact ()")


@pytest.mark.parametrize("statement", ["CREATE TABLE mine ()", "CREATE TEMP TABLE mine ()", "SET ROLE foodtrace_owner"])
def test_the_script_of_the_database_makes_an_application_who_owns_nothing(prepared, statement):
    with pytest.raises(InsufficientPrivilege):
        run(prepared, "foodtrace_app", statement)


def test_the_script_of_the_database_needs_its_passwords():
    environment = {"PATH": os.environ["PATH"], "APP_PASSWORD": "x"}
    assert subprocess.run([SCRIPT], env=environment, capture_output=True).returncode != 0
