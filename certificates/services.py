"""What happens to a certificate: it is uploaded, checked or sent back, corrected, replaced, withdrawn or revoked."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from alerts.raising import look_again
from attachments.models import Attachment
from certificates.models import Certificate, CertificatePage, CertificateStep
from certificates.signals import certificate_changed
from enterprises.models import Enterprise, Partnership
from enterprises.scoping import Scope
from enterprises.services import keeps_books

State, Step = Certificate.State, CertificateStep.Kind
VERIFY = "certificates.verify_certificate"
WATCHED = ("CERT_EXPIRY", "CERT_EXPIRY_STATION", "CERT_RETURNED", "CERT_TO_CHECK")


@transaction.atomic
def submit(
    certificate: Certificate, *, pages: Iterable[Attachment], enterprise: Enterprise | None, actor: User
) -> Certificate:
    """Take in a new certificate, or a new version of the one it `replaces`; the pages are stored files.

    `enterprise` is the one acted for, None for an authority, whose own papers count as checked. Who gives the paper of
    a supplier keeps it private until it was checked. PermissionDenied for the paper of a stranger; ValidationError
    where a field, a number or a version does not fit.
    """
    certificate.uploaded_for = _giver(certificate.holder, enterprise=enterprise, actor=actor)
    certificate.uploaded_by = actor
    certificate.state = State.PENDING if certificate.uploaded_for else State.VERIFIED
    if certificate.replaces_id:
        _take_the_place_of(certificate)
    certificate.full_clean()
    certificate.save()
    add_pages(certificate, pages)
    note(certificate, Step.SUBMITTED, enterprise=enterprise, actor=actor)
    return certificate


@transaction.atomic
def correct(
    certificate: Certificate, *, pages: Iterable[Attachment], enterprise: Enterprise | None, actor: User
) -> Certificate:
    """Keep what was corrected in `certificate`: its giver before it is checked or after it was sent back, an officer
    of its holder's region at any time. Sent back, it waits again. PermissionDenied for others."""
    before = _locked(certificate)
    if not may_correct(before, enterprise=enterprise, actor=actor):
        raise PermissionDenied
    if before.state == State.RETURNED:
        certificate.state, certificate.ended_at = State.PENDING, None
        note(certificate, Step.RESUBMITTED, enterprise=enterprise, actor=actor)
    else:
        _tell(certificate)
    certificate.full_clean()
    certificate.save()
    add_pages(certificate, pages)
    return certificate


@transaction.atomic
def approve(certificate: Certificate, *, enterprise: Enterprise | None, actor: User) -> Certificate:
    """Say that what was typed is what the paper says. From then on it is shared with everybody whom it concerns."""
    certificate = _to_be_checked(certificate, enterprise=enterprise, actor=actor)
    certificate.state = State.VERIFIED
    certificate.save(update_fields=["state"])
    note(certificate, Step.APPROVED, enterprise=enterprise, actor=actor)
    return certificate


@transaction.atomic
def send_back(certificate: Certificate, *, reason: str, enterprise: Enterprise | None, actor: User) -> Certificate:
    """Say what is wrong with it; it counts no more until its giver has corrected it."""
    certificate = _to_be_checked(certificate, enterprise=enterprise, actor=actor)
    return _end(certificate, State.RETURNED, Step.RETURNED, reason, enterprise=enterprise, actor=actor)


@transaction.atomic
def withdraw(certificate: Certificate, *, reason: str, enterprise: Enterprise | None, actor: User) -> Certificate:
    """Take it back with a reason: its giver or holder withdraws it, an officer revokes it. It stays readable."""
    certificate = _locked(certificate)
    if not may_withdraw(certificate, enterprise=enterprise, actor=actor):
        raise PermissionDenied
    by_officer = is_officer_of(certificate, actor) and enterprise is None
    state, step = (State.REVOKED, Step.REVOKED) if by_officer else (State.WITHDRAWN, Step.WITHDRAWN)
    return _end(certificate, state, step, reason, enterprise=enterprise, actor=actor)


def may_verify(certificate: Certificate, *, enterprise: Enterprise | None, actor: User) -> bool:
    """Whether this person may check it: an officer of the holder's or the giver's region, or a customer of the holder
    who did not upload it."""
    if certificate.state != State.PENDING or not actor.has_perm(VERIFY):
        return False
    if enterprise is None:
        return is_officer_of(certificate, actor)
    firm = enterprise.firm
    if certificate.uploaded_for_id in (None, firm.pk, enterprise.pk) or not keeps_books(actor, enterprise):
        return False
    holders = [pk for pk in (certificate.holder_id, certificate.holder.headquarters_id) if pk]
    return Partnership.objects.current().suppliers().filter(owner=firm, partner__in=holders).exists()


def may_correct(certificate: Certificate, *, enterprise: Enterprise | None, actor: User) -> bool:
    """Whether this person may change what was typed."""
    if enterprise is None:
        return is_officer_of(certificate, actor) and certificate.state in (State.PENDING, State.VERIFIED)
    return certificate.state in (State.PENDING, State.RETURNED) and _is_giver(certificate, enterprise, actor)


def may_withdraw(certificate: Certificate, *, enterprise: Enterprise | None, actor: User) -> bool:
    """Whether this person may take it back: who gave it, whose it is, or an officer of the holder's region."""
    if certificate.state in (State.WITHDRAWN, State.REVOKED):
        return False
    if enterprise is None:
        return is_officer_of(certificate, actor)
    return _is_giver(certificate, enterprise, actor) or (
        certificate.holder_id in (enterprise.pk, enterprise.firm.pk) and keeps_books(actor, enterprise)
    )


def may_renew(certificate: Certificate, *, enterprise: Enterprise | None, actor: User) -> bool:
    """Whether this person may give a new version of it: who may give such a paper at all."""
    if not certificate.is_standing or certificate.replaced_by.standing().exists():
        return False
    try:
        _giver(certificate.holder, enterprise=enterprise, actor=actor)
    except PermissionDenied:
        return False
    return True


def is_officer_of(certificate: Certificate, actor: User) -> bool:
    """Whether `actor` supervises the holder, or whoever uploaded the paper of a holder that nobody supervises here."""
    if not actor.has_perm(VERIFY):
        return False
    scope, giver = Scope.of(actor), certificate.uploaded_for
    return (scope.everything or scope.is_officer) and (
        scope.covers(certificate.holder) or (giver is not None and scope.covers(giver))
    )


def add_pages(certificate: Certificate, pages: Iterable[Attachment]) -> None:
    """Keep these files as pages of it; the same file again changes nothing."""
    rows = [CertificatePage(certificate=certificate, attachment=page) for page in pages]
    CertificatePage.objects.bulk_create(rows, ignore_conflicts=True)


def note(certificate: Certificate, kind: str, *, enterprise: Enterprise | None, actor: User, reason: str = "") -> None:
    """Write down a step of its life."""
    CertificateStep.objects.create(
        certificate=certificate, kind=kind, reason=reason, author=actor, enterprise=enterprise
    )
    _tell(certificate)


def _tell(certificate: Certificate) -> None:
    """Whoever watches certificates looks again once this is committed."""
    transaction.on_commit(partial(_told, certificate))


def _told(certificate: Certificate) -> None:
    look_again(*WATCHED, about=[pk for pk in (certificate.pk, certificate.replaces_id) if pk])
    certificate_changed.send(Certificate, certificate=certificate)


def _giver(holder: Enterprise, *, enterprise: Enterprise | None, actor: User) -> Enterprise | None:
    """Who gives the paper of `holder`: itself, a customer of it, or (None) an authority. PermissionDenied else."""
    if enterprise is None:
        scope = Scope.of(actor)
        if actor.has_perm(VERIFY) and (scope.everything or scope.is_officer) and scope.covers(holder):
            return None
        raise PermissionDenied
    if not keeps_books(actor, enterprise):
        raise PermissionDenied
    if keeps_books(actor, holder):
        return holder
    if not Partnership.objects.current().filter(owner=enterprise.firm, partner=holder).exists():
        raise PermissionDenied
    return enterprise.firm


def _is_giver(certificate: Certificate, enterprise: Enterprise, actor: User) -> bool:
    """Whether `enterprise` uploaded it; a headquarters' papers are kept by its places, too."""
    giver = certificate.uploaded_for
    return giver is not None and giver.pk in (enterprise.pk, enterprise.firm.pk) and keeps_books(actor, enterprise)


def _take_the_place_of(certificate: Certificate) -> None:
    """A new version is of the same holder, kind and goods as the one it replaces."""
    old: Certificate = Certificate.objects.select_for_update(of=("self",)).get(pk=certificate.replaces_id)
    same = ("holder_id", "kind_id", "product_id")
    if any(getattr(old, name) != getattr(certificate, name) for name in same):
        raise ValidationError(_("A new version is of the same holder, the same kind and the same goods."))


def _to_be_checked(certificate: Certificate, *, enterprise: Enterprise | None, actor: User) -> Certificate:
    certificate = _locked(certificate)
    if certificate.state != State.PENDING:
        raise ValidationError(_("Somebody has checked it already: %(state)s.") % {"state": certificate.state_words})
    if not may_verify(certificate, enterprise=enterprise, actor=actor):
        raise PermissionDenied
    return certificate


def _end(
    certificate: Certificate, state: str, step: str, reason: str, *, enterprise: Enterprise | None, actor: User
) -> Certificate:
    if not reason.strip():
        raise ValidationError({"reason": _("Say why; the other side reads it.")})
    certificate.state, certificate.ended_at = state, timezone.now()
    certificate.save(update_fields=["state", "ended_at"])
    note(certificate, step, enterprise=enterprise, actor=actor, reason=reason.strip()[:200])
    return certificate


def _locked(certificate: Certificate) -> Certificate:
    """The row as it is now; whoever else works on it waits."""
    rows = Certificate.objects.select_for_update(of=("self",))
    locked: Certificate = rows.select_related("holder", "uploaded_for", "kind").get(pk=certificate.pk)
    return locked
