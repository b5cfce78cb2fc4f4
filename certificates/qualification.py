"""The concentrated check of qualifications [H-006]: whose food licence is in order on a day, and whose is not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts.recipients import Narrowing
from certificates.models import CertificateQuerySet, Licence
from certificates.models.certificates import SOON
from enterprises.models import Enterprise, EnterpriseRole
from laws.parameters import days_soon

NEEDS_NONE = [EnterpriseRole.MARKET_OPERATOR.value, EnterpriseRole.LABORATORY.value]
STATES = {
    "have": ("green", _("In order")), "expiring": ("amber", _("Expires soon")), "expired": ("red", _("Expired")),
    "missing": ("red", _("Missing")),
}  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """How an enterprise's food licence stands: one of STATES, and the licence that speaks best for it."""

    state: str
    licence: Licence | None


def to_check(rows: QuerySet[Enterprise]) -> QuerySet[Enterprise]:
    """Those of them that need a food licence: in business, no farmers and other persons, not only market or laboratory.

    《食品安全法》第35条; who only sells farm produce needs none, and is not told apart here.
    """
    others = Q(roles__contained_by=NEEDS_NONE) & ~Q(roles=[])
    return rows.filter(~others, status=Enterprise.Status.ACTIVE, is_person=False, merged_into=None)


def in_state(rows: QuerySet[Enterprise], state: str, day: date | None = None) -> QuerySet[Enterprise]:
    """Those of them whose food licence stands like this on that day, by default today."""
    day = day or timezone.localdate()
    good, known = _has(_food().valid_on(day)), _has(_food())
    lasts = Q(valid_until=None) | Q(valid_until__gte=day + days_soon(SOON, day))
    lasting = _has(_food().valid_on(day).filter(lasts))
    return rows.filter(
        {"have": lasting, "expiring": good & ~lasting, "expired": known & ~good, "missing": ~known}[state]
    )


def counts(rows: QuerySet[Enterprise], day: date | None = None) -> dict[str, int]:
    """How many of them stand like what."""
    return {state: in_state(rows, state, day).count() for state in STATES}


def standings(enterprises: Iterable[Enterprise]) -> dict[int, Standing]:
    """How each of these stands today, in one statement; a headquarters' licence serves its places."""
    today, asked = timezone.localdate(), list(enterprises)
    soon = today + days_soon(SOON, today)
    holders = {pk for row in asked for pk in (row.pk, row.headquarters_id) if pk}
    licences: dict[int, list[Licence]] = {}
    for licence in _food().filter(holder__in=holders).select_related("kind"):
        licences.setdefault(licence.holder_id, []).append(licence)
    found = {}
    for row in asked:
        theirs = [*licences.get(row.pk, ()), *licences.get(row.headquarters_id or 0, ())]
        good = max((one for one in theirs if one.covers(today)), key=_ends_on, default=None)
        best = good or max(theirs, key=_ends_on, default=None)
        state = ("have" if good.ends_on >= soon else "expiring") if good else "expired" if best else "missing"
        found[row.pk] = Standing(state, best)
    return found


def _ends_on(licence: Licence) -> date:
    return licence.ends_on


def _food() -> CertificateQuerySet:
    rows: CertificateQuerySet = Licence.objects.standing().filter(kind__is_food_licence=True)
    return rows


def _has(licences: CertificateQuerySet) -> Q:
    """One of these licences, of the enterprise itself or of its headquarters."""
    return Q(Exists(licences.filter(holder=OuterRef("pk")))) | Q(
        Exists(licences.filter(holder=OuterRef("headquarters")))
    )


NARROWINGS = [
    Narrowing("licence_missing", _("Whose food licence is not here"), lambda rows: in_state(to_check(rows), "missing")),
    Narrowing("licence_expired", _("Whose food licence has expired"), lambda rows: in_state(to_check(rows), "expired")),
    Narrowing(
        "licence_expiring", _("Whose food licence expires soon"), lambda rows: in_state(to_check(rows), "expiring")
    ),
]
