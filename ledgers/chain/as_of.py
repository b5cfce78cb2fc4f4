"""What a trace was on a day, and what was known of it then."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import connection
from django.utils import timezone

from catalog.models import Lot
from ledgers.chain import sql
from ledgers.tracing import Trace, trace_of_rows


def downstream_as_of(lot: Lot, day: date, *, as_known: bool = False) -> Trace:
    """Where `lot` had gone by the end of `day`, and who had some then.

    With `as_known` only what was written by the end of that day: a paper that came later is left out, and one that
    was reversed later still counts. Otherwise by everything that is known today.
    """
    return _as_of(lot, day, sql.LOTS_DOWN_AS_OF, as_known=as_known)


def upstream_as_of(lot: Lot, day: date, *, as_known: bool = False) -> Trace:
    """Where `lot` had come from by the end of `day`; see `downstream_as_of`."""
    return _as_of(lot, day, sql.LOTS_UP_AS_OF, as_known=as_known)


def _as_of(lot: Lot, day: date, lots_statement: str, *, as_known: bool) -> Trace:
    named = {"day": day, "known": end_of(day) if as_known else timezone.now() + timedelta(days=1)}
    with connection.cursor() as cursor:
        cursor.execute(lots_statement, {"lot": lot.pk, **named})
        lots = [row[0] for row in cursor.fetchall()]
        cursor.execute(sql.MOVEMENTS_AS_OF, {"lots": lots, **named})
        movements = cursor.fetchall()
        cursor.execute(sql.HOLDERS_AS_OF, {"lots": lots, **named})
        return trace_of_rows(lots, movements, cursor.fetchall())


def end_of(day: date) -> datetime:
    """The first moment that is not of this day any more."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
