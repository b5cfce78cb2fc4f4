"""Screens of imports: upload a file, say what its columns are, write its documents, fetch what stayed out."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enterprises.request import EnterpriseRequest
from enterprises.services import keeps_books
from exchange import services
from exchange.blank_files import blank_table
from exchange.columns_form import ColumnsForm
from exchange.models import ImportRun, Kind
from exchange.tasks import work_or_hand_on
from registers.exporting import as_csv, as_xlsx
from registers.forms import UploadForm
from registers.spreadsheets import Unreadable

WORKBOOKS = (b"PK", b"\xd0\xcf")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("exchange.add_importrun", raise_exception=True)
def upload(request: EnterpriseRequest, *, kind: Kind) -> HttpResponse:
    """Choose a file; what it holds is shown before anything is written."""
    if request.enterprise is None or not keeps_books(request.user, request.enterprise):
        raise PermissionDenied
    form = UploadForm(request.POST or None, request.FILES or None)
    form.fields["file"].help_text = _("xlsx, xls or csv (UTF-8 or GBK), up to 20 MB and 100,000 lines.")
    if request.method == "POST":
        form.is_bound = True
        if form.is_valid():
            try:
                run = services.start_run(
                    form.cleaned_data["file"], enterprise=request.enterprise, kind=kind, actor=request.user
                )
            except Unreadable as refusal:
                form.add_error("file", refusal.sentence)
            else:
                work_or_hand_on(run)
                return redirect("exchange:importrun-detail", run.pk)
    context = {"form": form, "kind": kind, "title": Kind(kind).label}
    return render(request, "exchange/upload.html", context, status=422 if form.errors else 200)


@require_safe
@permission_required("exchange.add_importrun", raise_exception=True)
def template(request: EnterpriseRequest, *, kind: Kind) -> HttpResponseBase:
    """A file to fill in, as csv or xlsx."""
    table = blank_table(kind)
    make = as_csv if request.GET.get("format") == "csv" else as_xlsx
    return make(f"{kind}-template", table[0], table[1:])


@require_POST
@permission_required("exchange.add_importrun", raise_exception=True)
def choose(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Say which column is which; the file is checked again."""
    run = _own(request, pk)
    form = ColumnsForm(run, request.POST)
    if not form.is_valid():
        told = (f"{form[name].label}: {form[name].errors.as_text()}" for name in form.errors)
        messages.error(request, " ".join(told))
        return redirect("exchange:importrun-detail", pk)
    run = services.choose_columns(
        run, heading_row=form.cleaned_data["heading_row"], columns=form.columns, constants=form.constants,
        actor=request.user,
    )  # fmt: skip
    work_or_hand_on(run)
    return redirect("exchange:importrun-detail", pk)


@require_POST
@permission_required("exchange.add_importrun", raise_exception=True)
def write(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Write the good documents as drafts; a second press finds them written."""
    run = services.ask_to_write(_own(request, pk), actor=request.user)
    if run.state == run.State.WRITING:
        work_or_hand_on(run)
        run.refresh_from_db()
    if run.state == run.State.DONE:
        sentence = ngettext(
            "%(count)s draft is written. Look it over and confirm it.",
            "%(count)s drafts are written. Look them over and confirm them.",
            run.written,
        )
        messages.success(request, sentence % {"count": run.written})
    elif not run.good:
        messages.error(request, _("There is no good document in this file to import."))
    return redirect("exchange:importrun-detail", pk)


@require_safe
@permission_required("exchange.add_importrun", raise_exception=True)
def rejected(request: EnterpriseRequest, pk: int) -> HttpResponseBase:
    """The documents that stayed out, as they were in the file, with reasons: to be corrected and uploaded again."""
    run = _own(request, pk)
    if not hasattr(run, "file"):
        raise Http404
    try:
        table = services.rejected_rows(run)
    except Unreadable as refusal:
        messages.error(request, refusal.sentence)
        return redirect("exchange:importrun-detail", pk)
    make = as_xlsx if bytes(run.file.content[:2]) in WORKBOOKS else as_csv
    name, what_for = run.file_name.rsplit(".", 1)[0], _("to correct")
    return make(f"{name}-{what_for}", table[0], table[1:])


def _own(request: EnterpriseRequest, pk: int) -> ImportRun:
    runs = ImportRun.objects.visible_to(request.scope).select_related("enterprise", "actor")
    run: ImportRun = get_object_or_404(runs, pk=pk)
    return run
