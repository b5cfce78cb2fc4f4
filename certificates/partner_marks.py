"""Whether the licences of partners are in order, for the list of partners."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.scope import Scope
from certificates.models import Licence
from enterprises.models import Partnership


def mark_partners(partnerships: Sequence[Partnership], scope: Scope) -> None:
    """Have, expired or missing: the food licence of each supplier, in one statement."""
    today = timezone.localdate()
    suppliers = [row for row in partnerships if row.role == Partnership.Role.SUPPLIER and not row.partner.is_person]
    holders = {pk for row in suppliers for pk in (row.partner_id, row.partner.headquarters_id) if pk}
    licences: dict[int, list[Any]] = {}
    for licence in Licence.objects.standing().filter(holder__in=holders, kind__is_food_licence=True):
        licences.setdefault(licence.holder_id, []).append(licence)
    for row in suppliers:
        theirs = [*licences.get(row.partner_id, ()), *licences.get(row.partner.headquarters_id or 0, ())]
        good = next((licence for licence in theirs if licence.covers(today)), None)
        best = good or max(theirs, key=lambda licence: licence.ends_on, default=None)
        words = _("Have") if good else _("Expired") if best else _("Missing")
        tone = "green" if good else "amber" if best else "red"
        _mark(row, words, tone, reverse("certificates:licence-detail", args=[best.pk]) if best else "")


def _mark(row: Any, words: str, tone: str, url: str) -> None:
    row.papers, row.papers_tone, row.papers_url = words, tone, url
