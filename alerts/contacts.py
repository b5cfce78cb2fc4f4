"""What happens to the addresses of a person: typed, confirmed by a code, changed, taken away."""

from __future__ import annotations

import hmac
import re
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User, record_access
from accounts.sealing import fingerprint, seal
from alerts.models import ContactPoint, Delivery
from alerts.outbox import write_code
from alerts.telling import hash_of

MOBILE = re.compile(r"\A1[3-9]\d{9}\Z")
CODE_HOLDS, CODE_PAUSE, TRIES_MAX = timedelta(minutes=10), timedelta(minutes=1), 5


@transaction.atomic
def keep_contact(contact: ContactPoint, *, address: str, actor: User) -> ContactPoint:
    """Keep one's own address and when to be told there; an empty `address` leaves that of a known row as it is.

    A new address is sent a code at once and is used for nothing else until that was typed. ValidationError for what
    is no mobile number of mainland China, or no mailbox.
    """
    contact.user = actor
    if address or not contact.pk:
        known = tidy(address, contact.channel)
        if fingerprint(known) != contact.address_hash:
            contact.address_sealed, contact.address_hash = seal(known), fingerprint(known)
            contact.shown, contact.confirmed_at = shown(known), None
    contact.full_clean(exclude=["address_sealed"])
    contact.save()
    if contact.confirmed_at is None:
        send_code(contact, actor=actor)
    return contact


@transaction.atomic
def send_code(contact: ContactPoint, *, actor: User) -> None:
    """Send a code, a minute after the last at the earliest; the same for every account with this address."""
    _own(contact, actor)
    same = ContactPoint.objects.filter(address_hash=contact.address_hash).values("pk")
    written = Delivery.objects.filter(contact__in=same, lane=Delivery.Lane.CODE)
    if not written.filter(created_at__gt=timezone.now() - CODE_PAUSE).exists():
        write_code(contact)


def confirm(contact: ContactPoint, *, code: str, actor: User) -> ContactPoint:
    """Type the code that came. ValidationError where it is another, too old, or was tried too often."""
    _own(contact, actor)
    with transaction.atomic():
        locked: ContactPoint = ContactPoint.objects.select_for_update(of=("self",)).get(pk=contact.pk)
        sent = locked.code_sent_at
        holds = sent is not None and timezone.now() - sent <= CODE_HOLDS and locked.code_tries < TRIES_MAX
        if hmac.compare_digest(hash_of(code.strip(), locked), locked.code_hash) and holds:
            locked.confirmed_at, locked.code_hash = timezone.now(), ""
            locked.save(update_fields=["confirmed_at", "code_hash"])
            record_access(actor, "address confirmed", str(locked))
            return locked
        ContactPoint.objects.filter(pk=locked.pk).update(code_tries=locked.code_tries + 1)
    if holds:
        raise ValidationError({"code": _("That is not the code that was sent. Look again.")})
    raise ValidationError({"code": _("This code does not hold any more. Ask for a new one.")})


def tidy(address: str, channel: str) -> str:
    """The address as it is kept; ValidationError beside the field where it is none."""
    known = address.strip()
    if channel == "email":
        try:
            validate_email(known)
        except ValidationError:
            raise ValidationError({"address": _("Type a mailbox such as name@example.com.")}) from None
        return known.lower()
    digits = re.sub(r"[\s-]", "", known).removeprefix("+86")
    if not MOBILE.match(digits):
        raise ValidationError({"address": _("Type a mobile number of 11 digits that begins with 1.")})
    return digits


def shown(address: str) -> str:
    """Enough of an address to know one's own by: 138****1234, w***@example.com."""
    name, at, host = address.partition("@")
    return f"{name[:1]}***@{host}"[:80] if at else f"{address[:3]}****{address[-4:]}"


def _own(contact: ContactPoint, actor: User) -> None:
    if contact.user_id != actor.pk:
        raise ValidationError(_("This is the address of somebody else."))
