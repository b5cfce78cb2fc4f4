"""How a person is told outside the site: addresses, and one row for each thing that is sent to one of them."""

from __future__ import annotations

import uuid
from datetime import datetime, time, timedelta
from typing import Any, Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from accounts.sealing import unseal
from alerts.models.alerts import Alert


class Channel(models.TextChoices):
    SMS = "sms", _("Text message (SMS)")
    EMAIL = "email", _("E-mail")


class ContactPointQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """Everybody's own business: not even an administrator looks at it."""
        return self.filter(user=scope.user_id)


@pghistory.track(exclude=["address_sealed", "address_hash", "code_hash", "code_sent_at", "code_tries"])
class ContactPoint(models.Model):
    """A telephone or mailbox of one person, and what this person wants to be told there, and when.

    The address is sealed; nothing but a code is sent to it before its owner has typed that code. Times are local.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="contact_points")
    channel = models.CharField(_("Way"), max_length=10, choices=Channel)
    address_sealed = models.TextField(editable=False)
    address_hash = models.CharField(max_length=64, editable=False, db_index=True)
    shown = models.CharField(_("Address"), max_length=80, editable=False)
    confirmed_at = models.DateTimeField(_("Confirmed"), null=True, editable=False)
    language = models.CharField(_("Language"), max_length=10, choices=settings.LANGUAGES, default="zh-hans")
    urgent = models.BooleanField(_("What is urgent, at once"), default=True)
    daily = models.BooleanField(_("A summary once a day, when something waits"), default=True)
    daily_at = models.TimeField(_("Summary not before"), default=time(8))
    quiet_from = models.TimeField(
        _("Quiet from"), default=time(21), help_text=_("Only recalls and failed tests come in the quiet hours.")
    )
    quiet_until = models.TimeField(_("Quiet until"), default=time(7))
    code_hash = models.CharField(max_length=64, blank=True, editable=False)
    code_sent_at = models.DateTimeField(null=True, editable=False)
    code_tries = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = ContactPointQuerySet.as_manager()

    class Meta:
        verbose_name = _("Way to reach me")
        verbose_name_plural = _("Ways to reach me")
        ordering = ["user", "channel", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "address_hash"], name="person_has_an_address_once",
                violation_error_message=_("You have this address already. Change that one."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.shown}"

    @property
    def address(self) -> str:
        """The address itself, for whoever sends to it."""
        return unseal(self.address_sealed)

    def quiet_ends(self, now: datetime) -> datetime:
        """When something that can wait may be sent: now, or at the end of the quiet hours."""
        local = timezone.localtime(now)
        end = local.replace(hour=self.quiet_until.hour, minute=self.quiet_until.minute, second=0, microsecond=0)
        over_night, clock = self.quiet_from > self.quiet_until, local.time()
        late, early = clock >= self.quiet_from, clock < self.quiet_until
        is_quiet = (late or early) if over_night else (late and early)
        return now if not is_quiet else end + timedelta(days=1) if over_night and late else end


class DeliveryQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """One's own; administrators see all, with no more of the address than its ends."""
        return self.all() if scope.everything else self.filter(recipient=scope.user_id)


class Delivery(models.Model):
    """One thing to be sent to one address: written with its cause in one transaction, sent afterwards.

    `key` names event and address, so that nothing is sent twice; `uid` goes to the provider, who can be asked for it.
    Whoever sends holds the row until `lease_until`; after that it is taken up again, the provider being asked first.
    """

    class Lane(models.IntegerChoices):
        CODE = 1, _("Code")
        AT_ONCE = 2, _("Recalls and failed tests")
        URGENT = 3, _("Urgent")
        DAILY = 4, _("Daily summary")

    class State(models.TextChoices):
        PENDING = "pending", _("Waits to be sent")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Accepted by the provider")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")
        UNKNOWN = "unknown", _("Nobody knows whether it was sent")
        DROPPED = "dropped", _("Not sent")

    class Why(models.TextChoices):
        SETTLED = "settled", _("It was settled before.")
        NOT_THEIRS = "not_theirs", _("This person does not take care of it any more.")
        NO_ADDRESS = "no_address", _("The address was changed or taken away.")
        ENOUGH = "enough", _("This address has got as many messages today as it may.")
        REFUSED = "refused", _("The provider refused it.")
        GAVE_UP = "gave_up", _("The provider could not be reached in six tries.")

    key = models.CharField(max_length=120, unique=True)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="deliveries", verbose_name=_("Recipient")
    )
    contact = models.ForeignKey(ContactPoint, models.SET_NULL, null=True, related_name="deliveries")
    channel = models.CharField(_("Way"), max_length=10, choices=Channel)
    lane = models.PositiveSmallIntegerField(_("What"), choices=Lane)
    alert = models.ForeignKey(Alert, models.PROTECT, null=True, related_name="deliveries", verbose_name=_("Alert"))
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.PENDING, db_default="pending")
    why = models.CharField(_("Why"), max_length=12, choices=Why, blank=True, default="", db_default="")
    attempts = models.PositiveSmallIntegerField(_("Tries"), default=0, db_default=0)
    not_before = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    shown = models.CharField(_("Address"), max_length=80, blank=True, default="", db_default="")
    provider = models.CharField(_("Provider"), max_length=20, blank=True, default="", db_default="")
    provider_ref = models.CharField(_("Number at the provider"), max_length=80, blank=True, default="", db_default="")
    provider_said = models.CharField(_("The provider says"), max_length=200, blank=True, default="", db_default="")
    again_of = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="again", verbose_name=_("Sent again for")
    )
    created_at = models.DateTimeField(_("Written"), default=timezone.now)
    sent_at = models.DateTimeField(_("Sent"), null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("Delivery")
        verbose_name_plural = _("Deliveries of messages")
        ordering = ["-pk"]
        default_permissions = ("view",)
        permissions = [("resend_delivery", _("May send messages again"))]
        constraints = [
            models.CheckConstraint(
                name="delivery_is_held_while_it_is_sent",
                condition=~Q(state="sending") | Q(lease_until__isnull=False),
            ),
            models.CheckConstraint(
                name="delivery_says_why_it_failed",
                condition=~Q(state__in=["failed", "dropped"]) | ~Q(why=""),
            ),
        ]
        indexes = [
            models.Index(fields=["lane", "id"], name="delivery_to_send", condition=Q(state__in=["pending", "sending"])),
            models.Index(fields=["channel", "sent_at"], name="delivery_on_its_way", condition=Q(state="sent")),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.shown}".strip()
