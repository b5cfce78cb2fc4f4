"""Screens that put a confirmed paper right: correct, send goods back, say that two papers are one delivery, answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from documents.models import new_token
from enterprises.request import EnterpriseRequest
from enterprises.services import keeps_books
from ledgers import correcting, correction_forms
from ledgers.models import CorrectionProposal, Invoice
from ledgers.returning import return_goods
from ledgers.twins import link_twin
from ledgers.views import form_token

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
@permission_required("ledgers.reverse_invoice", raise_exception=True)
def invoice_correct(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Right quantities and prices of a confirmed paper, by a difference paper or by asking the other side."""
    invoice = _paper(request, pk)
    if not correcting.may_correct(request.user, invoice):
        raise PermissionDenied
    rows = correction_forms.correction_rows(invoice, request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"row": invoice, "rows": rows, "asked": correcting.needs_consent(invoice)}
    if request.method == "POST":
        try:
            with transaction.atomic():
                said = _correct(request, invoice, rows)
        except ValidationError as refusal:
            return _again(request, "ledgers/invoice_correct.html", context, refusal)
        messages.success(request, said)
        return redirect("ledgers:invoice-detail", pk)
    return render(request, "ledgers/invoice_correct.html", context)


def _correct(request: EnterpriseRequest, invoice: Invoice, rows: list[correction_forms.Row]) -> str:
    """Prices and quantities in one go; says what came of it."""
    correction_forms.read_rows(rows)
    reason, said = _text(request, "reason"), []
    differences, prices = correction_forms.differences(rows), correction_forms.new_prices(rows)
    if not (differences or prices):
        raise ValidationError(_("Nothing differs from the paper as it is. Type the right quantity or price."))
    if prices:
        correcting.correct_prices(invoice, prices=prices, reason=reason, actor=request.user)
        said.append(_("The prices are corrected; no goods moved."))
    if differences:
        came = correcting.correct_invoice(invoice, differences=differences, reason=reason, actor=request.user)
        said.append(what_came_of_it(came))
    return " ".join(said)


def what_came_of_it(came: Invoice | CorrectionProposal) -> str:
    """The sentence for the person who pressed: done, or asked."""
    if isinstance(came, Invoice):
        return _("%(paper)s corrects it. Both stay in both books.") % {"paper": came}
    return _("%(party)s has accepted this paper and is asked to agree to the correction.") % {"party": came.asked}


@get_or_post
@permission_required("ledgers.add_invoice", raise_exception=True)
def invoice_return(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Send goods of a delivery back to whoever delivered them."""
    invoice = _paper(request, pk)
    if not keeps_books(request.user, invoice.buyer):
        raise PermissionDenied
    rows = correction_forms.return_rows(invoice, request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"row": invoice, "rows": rows, "token": new_token()}
    if request.method == "POST":
        try:
            correction_forms.read_rows(rows)
            paper = return_goods(
                invoice, quantities=correction_forms.returned(rows), reason=_text(request, "reason"),
                actor=request.user, token=form_token(request),
            )  # fmt: skip
        except ValidationError as refusal:
            return _again(request, "ledgers/invoice_return.html", context, refusal)
        messages.success(request, _("%(paper)s is confirmed: the goods go back.") % {"paper": paper})
        return redirect("ledgers:invoice-detail", paper.pk)
    return render(request, "ledgers/invoice_return.html", context)


@require_POST
@permission_required("ledgers.reverse_invoice", raise_exception=True)
def invoice_twin(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Say that a paper of ours and one of the other side are one delivery: ours is reversed."""
    invoice, other = _paper(request, pk), request.POST.get("twin", "")
    twin = get_object_or_404(_papers(request), pk=int(other) if other.isdecimal() and len(other) < 18 else 0)
    try:
        link_twin(invoice, twin=twin, actor=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("ledgers:invoice-detail", pk)
    messages.success(request, _("One delivery, one paper: %(paper)s stays, yours is reversed.") % {"paper": twin})
    return redirect("ledgers:invoice-detail", twin.pk)


@require_POST
@permission_required("ledgers.view_correctionproposal", raise_exception=True)
def correction_answer(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Agree, refuse or take back a proposed correction, or order it as the station."""
    proposal = get_object_or_404(CorrectionProposal.objects.visible_to(request.scope), pk=pk)
    answer = ANSWERS.get(request.POST.get("step", ""))
    if answer is None:
        return redirect("ledgers:correction-detail", pk)
    try:
        answer(proposal, _text(request, "reason"), request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("Your answer is recorded; both sides see it."))
    return redirect("ledgers:correction-detail", pk)


ANSWERS: dict[str, Callable[[CorrectionProposal, str, User], object]] = {
    "agree": lambda proposal, reason, user: correcting.agree_to_correction(proposal, actor=user),
    "refuse": lambda proposal, reason, user: correcting.refuse_correction(proposal, reason=reason, actor=user),
    "order": lambda proposal, reason, user: correcting.order_correction(proposal, reason=reason, actor=user),
}


def _papers(request: EnterpriseRequest) -> Any:
    related = ("seller", "buyer", "author__headquarters")
    return Invoice.objects.visible_to(request.scope).confirmed().select_related(*related)


def _paper(request: EnterpriseRequest, pk: int) -> Invoice:
    invoice: Invoice = get_object_or_404(_papers(request), pk=pk)
    return invoice


def _again(
    request: EnterpriseRequest, template: str, context: dict[str, Any], refusal: ValidationError
) -> HttpResponse:
    told = {**context, "refusal": " ".join(refusal.messages), "reason": _text(request, "reason")}
    return render(request, template, told, status=422)


def _text(request: EnterpriseRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\0", "").strip()[:200]
