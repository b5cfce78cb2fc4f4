"""Opening a trace: every look beyond one's own area has a reason that is kept, and holds for some hours."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection
from django.utils import timezone

from accounts.models import User
from catalog.models import Lot
from enterprises.models import Enterprise
from laws.parameters import in_force
from ledgers import sql
from ledgers.models import TraceOpening
from ledgers.models.openings import TraceOpeningQuerySet
from ledgers.services import with_aliases

HOURS = "trace.opening"  # how long an opened trace may be looked at again without asking


def open_trace(
    *, lot: Lot | None = None, period: tuple[Enterprise, date, date] | None = None, why: str, note: str, actor: User
) -> TraceOpening:
    """Write down that `actor` opens the trace of a lot, or of what an enterprise handled from one day to another.

    Raises ValidationError without a known reason, and where another reason is not told.
    """
    enterprise, since, until = period or (None, None, None)
    opening = TraceOpening(
        user=actor, lot=lot, enterprise=enterprise, since=since, until=until, why=why, note=note.strip()
    )
    opening.full_clean()
    opening.save()
    return opening


def opened(lot: Lot, *, by: User) -> TraceOpening | None:
    """The latest opening by this person that covers `lot`: of itself, or of a lot it was made from or went into."""
    recent = _recent(by).exclude(lot=None)
    if not recent.exists():
        return None
    return recent.filter(lot__in=with_aliases([lot])).first() or recent.filter(lot__in=_relatives(lot)).first()


def opened_period(enterprise: Enterprise, since: date, until: date, *, by: User) -> TraceOpening | None:
    """The latest opening by this person of what the enterprise handled in a time that holds this one."""
    openings = _recent(by).filter(enterprise=enterprise, since__lte=since, until__gte=until)
    found: TraceOpening | None = openings.first()
    return found


def _recent(person: User) -> TraceOpeningQuerySet:
    since = timezone.now() - timedelta(hours=int(in_force(HOURS).value))
    return TraceOpening.objects.filter(user=person, opened_at__gte=since).order_by("-pk")


def _relatives(lot: Lot) -> set[int]:
    found: set[int] = set()
    with connection.cursor() as cursor:
        for statement in (sql.LOTS_UP, sql.LOTS_DOWN):
            cursor.execute(statement, {"lot": lot.pk})
            found |= {row[0] for row in cursor.fetchall()}
    return found
