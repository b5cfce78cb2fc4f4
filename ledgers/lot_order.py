"""The order in which lots are locked: by id, and after everything else, so that nobody waits in a circle."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from ledgers import sql


def take_lots(lots: Iterable[int]) -> None:
    """Lock lots as a foreign key to them does, before the rows that point at them are checked one by one.

    Foreign keys are checked when a transaction commits, in the order of the rows. A clerk may name lots in any order,
    a hold takes them by id: without this each could wait for the other. Also, who looks for holds after this call
    sees every hold there will be before the commit.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql.TAKE_LOTS, [list(lots)])
