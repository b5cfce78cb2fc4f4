"""What can happen to a delivery after its paper: accepted, claimed in part or whole, disputed, settled, escalated."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import takewhile
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.scope import Scope
from attachments.checking import Checked
from attachments.services import store
from enterprises.services import require_keeper
from laws.parameters import deadline
from ledgers import sql
from ledgers.alert_rules import look_again_at
from ledgers.models import Invoice, Receipt, ReceiptClaim, ReceiptPhoto
from ledgers.services import adjust_agreed, adjust_invoice, quantities_now

ANSWER, DISPUTE, ESCALATE = "receipt.answer", "receipt.dispute", "receipt.escalate"
State = Receipt.State


class AnsweredMeanwhile(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("This delivery has been answered meanwhile. Look at it again."), code="answered")


@dataclass(frozen=True)
class Complaint:
    """What is wrong with a line: how much of it, in the line's own unit, why, and in the buyer's words."""

    position: int
    quantity: Decimal
    cause: str
    reason: str = ""


@transaction.atomic
def accept_deliveries(receipts: Iterable[Receipt], *, actor: User) -> int:
    """All of these came as their papers say (Food Safety Law 53); returns how many were still waiting.

    What somebody answered meanwhile stays as it was answered.
    """
    chosen = [receipt.pk for receipt in receipts]
    list(Invoice.objects.select_for_update(of=("self",)).filter(receipt__in=chosen).order_by("pk").values_list("pk"))
    waiting = list(Receipt.objects.waiting().filter(pk__in=chosen).select_related("buyer").order_by("invoice_id"))
    for buyer in {receipt.buyer for receipt in waiting}:
        require_keeper(actor, buyer)
    with connection.cursor() as cursor:
        cursor.execute(sql.ACCEPT_ALL, [State.ACCEPTED, actor.pk, [receipt.invoice_id for receipt in waiting]])
    look_again_at(*(receipt.invoice_id for receipt in waiting))
    return len(waiting)


@transaction.atomic
def accept_with_differences(receipt: Receipt, *, complaints: Sequence[Complaint], actor: User) -> Receipt:
    """The delivery came, but not all of it as the paper says: the rest is in dispute at once."""
    require_keeper(actor, receipt.buyer)
    if not complaints:
        raise ValidationError(_("Say on which line something is missing or wrong, or accept the whole delivery."))
    return _claim(receipt, State.PARTIAL, complaints, actor=actor)


@transaction.atomic
def reject_delivery(receipt: Receipt, *, cause: str, reason: str, actor: User) -> Receipt:
    """Nothing of it is taken: every line is in dispute until the seller reverses the paper or the station decides."""
    require_keeper(actor, receipt.buyer)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why you reject the delivery: the seller will read it.")})
    complaints = [
        Complaint(position, left, cause, reason) for position, left in quantities_now(receipt.invoice).items() if left
    ]
    return _claim(receipt, State.REJECTED, complaints, actor=actor)


@transaction.atomic
def dispute_delivery(receipt: Receipt, *, complaints: Sequence[Complaint], actor: User) -> Receipt:
    """Something accepted turns out to be wrong; possible until `receipt.dispute` after the answer."""
    require_keeper(actor, receipt.buyer)
    if receipt.answered_at and timezone.now() >= deadline(DISPUTE, receipt.answered_at):
        raise ValidationError(_("The time to dispute this delivery is over. Ask the seller, or your station."))
    if not complaints or not all(complaint.reason.strip() for complaint in complaints):
        raise ValidationError(_("Say which line is wrong, how much of it, and why."))
    return _claim(receipt, State.DISPUTED, complaints, actor=actor)


@transaction.atomic
def withdraw_claims(receipt: Receipt, *, actor: User) -> int:
    """The buyer takes its open claims back: what was in dispute is its stock again. Returns how many."""
    require_keeper(actor, receipt.buyer)
    return _end_claims(receipt, "withdrawn", actor)


@transaction.atomic
def agree_to_claims(receipt: Receipt, *, actor: User) -> Invoice:
    """The seller agrees: one difference paper takes back what is claimed and settles it."""
    claims = open_claims(receipt).select_related("line")
    reasons = "; ".join(f"{claim.get_cause_display()} {claim.reason}".strip() for claim in claims)
    return adjust_invoice(receipt.invoice, differences=_claimed(claims), reason=reasons[:200], actor=actor)


@transaction.atomic
def refuse_claims(receipt: Receipt, *, reason: str, actor: User) -> Receipt:
    """The seller does not agree: the station decides."""
    require_keeper(actor, receipt.invoice.seller)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why you do not agree: the station will read it.")})
    look_again_at(receipt.invoice_id)
    return _answer(receipt, State.ESCALATED, actor, words=reason.strip()[:200])


@transaction.atomic
def order_settlement(receipt: Receipt, *, reason: str, actor: User) -> Invoice:
    """The station finds the claims founded: a difference paper of the seller settles them, by its order.

    PermissionDenied for who may not decide disputes; whether the paper lies in the officer's area is asked above.
    """
    if not actor.has_perm("ledgers.decide_receipt"):
        raise PermissionDenied
    if receipt.state != State.ESCALATED:
        raise ValidationError(_("The station decides once the seller has refused or the time to settle is over."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: both sides will read it.")})
    claims = open_claims(receipt).select_related("line")
    words = _("By order of the station: %(reason)s") % {"reason": reason.strip()}
    return adjust_agreed(receipt.invoice, differences=_claimed(claims), reason=words[:200], actor=actor)


@transaction.atomic
def dismiss_claims(receipt: Receipt, *, reason: str, actor: User) -> int:
    """The station finds the claims unfounded: the goods are the buyer's. Returns how many ended."""
    if not actor.has_perm("ledgers.decide_receipt"):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: both sides will read it.")})
    return _end_claims(receipt, "dismissed", actor)


def accept_silent_deliveries(*, now: datetime | None = None) -> int:
    """Accept what nobody answered in the time of `receipt.answer` in force when it arrived; returns how many."""
    now = now or timezone.now()
    waiting = Receipt.objects.waiting().order_by("opened_at").iterator()
    due = takewhile(lambda receipt: deadline(ANSWER, receipt.opened_at) <= now, waiting)
    return sum(_by_time(receipt, State.AUTO_ACCEPTED) for receipt in list(due))


def escalate_unsettled_claims(*, now: datetime | None = None) -> int:
    """Bring claims to the station that nobody settled in the time of `receipt.escalate`; returns how many receipts."""
    now = now or timezone.now()
    unsettled = ReceiptClaim.objects.open().exclude(receipt__state=State.ESCALATED).select_related("receipt")
    overdue = {claim.receipt.pk: claim.receipt for claim in unsettled if deadline(ESCALATE, claim.claimed_at) <= now}
    return sum(_by_time(receipt, State.ESCALATED) for receipt in overdue.values())


@transaction.atomic
def add_photos(receipt: Receipt, photos: Iterable[Checked], *, actor: User) -> list[ReceiptPhoto]:
    """Keep photos of a delivery as evidence; whoever sees the delivery sees them."""
    require_keeper(actor, receipt.buyer)
    stored = [ReceiptPhoto(receipt=receipt, attachment=store(photo, actor=actor)) for photo in photos]
    return ReceiptPhoto.objects.bulk_create(stored, ignore_conflicts=True)


def photos_in_sight(scope: Scope) -> QuerySet[ReceiptPhoto, Any]:
    """The attachments that deliveries open to whoever has this scope."""
    return ReceiptPhoto.objects.filter(receipt__in=Receipt.objects.visible_to(scope)).values_list("attachment_id")


def open_claims(receipt: Receipt) -> QuerySet[ReceiptClaim]:
    """What of this delivery is in dispute now."""
    return ReceiptClaim.objects.open().filter(receipt=receipt)


def _by_time(receipt: Receipt, state: str) -> bool:
    try:
        _answer(receipt, state, None, words=receipt.remark)
    except AnsweredMeanwhile:
        return False
    return True


def _claimed(claims: Iterable[ReceiptClaim]) -> dict[int, Decimal]:
    differences = {claim.line.position: -claim.quantity / claim.line.factor for claim in claims}
    if not differences:
        raise ValidationError(_("Nothing is in dispute here any more."))
    return differences


def _claim(receipt: Receipt, state: str, complaints: Sequence[Complaint], *, actor: User) -> Receipt:
    Invoice.objects.select_for_update(of=("self",)).get(pk=receipt.invoice_id)
    left, claimed = quantities_now(receipt.invoice), set(open_claims(receipt).values_list("line__position", flat=True))
    lines = {line.position: line for line in receipt.invoice.lines.all()}
    rows = []
    for complaint in complaints:
        _refuse_what_cannot_be(complaint, left, claimed)
        line = lines[complaint.position]
        rows.append({
            "line": line.pk, "quantity": str(complaint.quantity * line.factor), "cause": complaint.cause,
            "reason": complaint.reason.strip()[:200],
        })  # fmt: skip
    look_again_at(receipt.invoice_id)
    return _answer(receipt, state, actor, claims=rows)


def _refuse_what_cannot_be(complaint: Complaint, left: dict[int, Decimal], claimed: set[int]) -> None:
    number = {"n": complaint.position}
    if complaint.position in claimed:
        raise ValidationError(_("Line %(n)s is in dispute already. Withdraw that objection first.") % number)
    if complaint.cause not in ReceiptClaim.Cause.values:
        raise ValidationError(_("Line %(n)s: choose what is wrong.") % number)
    if complaint.quantity <= 0 or complaint.quantity > left.get(complaint.position, Decimal(0)):
        raise ValidationError(
            _("Line %(n)s: at most %(quantity)s can be claimed.")
            % {**number, "quantity": f"{left.get(complaint.position, Decimal(0)).normalize():f}"}
        )


def _answer(
    receipt: Receipt, state: str, actor: User | None, *, claims: Sequence[object] = (), words: str = ""
) -> Receipt:
    person = actor.pk if actor else None
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.ANSWER_RECEIPT, [receipt.invoice_id, state, person, words, json.dumps(claims)])
    except IntegrityError as refusal:
        raise AnsweredMeanwhile from refusal
    receipt.refresh_from_db()
    return receipt


def _end_claims(receipt: Receipt, outcome: str, actor: User) -> int:
    look_again_at(receipt.invoice_id)
    with connection.cursor() as cursor:
        cursor.execute(sql.END_CLAIMS, [receipt.invoice_id, outcome, actor.pk])
        return int(cursor.fetchone()[0])
