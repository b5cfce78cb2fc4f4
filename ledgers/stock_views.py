"""Screens of stock papers: write one, look it over, confirm, reverse, add photos."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from documents.errors import DocumentIsConfirmed
from documents.models import new_token
from enterprises.request import EnterpriseRequest
from enterprises.services import keeps_books
from ledgers import stock_papers
from ledgers.complaints import PhotosForm
from ledgers.models import StockPaper
from ledgers.opening_typed import opening_is_over
from ledgers.request import after_saving, by_itself, rows, text, typed_head
from ledgers.stock_presenting import new_paper, stock_form, stock_paper_page
from ledgers.stock_reading import StockReading
from ledgers.stock_rules import warnings
from ledgers.stock_typed import (
    HEAD_FIELDS,
    LINES_MAX,
    fields_of,
    read_stock_paper,
    tidy_stock_paper,
)
from ledgers.typed_rows import tidy_text
from ledgers.views import form_token, form_version, get_or_post


@get_or_post
@permission_required("ledgers.add_stockpaper", raise_exception=True)
def stock_paper_add(request: EnterpriseRequest, *, kind: str) -> HttpResponse:
    """A new paper of this kind; the first save makes the draft."""
    if request.enterprise is None or not keeps_books(request.user, request.enterprise):
        raise PermissionDenied
    paper = StockPaper(enterprise=request.enterprise, kind=kind)
    if request.method == "POST":
        return _save(request, paper)
    chosen = {int(pk) for pk in request.GET.getlist("stock")[:LINES_MAX] if pk.isdecimal() and len(pk) < 18}
    goods = tidy_text(request.GET.get("goods"))
    typed = new_paper(request.enterprise, kind, goods=goods, chosen=chosen)
    known = read_stock_paper(typed, kind=kind, enterprise=request.enterprise).balances
    late = opening_is_over(request.enterprise) if kind == StockPaper.Kind.OPENING else ""
    reading = StockReading(balances=known, head_errors={"": late} if late else {})
    return _form(request, paper, typed, reading, goods=goods)


@get_or_post
@permission_required("ledgers.change_stockpaper", raise_exception=True)
def stock_paper_edit(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """A draft as it was typed, to be gone on with."""
    paper = _own(request, pk)
    if request.method == "POST":
        return _save(request, paper)
    if not paper.is_draft:
        return redirect("ledgers:stockpaper-detail", pk)
    reading = read_stock_paper(paper.typed, kind=paper.kind, enterprise=paper.enterprise)
    return _form(request, paper, paper.typed, reading)


@require_safe
@permission_required("ledgers.confirm_stockpaper", raise_exception=True)
def stock_paper_review(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """The one sheet before confirming: what changes, and what to know."""
    paper = _own(request, pk)
    if not paper.is_draft or not paper.lines.exists():
        return redirect("ledgers:stockpaper-edit" if paper.is_draft else "ledgers:stockpaper-detail", pk)
    context = {"row": paper, "token": new_token(), "warnings": warnings(paper), **stock_paper_page(request, paper)}
    return render(request, "ledgers/stockpaper_review.html", context)


@require_POST
@permission_required("ledgers.confirm_stockpaper", raise_exception=True)
def stock_paper_confirm(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Confirm. A second press, or the same answer asked for again, shows the same paper."""
    paper, version = _own(request, pk), form_version(request)
    try:
        token = form_token(request)
        paper = stock_papers.confirm_stock_paper(paper, actor=request.user, token=token, version=version)
    except DocumentIsConfirmed as refusal:
        messages.info(request, refusal.messages[0])
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("ledgers:stockpaper-edit", pk)
    else:
        messages.success(request, _("%(paper)s is confirmed, and your stock is as it says.") % {"paper": paper})
    return redirect("ledgers:stockpaper-detail", pk)


@require_POST
@permission_required("ledgers.delete_stockpaper", raise_exception=True)
def stock_paper_discard(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    try:
        stock_papers.discard_stock_paper(_own(request, pk), actor=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect("ledgers:stockpaper-detail", pk)
    messages.success(request, _("The draft is gone."))
    return redirect("ledgers:stockpaper-list")


@get_or_post
@permission_required("ledgers.reverse_stockpaper", raise_exception=True)
def stock_paper_reverse(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Undo a confirmed paper by a second one; both stay to be seen."""
    paper = _own(request, pk)
    context = {"row": paper, "reason": text(request, "reason"), **stock_paper_page(request, paper)}
    if request.method == "POST":
        try:
            reversal = stock_papers.reverse_stock_paper(paper, reason=context["reason"], actor=request.user)
        except ValidationError as refusal:
            context["refusal"] = " ".join(refusal.messages)
        else:
            messages.success(request, _("%(paper)s reverses it. Both stay to be seen.") % {"paper": reversal})
            return redirect("ledgers:stockpaper-detail", reversal.pk)
    return render(request, "ledgers/stockpaper_reverse.html", context, status=422 if "refusal" in context else 200)


@require_POST
@permission_required("ledgers.confirm_stockpaper", raise_exception=True)
def stock_paper_photos(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Add photos of what was written off or destroyed."""
    paper, form = _own(request, pk), PhotosForm(request.POST, request.FILES)
    try:
        if not form.is_valid():
            raise ValidationError([sentence for told in form.errors.values() for sentence in told])
        if not form.cleaned_data["photos"]:
            raise ValidationError(_("Choose a photo first."))
        stock_papers.add_photos(paper, form.cleaned_data["photos"], actor=request.user)
    except ValidationError as refusal:
        context = {"row": paper, "refusal": " ".join(refusal.messages), **stock_paper_page(request, paper)}
        return render(request, "ledgers/stockpaper_detail.html", context, status=422)
    messages.success(request, _("The photos are kept with the paper."))
    return redirect("ledgers:stockpaper-detail", pk)


def _own(request: EnterpriseRequest, pk: int) -> StockPaper:
    related = ("enterprise__headquarters", "reverses", "reversed_by", "confirmed_by")
    ours = StockPaper.objects.written_by(request.scope).select_related(*related)
    paper: StockPaper = get_object_or_404(ours, pk=pk)
    return paper


def _save(request: EnterpriseRequest, paper: StockPaper) -> HttpResponse:
    """Keep the draft, then: say so (a page that saves by itself), show it again, or go on to the review."""
    typed = {**typed_head(request, HEAD_FIELDS), "rows": rows(request, "row", fields_of(paper.kind))}
    typed = tidy_stock_paper(typed, kind=paper.kind)
    if paper.pk is None and not by_itself(request) and not any(row["quantity"] for row in typed["rows"]):
        reading = read_stock_paper(typed, kind=paper.kind, enterprise=paper.enterprise)
        return _form(request, paper, typed, reading, status=422)
    try:
        saved, reading = stock_papers.save_stock_paper(paper, typed, version=form_version(request), actor=request.user)
    except ValidationError as refusal:
        return _refused(request, paper, typed, " ".join(refusal.messages))
    answer = after_saving(request, saved, "stockpaper", is_complete=reading.is_complete)
    return answer or _form(request, saved, saved.typed, reading, status=422)


def _refused(request: EnterpriseRequest, paper: StockPaper, typed: Any, sentence: str) -> HttpResponse:
    if by_itself(request):
        return JsonResponse({"refusal": sentence}, status=409)
    reading = read_stock_paper(typed, kind=paper.kind, enterprise=paper.enterprise)
    reading.head_errors = {"": sentence, **reading.head_errors}
    return _form(request, paper, typed, reading, status=409)


def _form(
    request: EnterpriseRequest,
    paper: StockPaper,
    typed: Any,
    reading: StockReading,
    *,
    goods: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {**stock_form(paper, typed=typed, reading=reading), "goods": goods}
    return render(request, "ledgers/stockpaper_form.html", context, status=status)
