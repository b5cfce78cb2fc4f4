"""What officers and enterprises write to each other: a message to one or to many, and a conversation with each."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Authority, Region
from accounts.scope import Scope
from alerts.models.alerts import Audience
from alerts.recipients import narrowings
from attachments.models import Attachment
from enterprises.models import Enterprise, EnterpriseRole

WORDS_MAX = 4000


class MessageQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """For officers what the authorities of their area wrote; enterprises read theirs as conversations."""
        mine = Q(pk__in=[])
        for code in scope.region_codes:
            mine |= Q(Exists(Authority.objects.filter(pk=OuterRef("authority"), regions__code__startswith=code)))
        return self.filter(side=Audience.OFFICERS).filter(Q() if scope.everything else mine)


class Message(models.Model):
    """What was written first, by an officer to one enterprise or to many, or by an enterprise to its officers.

    Append-only. `to_region`, `to_roles`, `to_numbers` and `to_only` say how the recipients were chosen; who they were
    is said by the conversations.
    """

    side = models.CharField(_("Written by"), max_length=10, choices=Audience)
    authority = models.ForeignKey(
        Authority, models.PROTECT, null=True, blank=True, related_name="messages", verbose_name=_("Authority")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+", verbose_name=_("Author")
    )
    subject = models.CharField(_("Topic"), max_length=100)
    words = models.TextField(_("Text"), max_length=WORDS_MAX)
    is_urgent = models.BooleanField(_("Urgent"), default=False, db_default=False)
    answer_due_on = models.DateField(_("Answer asked until"), null=True, blank=True)
    to_region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name=_("Region")
    )
    to_roles = ArrayField(
        models.CharField(max_length=20, choices=EnterpriseRole), verbose_name=_("Kind of business"), default=list,
        blank=True,
    )  # fmt: skip
    to_numbers = models.TextField(_("Licence numbers"), blank=True)
    to_only = models.CharField(_("Only those"), max_length=30, blank=True, default="", db_default="")
    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    sent_at = models.DateTimeField(_("Sent"), default=timezone.now, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("Message")
        verbose_name_plural = _("Sent messages")
        ordering = ["-sent_at", "-pk"]
        default_permissions = ("view", "add")
        constraints = [
            models.CheckConstraint(
                name="message_of_officers_names_their_authority",
                condition=Q(side=Audience.ENTERPRISE, authority=None) | Q(side=Audience.OFFICERS),
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    def get_to_only_display(self) -> Any:
        """How they were narrowed, in words."""
        return narrowings[self.to_only].label if self.to_only in narrowings else self.to_only

    def get_to_roles_display(self) -> str:
        """The kinds of business in words."""
        return "、".join(str(EnterpriseRole(role).label) for role in self.to_roles)


class ConversationQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        return self.filter(scope.as_q("enterprise"))

    def waiting_for(self, side: str) -> Self:
        """Those whose last words this side has not read, or to which it owes the answer that was asked for."""
        other = Audience.OFFICERS if side == Audience.ENTERPRISE else Audience.ENTERPRISE
        owed = Q(message__answer_due_on__isnull=False, answered_at=None)
        return self.filter(Q(last_side=other, seen_at=None) | (owed if side == Audience.ENTERPRISE else Q(pk__in=[])))

    def unanswered(self) -> Self:
        """Enterprises wrote last, and no officer has answered."""
        return self.filter(last_side=Audience.ENTERPRISE, closed_at=None)


class Conversation(models.Model):
    """One message as it stands between one enterprise and the officers of its region, with what followed.

    `last_side` wrote last, at `last_at`; `seen_at` is when somebody of the other side first read that. `answered_at`
    is the first answer of whoever was written to. An officer closes what needs no answer.
    """

    message = models.ForeignKey(Message, models.PROTECT, db_index=False, related_name="conversations")
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, db_index=False, related_name="conversations", verbose_name=_("Enterprise")
    )
    last_side = models.CharField(_("Wrote last"), max_length=10, choices=Audience)
    last_at = models.DateTimeField(_("Last words"))
    seen_at = models.DateTimeField(_("Read"), null=True)
    answered_at = models.DateTimeField(_("Answered"), null=True)
    closed_at = models.DateTimeField(_("Closed"), null=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("Conversation")
        verbose_name_plural = _("Messages")
        ordering = ["-last_at", "-pk"]
        default_permissions = ("view", "add")
        constraints = [
            models.UniqueConstraint(fields=["message", "enterprise"], name="message_reaches_an_enterprise_once")
        ]
        indexes = [
            models.Index(fields=["enterprise", "-last_at"], name="conversation_of_enterprise"),
            models.Index(fields=["last_side"], name="conversation_unread", condition=Q(seen_at=None)),
        ]

    def __str__(self) -> str:
        return str(self.message)

    @property
    def state(self) -> str:
        """`unread`, `owed` (an answer was asked for), `read`, or `closed`."""
        if self.closed_at:
            return "closed"
        if self.seen_at is None:
            return "unread"
        return "owed" if self.message.answer_due_on and not self.answered_at else "read"


class Reply(models.Model):
    """What was written in a conversation afterwards; append-only."""

    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="replies")
    side = models.CharField(_("Written by"), max_length=10, choices=Audience)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+", verbose_name=_("Author")
    )
    words = models.TextField(_("Text"), max_length=WORDS_MAX)
    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    written_at = models.DateTimeField(_("At"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("Answer")
        verbose_name_plural = _("Answers")
        ordering = ["pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.words[:60]


class MessageFile(models.Model):
    """A photo or PDF that goes with a message or with an answer; append-only."""

    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="files")
    reply = models.ForeignKey(Reply, models.PROTECT, null=True, related_name="files")
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="file_goes_with_one_text",
                condition=Q(message__isnull=False, reply=None) | Q(message=None, reply__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return str(self.attachment)


class Reading(models.Model):
    """Who has read a conversation up to which answer, and when: a receipt; append-only.

    `upto` is the number of the last answer that was there, 0 for the message itself.
    """

    conversation = models.ForeignKey(Conversation, models.PROTECT, db_index=False, related_name="readings")
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+", verbose_name=_("Read by")
    )
    side = models.CharField(max_length=10, choices=Audience)
    upto = models.BigIntegerField(default=0)
    read_at = models.DateTimeField(_("Read"), default=timezone.now)

    class Meta:
        verbose_name = _("Read receipt")
        verbose_name_plural = _("Read receipts")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["conversation", "reader", "upto"], name="reading_is_noted_once")]

    def __str__(self) -> str:
        return f"{self.reader} {timezone.localtime(self.read_at):%Y-%m-%d %H:%M}"
