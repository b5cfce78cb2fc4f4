"""What the forms of an enterprise's own papers send, and what they are answered once the draft is kept."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from enterprises.request import EnterpriseRequest
from ledgers.models import ProductionRun, StockPaper
from ledgers.typed_rows import tidy_text


def text(request: EnterpriseRequest, name: str) -> str:
    """One field, tidied."""
    return tidy_text(request.POST.get(name))


def rows(request: EnterpriseRequest, side: str, fields: Sequence[str]) -> list[dict[str, str]]:
    """The rows of a table whose fields are called `side`_name."""
    columns = (request.POST.getlist(f"{side}_{name}") for name in fields)
    return [dict(zip(fields, row, strict=True)) for row in zip_longest(*columns, fillvalue="")]


def by_itself(request: EnterpriseRequest) -> bool:
    """Whether the page saves by itself, and nobody has pressed anything."""
    return request.headers.get("Accept") == "application/json"


def after_saving(
    request: EnterpriseRequest,
    paper: ProductionRun | StockPaper,
    noun: str,
    *,
    is_complete: bool,
    is_told: bool = False,
) -> HttpResponse | None:
    """Say that the draft is saved, unless it `is_told`, or go on to its review; None where that makes no sense yet."""
    where = reverse(f"ledgers:{noun}-edit", args=[paper.pk])
    if by_itself(request):
        return JsonResponse({"version": paper.version, "url": where})
    if request.POST.get("step") != "review":
        if not is_told:
            messages.success(request, _("The draft is saved."))
        return redirect(where)
    return redirect(f"ledgers:{noun}-review", paper.pk) if is_complete else None


def typed_head(request: EnterpriseRequest, fields: Sequence[str]) -> dict[str, Any]:
    """The fields above the rows, as they stand in the form."""
    return {name: request.POST.get(name, "") for name in fields}
