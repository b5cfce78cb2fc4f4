"""The table of promises and the marks on tests: read from the text, no test imported, no database asked."""

from __future__ import annotations

import json
from io import StringIO
from textwrap import dedent

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from config.requirements import coverage, marked_tests

TABLE = "id,requirement\nH-001,Serve\nH-002,Cover\nL-001,Keep\n"


@pytest.fixture
def checkout(tmp_path, settings):
    """A project with three requirements and no tests yet."""
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "requirements.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path


def write(checkout, text, name="tests/deep/test_it.py"):
    path = checkout / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text), encoding="utf-8")


def told(*arguments):
    out = StringIO()
    call_command("requirements", *arguments, stdout=out)
    return out.getvalue()


def test_a_mark_on_a_function_is_found(checkout):
    write(checkout, '@pytest.mark.requirement("H-001", "L-001")\ndef test_a(): ...')
    assert marked_tests(checkout) == {
        "H-001": ["tests/deep/test_it.py::test_a"],
        "L-001": ["tests/deep/test_it.py::test_a"],
    }


def test_a_mark_on_a_class_stands_for_its_tests(checkout):
    write(checkout, '@pytest.mark.requirement("H-001")\nclass TestA:\n    def test_a(self): ...')
    assert marked_tests(checkout) == {"H-001": ["tests/deep/test_it.py::TestA"]}


def test_a_mark_inside_a_class_names_the_method(checkout):
    write(checkout, 'class TestA:\n    @pytest.mark.requirement("H-001")\n    def test_a(self): ...')
    assert marked_tests(checkout) == {"H-001": ["tests/deep/test_it.py::TestA::test_a"]}


def test_a_mark_on_a_parameter_counts_for_its_test(checkout):
    write(
        checkout,
        """
        @pytest.mark.parametrize("n", [1, pytest.param(2, marks=[pytest.mark.requirement("H-002")])])
        def test_a(n): ...
        """,
    )
    assert marked_tests(checkout) == {"H-002": ["tests/deep/test_it.py::test_a"]}


def test_a_mark_on_a_file_stands_for_the_file(checkout):
    write(checkout, 'pytestmark = pytest.mark.requirement("H-002")')
    assert marked_tests(checkout) == {"H-002": ["tests/deep/test_it.py"]}


def test_a_mark_that_is_only_spoken_of_is_none(checkout):
    write(checkout, '''"""Says @pytest.mark.requirement("H-001")."""\n# @pytest.mark.requirement("H-002")''')
    assert marked_tests(checkout) == {}


def test_helpers_beside_the_tests_are_not_read(checkout):
    write(checkout, "this is no Python", name="tests/notes.py")
    assert marked_tests(checkout) == {}


def test_every_row_is_printed_with_its_tests(checkout):
    write(checkout, '@pytest.mark.requirement("H-002")\ndef test_a(): ...')
    assert told().splitlines() == [
        "H-001  Serve",
        "H-002  Cover",
        "       tests/deep/test_it.py::test_a",
        "L-001  Keep",
        "1 of 3 requirements have a test; marked tests: 1.",
    ]


def test_json_is_the_rows_with_their_tests(checkout):
    write(checkout, '@pytest.mark.requirement("L-001")\ndef test_a(): ...')
    tests = [row["tests"] for row in json.loads(told("--json"))]
    assert tests == [[], [], ["tests/deep/test_it.py::test_a"]]


def test_json_keeps_every_column_of_the_table(checkout):
    assert json.loads(told("--json"))[0] == {"id": "H-001", "requirement": "Serve", "tests": []}


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_an_unknown_id_fails_in_a_sentence(checkout, arguments):
    write(checkout, '@pytest.mark.requirement("H-999")\ndef test_a(): ...')
    with pytest.raises(CommandError, match=r"No row of .* has the id H-999, which tests/deep/test_it.py::test_a names"):
        told(*arguments)


def test_an_id_that_is_no_text_is_unknown(checkout):
    write(checkout, "@pytest.mark.requirement(*IDS)\ndef test_a(): ...")
    with pytest.raises(CommandError, match=r"the id \*IDS"):
        told()


def test_without_the_table_the_command_says_what_is_missing(checkout):
    (checkout / "docs" / "requirements.csv").unlink()
    with pytest.raises(CommandError, match="run this in a whole checkout"):
        told()


def test_the_table_of_this_project_has_each_id_once():
    ids = [requirement.id for requirement in coverage(settings.BASE_DIR).requirements]
    assert len(ids) == len(set(ids)) == 250


def test_every_mark_of_this_project_names_a_row():
    assert coverage(settings.BASE_DIR).unknown == {}
