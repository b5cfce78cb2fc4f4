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
from ledgers import sql
from ledgers.tracing import downstream

Rows = list[Any]
ANSWERS = ("bench_lots", "bench_movements", "bench_holders")
TABLES = """
CREATE TABLE bench_lots (lot bigint);
CREATE TABLE bench_movements (seller bigint, buyer bigint, lot bigint, quantity numeric(14, 3), traded_on date);
CREATE TABLE bench_holders (enterprise bigint, lot bigint, quantity numeric(14, 3));
"""


class DifferentAnswers(Exception):
    """The trace and the finished rows are not the same: there is nothing to measure."""


def run(size: Size) -> Report:
    """Trace one lot down and read the finished answer, in turns, both as bare statements through one cursor."""
    lot = make(size)
    with closing(psycopg2.connect(**address("default"))) as link:
        link.autocommit = True
        cursor = link.cursor()
        answer = trace(cursor, lot.pk)
        _write_down(answer)
        finished = read_finished(cursor)
        if [sorted(rows) for rows in answer] != [sorted(rows) for rows in finished] or len(answer[1]) != size.answer:
            raise DifferentAnswers
        ours, reference = in_turns(
            partial(milliseconds, partial(trace, cursor, lot.pk)),
            partial(milliseconds, partial(read_finished, cursor)),
            rounds=size.rounds,
        )
    measure = Measure(f"rows_of_answer_{size.answer}", ours, reference, "ms")
    return Report("trace", [measure], {"statements": _statements(lot)}, [])


def trace(cursor: Any, lot: int) -> tuple[Rows, Rows, Rows]:
    """The three statements of a trace: lots, movements, holders."""
    cursor.execute(sql.LOTS_DOWN, {"lot": lot})
    lots = cursor.fetchall()
    reached = {"lots": [pk for (pk,) in lots]}
    cursor.execute(sql.MOVEMENTS, reached)
    movements = cursor.fetchall()
    cursor.execute(sql.HOLDERS, reached)
    return lots, movements, cursor.fetchall()


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
