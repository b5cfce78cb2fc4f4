"""What happens in the registry: partners are found or made, corrections proposed, claims decided, people appointed."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from guardian.shortcuts import assign_perm, remove_perm

from accounts.models import User
from accounts.roles import Role
from enterprises import sql
from enterprises.identifiers import normalise, validate_resident_number
from enterprises.models import Claim, Decision, Enterprise, Partnership, Proposal
from enterprises.scoping import Scope

KEEP_BOOKS = "enterprises.keep_books"
MANAGE_MEMBERS = "enterprises.manage_members"


@dataclass(frozen=True)
class PartnerFacts:
    """What a person types of a partner: the number decides whether it is known already."""

    name: str
    uscc: str = ""
    legacy_number: str = ""
    place: str = ""
    address: str = ""
    legal_representative: str = ""
    telephone: str = ""
    resident_number: str = ""
    is_person: bool = False
    region_id: str | None = None


@transaction.atomic
def find_or_enter(facts: PartnerFacts, *, owner: Enterprise, actor: User) -> Enterprise:
    """The enterprise with this number, else a new stub that the next user finds (Harbin proposal 3.3-1.3.3).

    A natural person is entered for `owner` alone; of the identity number only a keyed hash and the last four stay.
    """
    if facts.is_person:
        return _find_or_enter_person(facts, owner=owner)
    if not (facts.uscc or facts.legacy_number):
        raise ValidationError(_("Type the unified social credit code, or the old licence number."))
    if found := _known(facts):
        return found
    stub = Enterprise(
        name=facts.name,
        uscc=facts.uscc,
        legacy_number=facts.legacy_number,
        place=facts.place,
        address=facts.address,
        legal_representative=facts.legal_representative,
        telephone=facts.telephone,
        region_id=facts.region_id,
        status=Enterprise.Status.STUB,
    )
    try:
        stub.full_clean(exclude=["roles"])  # what kind of business it is, its station will say
        with transaction.atomic():
            stub.save()
    except (IntegrityError, ValidationError):  # somebody else may have entered it in this very moment
        if found := _known(facts):
            return found
        raise
    return stub


def _known(facts: PartnerFacts) -> Enterprise | None:
    found = Enterprise.objects.by_number(facts.uscc or facts.legacy_number)
    if facts.place:
        found = found.filter(place=facts.place)
    return found.order_by("place", "pk").first()


def _find_or_enter_person(facts: PartnerFacts, *, owner: Enterprise) -> Enterprise:
    identity = identity_hash(facts.resident_number) if facts.resident_number else ""
    known = Enterprise.objects.filter(is_person=True, kept_by=owner)
    found = known.filter(identity_hash=identity) if identity else known.filter(
        name=facts.name, telephone=facts.telephone, identity_hash=""
    )  # fmt: skip
    return found.first() or Enterprise.objects.create(
        name=facts.name,
        telephone=facts.telephone,
        address=facts.address,
        region_id=facts.region_id,
        status=Enterprise.Status.STUB,
        is_person=True,
        kept_by=owner,
        identity_hash=identity,
        identity_last4=normalise(facts.resident_number)[-4:],
    )


def identity_hash(resident_number: str) -> str:
    """A keyed hash of an identity card number: equal numbers meet, the number itself is not kept."""
    number = normalise(resident_number)
    validate_resident_number(number)
    return hmac.new(settings.SECRET_KEY.encode(), number.encode(), hashlib.sha256).hexdigest()


@transaction.atomic
def add_partner(
    partner: Enterprise, *, owner: Enterprise, role: str, details: Mapping[str, str], actor: User
) -> Partnership:
    """Put `partner` on the list of `owner`, or bring it back where the partnership had ended."""
    firm = Enterprise.objects.select_for_update(of=("self",), no_key=True).get(pk=owner.firm.pk)  # one after the other
    known = Partnership.objects.filter(owner=firm, partner=partner, role=role)
    if known.current().exists():
        raise ValidationError(_("%(partner)s is on your list already.") % {"partner": partner})
    partnership = known.first() or Partnership(owner=firm, partner=partner, role=role)
    partnership.ended_on = None
    for field, value in details.items():
        setattr(partnership, field, value)
    partnership.full_clean()
    partnership.save()
    return partnership


@transaction.atomic
def propose_correction(
    enterprise: Enterprise, *, changes: Mapping[str, str], proposed_by: Enterprise | None, actor: User
) -> Proposal:
    """Ask the owner or an authority to correct the shared record of `enterprise`; nothing changes yet."""
    real = {
        field: value for field, value in changes.items()
        if field in Proposal.FIELDS and value != getattr(enterprise, field)
    }  # fmt: skip
    if not real:
        raise ValidationError(_("Nothing differs from the record as it is. Change a field, then propose it."))
    return Proposal.objects.create(enterprise=enterprise, proposed_by=proposed_by, author=actor, changes=real)


@transaction.atomic
def decide_proposal(proposal: Proposal, *, accept: bool, answer: str = "", actor: User) -> Proposal:
    """The owner of the record, or an officer of its region, accepts or refuses a correction."""
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    enterprise = Enterprise.objects.select_for_update(of=("self",)).get(pk=proposal.enterprise_id)
    if not _may_decide(actor, enterprise) or proposal.author_id == actor.pk:
        raise PermissionDenied
    _sign(proposal, accept=accept, answer=answer, actor=actor)
    if accept:
        for field, value in proposal.changes.items():
            setattr(enterprise, field, value)
        enterprise.full_clean()
        enterprise.save()
    return proposal


@transaction.atomic
def claim_enterprise(enterprise: Enterprise, *, evidence: str, actor: User) -> Claim:
    """Ask the station to hand over a record that nobody here works for yet."""
    if enterprise.is_active or enterprise.is_person:
        raise ValidationError(
            _("This enterprise is on the platform already. Ask its people, or your station, to let you in.")
        )
    claim = Claim(enterprise=enterprise, evidence=evidence, author=actor)
    claim.full_clean()
    claim.save()
    return claim


@transaction.atomic
def decide_claim(claim: Claim, *, accept: bool, answer: str = "", actor: User) -> Claim:
    """The station says whose a stub is. Accepted, the claimant keeps its books and decides who else does.

    Whoever types a stranger's licence number first must not get its history: so nobody decides the own claim, and
    only an authority whose region holds the enterprise decides at all.
    """
    claim = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    enterprise = Enterprise.objects.select_for_update(of=("self",)).get(pk=claim.enterprise_id)
    scope = Scope.of(actor)
    if claim.author_id == actor.pk or not (scope.everything or scope.is_officer) or not scope.covers(enterprise):
        raise PermissionDenied
    if accept and enterprise.is_active:
        raise ValidationError(_("This enterprise has its people already. Refuse the claim."))
    _sign(claim, accept=accept, answer=answer, actor=actor)
    if accept:
        enterprise.status = Enterprise.Status.ACTIVE
        enterprise.save()
        appoint(claim.author, enterprise=enterprise, keeps_books=True, manages_members=True, actor=actor)
    return claim


def appoint(user: User, *, enterprise: Enterprise, keeps_books: bool, manages_members: bool, actor: User) -> None:
    """Set what `user` may do for `enterprise`; both False takes the person off."""
    user.groups.add(Group.objects.get(name=Role.TRADER))
    for permission, wanted in ((KEEP_BOOKS, keeps_books), (MANAGE_MEMBERS, manages_members)):
        (assign_perm if wanted else remove_perm)(permission, user, enterprise)


def may_manage_members(user: User, enterprise: Enterprise) -> bool:
    """Whether `user` decides who works for `enterprise`."""
    return bool(
        user.has_perm("enterprises.manage_members_of_enterprise") or user.has_perm(MANAGE_MEMBERS, enterprise.firm)
    )


def keeps_books(user: User, enterprise: Enterprise | None) -> bool:
    """Whether `user` may write papers of `enterprise`; the right on a headquarters covers its places."""
    if enterprise is None or not user.is_active or user.is_superuser:
        return enterprise is not None and user.is_active
    places = [str(pk) for pk in (enterprise.pk, enterprise.headquarters_id) if pk]
    with connection.cursor() as cursor:
        cursor.execute(sql.KEEPS_BOOKS, [user.pk, places])
        return bool(cursor.fetchone()[0])


def require_keeper(actor: User, enterprise: Enterprise | None) -> None:
    """PermissionDenied where `actor` does not keep the books of `enterprise`."""
    if not keeps_books(actor, enterprise):
        raise PermissionDenied


def _may_decide(actor: User, enterprise: Enterprise) -> bool:
    scope = Scope.of(actor)
    officer = (scope.everything or scope.is_officer) and scope.covers(enterprise)
    return officer or may_manage_members(actor, enterprise)


def _sign(decision: Decision, *, accept: bool, answer: str, actor: User) -> None:
    if decision.decided_at is not None:
        raise ValidationError(_("This has been decided already."))
    decision.accepted, decision.answer = accept, answer
    decision.decided_by, decision.decided_at = actor, timezone.now()
    decision.save()


def joined_on(enterprise: Enterprise) -> date:
    """The day on which it first was in business here: when it was entered so, or when its station approved a claim."""
    active = enterprise.events.filter(status=Enterprise.Status.ACTIVE)  # type: ignore[attr-defined]
    first = active.order_by("pgh_id").values_list("pgh_created_at", flat=True).first()
    return timezone.localdate(first or enterprise.created_at)
