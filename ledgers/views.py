"""Screens of papers: write, look over, confirm, reverse, acknowledge."""

from __future__ import annotations

import uuid
from itertools import zip_longest
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from documents.errors import DocumentIsConfirmed
from documents.models import new_token
from enterprises.request import EnterpriseRequest
from enterprises.services import keeps_books
from ledgers.confirming import ReasonMissing, confirm_with_reason
from ledgers.correcting import correct_invoice
from ledgers.drafts import discard_draft, enter_customer, save_draft, tidy
from ledgers.models import CorrectionProposal, Invoice
from ledgers.presenting import draft_page, invoice_page, review_page
from ledgers.repeating import repeat_invoice
from ledgers.services import acknowledge_purchase
from ledgers.typed import HEAD_FIELDS, LINE_FIELDS, Reading, read

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
@permission_required("ledgers.add_invoice", raise_exception=True)
def invoice_add(request: EnterpriseRequest, *, is_purchase: bool) -> HttpResponse:
    """A new sale or purchase; the first save makes the draft."""
    if not keeps_books(request.user, request.enterprise):
        raise PermissionDenied
    if request.method == "POST":
        return _save(request, None, is_purchase=is_purchase)
    typed = {"traded_on": timezone.localdate().isoformat(), "partner": request.GET.get("partner", ""), "lines": []}
    return _form(request, None, typed, is_purchase=is_purchase, reading=Reading())


@get_or_post
@permission_required("ledgers.change_invoice", raise_exception=True)
def invoice_edit(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """A draft as it was typed, to be gone on with."""
    invoice = _own(request, pk)
    if request.method == "POST":
        return _save(request, invoice, is_purchase=invoice.is_purchase)
    if not invoice.is_draft:
        return redirect("ledgers:invoice-detail", pk)
    reading = read(invoice.typed, author=invoice.author, role="supplier" if invoice.is_purchase else "customer")
    return _form(request, invoice, invoice.typed, is_purchase=invoice.is_purchase, reading=reading)


@require_safe
@permission_required("ledgers.confirm_invoice", raise_exception=True)
def invoice_review(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """The one sheet before confirming: parties, lines, warnings, and that it is for ever."""
    invoice = _own(request, pk)
    if not invoice.is_draft or not invoice.lines.exists():
        return redirect("ledgers:invoice-edit" if invoice.is_draft else "ledgers:invoice-detail", pk)
    return _review(request, invoice)


def _review(request: EnterpriseRequest, invoice: Invoice, refusal: str = "") -> HttpResponse:
    context = {"row": invoice, "token": new_token(), "refusal": refusal, **review_page(request, invoice)}
    return render(request, "ledgers/invoice_review.html", context, status=422 if refusal else 200)


@require_POST
@permission_required("ledgers.confirm_invoice", raise_exception=True)
def invoice_confirm(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Confirm. A second press, or the same answer asked for again, shows the same paper."""
    invoice = _own(request, pk)
    reason = request.POST.get("reason", "").replace("\0", "")
    try:
        invoice = confirm_with_reason(
            invoice, reason=reason, actor=request.user, token=form_token(request), version=form_version(request)
        )
    except DocumentIsConfirmed as refusal:
        messages.info(request, refusal.messages[0])
    except ReasonMissing as refusal:
        return _review(request, invoice, refusal.messages[0])
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("ledgers:invoice-edit", pk)
    else:
        messages.success(request, _("%(paper)s is confirmed and stands in both books.") % {"paper": invoice})
    return redirect("ledgers:invoice-detail", pk)


@require_POST
@permission_required("ledgers.delete_invoice", raise_exception=True)
def invoice_discard(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    try:
        discard_draft(_own(request, pk), actor=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect("ledgers:invoice-detail", pk)
    messages.success(request, _("The draft is gone."))
    return redirect("ledgers:invoice-list")


@get_or_post
@permission_required("ledgers.reverse_invoice", raise_exception=True)
def invoice_reverse(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Undo a confirmed paper by a second one; both stay to be seen."""
    invoice = _own(request, pk)
    context = {
        "row": invoice,
        "reason": request.POST.get("reason", "").replace("\0", ""),
        **invoice_page(request, invoice),
    }
    if request.method == "POST":
        try:
            came = correct_invoice(invoice, differences={}, reason=context["reason"][:200], actor=request.user)
        except ValidationError as refusal:
            context["refusal"] = " ".join(refusal.messages)
        else:
            return _reversed(request, invoice, came)
    return render(request, "ledgers/invoice_reverse.html", context, status=422 if "refusal" in context else 200)


def _reversed(request: EnterpriseRequest, invoice: Invoice, came: Invoice | CorrectionProposal) -> HttpResponse:
    if isinstance(came, Invoice):
        messages.success(request, _("%(paper)s reverses it. Both stay in both books.") % {"paper": came})
        return redirect("ledgers:invoice-detail", came.pk)
    asked = _("%(party)s has accepted this paper and is asked to agree to the correction.")
    messages.success(request, asked % {"party": came.asked})
    return redirect("ledgers:invoice-detail", invoice.pk)


@require_POST
@permission_required("ledgers.add_invoice", raise_exception=True)
def invoice_repeat(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """The same as last time: a new draft with the same partner and goods, to be changed and confirmed."""
    sales = Invoice.objects.written_by(request.scope).confirmed().filter(reverses=None, adjusts=None)
    draft = repeat_invoice(get_object_or_404(sales, pk=pk), actor=request.user)
    return redirect("ledgers:invoice-edit", draft.pk)


@require_POST
@permission_required("ledgers.confirm_invoice", raise_exception=True)
def invoice_acknowledge(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """The seller says that a purchase its customer wrote down is its own sale."""
    invoice = get_object_or_404(Invoice.objects.visible_to(request.scope), pk=pk)
    try:
        acknowledge_purchase(invoice, actor=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("Acknowledged: it stands in your sales ledger now."))
    return redirect("ledgers:invoice-detail", pk)


def _own(request: EnterpriseRequest, pk: int) -> Invoice:
    invoice: Invoice = get_object_or_404(
        Invoice.objects.written_by(request.scope).select_related("author__headquarters", "seller", "buyer"), pk=pk
    )
    return invoice


def _typed(request: EnterpriseRequest) -> dict[str, Any]:
    """The form as it stands: one value per head field, and rows from the equally long lists of line fields."""
    columns = (request.POST.getlist(name) for name in LINE_FIELDS)
    rows = [dict(zip(LINE_FIELDS, row, strict=True)) for row in zip_longest(*columns, fillvalue="")]
    return tidy({**{name: request.POST.get(name, "") for name in HEAD_FIELDS}, "lines": rows})


def _save(request: EnterpriseRequest, invoice: Invoice | None, *, is_purchase: bool) -> HttpResponse:
    """Keep the draft, then: say so (a page that saves by itself), show it again, or go on to the review."""
    typed, author = _typed(request), invoice.author if invoice else request.enterprise
    assert author is not None
    if not typed["partner"] and not typed["lines"]:
        return _form(request, invoice, typed, is_purchase=is_purchase, reading=Reading(), status=422)
    try:
        if request.POST.get("step") and not is_purchase:
            enter_customer(typed, author=author, actor=request.user)
        invoice, reading = save_draft(
            invoice, typed, author=author, is_purchase=is_purchase, actor=request.user,
            version=form_version(request),
        )  # fmt: skip
    except ValidationError as refusal:
        return _refused(request, invoice, typed, is_purchase=is_purchase, refusal=refusal)
    where = reverse("ledgers:invoice-edit", args=[invoice.pk])
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"version": invoice.version, "url": where})
    if request.POST.get("step") == "review" and reading.is_complete:
        return redirect("ledgers:invoice-review", invoice.pk)
    if request.POST.get("step") == "review":
        return _form(request, invoice, invoice.typed, is_purchase=is_purchase, reading=reading, status=422)
    messages.success(request, _("The draft is saved."))
    return redirect(where)


def _refused(
    request: EnterpriseRequest, invoice: Invoice | None, typed: dict[str, Any], *, is_purchase: bool, refusal: Any
) -> HttpResponse:
    sentence = " ".join(refusal.messages)
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"refusal": sentence}, status=409)
    reading = Reading(head_errors={"": sentence})
    return _form(request, invoice, typed, is_purchase=is_purchase, reading=reading, status=409)


def _form(
    request: EnterpriseRequest, invoice: Invoice | None, typed: dict[str, Any], *, status: int = 200, **page: Any
) -> HttpResponse:
    context = draft_page(request, invoice=invoice, typed=typed, **page)
    return render(request, "ledgers/invoice_form.html", {**context, "asked": status == 422}, status=status)


def form_version(request: EnterpriseRequest) -> int:
    """The version of the draft that the form was made from; 0 for a new one, which fits no draft."""
    version = request.POST.get("version", "")
    return int(version) if version.isdecimal() and len(version) < 9 else 0


def form_token(request: EnterpriseRequest) -> uuid.UUID:
    """The token made when the confirming form was rendered; ValidationError where the form has lost it."""
    try:
        return uuid.UUID(request.POST.get("token", ""))
    except ValueError:
        raise ValidationError(_("The form is incomplete. Open the draft again, then confirm.")) from None
