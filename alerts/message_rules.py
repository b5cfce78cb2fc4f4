"""What about messages somebody must act on: they wait to be read, or for an answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import F, Max, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts.models import Audience, Conversation
from alerts.rules import Fact, Link, Look, Watch
from laws.parameters import midnight

DETAIL = "alerts:conversation-detail"


def to_enterprise(look: Look) -> Iterator[Fact]:
    """What officers wrote and nobody of the enterprise has read, or has answered though an answer was asked for."""
    yield from _to_enterprise(look, urgent=False)


def urgent_to_enterprise(look: Look) -> Iterator[Fact]:
    """The same for what is urgent."""
    yield from _to_enterprise(look, urgent=True)


def _to_enterprise(look: Look, *, urgent: bool) -> Iterator[Fact]:
    stands = timedelta(days=int(look.keep.in_force(timezone.localdate(look.now)).value))
    rows = look.among(Conversation.objects.waiting_for(Audience.ENTERPRISE)).filter(
        Q(last_at__gt=look.now - stands) | Q(message__answer_due_on__isnull=False),
        message__side=Audience.OFFICERS, message__is_urgent=urgent, closed_at=None,
    )  # fmt: skip
    last = Coalesce(Max("replies", filter=Q(replies__side=Audience.OFFICERS)), 0)
    names = ("pk", "enterprise", "last", "subject", "sender", "due_on")
    told = rows.annotate(
        last=last, subject=F("message__subject"), due_on=F("message__answer_due_on"),
        sender=Coalesce(F("message__authority__name"), Value("")),
    )  # fmt: skip
    for row in told.order_by("pk").values(*names).iterator():
        due = midnight(row["due_on"] + timedelta(days=1)) if row["due_on"] else None
        facts = {"subject": row["subject"], "sender": row["sender"]}
        yield Fact(str(row["pk"]), row["enterprise"], facts, Link(DETAIL, [row["pk"]]), str(row["last"]), due)


def to_officers(look: Look) -> Iterator[Fact]:
    """What an enterprise wrote and no officer has answered or closed."""
    rows = look.among(Conversation.objects.unanswered()).order_by("pk")
    for row in rows.values("pk", "enterprise", "enterprise__name", "message__subject", "last_at"):
        facts = {"subject": row["message__subject"], "sender": row["enterprise__name"]}
        due: datetime = look.limit.deadline(row["last_at"])
        period = f"{row['last_at']:%Y%m%d%H%M%S}"
        yield Fact(str(row["pk"]), row["enterprise"], facts, Link(DETAIL, [row["pk"]]), period, due)


WROTE, READ = _("%(sender)s wrote: %(subject)s"), _("Read and answer")
RULES = (
    Watch("MESSAGE", _("Message from the authority"), WROTE, READ, to_enterprise),
    Watch("MESSAGE_URGENT", _("Urgent message from the authority"), WROTE, READ, urgent_to_enterprise),
    Watch("MESSAGE_WAITING", _("Message of an enterprise"), WROTE, READ, to_officers),
)
