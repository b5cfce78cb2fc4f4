"""How an alert is said to its reader: its sentence, its time in words, its state and their colours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.languages import reads_english
from alerts.rules import watches

TONES = ("", "grey", "amber", "red")  # by severity
STATES = {
    "waiting": ("amber", _("Not seen by anybody")), "acknowledged": ("green", _("Seen, not settled")),
    "gone": ("grey", _("The cause is gone")), "done": ("grey", _("Done")), "dismissed": ("grey", _("Dismissed")),
    "expired": ("grey", _("Over by time")),
}  # fmt: skip


def sentence(rule: str, facts: Mapping[str, Any]) -> str:
    """What is the matter, in the reader's language; the key of a rule that is no more."""
    if rule not in watches:
        return rule
    told = {name: _readable(name, value) for name, value in facts.items()}
    language = "_en" if reads_english() else "_zh"
    told |= {name.removesuffix(language): value for name, value in told.items() if name.endswith(language)}
    words: str = watches[rule].sentence % told
    return words


def button(rule: str) -> Any:
    """What the one button of an alert says."""
    return watches[rule].button if rule in watches else _("Look")


def time_left(due_at: datetime | None) -> str:
    """How long there is still to settle something, or for how long that is overdue; empty without a date."""
    if due_at is None:
        return ""
    now = timezone.now()
    if due_at > now:
        return gettext("%(time)s left") % {"time": timeuntil(due_at, now, depth=1)}
    return gettext("overdue for %(time)s") % {"time": timesince(due_at, now, depth=1)}


def _readable(name: str, value: Any) -> Any:
    return date_format(date.fromisoformat(value), "DATE_FORMAT") if name.endswith("_on") else value
