"""What about certificates somebody must act on: they expire, were sent back, or wait too long to be checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts.rules import Fact, Link, Look, Watch
from certificates.models import (
    Certificate,
    CertificateKind,
    CertificateRequest,
    CertificateStep,
    HealthCertificate,
    Licence,
)
from enterprises.models import Enterprise, Partnership
from laws.parameters import in_force_under, midnight

STEPS = "cert.expiry."
DETAIL, RENEW, REVIEW = "certificates:licence-detail", "certificates:licence-add", "certificates:review-detail"


def expiring(look: Look) -> Iterator[Fact]:
    """Licences that end, for their holders: told anew at each step of `cert.expiry.*` and on the last day."""
    for row, step in _ending(look):
        yield _of(row, step, row["holder"], Link(RENEW, query={"replaces": str(row["pk"])}))


def expiring_for_station(look: Look) -> Iterator[Fact]:
    """The same for the station, from the step on that its rule names."""
    for row, step in _ending(look):
        yield _of(row, step, row["holder"], Link(DETAIL, [row["pk"]]))


def expired_for_partners(look: Look) -> Iterator[Fact]:
    """Licences of current suppliers that have ended, for each who has them on its list."""
    today = timezone.localdate(look.now)
    listed = Partnership.objects.current().suppliers().filter(
        partner__certificates__in=_latest().filter(valid_until__lt=today, kind__is_food_licence=True),
        owner__status=Enterprise.Status.ACTIVE,
    )  # fmt: skip
    names = ("owner", "partner__name", "partner__certificates", "partner__certificates__valid_until")
    rows = listed.filter(partner__certificates__valid_until__lt=today, partner__certificates__product=None)
    for owner, name, number, until in rows.order_by("owner", "partner__certificates").values_list(*names).distinct():
        if look.only is None or str(number) in look.only:
            facts = {"partner": name, "until_on": until}
            yield Fact(f"{number}:{owner}", owner, facts, Link(DETAIL, [number]))


def returned(look: Look) -> Iterator[Fact]:
    """Papers that were sent back, for whoever gave them."""
    why = CertificateStep.objects.filter(certificate=OuterRef("pk"), kind="returned").order_by("-pk")
    rows = look.among(Certificate.objects.filter(state="returned", uploaded_for__isnull=False)).order_by("pk")
    for row in rows.annotate(why=Subquery(why.values("reason")[:1])).values(*FACTS, "uploaded_for", "product", "why"):
        kind = "document" if row["product"] else "licence"
        facts = _named(row) | {"why": row["why"] or ""}
        yield Fact(str(row["pk"]), row["uploaded_for"], facts, Link(f"certificates:{kind}-edit", [row["pk"]]))


def unchecked(look: Look) -> Iterator[Fact]:
    """Papers that wait to be checked for longer than `cert.check`, for the station of the holder."""
    since = look.now - timedelta(days=int(look.limit.in_force(timezone.localdate(look.now)).value))
    waiting = Certificate.objects.filter(state="pending", uploaded_at__lt=since)
    for row in look.among(waiting).order_by("pk").values(*FACTS, "uploaded_at"):
        if (due := look.limit.deadline(row["uploaded_at"])) < look.now:
            yield Fact(str(row["pk"]), row["holder"], _named(row), Link(REVIEW, [row["pk"]]), due_at=due)


def asked(look: Look) -> Iterator[Fact]:
    """Requests for papers, for whoever was asked: told anew each time `cert.ask.remind` is over, three times."""
    days = int(look.limit.in_force(timezone.localdate(look.now)).value)
    for row in _requests(look):
        times = min((look.now - row["asked_at"]).days // days, REMINDERS_MAX)
        yield _of_request(row, str(times), Link(REQUEST, [row["pk"]]))


def asked_in_vain(look: Look) -> Iterator[Fact]:
    """Requests that nobody has answered for `cert.ask.escalate`, for the station of whoever was asked."""
    for row in _requests(look):
        if look.limit.deadline(row["asked_at"]) < look.now:
            yield _of_request(row, "", Link(REQUEST, [row["pk"]]))


def _requests(look: Look) -> Iterator[dict[str, Any]]:
    rows = CertificateRequest.objects.open().filter(asked__status=Enterprise.Status.ACTIVE)
    names = ("pk", "asked", "asked__name", "asked_at", "requester__name", "product__name", "lot_code")
    yield from look.among(rows).order_by("pk").values(*names)


def _of_request(row: dict[str, Any], period: str, link: Link) -> Fact:
    goods = " ".join(word for word in (row["product__name"], row["lot_code"]) if word)
    facts = {"asked": row["asked__name"], "partner": row["requester__name"], "what_zh": goods or "食品许可证",
             "what_en": goods or "food licence"}  # fmt: skip
    return Fact(str(row["pk"]), row["asked"], facts, link, period)


REMINDERS_MAX = 3
REQUEST = "certificates:request-detail"


def health_expiring(look: Look) -> Iterator[Fact]:
    """Health certificates of people at work that end within `health.expiring`, and those that have ended."""
    today = timezone.localdate(look.now)
    soon = today + timedelta(days=int(look.limit.in_force(today).value))
    rows = look.among(HealthCertificate.objects.of_staff().filter(valid_until__lt=soon)).order_by("pk")
    for row in rows.values("pk", "enterprise", "person", "valid_until"):
        facts = {"person": row["person"], "until_on": row["valid_until"]}
        period = "ended" if row["valid_until"] < today else "soon"
        yield Fact(str(row["pk"]), row["enterprise"], facts, Link(HEALTH), period, due_at=_end_of(row["valid_until"]))


HEALTH = "certificates:healthcertificate-add"
FACTS = ("pk", "holder", "holder__name", "number", "kind__name_zh", "kind__name_en", "valid_until")


def _ending(look: Look) -> Iterator[tuple[dict[str, Any], int]]:
    """Licences in force that end within the rule's own step or have ended, each with the step that it has reached."""
    today = timezone.localdate(look.now)
    farthest = int(look.limit.in_force(today).value)
    steps = [0, *sorted(int(rule.value) for rule in in_force_under(STEPS, on=today).values() if rule.value <= farthest)]
    rows = _latest().filter(
        valid_until__lt=today + timedelta(days=farthest), kind__validity__in=(PERIOD, OPEN),
        holder__status=Enterprise.Status.ACTIVE,
    )  # fmt: skip
    for row in look.among(rows).order_by("pk").values(*FACTS):
        yield row, _step(steps, (row["valid_until"] - today).days + 1)


def _step(steps: Sequence[int], left: int) -> int:
    """The smallest step that is not shorter than the days left, today included; 0 once it has ended."""
    return 0 if left <= 0 else next(step for step in steps if step >= left)


def _latest() -> QuerySet[Licence]:
    rows: QuerySet[Licence] = Licence.objects.standing().current()
    return rows


def _of(row: dict[str, Any], step: int, whose: int, link: Link) -> Fact:
    return Fact(str(row["pk"]), whose, _named(row), link, str(step), due_at=_end_of(row["valid_until"]))


def _end_of(day: date) -> datetime:
    return midnight(day + timedelta(days=1))


def _named(row: dict[str, Any]) -> dict[str, Any]:
    until: date | None = row["valid_until"]
    words = {"holder": row["holder__name"], "number": row["number"], "until_on": until} if until else {
        "holder": row["holder__name"], "number": row["number"]
    }  # fmt: skip
    return words | {"kind_zh": row["kind__name_zh"], "kind_en": row["kind__name_en"]}


PERIOD, OPEN = CertificateKind.Validity.PERIOD, CertificateKind.Validity.OPEN
RULES = (
    Watch(
        "CERT_EXPIRY", _("Licence that expires"),
        _("%(kind)s %(number)s is good until %(until_on)s. Renew it and upload the new one."),
        _("Upload the new licence"), expiring,
    ),
    Watch(
        "CERT_EXPIRY_STATION", _("Licence of the area that expires"),
        _("%(holder)s: %(kind)s %(number)s is good until %(until_on)s."),
        _("Look at it"), expiring_for_station,
    ),
    Watch(
        "CERT_EXPIRY_PARTNER", _("Supplier's licence expired"),
        _("The food licence of %(partner)s ended on %(until_on)s. Ask for the new one before you buy again."),
        _("Look at it"), expired_for_partners,
    ),
    Watch(
        "CERT_ASKED", _("Paper asked for"),
        _("%(partner)s asks you for a paper: %(what)s. Upload it once, and everybody whom it concerns has it."),
        _("Upload the paper"), asked,
    ),
    Watch(
        "CERT_ASKED_LATE", _("Paper asked for in vain"),
        _("%(asked)s has not given %(partner)s a paper that it asked for: %(what)s."),
        _("Look at the request"), asked_in_vain,
    ),
    Watch(
        "CERT_RETURNED", _("Paper sent back"),
        _("%(kind)s %(number)s was sent back: %(why)s"),
        _("Correct it"), returned,
    ),
    Watch(
        "HEALTH_EXPIRY", _("Health certificate that expires"),
        _("The health certificate of %(person)s is good until %(until_on)s. Without one nobody works with open food."),
        _("Enter the new one"), health_expiring,
    ),
    Watch(
        "CERT_TO_CHECK", _("Paper to check"),
        _("%(holder)s: %(kind)s %(number)s waits to be checked."),
        _("Check it"), unchecked,
    ),
)  # fmt: skip
