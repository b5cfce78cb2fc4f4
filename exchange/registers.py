"""The list of imports, and the page of one: what was found, what is wrong, what was written; the API's clients."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from accounts.request import HouseRequest
from enterprises.services import keeps_books
from exchange.columns_form import ColumnsForm
from exchange.models import ApiClient, ApiScope, ImportRun
from exchange.services import missing_fields
from registers.actions import READ_ONLY, Action
from registers.columns import Column
from registers.register import Register

TONES = {"waiting": "amber", "checked": "amber", "writing": "amber", "done": "green", "refused": "red"}
PROBLEMS, DOCUMENTS = 100, 50


class ImportRunRegister(Register):
    model = ImportRun
    columns = [
        "file_name", "kind", "created_at", "actor",
        Column(_("State"), lambda run: run.get_state_display(), tone=lambda run: TONES[run.state]),
        "good", "bad", "written",
    ]  # fmt: skip
    search_fields = ["file_name"]
    search_help = _("Name of the file")
    filters = ["kind", "state"]
    actions = (Action.LIST, Action.DETAIL)
    empty_help = _("Files of purchases and sales that you import are listed here.")

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        return run_page(request, row) if isinstance(row, ImportRun) else {}


def run_page(request: HouseRequest, run: ImportRun) -> dict[str, Any]:
    """What the page of a run shows besides the run: its problems, its documents, its columns."""
    problems = Paginator(run.problems.all(), PROBLEMS).get_page(request.GET.get("page"))
    documents = run.documents.select_related("partner", "invoice").order_by("pk")
    state = run.State(run.state)
    return {
        "problems": problems,
        "documents": Paginator(documents, DOCUMENTS).get_page(request.GET.get("page")) if run.written else None,
        "columns_form": ColumnsForm(run) if state is run.State.CHECKED and hasattr(run, "file") else None,
        "missing": missing_fields(run) if state is run.State.CHECKED else [],
        "tone": TONES[run.state],
        "has_file": hasattr(run, "file"),
        "may_write": keeps_books(request.user, run.enterprise),
    }


class ApiClientRegister(Register):
    model = ApiClient
    columns = [
        "name", "prefix",
        Column(_("State"), lambda row: row.state_label, tone=lambda row: "green" if row.is_working else "grey"),
        Column(_("What it may do"), lambda row: "、".join(str(ApiScope(scope).label) for scope in row.scopes)),
        "limit_per_minute", "expires_on", "last_used_on",
    ]  # fmt: skip
    details = [*columns, "enterprise", "authority", "author", "created_at", "revoked_at", "revoked_by"]
    search_fields = ["name", "prefix", "enterprise__name", "authority__name"]
    search_help = _("Name, first letters of the token, enterprise or authority")
    actions = READ_ONLY
    empty_help = _("Programs that read from here by the JSON API are listed here, each with a token of its own.")


registers: list[Register] = [ImportRunRegister(), ApiClientRegister()]
