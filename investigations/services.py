"""What happens in a case. Everything is refused once the case is closed, but for reading it."""

from __future__ import annotations

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from catalog.models import Lot
from enterprises.models import Enterprise
from investigations import evidence
from investigations.models import (
    Case,
    CaseMerge,
    CaseNote,
    CaseParticipant,
    CaseSnapshot,
    CaseSubject,
    IgnoredEntry,
)
from ledgers.models import LedgerEntry


@transaction.atomic
def open_case(*, title: str, reason: str, actor: User, lot: Lot | None = None) -> Case:
    """Begin an investigation, about a lot where one is given."""
    case = Case(title=title.strip(), reason=reason.strip(), opened_by=actor, authority=actor.authority)
    case.full_clean()
    case.save()
    if lot:
        CaseSubject.objects.create(case=case, lot=lot)
    return case


@transaction.atomic
def add_subject(case: Case, subject: Enterprise | Lot, *, weight: Decimal, actor: User) -> CaseSubject:
    """Take an enterprise or a lot into the case. Raises ValidationError where it is in it already."""
    _refuse_closed(case)
    own = {"lot": subject} if isinstance(subject, Lot) else {"enterprise": subject}
    row = CaseSubject(case=case, weight=weight, **own)
    row.full_clean()
    row.save()
    return row


@transaction.atomic
def change_subject(row: CaseSubject, *, weight: Decimal, mixes: bool, ends: bool, actor: User) -> CaseSubject:
    """Give a subject another weight or other suppositions; those of a lot are none."""
    _refuse_closed(row.case)
    row.weight, row.mixes, row.ends = weight, mixes and row.lot_id is None, ends and row.lot_id is None
    row.full_clean()
    row.save()
    return row


@transaction.atomic
def drop_subject(row: CaseSubject, *, actor: User) -> None:
    """Take a subject out of the case; snapshots keep it."""
    _refuse_closed(row.case)
    row.delete()


@transaction.atomic
def merge_places(case: Case, one: Enterprise, other: Enterprise, *, actor: User) -> CaseMerge:
    """Take two enterprises for one place. Raises ValidationError where they are one, or merged already."""
    _refuse_closed(case)
    first, second = sorted((one, other), key=lambda enterprise: enterprise.pk)
    row = CaseMerge(case=case, one=first, other=second)
    row.full_clean()
    row.save()
    return row


@transaction.atomic
def split_places(row: CaseMerge, *, actor: User) -> None:
    """Take two enterprises for two places again."""
    _refuse_closed(row.case)
    row.delete()


@transaction.atomic
def ignore_entry(case: Case, entry: LedgerEntry, *, reason: str, actor: User) -> IgnoredEntry:
    """Leave a hand-over out of the analysis, for a reason."""
    _refuse_closed(case)
    row = IgnoredEntry(case=case, entry=entry, reason=reason.strip())
    row.full_clean()
    row.save()
    return row


@transaction.atomic
def heed_entry(row: IgnoredEntry, *, actor: User) -> None:
    """Take a hand-over back into the analysis."""
    _refuse_closed(row.case)
    row.delete()


@transaction.atomic
def count_time(case: Case, *, in_time: bool, actor: User) -> Case:
    """Whether only what left after it arrived is followed."""
    _refuse_closed(case)
    case.in_time = in_time
    case.save(update_fields=["in_time"])
    return case


@transaction.atomic
def share(case: Case, user: User, *, actor: User) -> CaseParticipant:
    """Let another officer work in the case. Raises ValidationError for who is no officer, or has it already."""
    _refuse_closed(case)
    if not user.groups.filter(name=Role.OFFICER).exists() or user == case.opened_by:
        raise ValidationError(_("A case is shared with other officers. Type the sign-in name of one."))
    row = CaseParticipant(case=case, user=user, invited_by=actor)
    row.full_clean()
    row.save()
    return row


@transaction.atomic
def add_note(case: Case, *, text: str, actor: User) -> CaseNote:
    """Write down what was found out or done."""
    _refuse_closed(case)
    row = CaseNote(case=case, author=actor, text=text.strip())
    row.full_clean()
    row.save()
    return row


@transaction.atomic
def take_snapshot(case: Case, *, actor: User) -> CaseSnapshot:
    """Freeze the evidence as the books have it now. Raises ValidationError where it is too long to keep."""
    _refuse_closed(case)
    facts = evidence.gathered(case)
    return CaseSnapshot.objects.create(case=case, taken_by=actor, evidence=facts, digest=evidence.digest(facts))


@transaction.atomic
def close_case(case: Case, *, conclusion: str, actor: User) -> Case:
    """End the investigation with what it found; the evidence of that moment is frozen."""
    take_snapshot(case, actor=actor)
    case.closed_at, case.conclusion = timezone.now(), conclusion.strip()
    case.full_clean()
    case.save(update_fields=["closed_at", "conclusion"])
    return case


def _refuse_closed(case: Case) -> None:
    current = Case.objects.select_for_update().get(pk=case.pk)
    if not current.is_open:
        raise ValidationError(_("This case is closed. Open a new one, and name this one in it."))
