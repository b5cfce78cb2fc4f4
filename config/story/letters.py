"""What officers and enterprises write to each other in the story, and a telephone at which each can be reached."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, timedelta

from django.utils import timezone

from accounts.models import User
from accounts.sealing import fingerprint, seal
from alerts.contacts import shown
from alerts.messaging import read, reply, send, write
from alerts.models import ContactPoint, Conversation, Message
from alerts.recipients import Choice
from config.story.rows import rows
from enterprises.models import Enterprise
from enterprises.scoping import Scope

REACHED = ("harbin", "nangang", "liuzhou", "producer", "wholesaler", "retailer", "caterer")


def load_letters(cast: Mapping[str, Enterprise], today: date) -> int:
    """Send what the table says, answer what it answers; returns how many messages."""
    people = {user.username: user for user in User.objects.all()}
    _give_telephones(people)
    table = rows("messages")
    for row in table:
        days = row["answer_days"]
        message = Message(
            subject=row["subject"], words=row["words"], is_urgent=bool(row["urgent"]),
            answer_due_on=today + timedelta(days=int(days)) if days else None,
        )  # fmt: skip
        writer, answerer = people[row["writer"]], people.get(row["answerer"])
        if writer.authority:
            numbers = [cast[row["enterprise"]].licence_number] if row["enterprise"] else []
            send(message, Choice(roles=row["roles"].split(), numbers=numbers), actor=writer)
        else:
            write(message, enterprise=cast[row["enterprise"]], actor=writer)
        if answerer:
            mine = Conversation.objects.visible_to(Scope.of(answerer)).filter(message=message)
            conversation = mine.order_by("enterprise")[0]
            read(conversation, actor=answerer)
            reply(conversation, words=row["answer"], token=uuid.uuid4(), actor=answerer)
    return len(table)


def _give_telephones(people: Mapping[str, User]) -> None:
    """A number of no network, so that nobody is ever reached by the demo."""
    for place, name in enumerate(REACHED):
        number = f"1990000{place:04}"
        ContactPoint.objects.create(
            user=people[name], channel="sms", address_sealed=seal(number), address_hash=fingerprint(number),
            shown=shown(number), confirmed_at=timezone.now(),
        )  # fmt: skip
