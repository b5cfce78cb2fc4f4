"""Asking for papers: what is here already is the answer at once; what comes later answers everybody who has asked."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from alerts.raising import look_again
from catalog.models import Product, lot_key
from certificates import evidence
from certificates.models import Certificate, CertificateRequest
from enterprises.models import Enterprise
from enterprises.scoping import Scope
from enterprises.services import keeps_books

WATCHED = ("CERT_ASKED", "CERT_ASKED_LATE")


@transaction.atomic
def ask(
    asked: Enterprise, *, product: Product | None, lot_code: str, words: str, enterprise: Enterprise, actor: User
) -> CertificateRequest:
    """Ask a supplier for its food licence or, with a product, for a paper of these goods.

    What everybody may see already answers at once. PermissionDenied for whoever keeps no books; ValidationError where
    it has been asked for.
    """
    if not keeps_books(actor, enterprise):
        raise PermissionDenied
    row = CertificateRequest(
        requester=enterprise.firm, asked=asked, product=product, lot_code=lot_code.strip(),
        lot_key=lot_key(lot_code), words=words.strip(), author=actor,
    )  # fmt: skip
    row.full_clean()
    if number := _at_hand(row):
        row.certificate_id, row.closed_at = number, timezone.now()
    row.save()
    transaction.on_commit(lambda: look_again(*WATCHED, about=[row.pk]))
    return row


@transaction.atomic
def take_back(row: CertificateRequest, *, enterprise: Enterprise | None, actor: User) -> CertificateRequest:
    """The paper is not needed any more. ValidationError where it was answered meanwhile."""
    locked: CertificateRequest = CertificateRequest.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if enterprise is None or locked.requester_id != enterprise.firm.pk or not keeps_books(actor, enterprise):
        raise PermissionDenied
    if locked.closed_at is not None:
        raise ValidationError(_("This request has its answer already."))
    locked.closed_at = timezone.now()
    locked.save(update_fields=["closed_at"])
    transaction.on_commit(lambda: look_again(*WATCHED, about=[locked.pk]))
    return locked


def answer(certificate: Certificate) -> int:
    """A paper came: close the open requests that it answers; returns how many.

    The holder's own and what was verified answers everybody, another's copy only whoever uploaded it.
    """
    waiting = CertificateRequest.objects.open()
    if certificate.product_id:
        waiting = waiting.filter(Q(lot_key="") | Q(lot_key=certificate.lot_key), product=certificate.product_id)
    else:
        waiting = waiting.filter(product=None, asked__in=_places_of(certificate.holder_id))
    if not certificate.is_standing or not certificate.conforms:
        return 0
    if not certificate.is_about_goods and not certificate.kind.is_food_licence:
        return 0
    if certificate.state == Certificate.State.PENDING and certificate.uploaded_for_id != certificate.holder_id:
        waiting = waiting.filter(requester=certificate.uploaded_for_id)
    answered = list(waiting.values_list("pk", flat=True))
    CertificateRequest.objects.filter(pk__in=answered).update(certificate=certificate, closed_at=timezone.now())
    look_again(*WATCHED, about=answered)
    return len(answered)


def _places_of(holder: int) -> list[int]:
    """A headquarters' licence is an answer for its places, too."""
    return [holder, *Enterprise.objects.filter(headquarters=holder).values_list("pk", flat=True)]


def _at_hand(row: CertificateRequest) -> int | None:
    """The paper that is here already, good today and open to whoever asks."""
    today = timezone.localdate()
    if row.product_id is None:
        found = evidence.licence_on(row.asked, today)
        return found.certificate_id if found.state == evidence.HAVE else None
    scope = Scope(enterprise_ids=frozenset({row.requester_id}))
    asked = evidence.Asked(row.product_id, row.lot_key, today)
    rules = evidence.states([asked], scope=scope)[0]
    have = [one.certificate_id for one in rules if one.state == evidence.HAVE]
    return have[0] if rules and len(have) == len(rules) else None
