"""The officer's trace screen: a lot by its code, where it came from, where it went, who has it now."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import record_access
from accounts.request import HouseRequest
from catalog.models import Lot, Product
from catalog.search import matching
from enterprises.models import Enterprise
from ledgers.completeness import completeness_of
from ledgers.models import LotHold, StockPaper
from ledgers.own_trace import lots_in_books, own_trace, stock_lines
from ledgers.trace_events import KEYS, as_row, events_of, headings
from ledgers.tracing import Movement, Trace, downstream, upstream
from ledgers.typed import TypedDateField
from registers.exporting import as_csv, as_xlsx

LOTS_MAX = 50
ROWS_PER_PAGE = 100
OPENINGS_MAX, GAPS_SHOWN = 5, 20
FORMATS = ("xlsx", "csv", "json")


@require_safe
@permission_required("ledgers.view_ledgerentry", raise_exception=True)
def trace_search(request: HouseRequest) -> HttpResponse:
    """Lots by barcode or product name plus lot number or production date: all for an officer, a trader's own."""
    goods, lot = (request.GET.get(name, "").replace("\0", "")[:100].strip() for name in ("goods", "lot"))
    lots = find_lots(goods, lot, _lots_to_trace(request)) if goods or lot else None
    context = {"goods": goods, "lot": lot, "lots": lots and lots[:LOTS_MAX], "asked": bool(goods or lot)}
    return render(request, "ledgers/trace_search.html", context)


def _lots_to_trace(request: HouseRequest) -> QuerySet[Lot]:
    if request.user.has_perm("catalog.trace_lot"):
        return Lot.objects.visible_to(request.scope)
    return lots_in_books(request.scope)


def find_lots(goods: str, lot: str, lots: QuerySet[Lot]) -> QuerySet[Lot]:
    """The lots of the goods called `goods` whose number holds `lot`, or that were made on the day `lot` says."""
    lots = lots.select_related("product", "producer", "unit").order_by("-produced_on", "-pk")
    if goods:
        lots = lots.filter(product__in=matching(goods, Product.objects.all()).values("pk"))
    if lot:
        day = _day(lot)
        lots = lots.filter(Q(code__icontains=lot) | (Q(produced_on=day) if day else Q(pk__in=[])))
    return lots


def _day(text: str) -> datetime.date | None:
    try:
        return TypedDateField().to_python(text)
    except ValidationError:
        return None


@require_safe
@permission_required("ledgers.view_ledgerentry", raise_exception=True)
def trace_lot(request: HouseRequest, pk: int) -> HttpResponseBase:
    """One lot. An officer sees the whole chain, and the look is written down; a trader sees what its own books say.

    As a file with `format`: csv, xlsx or json, one row for each tracking event."""
    lot = get_object_or_404(_lots_to_trace(request).select_related("product", "producer", "unit"), pk=pk)
    if not request.user.has_perm("catalog.trace_lot"):
        return render(request, "ledgers/trace_own.html", {"lot": lot, **own_trace(lot, request.scope)})
    return _whole_chain(request, lot)


def _whole_chain(request: HouseRequest, lot: Lot) -> HttpResponseBase:
    """Upstream and downstream to both ends: counts first, then pages of rows."""
    record_access(request.user, "trace", f"lot {lot.pk} {lot}")
    down, up = downstream(lot), upstream(lot)
    if request.GET.get("format") in FORMATS:
        return _file(request.GET["format"], lot, {*down.lots, *up.lots})
    chain = completeness_of({*down.lots, *up.lots})
    enterprises = Enterprise.objects.select_related("region").in_bulk(
        down.enterprises | up.enterprises | {*chain.enterprises}
    )
    lots = Lot.objects.select_related("product", "producer", "unit").in_bulk([*down.lots, *up.lots])
    shows, moves, in_stock = request.GET.get("show", "holders"), _both_sides(down, up), stock_lines(lots)
    rows: Any = _holders(down, enterprises, lots)
    if shows != "holders":
        rows = _moves(moves, enterprises, lots) if shows == "moves" else in_stock.select_related("lot__product")
    context = {
        "lot": lot,
        "down": down,
        "up": up,
        "sources": _by_day(lots[key] for key in up.lots if key != lot.pk),
        "products": _by_day(lots[key] for key in down.lots if key != lot.pk),
        "shows": shows,
        "stock_lines": in_stock.count(),
        "begins_here": in_stock.filter(paper__kind=StockPaper.Kind.OPENING, lot__in=up.lots)[:OPENINGS_MAX],
        "moves": len(moves),
        "chain": chain,
        "gaps": [(enterprises[gap.enterprise_id], lots[gap.lot_id]) for gap in chain.gaps[:GAPS_SHOWN]],
        "page": Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "holds": LotHold.objects.filter(lot__in=down.lots, released_at=None).select_related("lot"),
    }
    return render(request, "ledgers/trace_lot.html", context)


def _file(kind: str, lot: Lot, lots: set[int]) -> HttpResponseBase:
    rows, name = map(as_row, events_of(sorted(lots))), f"trace-{lot.pk}"
    if kind == "json":
        facts = {"lot": lot.code, "events": [dict(zip(KEYS, row, strict=True)) for row in rows]}
        return JsonResponse(facts, json_dumps_params={"ensure_ascii": False})
    return (as_csv if kind == "csv" else as_xlsx)(name, headings(), rows)


def _by_day(lots: Iterable[Lot]) -> list[Lot]:
    return sorted(lots, key=lambda lot: (lot.produced_on or datetime.date.min, lot.code))


def _holders(trace: Trace, enterprises: dict[int, Enterprise], lots: dict[int, Lot]) -> list[dict[str, Any]]:
    """Who has some now, with how to reach them; the largest quantities first."""
    rows = [
        {"enterprise": enterprises[holder.enterprise_id], "lot": lots[holder.lot_id], "quantity": holder.quantity}
        for holder in trace.holders
    ]
    return sorted(rows, key=lambda row: (row["lot"].pk, -row["quantity"]))


def _both_sides(down: Trace, up: Trace) -> list[tuple[Movement, Any]]:
    """Every hand-over once, with the side of the lot it stands on; the traces share what happened to the lot itself."""
    forward = set(down.lots)
    behind = [(move, _("Where from")) for move in up.movements if move.lot_id not in forward]
    return [(move, _("Where to")) for move in down.movements] + behind


def _moves(
    moves: list[tuple[Movement, Any]], enterprises: dict[int, Enterprise], lots: dict[int, Lot]
) -> list[dict[str, Any]]:
    """The hand-overs as rows, oldest first."""
    return [
        {
            "seller": enterprises[move.seller_id], "buyer": enterprises[move.buyer_id], "lot": lots[move.lot_id],
            "quantity": move.quantity, "traded_on": move.traded_on, "side": side,
        }
        for move, side in sorted(moves, key=lambda pair: (pair[0].traded_on, pair[0].lot_id))
    ]  # fmt: skip
