"""Whether the books agree with themselves: everything written twice is worked out again from the papers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction

from ledgers import sql, verifying_sql

STATEMENTS = {
    "stock": sql.VERIFY_STOCK,
    "in dispute": sql.VERIFY_DISPUTES,
    "lines": sql.VERIFY_LINES,
    "day figures": sql.VERIFY_DAYS,
    "papers": verifying_sql.VERIFY_PAPERS,
    "lots": verifying_sql.VERIFY_LOTS,
    "reversals": verifying_sql.VERIFY_REVERSALS,
    "receipts": verifying_sql.VERIFY_RECEIPTS,
    "states": verifying_sql.VERIFY_STATES,
    "claims": verifying_sql.VERIFY_CLAIMS,
    "settlements": verifying_sql.VERIFY_SETTLEMENTS,
    "acknowledgements": verifying_sql.VERIFY_ACKNOWLEDGEMENTS,
    "links": verifying_sql.VERIFY_LINKS,
}


def verify_also(name: str, statement: str) -> None:
    """Let `differences` run a statement of an app above, which returns (what, written, recomputed) of what differs."""
    STATEMENTS[name] = statement


@dataclass(frozen=True)
class Difference:
    """Where two places that should say the same do not; None where one of them says nothing."""

    of: str
    what: str
    written: Decimal | None
    recomputed: Decimal | None

    def __str__(self) -> str:
        return f"{self.of}: {self.what}: written {self.written}, by the papers {self.recomputed}"


def differences() -> Iterator[Difference]:
    """Every difference between the papers and what is kept beside them, all of one moment."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        for name, statement in STATEMENTS.items():
            cursor.execute(statement)
            for what, written, recomputed in cursor.fetchall():
                yield Difference(name, what, written, recomputed)
