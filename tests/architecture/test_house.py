"""The house's own rules: budgets, templates, doors, and what the database itself refuses."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.template import Context, Template
from django.template.loader import get_template
from django.utils import translation

from config import grants
from documents.models import Document

ROOT = Path(settings.BASE_DIR)
CODE = [
    path for app in settings.HOUSE_APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts
]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
FROZEN = [model for model in apps.get_models() if issubclass(model, Document)]
LINES = ("ledgers_invoiceline", "ledgers_runinput", "ledgers_runoutput", "ledgers_stockpaperline")
ADDED_ONLY = (
    "ledgers_ledgerentry",
    "ledgers_lotlink",
    "ledgers_acknowledgement",
    "ledgers_stockpaperphoto",
    "catalog_contribution",
    "catalog_lotalias",
    "attachments_attachment",
    "alerts_alertnote",
)


def functions(path):
    return [
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]  # fmt: skip


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
    for function in functions(path):
        assert function.end_lineno - function.lineno < 50, function.name


def test_most_files_and_functions_are_far_smaller():
    files = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in CODE)
    lengths = sorted(node.end_lineno - node.lineno + 1 for path in CODE for node in functions(path))
    assert files[len(files) * 9 // 10] <= 200
    assert lengths[len(lengths) // 2] <= 8
    assert lengths[len(lengths) * 9 // 10] <= 25


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_stay_small_and_escape_everything(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    assert not re.search(r"\|safe\b|autoescape off|<script>|\sstyle=|\son\w+=", text)


def test_every_template_is_used():
    told = "".join(path.read_text(encoding="utf-8") for path in [*CODE, *TEMPLATES])
    for path in TEMPLATES:
        name = path.relative_to(ROOT / "templates").as_posix()
        by_the_machine = name.startswith(("registers/", "account/")) or re.search(
            r"_(list|detail|form|delete|import)\.html$", name
        )
        assert get_template(name)
        assert by_the_machine or name in told or path.parent.name == "templates", name


def test_own_style_sheets_stay_small():
    assert sum(len(path.read_text().splitlines()) for path in (ROOT / "static").rglob("*.css")) <= 1_500


def test_nothing_is_marked_safe_or_left_to_do():
    for path in CODE:
        assert not re.search(r"mark_safe|\bTODO\b|\bFIXME\b", path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_key_in_a_page_is_never_grouped_like_a_quantity(language):
    with translation.override(language):
        assert Template("{{ pk }}").render(Context({"pk": 1234567})) == "1234567"


# What the database refuses


def triggers(table):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [table]
        )
        return dict(cursor.fetchall())


@pytest.mark.parametrize("table", [*(model._meta.db_table for model in FROZEN), *LINES, *ADDED_ONLY])
def test_confirmed_facts_are_guarded_by_triggers_that_no_session_can_switch_off(db, table):
    assert {f"{table}_freeze": "A", f"{table}_stays": "A"}.items() <= triggers(table).items()


def test_lines_that_come_in_bulk_are_guarded_when_they_join(db):
    assert triggers("ledgers_invoiceline")["ledgers_invoiceline_joins"] == "A"


def test_a_lot_outlives_every_session_that_would_delete_it(db):
    assert triggers("catalog_lot") == {"catalog_lot_lasts": "A", "catalog_lot_stays": "A"}


def test_the_application_has_exactly_the_rights_of_the_table(db):
    wanted = {"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"}
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT r FROM unnest(%s) r WHERE has_table_privilege(current_user, %s, r)", [list(wanted), table]
            )
            has = {row[0] for row in cursor.fetchall()}
        assert has == set(grants.rights_on(table).split(", ")), table


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE TEMP TABLE ledgers_ledgerentry (id int)",
        "TRUNCATE ledgers_invoice",
        "ALTER TABLE ledgers_invoice DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "DROP TRIGGER ledgers_invoice_freeze ON ledgers_invoice",
        "SELECT ledgers_move_stock(1, true, true)",
        "SET ROLE foodtrace_owner",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'y', now())",
    ],
)
def test_the_application_s_login_is_refused(db, statement):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
