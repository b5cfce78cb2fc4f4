"""The trace screens: a box to find a lot by, and its chain: whole for officers with a reason, one step for traders."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import record_access
from accounts.request import HouseRequest
from catalog.models import Lot
from enterprises.models import Enterprise
from ledgers.chain.dossier import dossier_pdf, fits_on_paper
from ledgers.chain.finding import find, find_lots, lots_to_trace
from ledgers.chain.opening import open_trace, opened
from ledgers.chain.page import ChainPage
from ledgers.chain.wanted import Wanted
from ledgers.completeness import completeness_of
from ledgers.fonts import FontsNotReady
from ledgers.models import LotHold, StockPaper, TraceOpening
from ledgers.own_trace import forward_view, own_trace, stock_lines
from ledgers.trace_events import KEYS, Event, as_row, events_of, headings, own_events
from ledgers.voucher_views import please_wait
from registers.exporting import as_csv, as_xlsx, attachment

LOTS_MAX = 50
OPENINGS_MAX, GAPS_SHOWN, LOTS_SHOWN = 5, 20, 30
FORMATS = ("xlsx", "csv", "json")
OFFERED = [
    ("pdf", gettext_lazy("Dossier (PDF)")), ("xlsx", gettext_lazy("Export xlsx")), ("csv", gettext_lazy("Export csv")),
    ("json", gettext_lazy("Export JSON")),
]  # fmt: skip
TEMPLATES = {
    "holders": "ledgers/chain_holders.html", "moves": "ledgers/chain_moves.html", "lots": "ledgers/chain_lots.html",
    "graph": "ledgers/chain_graph.html", "map": "ledgers/chain_map.html", "timeline": "ledgers/chain_timeline.html",
    "balance": "ledgers/chain_balance.html", "stock": "ledgers/chain_stock.html", "late": "ledgers/chain_late.html",
}  # fmt: skip
PARTS = [
    ("holders", gettext_lazy("Holders")), ("moves", gettext_lazy("Hand-overs")), ("lots", gettext_lazy("Lots")),
    ("graph", gettext_lazy("Drawing")), ("map", gettext_lazy("Map")), ("timeline", gettext_lazy("Timeline")),
    ("balance", gettext_lazy("Balance")), ("stock", gettext_lazy("Stock papers")),
]  # fmt: skip
TRACE = "catalog.trace_lot"


@require_safe
@permission_required("ledgers.view_ledgerentry", raise_exception=True)
def trace_search(request: HouseRequest) -> HttpResponse:
    """One box for everything printed on goods and papers: all lots for an officer, a trader's own."""
    q, goods, lot = (request.GET.get(name, "").replace("\0", "")[:200].strip() for name in ("q", "goods", "lot"))
    may_all = request.user.has_perm(TRACE)
    found = find(q, request.scope, all_of_them=may_all) if q else None
    lots = found.lots if found else None
    if goods or lot:
        lots = find_lots(goods, lot, lots_to_trace(request.scope, all_of_them=may_all))
    context = {
        "q": q, "goods": goods, "lot": lot, "found": found, "asked": bool(q or goods or lot),
        "lots": lots and lots[:LOTS_MAX], "more": max(lots.count() - LOTS_MAX, 0) if lots else 0,
    }  # fmt: skip
    return render(request, "ledgers/trace_search.html", context)


@require_safe
@permission_required("ledgers.view_ledgerentry", raise_exception=True)
def trace_lot(request: HouseRequest, pk: int) -> HttpResponseBase:
    """One lot. An officer opens the whole chain for a reason, and each look is written down; a trader sees what its own
    books say, and the maker where its goods have spread to. With `format` as csv, xlsx, json, or a dossier (pdf)."""
    may_all = request.user.has_perm(TRACE)
    lots = lots_to_trace(request.scope, all_of_them=may_all).select_related("product", "producer", "unit")
    lot = get_object_or_404(lots, pk=pk)
    if not may_all:
        return _own_books(request, lot)
    opening = opened(lot, by=request.user)
    if opening is None:
        return _ask_why(request, lot, TraceOpening(why=request.GET.get("why", ""), note=request.GET.get("note", "")))
    return _whole_chain(request, lot, opening)


@require_POST
@permission_required(TRACE, raise_exception=True)
def trace_open(request: HouseRequest, pk: int) -> HttpResponse:
    """Write down why, and show the chain."""
    lot = get_object_or_404(Lot.objects.visible_to(request.scope).select_related("product", "producer"), pk=pk)
    why, note = (request.POST.get(name, "").replace("\0", "")[:200] for name in ("why", "note"))
    try:
        open_trace(lot=lot, why=why, note=note, actor=request.user)
    except ValidationError as refusal:
        return _ask_why(request, lot, TraceOpening(why=why, note=note), " ".join(refusal.messages))
    return redirect(reverse("ledgers:trace-lot", args=[pk]))


def _ask_why(request: HouseRequest, lot: Lot, typed: TraceOpening, fault: str = "") -> HttpResponse:
    context = {"lot": lot, "typed": typed, "fault": fault, "choices": TraceOpening.Why.choices}
    return render(request, "ledgers/trace_open.html", context, status=422 if fault else 200)


def _own_books(request: HouseRequest, lot: Lot) -> HttpResponseBase:
    own = own_trace(lot, request.scope)
    if request.GET.get("format") in FORMATS:
        return events_as_file(request.GET["format"], f"trace-{lot.pk}", own_events(own), lot=lot.code)
    forward = forward_view(lot) if lot.producer_id in request.scope.enterprise_ids else None
    return render(request, "ledgers/trace_own.html", {"lot": lot, "forward": forward, **own})


def _whole_chain(request: HouseRequest, lot: Lot, opening: TraceOpening) -> HttpResponseBase:
    """Upstream and downstream to both ends: counts first, then the part that is asked for."""
    record_access(request.user, "trace", f"lot {lot.pk} {lot}")
    wanted = Wanted.read(request.GET.dict())
    page = ChainPage(lot, wanted, request.GET.dict(), request.scope)
    chain = page.chain
    if request.GET.get("format") in FORMATS:
        return events_as_file(request.GET["format"], f"trace-{lot.pk}", events_of(sorted(chain.lots)), lot=lot.code)
    if request.GET.get("format") == "pdf" and fits_on_paper(chain):
        return _dossier(request, page, opening)
    written = completeness_of(chain.lots)
    gaps = written.gaps[:GAPS_SHOWN]
    enterprises = Enterprise.objects.in_bulk({gap.enterprise_id for gap in gaps})
    lots = Lot.objects.select_related("product").in_bulk({gap.lot_id for gap in gaps})
    context = {
        "lot": lot, "down": chain.down, "up": chain.up, "moves": len(chain.movements), "wanted": wanted,
        "page_of": page, "opening": opening, "shows": page.part, "template": TEMPLATES[page.part],
        "sources": _first_lots(chain.up.lots, lot), "products": _first_lots(chain.down.lots, lot),
        "stock_lines": stock_lines(chain.lots).count(), "written": written,
        "gaps": [(enterprises[gap.enterprise_id], lots[gap.lot_id]) for gap in gaps],
        "begins_here": stock_lines(chain.up.lots).filter(paper__kind=StockPaper.Kind.OPENING)[:OPENINGS_MAX],
        "holds": LotHold.objects.filter(lot__in=chain.down.lots, released_at=None).select_related("lot"),
        "formats": OFFERED, "parts": PARTS, "is_too_long": request.GET.get("format") == "pdf", **page.shown(),
    }  # fmt: skip
    return render(request, "ledgers/trace_lot.html", context)


def _first_lots(keys: list[int], lot: Lot) -> dict[str, Any]:
    """Some of the lots behind or ahead, oldest first, and how many there are."""
    others = [key for key in keys if key != lot.pk]
    rows = Lot.objects.filter(pk__in=others).select_related("product", "producer").order_by("produced_on", "code")
    return {"count": len(others), "rows": rows[:LOTS_SHOWN], "more": max(len(others) - LOTS_SHOWN, 0)}


def _dossier(request: HouseRequest, page: ChainPage, opening: TraceOpening) -> HttpResponse:
    why = f"{opening.get_why_display()} {opening.note}".strip()
    try:
        content = dossier_pdf(page.lot, page.wanted, page.chain, made_for=request.user, why=why)
    except FontsNotReady:
        back = reverse("ledgers:trace-lot", args=[page.lot.pk])
        return please_wait(request, {"title": _("Trace dossier"), "back": back})
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = attachment(f"trace-{page.lot.pk}.pdf")
    return response


def events_as_file(kind: str, name: str, events: Iterable[Event], **facts: str) -> HttpResponseBase:
    """Tracking events as csv, xlsx or JSON, one row for each."""
    rows = map(as_row, events)
    if kind == "json":
        facts = {**facts, "events": [dict(zip(KEYS, row, strict=True)) for row in rows]}  # type: ignore[dict-item]
        return JsonResponse(facts, json_dumps_params={"ensure_ascii": False})
    return (as_csv if kind == "csv" else as_xlsx)(name, headings(), rows)
