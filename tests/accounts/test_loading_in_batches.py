"""The loading machine: a spoiled row costs itself, never its batch; who waits at a terminal sees how far it is."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError

from accounts.bulk.loading import Facts, Loader, Run
from accounts.bulk.rows import recognise
from accounts.bulk.tables import tables_in
from tests.loads import table

pytestmark = pytest.mark.django_db


class Picky(Loader):
    """Takes every number but seven, which the database would refuse."""

    columns = {"number": ("number",)}
    required = ("number",)

    def __init__(self):
        self.taken = []

    def check(self, cells):
        return Facts(cells["number"], {})

    def save(self, batch):
        keys = [facts.key for facts in batch]
        if "7" in keys:
            raise IntegrityError("seven")
        self.taken += keys
        return len(keys), 0


class Terminal(StringIO):
    def isatty(self):
        return True


def test_a_row_that_the_database_refuses_costs_itself_alone(tmp_path):
    (file,) = tables_in(table(tmp_path / "numbers.csv", "number", *map(str, range(10))))
    loader = Picky()
    counts = Run(loader, [recognise(file, loader.columns, loader.required)])()
    assert (counts.created, counts.rejected) == (9, 1)
    assert loader.taken == [*"012345689"]


def test_who_waits_at_a_terminal_sees_how_far_it_is(tmp_path):
    told, path = Terminal(), table(tmp_path / "regions.csv", "code,name", "23,示例省")
    call_command("load_regions", path, stdout=StringIO(), stderr=told)
    assert told.getvalue().startswith("\r1")
