"""Corrections of papers: at once while only one side has them in hand, by consent after that; and of prices."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from enterprises.models import Enterprise
from enterprises.services import keeps_books, require_keeper
from ledgers.alert_rules import look_again_at
from ledgers.models import CorrectionProposal, Invoice, PriceCorrection
from ledgers.services import (
    adjust_agreed,
    adjust_invoice,
    corrector,
    is_taken_in,
    reverse_agreed,
    reverse_invoice,
)

Differences = Mapping[int, Decimal]


@transaction.atomic
def correct_invoice(
    invoice: Invoice, *, differences: Differences, reason: str, actor: User
) -> Invoice | CorrectionProposal:
    """Reverse a paper (no differences) or correct quantities of it: {line position: difference, in its unit}.

    Returns the paper that did it; or, where the other side has taken the paper in, the proposal that waits for it.
    """
    try:
        with transaction.atomic():
            if differences:
                return adjust_invoice(invoice, differences=differences, reason=reason, actor=actor)
            return reverse_invoice(invoice, reason=reason, actor=actor)
    except ValidationError as refusal:
        if getattr(refusal, "code", "") != "answered":
            raise
    return _propose(invoice, differences, reason=reason, actor=actor)


def _propose(invoice: Invoice, differences: Differences, *, reason: str, actor: User) -> CorrectionProposal:
    invoice = Invoice.objects.select_for_update(of=("self",)).get(pk=invoice.pk)
    require_keeper(actor, corrector(invoice))
    proposal = CorrectionProposal(
        invoice=invoice, asked=_other_side(invoice), author=actor, reason=reason.strip(),
        differences={str(position): str(difference) for position, difference in differences.items()},
    )  # fmt: skip
    proposal.full_clean()
    proposal.save()
    look_again_at(invoice.pk)
    return proposal


def differences_of(proposal: CorrectionProposal) -> dict[int, Decimal]:
    """What a proposal asks for by line; empty: the whole paper is to be reversed."""
    return {int(position): Decimal(difference) for position, difference in proposal.differences.items()}


@transaction.atomic
def agree_to_correction(proposal: CorrectionProposal, *, actor: User) -> Invoice:
    """The other side says yes: the paper is reversed or corrected now. Refusals as in `services.py`."""
    proposal = _waiting(proposal)
    require_keeper(actor, proposal.asked)
    return _carry_out(proposal, proposal.reason, actor=actor)


@transaction.atomic
def refuse_correction(proposal: CorrectionProposal, *, reason: str, actor: User) -> None:
    """The other side says no, or whoever asked takes it back; from a no the station may be asked."""
    proposal = _waiting(proposal)
    if not (keeps_books(actor, proposal.asked) or keeps_books(actor, corrector(proposal.invoice))):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the other side will read it.")})
    _decide(proposal, False, reason, actor)


@transaction.atomic
def order_correction(proposal: CorrectionProposal, *, reason: str, actor: User) -> Invoice:
    """The station orders what the other side has refused, or has not answered.

    PermissionDenied for who may not decide disputes; whether the paper lies in the officer's area is asked above.
    """
    if not actor.has_perm("ledgers.decide_receipt"):
        raise PermissionDenied
    locked = CorrectionProposal.objects.select_for_update(of=("self",)).select_related("invoice").get(pk=proposal.pk)
    if locked.paper_id:
        raise ValidationError(_("This correction has been carried out already."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: both sides will read it.")})
    words = _("By order of the station: %(reason)s") % {"reason": reason.strip()}
    return _carry_out(locked, words[:200], actor=actor)


def _waiting(proposal: CorrectionProposal) -> CorrectionProposal:
    rows = CorrectionProposal.objects.select_for_update(of=("self",)).select_related("invoice", "asked")
    locked: CorrectionProposal = rows.get(pk=proposal.pk)
    if locked.accepted is not None:
        raise ValidationError(_("This proposal has been answered already."))
    return locked


def _carry_out(proposal: CorrectionProposal, reason: str, *, actor: User) -> Invoice:
    differences = differences_of(proposal)
    if differences:
        paper = adjust_agreed(proposal.invoice, differences=differences, reason=reason, actor=actor)
    else:
        paper = reverse_agreed(proposal.invoice, reason=reason, actor=actor)
    proposal.paper = paper
    _decide(proposal, True, reason, actor)
    return paper


def _decide(proposal: CorrectionProposal, accepted: bool, answer: str, actor: User) -> None:
    proposal.accepted, proposal.answer = accepted, answer.strip()[:200]
    proposal.decided_by, proposal.decided_at = actor, timezone.now()
    proposal.save()
    look_again_at(proposal.invoice_id)


@transaction.atomic
def correct_prices(invoice: Invoice, *, prices: Mapping[int, Decimal], reason: str, actor: User) -> int:
    """Put prices of a confirmed paper right: {line position: price in yuan}. No goods move; returns how many changed.

    The seller does it where it has acknowledged a purchase, else whoever wrote the paper; both sides see it.
    """
    locked = Invoice.objects.select_for_update(of=("self",)).get(pk=invoice.pk)
    require_keeper(actor, corrector(locked))
    if not Invoice.objects.in_force().filter(pk=locked.pk).exists():
        raise ValidationError(_("Only a confirmed paper that is still in force can be corrected."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the other side will read it.")})
    lines = {line.position: line for line in locked.lines.all() if line.position in prices}
    rows = [
        PriceCorrection(line=line, price=prices[position], reason=reason.strip()[:200], corrected_by=actor)
        for position, line in lines.items()
    ]
    return len(PriceCorrection.objects.bulk_create(rows))


def may_correct(user: User, invoice: Invoice) -> bool:
    """Whether this person writes corrections of this paper."""
    return keeps_books(user, corrector(invoice)) and invoice.adjusts_id is None


def needs_consent(invoice: Invoice) -> Enterprise | None:
    """Who has to agree to a correction of this paper; None while it is corrected at once."""
    return _other_side(invoice) if is_taken_in(invoice) else None


def _other_side(invoice: Invoice) -> Enterprise | None:
    """The party that does not write the corrections of this paper."""
    return invoice.buyer if corrector(invoice) == invoice.seller else invoice.seller
