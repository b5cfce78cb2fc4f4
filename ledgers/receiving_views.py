"""Screens of deliveries: the inbox, and one delivery with what each side may answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from enterprises.request import EnterpriseRequest
from ledgers import receiving
from ledgers.complaints import PhotosForm, complaint_rows, read_complaints
from ledgers.mismatches import not_agreed
from ledgers.models import CorrectionProposal, Invoice, Receipt
from ledgers.presenting import receipt_page

INBOX_MAX = 200


@require_safe
@permission_required("ledgers.answer_receipt", raise_exception=True)
def inbox(request: EnterpriseRequest) -> HttpResponse:
    """What suppliers have sent to the enterprise one acts for and nobody has answered, the oldest first; and what is
    in dispute, on either side."""
    receipts = Receipt.objects.visible_to(request.scope).select_related("invoice__seller", "buyer")
    waiting = receipts.waiting().annotate(lines=Count("invoice__entries")).order_by("opened_at")
    claims = receipts.claimed().order_by("answered_at")
    papers = Invoice.objects.visible_to(request.scope).select_related("buyer")
    corrections = CorrectionProposal.objects.visible_to(request.scope).select_related(
        "invoice__seller", "invoice__buyer"
    )
    context = {
        "waiting": waiting.filter(buyer=request.enterprise)[:INBOX_MAX],
        "claimed_by_us": claims.filter(buyer=request.enterprise)[:INBOX_MAX],
        "claimed_of_us": claims.filter(invoice__seller=request.enterprise)[:INBOX_MAX],
        "corrections": corrections.in_force().waiting().filter(asked=request.enterprise)[:INBOX_MAX],
        "unsaid": not_agreed(papers.filter(seller=request.enterprise))[:INBOX_MAX],
    }
    return render(request, "ledgers/inbox.html", context)


@require_POST
@permission_required("ledgers.answer_receipt", raise_exception=True)
def receipts_accept(request: EnterpriseRequest) -> HttpResponse:
    """Accept the deliveries that were ticked: only what the reader saw, never what arrived since."""
    ticked = [pk for pk in request.POST.getlist("receipt")[:INBOX_MAX] if pk.isdecimal() and len(pk) < 18]
    chosen = Receipt.objects.of_buyers(request.scope).filter(pk__in=ticked)
    accepted = receiving.accept_deliveries(chosen, actor=request.user)
    words = ngettext("%(n)s delivery is accepted.", "%(n)s deliveries are accepted.", accepted)
    messages.success(request, words % {"n": accepted})
    return redirect("ledgers:inbox")


@require_POST
@permission_required("ledgers.view_receipt", raise_exception=True)
def receipt_answer(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """One of the answers; each service checks for itself who may give it."""
    receipt = _receipt(request, pk)
    rows = complaint_rows(receipt, request.POST)
    answer = ANSWERS.get(request.POST.get("step", ""))
    if answer is None:
        return redirect("ledgers:receipt-detail", pk)
    photos = PhotosForm(request.POST, request.FILES)
    try:
        with transaction.atomic():
            said = answer(request, receipt, rows)
            if photos.is_valid() and photos.cleaned_data["photos"]:
                receiving.add_photos(receipt, photos.cleaned_data["photos"], actor=request.user)
            elif photos.errors:
                raise ValidationError([message for messages in photos.errors.values() for message in messages])
    except ValidationError as refusal:
        context = {**receipt_page(request, receipt), "rows": rows, "refusal": " ".join(refusal.messages)}
        return render(request, "ledgers/receipt_detail.html", context, status=422)
    messages.success(request, said)
    return redirect("ledgers:inbox" if request.user.has_perm("ledgers.answer_receipt") else "ledgers:invoice-list")


def _accept(request: EnterpriseRequest, receipt: Receipt, rows: Any) -> str:
    receiving.accept_deliveries([receipt], actor=request.user)
    return _("The delivery is accepted.")


def _differences(request: EnterpriseRequest, receipt: Receipt, rows: Any) -> str:
    receiving.accept_with_differences(receipt, complaints=read_complaints(rows), actor=request.user)
    return _("Accepted with differences: the seller has been asked to settle them.")


def _reject(request: EnterpriseRequest, receipt: Receipt, rows: Any) -> str:
    cause, reason = (_text(request, name) for name in ("cause", "reason"))
    receiving.reject_delivery(receipt, cause=cause, reason=reason, actor=request.user)
    return _("Rejected: the goods are in dispute until the seller takes them back.")


def _dispute(request: EnterpriseRequest, receipt: Receipt, rows: Any) -> str:
    receiving.dispute_delivery(receipt, complaints=read_complaints(rows), actor=request.user)
    return _("Disputed: the seller has been asked to settle it.")


def _withdraw(request: EnterpriseRequest, receipt: Receipt, rows: Any) -> str:
    receiving.withdraw_claims(receipt, actor=request.user)
    return _("Withdrawn: the goods are yours again.")


def _agree(request: EnterpriseRequest, receipt: Receipt, rows: Any) -> str:
    paper = receiving.agree_to_claims(receipt, actor=request.user)
    return _("%(paper)s settles it. It stands in both books.") % {"paper": paper}


def _refuse(request: EnterpriseRequest, receipt: Receipt, rows: Any) -> str:
    receiving.refuse_claims(receipt, reason=_text(request, "reason"), actor=request.user)
    return _("The station has been asked to decide.")


def _order(request: EnterpriseRequest, receipt: Receipt, rows: Any) -> str:
    paper = receiving.order_settlement(receipt, reason=_text(request, "reason"), actor=request.user)
    return _("%(paper)s settles it. It stands in both books.") % {"paper": paper}


def _dismiss(request: EnterpriseRequest, receipt: Receipt, rows: Any) -> str:
    receiving.dismiss_claims(receipt, reason=_text(request, "reason"), actor=request.user)
    return _("The objections are dismissed.")


ANSWERS: dict[str, Callable[[EnterpriseRequest, Receipt, Any], str]] = {
    "accept": _accept,
    "differences": _differences,
    "reject": _reject,
    "dispute": _dispute,
    "withdraw": _withdraw,
    "agree": _agree,
    "refuse": _refuse,
    "order": _order,
    "dismiss": _dismiss,
}


def _receipt(request: EnterpriseRequest, pk: int) -> Receipt:
    related = ("invoice__seller", "invoice__buyer", "buyer", "answered_by")
    receipt: Receipt = get_object_or_404(Receipt.objects.visible_to(request.scope).select_related(*related), pk=pk)
    return receipt


def _text(request: EnterpriseRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\0", "").strip()[:200]
