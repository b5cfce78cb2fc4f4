"""The screens of cases: the ranking with its weights and switches, the way behind a rank, the frozen evidence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import record_access
from accounts.request import HouseRequest
from catalog.models import Lot
from enterprises.models import Enterprise
from investigations import services
from investigations.analysis import Analysis
from investigations.evidence import compare
from investigations.forms import CaseForm, ChangeForm, CloseForm, MergeForm, NoteForm, ShareForm, SubjectForm
from investigations.models import Case
from investigations.way import entry_meant, way_of
from registers.exporting import as_xlsx

WORK = "investigations.change_case"
SHARED = {"merge": MergeForm, "share": ShareForm, "note": NoteForm, "close": CloseForm}


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("investigations.add_case", raise_exception=True)
def case_open(request: HouseRequest) -> HttpResponse:
    """Begin a case, about the lot in the address where there is one."""
    number = request.GET.get("lot", "")
    lot = Lot.objects.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 18 else None
    typed = request.POST if request.method == "POST" else None
    form = CaseForm(typed, request=request, initial={"title": str(lot or "")})
    if request.method == "POST" and form.is_valid():
        case = services.open_case(**form.cleaned_data, lot=lot, actor=request.user)
        return redirect("investigations:case", case.pk)
    return render(request, "investigations/open.html", {"form": form, "lot": lot}, status=422 if form.errors else 200)


@require_safe
@permission_required("investigations.view_case", raise_exception=True)
def case(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Who can explain the outbreak, by the books of today; as a workbook with `format`."""
    row = _visible(request, pk)
    if request.GET.get("format") == "xlsx":
        ranked = Analysis(row).enterprises()
        cells = ([n, s.row.name, s.row.licence_number, s.row.address, s.percent] for n, s in enumerate(ranked, 1))  # type: ignore[union-attr]
        headings = [_("Rank"), _("Enterprise"), _("Licence number"), _("Address"), _("Percent of the weight")]
        return as_xlsx(f"case-{pk}", headings, cells)
    return _page(request, row)


def _page(request: HouseRequest, row: Case, **bound: Form) -> HttpResponse:
    """The page of a case; `bound` are forms that were refused, by name."""
    analysis = Analysis(row)
    forms = {name: bound.get(name) or form() for name, form in SHARED.items()}
    subjects = row.subjects.select_related("enterprise__region", "lot__product")
    context = {
        "case": row, "analysis": analysis, "subjects": subjects, "suspects": analysis.enterprises(),
        "suspected_lots": analysis.lots(), "forms": forms,
        "subject_form": bound.get("subject") or SubjectForm(scope=request.scope),
        "merges": row.merges.select_related("one", "other"), "notes": row.notes.select_related("author"),
        "ignored": row.ignored.select_related("entry__seller", "entry__buyer", "entry__lot__product"),
        "participants": row.participants.select_related("user__authority"),
        "snapshots": row.snapshots.select_related("taken_by").defer("evidence"),
    }  # fmt: skip
    return render(request, "investigations/case.html", context, status=422 if bound else 200)


def _visible(request: HouseRequest, pk: int) -> Case:
    rows = Case.objects.visible_to(request.scope).select_related("opened_by", "authority")
    found: Case = get_object_or_404(rows, pk=pk)
    return found


def _acted(
    request: HouseRequest, row: Case, name: str, form: Form, do: Callable[[dict[str, Any]], Any]
) -> HttpResponse:
    """Do what was typed and go back to the case; what is refused is said beside its field, nothing typed is lost."""
    if form.is_valid():
        try:
            do(form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, " ".join(refusal.messages))
        else:
            return redirect("investigations:case", row.pk)
    return _page(request, row, **{name: form})


def _pressed(request: HouseRequest, pk: int, do: Callable[[], Any]) -> HttpResponse:
    """Do what a button says; a refusal is told on the page."""
    try:
        do()
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect("investigations:case", pk)


@require_POST
@permission_required(WORK, raise_exception=True)
def subject_add(request: HouseRequest, pk: int) -> HttpResponse:
    """Take an enterprise or a lot into the case."""
    row, user = _visible(request, pk), request.user
    form = SubjectForm(request.POST, scope=request.scope)

    def add(typed: dict[str, Any]) -> None:
        services.add_subject(row, typed["what"], weight=typed["weight"], actor=user)

    return _acted(request, row, "subject", form, add)


@require_POST
@permission_required(WORK, raise_exception=True)
def subject_change(request: HouseRequest, pk: int, row: int) -> HttpResponse:
    """Give a subject another weight or suppositions, or take it out."""
    subject = get_object_or_404(_visible(request, pk).subjects, pk=row)
    if "drop" in request.POST:
        return _pressed(request, pk, lambda: services.drop_subject(subject, actor=request.user))
    form = ChangeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("A weight is a number, zero or more."))
        return redirect("investigations:case", pk)
    return _pressed(request, pk, lambda: services.change_subject(subject, **form.cleaned_data, actor=request.user))


@require_POST
@permission_required(WORK, raise_exception=True)
def places_merge(request: HouseRequest, pk: int) -> HttpResponse:
    """Take two enterprises for one place."""
    row, user = _visible(request, pk), request.user
    form = MergeForm(request.POST)
    return _acted(
        request, row, "merge", form, lambda typed: services.merge_places(row, typed["one"], typed["other"], actor=user)
    )


@require_POST
@permission_required(WORK, raise_exception=True)
def places_split(request: HouseRequest, pk: int, row: int) -> HttpResponse:
    """Take them for two places again."""
    merge = get_object_or_404(_visible(request, pk).merges, pk=row)
    return _pressed(request, pk, lambda: services.split_places(merge, actor=request.user))


@require_POST
@permission_required(WORK, raise_exception=True)
def entry_ignore(request: HouseRequest, pk: int) -> HttpResponse:
    """Leave a hand-over on a way out of the analysis."""
    row = _visible(request, pk)
    reason, number = (request.POST.get(name, "").replace("\0", "")[:200] for name in ("reason", "entry"))
    entry = entry_meant(number)
    if entry is None:
        messages.error(request, _("This hand-over is not known any more. Look at the way once more."))
        return redirect("investigations:case", pk)
    return _pressed(request, pk, lambda: services.ignore_entry(row, entry, reason=reason, actor=request.user))


@require_POST
@permission_required(WORK, raise_exception=True)
def entry_heed(request: HouseRequest, pk: int, row: int) -> HttpResponse:
    """Take a hand-over back into the analysis."""
    ignored = get_object_or_404(_visible(request, pk).ignored, pk=row)
    return _pressed(request, pk, lambda: services.heed_entry(ignored, actor=request.user))


@require_POST
@permission_required(WORK, raise_exception=True)
def note_add(request: HouseRequest, pk: int) -> HttpResponse:
    """Write down what was found out or done."""
    row, user = _visible(request, pk), request.user
    form = NoteForm(request.POST)
    return _acted(request, row, "note", form, lambda typed: services.add_note(row, text=typed["text"], actor=user))


@require_POST
@permission_required(WORK, raise_exception=True)
def case_share(request: HouseRequest, pk: int) -> HttpResponse:
    """Let another officer work in the case."""
    row, user = _visible(request, pk), request.user
    form = ShareForm(request.POST)
    return _acted(request, row, "share", form, lambda typed: services.share(row, typed["username"], actor=user))


@require_POST
@permission_required(WORK, raise_exception=True)
def time_count(request: HouseRequest, pk: int) -> HttpResponse:
    """Follow only what left after it arrived, or everything."""
    row = _visible(request, pk)
    in_time = request.POST.get("in_time") == "1"
    return _pressed(request, pk, lambda: services.count_time(row, in_time=in_time, actor=request.user))


@require_POST
@permission_required(WORK, raise_exception=True)
def snapshot_take(request: HouseRequest, pk: int) -> HttpResponse:
    """Freeze the evidence as it stands."""
    row = _visible(request, pk)
    return _pressed(request, pk, lambda: services.take_snapshot(row, actor=request.user))


@require_POST
@permission_required(WORK, raise_exception=True)
def case_close(request: HouseRequest, pk: int) -> HttpResponse:
    """End the case with what it found."""
    row, user = _visible(request, pk), request.user
    form = CloseForm(request.POST)
    return _acted(
        request, row, "close", form, lambda typed: services.close_case(row, conclusion=typed["conclusion"], actor=user)
    )


@require_safe
@permission_required("investigations.view_case", raise_exception=True)
def snapshot(request: HouseRequest, pk: int, row: int) -> HttpResponse:
    """A snapshot beside the books of today."""
    found = get_object_or_404(_visible(request, pk).snapshots.select_related("case", "taken_by"), pk=row)
    try:
        context = {"snapshot": found, "case": found.case, "compared": compare(found)}
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("investigations:case", pk)
    return render(request, "investigations/snapshot.html", context)


@require_safe
@permission_required("investigations.view_case", raise_exception=True)
def case_way(request: HouseRequest, pk: int, enterprise: int) -> HttpResponse:
    """How a suspect reaches the weighted places: every hand-over on the way."""
    row = _visible(request, pk)
    suspect = get_object_or_404(Enterprise, pk=enterprise)
    record_access(request.user, "case", f"case {pk} way of enterprise {enterprise} {suspect}")
    context = {"case": row, "suspect": suspect, **way_of(row, suspect, request.GET.get("page"))}
    return render(request, "investigations/way.html", context)
