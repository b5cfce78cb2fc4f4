"""The trace of what an enterprise handled in a time: opened for a reason like that of a lot."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import record_access
from accounts.request import HouseRequest
from enterprises.models import Enterprise
from ledgers.chain.opening import open_trace, opened_period
from ledgers.chain.page import of_period
from ledgers.chain.period import Period
from ledgers.models import TraceOpening
from ledgers.trace_events import events_of
from ledgers.trace_views import FORMATS, TRACE, events_as_file
from ledgers.typed import TypedDateField

DAYS = 30
Days = tuple[date, date]


@require_safe
@permission_required(TRACE, raise_exception=True)
def trace_enterprise(request: HouseRequest, pk: int) -> HttpResponseBase:
    """What an enterprise bought, sold and made in a time, and who has some of that now."""
    enterprise = _enterprise(pk)
    (since, until), fault = _days(request.GET)
    opening = opened_period(enterprise, since, until, by=request.user)
    if opening is None or fault:
        typed = TraceOpening(why=request.GET.get("why", ""), note=request.GET.get("note", ""))
        return _ask(request, enterprise, (since, until), typed, fault)
    record_access(request.user, "trace", f"enterprise {pk} {enterprise} {since} {until}")
    period = Period(enterprise, since, until)
    if request.GET.get("format") in FORMATS:
        name = f"trace-enterprise-{pk}"
        return events_as_file(request.GET["format"], name, events_of(sorted(period.chain.lots)))
    context = {"enterprise": enterprise, "since": since, "until": until, "opening": opening, "period": period}
    shown: dict[str, Any] = of_period(period, request.GET.dict())
    return render(request, "ledgers/trace_enterprise.html", {**context, **shown})


@require_POST
@permission_required(TRACE, raise_exception=True)
def trace_enterprise_open(request: HouseRequest, pk: int) -> HttpResponse:
    """Write down why, and show what the enterprise handled."""
    enterprise = _enterprise(pk)
    (since, until), fault = _days(request.POST)
    why, note = (request.POST.get(name, "").replace("\0", "")[:200] for name in ("why", "note"))
    typed = TraceOpening(why=why, note=note)
    if fault:
        return _ask(request, enterprise, (since, until), typed, fault)
    try:
        open_trace(period=(enterprise, since, until), why=why, note=note, actor=request.user)
    except ValidationError as refusal:
        return _ask(request, enterprise, (since, until), typed, " ".join(refusal.messages))
    return redirect(reverse("ledgers:trace-enterprise", args=[pk]) + f"?since={since}&until={until}")


def _ask(request: HouseRequest, enterprise: Enterprise, days: Days, typed: TraceOpening, fault: str) -> HttpResponse:
    context = {
        "enterprise": enterprise, "since": days[0], "until": days[1], "typed": typed, "fault": fault,
        "choices": TraceOpening.Why.choices,
    }  # fmt: skip
    return render(request, "ledgers/trace_open.html", context, status=422 if fault else 200)


def _enterprise(pk: int) -> Enterprise:
    """Any firm: a chain does not end at the border of a district. Natural persons are reached by a lot only."""
    rows = Enterprise.objects.in_registry().select_related("region")
    return get_object_or_404(rows, pk=pk)


def _days(typed: QueryDict) -> tuple[Days, str]:
    """The time that is asked for, by default the last days, and what is wrong with it."""
    today = timezone.localdate()
    usual = today - timedelta(days=DAYS - 1), today
    try:
        since, until = (
            TypedDateField(required=False).clean(typed.get(name, "").replace("\0", "")) or default
            for name, default in zip(("since", "until"), usual, strict=True)
        )
    except ValidationError:
        return usual, _("Write both days as 2026-01-31.")
    if since > until:
        return usual, _("The first day must not come after the last one.")
    return (since, until), ""
