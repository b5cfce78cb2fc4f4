"""Whether the licences of partners are in order: have, expired or missing, with a way to the paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.scope import Scope
from certificates.models import Licence
from enterprises.models import Enterprise, Partnership


class Mark(NamedTuple):
    """How an enterprise's food licence stands today; `url` is empty where there is none."""

    words: str
    tone: str
    url: str


def food_licences(enterprises: Iterable[Enterprise]) -> dict[int, Mark]:
    """The mark of each of these enterprises, in one statement; a headquarters' licence serves its places."""
    today, asked = timezone.localdate(), list(enterprises)
    holders = {pk for row in asked for pk in (row.pk, row.headquarters_id) if pk}
    licences: dict[int, list[Any]] = {}
    for licence in Licence.objects.standing().filter(holder__in=holders, kind__is_food_licence=True):
        licences.setdefault(licence.holder_id, []).append(licence)
    marks = {}
    for row in asked:
        theirs = [*licences.get(row.pk, ()), *licences.get(row.headquarters_id or 0, ())]
        good = next((licence for licence in theirs if licence.covers(today)), None)
        best = good or max(theirs, key=lambda licence: licence.ends_on, default=None)
        words = _("Have") if good else _("Expired") if best else _("Missing")
        tone = "green" if good else "amber" if best else "red"
        marks[row.pk] = Mark(words, tone, reverse("certificates:licence-detail", args=[best.pk]) if best else "")
    return marks


def mark_partners(partnerships: Sequence[Partnership], scope: Scope) -> None:
    """Give the suppliers of a page their marks."""
    suppliers: list[Any] = [
        row for row in partnerships if row.role == Partnership.Role.SUPPLIER and not row.partner.is_person
    ]
    marks = food_licences(row.partner for row in suppliers)
    for row in suppliers:
        row.papers, row.papers_tone, row.papers_url = marks[row.partner_id]
