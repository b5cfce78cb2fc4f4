"""The drills cross and kill in a small form: they find nothing in sound books, and tell what is not sound."""

from __future__ import annotations

import json
import logging
import random
import time
import uuid
from io import StringIO
from threading import Event, Thread

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper
from django.db import OperationalError, connection
from django.test import Client

from config.benches import crowd
from config.drills import cross
from config.drills.browser import Answer, Lost
from config.drills.crossing_deeds import Piece
from config.drills.findings import Findings
from config.drills.memory import Memory, faults_of
from config.drills.trading import Clerk
from config.drills.world import make_world
from ledgers.models import Invoice

CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
"""


class InnerBrowser:
    """Asks this very process, signed in as `user`."""

    def __init__(self, user):
        self.client = Client(raise_request_exception=False)
        self.client.force_login(user)

    def ask(self, path, form=None):
        answer = self.client.get(path) if form is None else self.client.post(path, form)
        if answer.status_code >= 500:
            connection.close()
            raise Lost(path)
        return Answer(answer.status_code, answer.headers.get("Location", ""), answer.content.decode())


@pytest.fixture
def clerks(real_database):
    """Three clerks of three traders, signed in."""
    world = make_world(traders=3, lots=4)
    goods = [(f"D-{n}", lot.code) for n, lot in enumerate(world.lots)]
    return [
        Clerk(InnerBrowser(world.clerks[trader.pk]), [other.name for other in world.traders if other != trader], goods,
              f"R{n}")
        for n, trader in enumerate(world.traders)
    ]  # fmt: skip


def everything_told(clerks) -> Memory:
    memory = Memory()
    for clerk in clerks:
        memory.add(clerk.memory)
    return memory


def work_and_cut(clerks, cuts):
    """Let the clerks work in threads, and cut all their connections to the database so many times."""

    def work(clerk):
        try:
            clerk.work(stop)
        except Exception as fault:
            clerk.memory.faults.append(f"{clerk.name} stopped working: {fault!r}")
        finally:
            connection.close()

    stop = Event()
    threads = [Thread(target=work, args=[clerk]) for clerk in clerks]
    for thread in threads:
        thread.start()
    for cut in range(1, cuts + 1):
        deadline = time.monotonic() + 10
        while sum(len(clerk.memory.papers) for clerk in clerks) < 2 * cut and time.monotonic() < deadline:
            time.sleep(0.02)
        with connection.cursor() as cursor:
            cursor.execute(CUT)
    stop.set()
    for thread in threads:
        thread.join()


def test_crossing_confirmations_end_without_a_deadlock(real_database, monkeypatch):
    monkeypatch.setattr(crowd, "CLIENTS", 4)
    monkeypatch.setattr(crowd, "WARM", 1)
    found = cross.cross(cross.Size(confirms=200, traders=3))
    assert found.faults == []
    assert (found.figures["confirmed"], found.figures["deadlocks"]) == (200, 0)


def test_a_deadlock_is_counted_and_another_failure_is_raised():
    def deed(world, drafts, place):
        raise OperationalError from psycopg2.errors.lookup(("40P01", "40001", "57P01")[place])()

    assert [cross._outcome(Piece(place, deed), None, []) for place in (0, 1)] == ["deadlocks", "deadlocks"]
    with pytest.raises(OperationalError):
        cross._outcome(Piece(2, deed), None, [])


def test_no_acknowledged_paper_is_lost_when_the_database_is_cut_off(clerks, caplog):
    caplog.set_level(logging.CRITICAL, "django.request")  # the lost answers are meant; they would hide what is not
    work_and_cut(clerks, cuts=3)
    for clerk in clerks:
        clerk.repeat_the_last(2)
    memory = everything_told(clerks)
    assert memory.papers
    assert faults_of(memory) == []


def test_a_clerk_does_every_deed(clerks):
    random.seed(7)
    first, second, _third = clerks
    for clerk in (first, second):
        clerk.partners = clerk.partners[:1]
    for _ in range(4):
        first.sell()
    second.accept()
    for deed in (first.sell, second.reject, first.settle, first.sell, second.differ, first.settle):
        deed()
    for deed in (first.produce, first.release, first.produce, first.unmake, first.sell, first.reverse):
        deed()
    memory = everything_told(clerks)
    assert all(memory.figures[name] for name in ("papers", "runs", "answered", "claimed", "released"))
    assert faults_of(memory) == []


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"papers": {9: (uuid.uuid4(), 1)}}, "Paper 9"),
        ({"runs": {9: uuid.uuid4()}}, "Run 9"),
        ({"reversed_papers": {8: 9}}, "Invoice 8 was reversed by 9"),
        ({"reversed_runs": {8: 9}}, "ProductionRun 8 was reversed by 9"),
        ({"claimed": {9}}, "delivery 9"),
        ({"settled": {9}}, "delivery 9"),
        ({"faults": ["strange"]}, "strange"),
    ],
)
def test_what_was_acknowledged_and_is_not_there_is_told(real_database, told, words):
    assert words in "".join(faults_of(Memory(**told)))


def test_an_answer_that_is_not_there_and_a_paper_of_other_lines_are_told(clerks):
    first, _second, _third = clerks
    first.partners = [partner for partner in first.partners if partner.endswith("1")]
    first.sell()
    (pk, (token, lines)) = next(iter(first.memory.papers.items()))
    receipt = Invoice.objects.get(pk=pk).receipt.pk
    told = faults_of(Memory(papers={pk: (token, lines + 1)}, answered={receipt}))
    assert [word in "".join(told) for word in (f"Paper {pk}", f"delivery {receipt}")] == [True, True]


def test_findings_are_one_line_of_json_and_a_fault_ends_with_an_error():
    out = StringIO()
    Findings("x", {"papers": 3}, []).tell(OutputWrapper(out))
    assert json.loads(out.getvalue()) == {"drill": "x", "papers": 3, "faults": []}
    with pytest.raises(CommandError, match="the first: 差异"):
        Findings("x", {}, ["差异"]).tell(OutputWrapper(out))


def test_an_unknown_drill_is_refused():
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("drill", "nonsense")
