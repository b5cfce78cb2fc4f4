"""Whether the licences of partners are in order: have, expired or missing, with a way to the paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from certificates.qualification import standings
from enterprises.models import Enterprise, Partnership

WORDS = {
    "have": (_("Have"), "green"), "expiring": (_("Have"), "green"), "expired": (_("Expired"), "amber"),
    "missing": (_("Missing"), "red"),
}  # fmt: skip


class Mark(NamedTuple):
    """How an enterprise's food licence stands today; `url` is empty where there is none."""

    words: str
    tone: str
    url: str


def food_licences(enterprises: Iterable[Enterprise]) -> dict[int, Mark]:
    """The mark of each of these enterprises, in one statement."""
    marks = {}
    for pk, standing in standings(enterprises).items():
        words, tone = WORDS[standing.state]
        number = standing.licence.pk if standing.licence else None
        marks[pk] = Mark(str(words), tone, reverse("certificates:licence-detail", args=[number]) if number else "")
    return marks


def mark_partners(partnerships: Sequence[Partnership], scope: Scope) -> None:
    """Give the suppliers of a page their marks."""
    suppliers: list[Any] = [
        row for row in partnerships if row.role == Partnership.Role.SUPPLIER and not row.partner.is_person
    ]
    marks = food_licences(row.partner for row in suppliers)
    for row in suppliers:
        row.papers, row.papers_tone, row.papers_url = marks[row.partner_id]
