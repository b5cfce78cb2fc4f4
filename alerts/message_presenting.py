"""What the page of a conversation shows: every text in its order, with its files and who of the other side read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from alerts.models import Audience, Conversation, MessageFile, Reading
from attachments.models import Attachment


@dataclass(frozen=True)
class Text:
    """One text of a conversation. `readings` are those of the other side, the first of each person."""

    side: str
    sender: str
    words: str
    at: datetime
    files: Sequence[Attachment]
    readings: Sequence[Reading]


def conversation_page(row: Conversation, side: str | None, form: Any) -> dict[str, Any]:
    """One conversation for a reader who writes here for `side`, or for nobody; four statements however long it is."""
    return {
        "row": row,
        "texts": _texts(row),
        "side": side,
        "may_close": side == Audience.OFFICERS and row.closed_at is None and row.last_side == Audience.ENTERPRISE,
        "form": form,
    }


def _texts(row: Conversation) -> list[Text]:
    replies = list(row.replies.select_related("author__authority"))
    readings = list(row.readings.select_related("reader"))
    files: dict[int, list[Attachment]] = defaultdict(list)
    for file in MessageFile.objects.filter(reply__in=replies).select_related("attachment"):
        files[file.reply_id or 0].append(file.attachment)
    files[0] = [file.attachment for file in row.message.files.select_related("attachment")]
    first = row.message
    told = [(0, first.side, first.author, first.words, first.sent_at)]
    told += [(reply.pk, reply.side, reply.author, reply.words, reply.written_at) for reply in replies]
    return [
        Text(side, _sender(row, side, author), words, at, files[number], _first_of_each(readings, side, number))
        for number, side, author, words, at in told
    ]


def _sender(row: Conversation, side: str, author: User) -> str:
    house = row.enterprise if side == Audience.ENTERPRISE else author.authority or ""
    return f"{house} · {author}" if house else str(author)


def _first_of_each(readings: Sequence[Reading], side: str, number: int) -> list[Reading]:
    """Who of the other side had this text before the eyes, each with the first time."""
    first: dict[int, Reading] = {}
    for reading in readings:
        if reading.side != side and reading.upto >= number:
            first.setdefault(reading.reader_id, reading)
    return list(first.values())
