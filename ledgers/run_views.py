"""Screens of production: write a run, look it over, confirm, release what it made, reverse."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from documents.errors import DocumentIsConfirmed
from documents.models import new_token
from enterprises.models import Enterprise
from enterprises.request import EnterpriseRequest
from enterprises.services import keeps_books
from ledgers import runs
from ledgers.models import ProductionRun
from ledgers.recipes import fill_in
from ledgers.request import after_saving, by_itself, rows, text, typed_head
from ledgers.run_presenting import run_form, run_page
from ledgers.run_rules import warnings
from ledgers.run_typed import HEAD_FIELDS, INPUT_FIELDS, OUTPUT_FIELDS, RunReading, read_run, tidy_run
from ledgers.views import form_token, form_version, get_or_post


@get_or_post
@permission_required("ledgers.add_productionrun", raise_exception=True)
def run_add(request: EnterpriseRequest) -> HttpResponse:
    """A new run, made today; the first save makes the draft."""
    if not keeps_books(request.user, request.enterprise):
        raise PermissionDenied
    if request.method == "POST":
        return _save(request, None)
    return _form(request, None, {"produced_on": timezone.localdate().isoformat()}, RunReading())


@get_or_post
@permission_required("ledgers.change_productionrun", raise_exception=True)
def run_edit(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """A draft as it was typed, to be gone on with."""
    run = _own(request, pk)
    if request.method == "POST":
        return _save(request, run)
    if not run.is_draft:
        return redirect("ledgers:run-detail", pk)
    return _form(request, run, run.typed, read_run(run.typed, enterprise=run.enterprise, run_id=run.pk))


@require_safe
@permission_required("ledgers.confirm_productionrun", raise_exception=True)
def run_review(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """The one sheet before confirming: what goes in, what comes out, the balance, and what to know."""
    run = _own(request, pk)
    if not run.is_draft or not run.outputs.exists():
        return redirect("ledgers:run-edit" if run.is_draft else "ledgers:run-detail", pk)
    page = run_page(request, run, with_stock=True)
    context = {"row": run, "token": new_token(), "warnings": warnings(run, page["balance"], page["doses"]), **page}
    return render(request, "ledgers/run_review.html", context)


@require_POST
@permission_required("ledgers.confirm_productionrun", raise_exception=True)
def run_confirm(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Confirm. A second press, or the same answer asked for again, shows the same run."""
    run = _own(request, pk)
    try:
        run = runs.confirm_run(run, actor=request.user, token=form_token(request), version=form_version(request))
    except DocumentIsConfirmed as refusal:
        messages.info(request, refusal.messages[0])
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("ledgers:run-edit", pk)
    else:
        messages.success(request, _("%(run)s is confirmed. Release what it made before you sell it.") % {"run": run})
    return redirect("ledgers:run-detail", pk)


@require_POST
@permission_required("ledgers.delete_productionrun", raise_exception=True)
def run_discard(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    try:
        runs.discard_run(_own(request, pk), actor=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect("ledgers:run-detail", pk)
    messages.success(request, _("The draft is gone."))
    return redirect("ledgers:run-list")


@get_or_post
@permission_required("ledgers.reverse_productionrun", raise_exception=True)
def run_reverse(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Undo a confirmed run by a second one; both stay to be seen."""
    run = _own(request, pk)
    context = {"row": run, "reason": text(request, "reason"), **run_page(request, run)}
    if request.method == "POST":
        try:
            reversal = runs.reverse_run(run, reason=context["reason"], actor=request.user)
        except ValidationError as refusal:
            context["refusal"] = " ".join(refusal.messages)
        else:
            messages.success(request, _("%(paper)s reverses it. Both stay to be seen.") % {"paper": reversal})
            return redirect("ledgers:run-detail", reversal.pk)
    return render(request, "ledgers/run_reverse.html", context, status=422 if "refusal" in context else 200)


@require_POST
@permission_required("ledgers.confirm_productionrun", raise_exception=True)
def run_release(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Let out what a run made, on the strength of its inspection certificate."""
    run = _own(request, pk)
    typed = {name: text(request, name) for name in ("certificate", "conclusion")}
    try:
        released = runs.release_outputs(run, **typed, actor=request.user)
    except ValidationError as refusal:
        context = {"row": run, "typed": typed, "refusal": " ".join(refusal.messages), **run_page(request, run)}
        return render(request, "ledgers/run_detail.html", context, status=422)
    words = ngettext("%(n)s lot is released and may be sold.", "%(n)s lots are released and may be sold.", released)
    messages.success(request, words % {"n": released})
    return redirect("ledgers:run-detail", pk)


def _own(request: EnterpriseRequest, pk: int) -> ProductionRun:
    related = ("enterprise__headquarters", "reverses", "reversed_by", "confirmed_by")
    runs_of_ours = ProductionRun.objects.written_by(request.scope).select_related(*related)
    run: ProductionRun = get_object_or_404(runs_of_ours, pk=pk)
    return run


def _save(request: EnterpriseRequest, run: ProductionRun | None) -> HttpResponse:
    """Keep the draft, then: say so (a page that saves by itself), show it again, or go on to the review."""
    typed, enterprise = _typed(request), run.enterprise if run else request.enterprise
    assert enterprise is not None
    step = request.POST.get("step")
    if step == "recipe":
        typed = _filled_in(request, typed, enterprise, run)
    if run is None and not (typed["outputs"] or typed["inputs"]):
        return _form(request, None, typed, read_run(typed, enterprise=enterprise), status=422)
    try:
        run, reading = runs.save_run(
            run, typed, enterprise=enterprise, version=form_version(request), actor=request.user
        )
    except ValidationError as refusal:
        return _refused(request, run, typed, " ".join(refusal.messages))
    answer = after_saving(request, run, "run", is_complete=reading.is_complete, is_told=step == "recipe")
    return answer or _form(request, run, run.typed, reading, status=422)


def _filled_in(
    request: EnterpriseRequest, typed: dict[str, Any], enterprise: Enterprise, run: ProductionRun | None
) -> dict[str, Any]:
    """The form with the parts that its recipes ask for; says how many rows that made, and what stock lacks."""
    filled = fill_in(typed, enterprise=enterprise, run_id=run.pk if run else None)
    if not filled.has_recipe:
        messages.warning(request, _("What came out has no recipe. Type what came out first, or add its recipe."))
    if filled.rows:
        words = ngettext("%(n)s row is filled in from stock.", "%(n)s rows are filled in from stock.", filled.rows)
        messages.success(request, words % {"n": filled.rows})
    if filled.short:
        words = _("The recipe takes more than was found in other lots of your stock; still wanting: %(parts)s.")
        messages.warning(request, words % {"parts": "、".join(filled.short)})
    return filled.typed


def _refused(request: EnterpriseRequest, run: ProductionRun | None, typed: Any, sentence: str) -> HttpResponse:
    if by_itself(request):
        return JsonResponse({"refusal": sentence}, status=409)
    return _form(request, run, typed, RunReading(head_errors={"": sentence}), status=409)


def _form(
    request: EnterpriseRequest, run: ProductionRun | None, typed: Any, reading: RunReading, *, status: int = 200
) -> HttpResponse:
    context = run_form(request, run=run, typed=typed, reading=reading)
    return render(request, "ledgers/run_form.html", context, status=status)


def _typed(request: EnterpriseRequest) -> dict[str, Any]:
    made, used = rows(request, "out", OUTPUT_FIELDS), rows(request, "in", INPUT_FIELDS)
    return tidy_run({**typed_head(request, HEAD_FIELDS), "outputs": made, "inputs": used})
