"""Writing many rows in one transaction."""

from __future__ import annotations

from django.db import connection

CHECK_AT_ONCE = "SET CONSTRAINTS ALL IMMEDIATE"


def check_at_once() -> None:
    """Until the transaction ends, each statement checks its own references: checks that are put off are walked over at
    the end of every savepoint, and the history's trigger makes one for each row."""
    with connection.cursor() as cursor:
        cursor.execute(CHECK_AT_ONCE)
