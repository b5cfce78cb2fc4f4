"""What is said in a text message or an e-mail: written when it is sent, for whoever it goes to as things stand then."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from accounts.models import User
from accounts.sealing import fingerprint
from alerts.gateways import Outgoing
from alerts.models import Alert, ContactPoint, Delivery
from enterprises.scoping import Scope

SENTENCE_MAX = 120
Why, Lane = Delivery.Why, Delivery.Lane


class Dropped(Exception):
    """It is not to be sent any more; `why` is one of Delivery.Why."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def compose(row: Delivery) -> Outgoing:
    """What to send for this delivery, in the language of whoever gets it. Raises Dropped where there is nothing."""
    contact = row.contact
    if contact is None or not row.recipient.is_active:
        raise Dropped(Why.NO_ADDRESS)
    if row.lane == Lane.CODE:
        return _code(row, contact)
    if contact.confirmed_at is None:
        raise Dropped(Why.NO_ADDRESS)
    with override(contact.language):
        return _alert(row, contact) if row.alert else _summary(row, contact)


def waiting_for(user: User) -> QuerySet[Alert]:
    """The alerts that wait for this person."""
    mine = Alert.objects.telling(Scope.of(user)) if user.has_perm("alerts.view_alert") else Alert.objects.none()
    return mine.waiting()


def hash_of(code: str, contact: ContactPoint) -> str:
    """How a code is kept."""
    return fingerprint(f"{contact.pk}:{contact.address_hash}:{code}")


def _code(row: Delivery, contact: ContactPoint) -> Outgoing:
    if contact.confirmed_at is not None:
        raise Dropped(Why.SETTLED)
    code = f"{secrets.randbelow(1_000_000):06}"
    ContactPoint.objects.filter(pk=contact.pk).update(
        code_hash=hash_of(code, contact), code_sent_at=timezone.now(), code_tries=0
    )
    with override(contact.language):
        text = _("%(code)s is the code that confirms this address for FoodTrace. It holds for 10 minutes.") % {
            "code": code
        }
        return _outgoing(row, contact, "code", {"code": code}, _("Your code for FoodTrace"), text)


def _alert(row: Delivery, contact: ContactPoint) -> Outgoing:
    """A recall is told even when it has been looked at; of what is urgent, what still waits of the same run."""
    alert = Alert.objects.select_related("rule").get(pk=row.alert_id)
    if row.lane == Lane.AT_ONCE:
        told = list(Alert.objects.telling(Scope.of(row.recipient)).open().filter(pk=alert.pk))
    else:
        same_run = waiting_for(row.recipient).filter(rule=alert.rule, raised_at=alert.raised_at)
        told = list(same_run.select_related("rule").order_by("pk"))
    if not told:
        raise Dropped(Why.SETTLED if alert.acknowledged_at or not alert.is_open else Why.NOT_THEIRS)
    first, more = told[0], len(told) - 1
    what = first.sentence[:SENTENCE_MAX]
    if more:
        what = ngettext("%(what)s And %(n)s more like this.", "%(what)s And %(n)s more like this.", more) % {
            "what": what, "n": more
        }  # fmt: skip
    if row.again_of_id:
        what = _("%(what)s (sent again)") % {"what": what}
    address = _address("alerts:alert-list") if more else _address("alerts:alert-detail", first.pk)
    text = _("FoodTrace: %(what)s Look: %(address)s") % {"what": what, "address": address}
    return _outgoing(row, contact, "alert", {"what": what}, str(first.rule), text)


def _summary(row: Delivery, contact: ContactPoint) -> Outgoing:
    waiting = waiting_for(row.recipient)
    count, late = waiting.count(), waiting.filter(due_at__lt=timezone.now()).count()
    if not count:
        raise Dropped(Why.SETTLED)
    numbers = {"n": count, "late": late, "address": _address("alerts:alert-list")}
    text = (
        ngettext(
            "FoodTrace: %(n)s thing waits for you, %(late)s overdue. Look: %(address)s",
            "FoodTrace: %(n)s things wait for you, %(late)s overdue. Look: %(address)s",
            count,
        )
        % numbers
    )
    if contact.channel == "email":
        first = waiting.select_related("rule")[:10]
        text = "\n".join([text, "", *(f"- {alert.sentence}" for alert in first)])
    return _outgoing(row, contact, "daily", {"n": str(count), "late": str(late)}, _("What waits for you"), text)


def _outgoing(
    row: Delivery, contact: ContactPoint, template: str, params: dict[str, str], subject: str, text: str
) -> Outgoing:
    return Outgoing(str(row.uid), contact.address, template, params, subject, text, row.created_at, row.provider_ref)


def _address(name: str, *args: int) -> str:
    return settings.SITE_URL.rstrip("/") + reverse(name, args=args)
