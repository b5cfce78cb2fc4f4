"""What a complete trace costs, beside reading the same finished answer out of plain tables."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import Any

import psycopg2
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Lot
from config.benches.measures import Measure, Report, in_turns, milliseconds
from config.benches.place import address, vacuum
from config.benches.trace_data import Size, make
from ledgers import sql, what_if_sql
from ledgers.tracing import downstream
from ledgers.what_if import Suppositions

Rows = list[Any]
ANSWERS = ("bench_lots", "bench_movements", "bench_holders")
TABLES = """
CREATE TABLE bench_lots (lot bigint);
CREATE TABLE bench_movements (seller bigint, buyer bigint, lot bigint, quantity numeric(14, 3), traded_on date);
CREATE TABLE bench_holders (enterprise bigint, lot bigint, quantity numeric(14, 3));
"""


ERP_ROUNDS, SCORE_ROUNDS = 3, 3
ERP_LINES = """
SELECT e.id, e.lot_id FROM ledgers_ledgerentry e
WHERE e.lot_id = %(lot)s AND e.id <> ALL(%(seen)s) AND e.reverses_id IS NULL
  AND NOT EXISTS (SELECT FROM ledgers_ledgerentry u WHERE u.reverses_id = e.id)
"""
ERP_MADE = """
SELECT e.id, e.lot_id FROM ledgers_lotlink k JOIN ledgers_ledgerentry e ON e.lot_id = k.to_lot_id
WHERE k.from_lot_id = %(lot)s AND e.id <> ALL(%(seen)s) AND e.reverses_id IS NULL
  AND NOT EXISTS (SELECT FROM ledgers_ledgerentry u WHERE u.reverses_id = e.id)
"""


HELD = "SELECT enterprise_id, array_agg(lot_id) FROM ledgers_stockbalance GROUP BY 1 ORDER BY 1 LIMIT %s"


class DifferentAnswers(Exception):
    """The trace and the finished rows are not the same: there is nothing to measure."""


def run(size: Size) -> Report:
    """Trace one lot down and read the finished answer, in turns, both as bare statements through one cursor."""
    lot, smaller = make(size)
    with closing(psycopg2.connect(**address("default"))) as link:
        link.autocommit = True
        cursor = link.cursor()
        answer = trace(cursor, lot.pk)
        _write_down(answer)
        finished = read_finished(cursor)
        if [sorted(rows) for rows in answer] != [sorted(rows) for rows in finished] or len(answer[1]) != size.answer:
            raise DifferentAnswers
        measures = [_erp(cursor, smaller), _scores(cursor, size.weighted)]
        ours, reference = in_turns(
            partial(milliseconds, partial(trace, cursor, lot.pk)),
            partial(milliseconds, partial(read_finished, cursor)),
            rounds=size.rounds,
        )
    rows = Measure(f"rows_of_answer_{size.answer}", ours, reference, "ms")
    return Report("trace", [rows, *measures], {"statements": _statements(lot)}, [])


def trace(cursor: Any, lot: int) -> tuple[Rows, Rows, Rows]:
    """The three statements of a trace: lots, movements, holders."""
    cursor.execute(sql.LOTS_DOWN, {"lot": lot})
    lots = cursor.fetchall()
    reached = {"lots": [pk for (pk,) in lots]}
    cursor.execute(sql.MOVEMENTS, reached)
    movements = cursor.fetchall()
    cursor.execute(sql.HOLDERS, reached)
    return lots, movements, cursor.fetchall()


def _erp(cursor: Any, lot: Lot) -> Measure:
    """Beside the batch report of an ERP system, which searches for what follows each line it has found."""
    moves, found = trace(cursor, lot.pk)[1], erp_walk(cursor, lot.pk)
    if len(moves) != len(found):
        raise DifferentAnswers
    ours, theirs = in_turns(
        partial(milliseconds, partial(trace, cursor, lot.pk)),
        partial(milliseconds, partial(erp_walk, cursor, lot.pk)),
        rounds=ERP_ROUNDS,
    )
    return Measure("times_faster_than_erp_walk", ours, theirs, "ms")


def erp_walk(cursor: Any, lot: int) -> set[int]:
    """The entries of a lot and of what was made of it, with two searches for each line, as ERP systems do it."""
    seen: set[int] = set()
    cursor.execute(ERP_LINES, {"lot": lot, "seen": []})
    waiting = cursor.fetchall()
    while waiting:
        entry, its_lot = waiting.pop()
        if entry in seen:
            continue
        seen.add(entry)
        cursor.execute(ERP_LINES, {"lot": its_lot, "seen": list(seen)})
        waiting += cursor.fetchall()
        cursor.execute(ERP_MADE, {"lot": its_lot, "seen": list(seen)})
        waiting += cursor.fetchall()
    return seen


def _scores(cursor: Any, count: int) -> Measure:
    """The scores of so many weighted places in one pass, beside following each of them alone."""
    cursor.execute(HELD, [count])
    places = dict(cursor.fetchall())

    def singly() -> None:
        for place, lots in places.items():
            named = {"lots": lots, "places": [place] * len(lots), **Suppositions().parameters}
            cursor.execute(what_if_sql.HOLDINGS_UP_FROM, named)
            cursor.fetchall()

    def together() -> None:
        named = {"places": list(places), "lots": [], "weights": [1.0] * count, **Suppositions().parameters}
        cursor.execute(what_if_sql.SCORES, named)
        cursor.fetchall()

    ours, reference = in_turns(partial(milliseconds, together), partial(milliseconds, singly), rounds=SCORE_ROUNDS)
    return Measure(f"scores_of_{count}_singles", ours, reference, "ms")


def read_finished(cursor: Any) -> list[Rows]:
    """The same rows out of tables that hold nothing else."""
    finished = []
    for table in ANSWERS:
        cursor.execute(f"SELECT * FROM {table}")
        finished.append(cursor.fetchall())
    return finished


def _write_down(answer: tuple[Rows, Rows, Rows]) -> None:
    with closing(psycopg2.connect(**address("owner"))) as link:
        link.autocommit = True
        cursor = link.cursor()
        cursor.execute(TABLES)
        for table, rows in zip(ANSWERS, answer, strict=True):
            marks = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
            cursor.execute(f"GRANT SELECT ON {table} TO {address('default')['user']}")
    vacuum(*ANSWERS)


def _statements(lot: Lot) -> int:
    with CaptureQueriesContext(connection) as queries:
        downstream(lot)
    return len(queries)
