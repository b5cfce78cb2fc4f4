"""What happened to a row: when, what and who, from the events that the database itself recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

SHOWN_MAX = 20
LABELS = {"insert": _("Entered"), "update": _("Changed")}


@dataclass(frozen=True)
class Event:
    at: datetime
    what: Any
    who: str


def of(row: Model) -> list[Event]:
    """The last events of a tracked row, newest first; nothing for a table without history."""
    if not hasattr(row, "events"):
        return []
    rows = row.events.select_related("pgh_context").order_by("-pgh_id")[:SHOWN_MAX]
    people = _people(rows)
    return [
        Event(event.pgh_created_at, LABELS.get(event.pgh_label, event.pgh_label), people[event.pk]) for event in rows
    ]


def _people(rows: Any) -> dict[int, str]:
    """Who was signed in, by event; a command or a scheduled task has nobody."""
    keys = {row.pk: (row.pgh_context.metadata.get("user") if row.pgh_context else None) for row in rows}
    users = {
        user.pk: str(user) for user in get_user_model()._default_manager.filter(pk__in=filter(None, keys.values()))
    }
    return {event: users.get(key, "") for event, key in keys.items()}
