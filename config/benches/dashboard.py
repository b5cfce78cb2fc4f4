"""What it costs to find who trades nothing, beside asking the whole ledger for everybody's last day."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import psycopg2
from django.utils import timezone

from config.benches.measures import Measure, Report, in_turns, milliseconds
from config.benches.place import address, vacuum
from enterprises.models import Enterprise

SILENT_DAYS = 7
# Written by the owner straight into the books: nothing but the parties and the days is read. One trader in a hundred
# deals with others like it only, a month ago; the rest have traded this week.
ENTRIES = """
INSERT INTO ledgers_ledgerentry (line_id, invoice_id, seller_id, buyer_id, author_id, product_id, lot_id, goods,
                                 goods_code, quantity, traded_on, recorded_at, needs_acknowledgement)
SELECT n, n, traders[1 + place], traders[1 + (place + 100 * (1 + n / many %% 7)) %% many], traders[1 + place], 1,
       1 + n %% 100000, '', '', 1, %(today)s::date - CASE WHEN place %% 100 = 0 THEN 30 ELSE n %% 5 END, now(), false
FROM (SELECT n, n %% cardinality(%(traders)s::bigint[]) AS place FROM generate_series(1, %(entries)s) n) line,
     (SELECT %(traders)s::bigint[] AS traders, cardinality(%(traders)s::bigint[]) AS many) who
"""
LAST_DAYS = """
SELECT party, max(last) FROM (
    SELECT seller_id AS party, max(traded_on) AS last FROM ledgers_ledgerentry GROUP BY seller_id
    UNION ALL
    SELECT buyer_id, max(traded_on) FROM ledgers_ledgerentry GROUP BY buyer_id
) side GROUP BY party
"""
REMEMBER = f"""
UPDATE enterprises_enterprise e SET last_trade_at = known.last::timestamp AT TIME ZONE 'Asia/Shanghai'
FROM ({LAST_DAYS}) known (party, last) WHERE known.party = e.id
"""


@dataclass(frozen=True)
class Size:
    """How many entries of how many traders, a multiple of 100 of them."""

    entries: int = 1_000_000
    traders: int = 5_000
    rounds: int = 11


class DifferentAnswers(Exception):
    """The two lists are not the same: there is nothing to measure."""


def run(size: Size) -> Report:
    """Find the silent traders by the day that the fold keeps and by a maximum over the ledger, in turns."""
    _make(size)
    since = timezone.localdate() - timedelta(days=SILENT_DAYS)
    rows = Enterprise.objects.traders().quiet_since(since, today=timezone.localdate()).order_by().values_list("pk")
    ours = rows.query.sql_with_params()
    reference = (f"{LAST_DAYS} HAVING max(last) <= %s", [since])
    with closing(psycopg2.connect(**address("default"))) as link:
        link.autocommit = True
        cursor = link.cursor()
        found, known = ({row[0] for row in _ask(cursor, *way)} for way in (ours, reference))
        if found != known or len(found) != size.traders // 100:
            raise DifferentAnswers
        quick, slow = in_turns(
            *(partial(milliseconds, partial(_ask, cursor, *way)) for way in (ours, reference)), rounds=size.rounds
        )
    return Report("dashboard", [Measure("times_faster_no_trade", quick, slow, "ms")], {"entries": size.entries}, [])


def _ask(cursor: Any, statement: str, values: Any) -> list[Any]:
    cursor.execute(statement, values)
    rows: list[Any] = cursor.fetchall()
    return rows


def _make(size: Size) -> None:
    firms = Enterprise.objects.bulk_create(Enterprise(name=f"企业 {n}") for n in range(size.traders))
    today: date = timezone.localdate()
    with closing(psycopg2.connect(**address("owner"))) as link:
        link.autocommit = True
        cursor = link.cursor()
        cursor.execute("ALTER TABLE ledgers_ledgerentry DISABLE TRIGGER portal_publish_booked")  # no paper is confirmed
        cursor.execute(ENTRIES, {"traders": [row.pk for row in firms], "entries": size.entries, "today": today})
        cursor.execute(REMEMBER)
    vacuum()
