"""The drills in a small form."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError, OutputWrapper

from config.drills import DRILLS, importing
from config.drills.big_file import Size

SMALL = Size(lines=400, per_document=10, mistake_every=57, goods=30, partners=3)


def test_a_small_import_tells_every_planted_mistake_and_writes_the_rest(real_database):
    out = io.StringIO()
    importing.drill(OutputWrapper(out), SMALL, measured=False)
    assert "33 drafts with 330 lines, 7 mistakes told" in out.getvalue()


def test_a_mistake_that_is_not_told_fails_the_drill(real_database, monkeypatch):
    monkeypatch.setattr(importing, "mistakes", lambda size: [(5, ("A", "x"))])
    with pytest.raises(CommandError, match="otherwise than planted"):
        importing.drill(OutputWrapper(io.StringIO()), SMALL, measured=False)


def test_a_drill_goes_by_its_name(monkeypatch):
    monkeypatch.setitem(DRILLS, "import", lambda stdout: stdout.write("done"))
    out = io.StringIO()
    call_command("drill", "import", stdout=out)
    assert "done" in out.getvalue()
    with pytest.raises(CommandError):
        call_command("drill", "nothing")
