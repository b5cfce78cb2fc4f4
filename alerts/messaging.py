"""What happens to messages: they are sent to one or to many, answered, read, and closed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.scope import Scope as AnyScope
from alerts import sql
from alerts.models import Audience, Conversation, Message, MessageFile, Reading, Reply
from alerts.raising import look_again
from alerts.recipients import Choice
from attachments.models import Attachment
from enterprises.models import Enterprise
from enterprises.scoping import Scope
from enterprises.services import keeps_books

SEND = "alerts.add_message"
WATCHED = ("MESSAGE", "MESSAGE_URGENT", "MESSAGE_WAITING")


@transaction.atomic
def send(message: Message, choice: Choice, *, files: Iterable[Attachment] = (), actor: User) -> Message:
    """Officers write to everybody who is chosen; the same token again is the same message.

    PermissionDenied for whoever is no officer; ValidationError where nobody is chosen.
    """
    scope = Scope.of(actor)
    if not (actor.has_perm(SEND) and scope.is_officer):
        raise PermissionDenied
    if known := Message.objects.filter(token=message.token, author=actor).first():
        return known
    message.side, message.author, message.authority = Audience.OFFICERS, actor, actor.authority
    message.to_region, message.to_roles = choice.region, list(choice.roles)
    message.to_numbers, message.to_only = "\n".join(choice.numbers), choice.only
    _keep(message, files)
    chosen, parameters = choice.of(scope).order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(sql.OPEN_CONVERSATIONS % {"chosen": chosen}, [message.pk, message.sent_at, *parameters])
        opened = [row[0] for row in cursor.fetchall()]
    if not opened:
        raise ValidationError(_("Nobody who is chosen here is in business in your area. Choose others."))
    _tell(opened)
    return message


@transaction.atomic
def write(
    message: Message, *, files: Iterable[Attachment] = (), enterprise: Enterprise | None, actor: User
) -> Conversation:
    """An enterprise writes to the officers of its region. PermissionDenied for whoever keeps none of its books."""
    if enterprise is None or not keeps_books(actor, enterprise):
        raise PermissionDenied
    if known := Conversation.objects.filter(message__token=message.token, enterprise=enterprise).first():
        return known
    message.side, message.author = Audience.ENTERPRISE, actor
    _keep(message, files)
    conversation = Conversation.objects.create(
        message=message, enterprise=enterprise, last_side=Audience.ENTERPRISE, last_at=message.sent_at
    )
    _tell([conversation.pk])
    return conversation


@transaction.atomic
def reply(
    conversation: Conversation, *, words: str, files: Iterable[Attachment] = (), token: UUID, actor: User
) -> Reply:
    """Answer; the same token again is the same answer. ValidationError without words, PermissionDenied for others."""
    locked: Conversation = Conversation.objects.select_for_update(of=("self",)).get(pk=conversation.pk)
    side = side_of(locked, actor)
    if side is None:
        raise PermissionDenied
    if known := Reply.objects.filter(token=token, conversation=locked).first():
        return known
    answer = Reply(conversation=locked, side=side, author=actor, words=words.strip(), token=token)
    if not answer.words:
        raise ValidationError({"words": _("Type your answer.")})
    answer.full_clean()
    answer.save()
    MessageFile.objects.bulk_create(MessageFile(reply=answer, attachment=file) for file in files)
    locked.last_side, locked.last_at, locked.seen_at, locked.closed_at = side, answer.written_at, None, None
    if side != locked.message.side:
        locked.answered_at = locked.answered_at or answer.written_at
    locked.save(update_fields=["last_side", "last_at", "seen_at", "closed_at", "answered_at"])
    _tell([locked.pk])
    return answer


@transaction.atomic
def read(conversation: Conversation, *, actor: User) -> Reading | None:
    """Note that this person has it before the eyes: kept once for all that stood there. None for whoever only looks."""
    side = side_of(conversation, actor)
    if side is None:
        return None
    last = conversation.replies.order_by("-pk").values_list("pk", flat=True).first() or 0
    known: dict[str, Any] = {"conversation": conversation, "reader": actor, "upto": last}
    if reading := Reading.objects.filter(**known).first():
        return reading
    reading, is_new = Reading.objects.get_or_create(**known, defaults={"side": side})
    unseen = Conversation.objects.filter(pk=conversation.pk, seen_at=None).exclude(last_side=side)
    if is_new and unseen.update(seen_at=reading.read_at):
        conversation.seen_at = reading.read_at
        _tell([conversation.pk])
    return reading


@transaction.atomic
def close(conversation: Conversation, *, actor: User) -> Conversation:
    """An officer says that nothing is left to answer; what is written later opens it again."""
    if side_of(conversation, actor) != Audience.OFFICERS:
        raise PermissionDenied
    conversation.closed_at = timezone.now()
    conversation.save(update_fields=["closed_at"])
    _tell([conversation.pk])
    return conversation


def side_of(conversation: Conversation, user: User) -> str | None:
    """For whom this person may write here: its enterprise, the officers of its region, or nobody."""
    if not user.has_perm("alerts.add_conversation"):
        return None
    if keeps_books(user, conversation.enterprise):
        return Audience.ENTERPRISE
    scope = Scope.of(user)
    return Audience.OFFICERS if scope.is_officer and scope.covers(conversation.enterprise) else None


def files_in_sight(scope: AnyScope) -> QuerySet[MessageFile, tuple[int]]:
    """The attachments of the messages and answers that whoever has this scope may read."""
    mine = Conversation.objects.visible_to(scope).order_by()
    sent = Message.objects.visible_to(scope).order_by().values("pk")
    seen = Q(message__in=mine.values("message")) | Q(reply__conversation__in=mine.values("pk")) | Q(message__in=sent)
    return MessageFile.objects.filter(seen).values_list("attachment_id")


def _keep(message: Message, files: Iterable[Attachment]) -> None:
    message.subject, message.words = message.subject.strip(), message.words.strip()
    message.full_clean()
    message.save()
    MessageFile.objects.bulk_create(MessageFile(message=message, attachment=file) for file in files)


def _tell(conversations: Sequence[int]) -> None:
    """Those it concerns find it among what they have to do, and it goes when it is read or answered."""
    transaction.on_commit(lambda: look_again(*WATCHED, about=conversations))
