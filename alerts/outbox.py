"""How what was written for an address is sent: held by one sender at a time, once, and never lost.

A sender takes a row by a lease and commits before it calls the provider. If it dies, the row is taken up again after
the lease, and the provider is asked whether it has it already before anything is sent a second time.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from alerts import sql
from alerts.gateways import Gateway, Outgoing, Refused, Standing, Unavailable, gateway_for
from alerts.models import ContactPoint, Delivery
from alerts.telling import Dropped, compose
from laws.parameters import in_force

LEASE = timedelta(minutes=2)  # longer than any provider takes to answer
TRIES_MAX, SENT_AT_ONCE_MAX, ASKED_AT_ONCE_MAX = 6, 500, 200
ASKED_FOR = timedelta(days=3)
RESEND = "alerts.resend_delivery"
State, Why, Lane = Delivery.State, Delivery.Why, Delivery.Lane
logger = logging.getLogger(__name__)


def send_due(*, most: int = SENT_AT_ONCE_MAX, now: datetime | None = None) -> int:
    """Send what is due, the most urgent first; returns how many were taken up. Any number may run at once."""
    if settings.DELIVERIES_PAUSED:
        return 0
    for count in range(most):
        with connection.cursor() as cursor:
            cursor.execute(sql.TAKE_NEXT, {"now": now or timezone.now(), "until": (now or timezone.now()) + LEASE})
            taken = cursor.fetchone()
        if taken is None:
            return count
        number, was_held = taken
        _send(Delivery.objects.select_related("contact", "recipient", "alert").get(pk=number), was_held=was_held)
    return most


def write_code(contact: ContactPoint) -> Delivery:
    """Write the delivery of a code; the code itself is made when it is sent, and is kept nowhere."""
    return Delivery.objects.create(
        key=f"code:{contact.pk}:{uuid.uuid4()}", recipient=contact.user, contact=contact, channel=contact.channel,
        lane=Lane.CODE, shown=contact.shown,
    )  # fmt: skip


def write_daily(*, now: datetime | None = None) -> int:
    """Write the summary of the day for whoever wants one and has something waiting: one a day. Returns how many."""
    named: dict[str, Any] = {"now": now or timezone.now(), "zone": settings.TIME_ZONE, "lane": Lane.DAILY}
    with connection.cursor() as cursor:
        cursor.execute(sql.WRITE_DAILY, named)
        return int(cursor.fetchone()[0])


def ask_providers(*, now: datetime | None = None) -> int:
    """Ask what became of what was accepted in the last days; returns how many have ended."""
    since, ended = (now or timezone.now()) - ASKED_FOR, 0
    waiting = Delivery.objects.filter(state=State.SENT, sent_at__gt=since).exclude(provider="smtp")
    for row in waiting.select_related("contact").order_by("sent_at")[:ASKED_AT_ONCE_MAX]:
        if row.contact is None or row.provider != gateway_for(row.channel).name:
            continue
        try:
            standing = gateway_for(row.channel).look_up(_question(row))
        except Unavailable:
            return ended
        if standing == Standing.DELIVERED:
            ended += _note(row, State.DELIVERED)
        elif standing == Standing.FAILED:
            ended += _note(row, State.FAILED, why=Why.REFUSED)
    return ended


@transaction.atomic
def resend(delivery: Delivery, *, actor: User) -> Delivery:
    """Send something again by hand that failed or of which nobody knows; once for each row.

    ValidationError for what is on its way, or was sent again already.
    """
    if not actor.has_perm(RESEND):
        raise PermissionDenied
    locked = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
    if locked.state not in (State.FAILED, State.UNKNOWN, State.DROPPED):
        raise ValidationError(_("This message is on its way, or has arrived. It is not sent again."))
    if locked.again.exists():
        raise ValidationError(_("This message was sent again already. Look at that one."))
    return _again(locked)


def _again(row: Delivery) -> Delivery:
    return Delivery.objects.create(
        key=f"{row.key}:again", recipient_id=row.recipient_id, contact_id=row.contact_id, channel=row.channel,
        lane=row.lane, alert_id=row.alert_id, shown=row.shown, again_of=row,
    )  # fmt: skip


def _send(row: Delivery, *, was_held: bool) -> None:
    gateway = gateway_for(row.channel)
    try:
        if was_held and not _may_go_on(row, gateway):
            return
        if _has_enough(row):
            raise Dropped(Why.ENOUGH)
        reference = gateway.send(compose(row))
    except Dropped as dropped:
        _note(row, State.DROPPED, why=dropped.why)
    except Refused as refusal:
        _note(row, State.FAILED, why=Why.REFUSED, said=str(refusal))
    except Unavailable as fault:
        _try_later(row, str(fault))
    except Exception as fault:
        logger.exception("The delivery %s could not be made.", row.pk)
        _try_later(row, type(fault).__name__)
    else:
        _note(row, State.SENT, provider=gateway.name, provider_ref=reference, sent_at=timezone.now())


def _may_go_on(row: Delivery, gateway: Gateway) -> bool:
    """Somebody held it and did not say how it ended: was it sent? A recall is rather sent twice than never."""
    standing = gateway.look_up(_question(row))
    if standing == Standing.NEVER_CAME:
        return True
    if standing == Standing.CANNOT_SAY:
        with transaction.atomic():
            if _note(row, State.UNKNOWN) and row.lane == Lane.AT_ONCE and row.again_of_id is None:
                _again(row)
        return False
    _note(row, State.SENT, provider=gateway.name, provider_ref=row.provider_ref, sent_at=timezone.now())
    return False


def _has_enough(row: Delivery) -> bool:
    """Whether this address has got as much in 24 hours as `outbox.codes` or `outbox.daily` allow; never for recalls."""
    if row.lane == Lane.AT_ONCE or row.contact is None:
        return False
    same = ContactPoint.objects.filter(address_hash=row.contact.address_hash)
    lately = Delivery.objects.filter(contact__in=same, sent_at__gt=timezone.now() - timedelta(days=1))
    if row.lane == Lane.CODE:
        return lately.filter(lane=Lane.CODE).count() >= int(in_force("outbox.codes").value)
    return lately.count() >= int(in_force("outbox.daily").value)


def _try_later(row: Delivery, said: str) -> None:
    """After 1, 2, 4, 8, 16 minutes; then it has failed."""
    if row.attempts >= TRIES_MAX:
        _note(row, State.FAILED, why=Why.GAVE_UP, said=said)
        return
    later = timezone.now() + timedelta(minutes=2 ** (row.attempts - 1))
    _note(row, State.PENDING, said=said, not_before=later)


def _note(row: Delivery, state: str, *, why: str = "", said: str = "", **fields: object) -> int:
    """Write down how it stands; nothing where another sender has taken it up meanwhile."""
    held = Delivery.objects.filter(pk=row.pk, attempts=row.attempts, state=row.state)
    return held.update(state=state, why=why, provider_said=said[:200], lease_until=None, **fields)


def _question(row: Delivery) -> Outgoing:
    address = row.contact.address if row.contact else ""
    return Outgoing(str(row.uid), address, "", {}, "", "", row.created_at, row.provider_ref)
