"""Pages that only read: a region's dashboard, its alert board, and an enterprise's file."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.db.models import Max, Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Region
from accounts.request import HouseRequest
from catalog.models import Listing
from dashboards.alert_board import alert_board
from dashboards.queries import LATE_DAYS, NO_TRADE_DAYS, overview, watched
from enterprises.models import Enterprise, Partnership
from ledgers.book import licences_of
from ledgers.models import Invoice, purchases_of, sales_of
from ledgers.suppliers import suppliers_of
from registers.exporting import as_csv, as_xlsx

DAYS_CHOICES = (7, 30, 90)
LAST_PAPERS = 10


@require_safe
@permission_required("ledgers.view_ledgerentry", raise_exception=True)
def region(request: HouseRequest) -> HttpResponse:
    """The dashboard of one's jurisdiction, or of a region inside it."""
    place = place_of(request)
    code = place.code
    asked = request.GET.get("days", "")
    days = int(asked) if asked.isdecimal() and int(asked) in DAYS_CHOICES else 30
    figures = overview(code, days=days)
    context = {
        "place": place,
        "path": path_to(request, place),
        "below": Region.objects.children_of(code)[:60],
        "figures": figures,
        "watched": watched(code),
        "late_days": LATE_DAYS,
        "days": days,
        "choices": DAYS_CHOICES,
        "no_trade_days": NO_TRADE_DAYS,
        "chart": chart(
            [f"{day.day:%m-%d}" for day in figures.days],
            bars={_("Purchase lines"): [day.purchase_lines for day in figures.days],
                  _("Sales lines"): [day.sale_lines for day in figures.days]},
            line={_("Active enterprises"): [day.active for day in figures.days]}, line_scale=1,
        ),
    }  # fmt: skip
    return render(request, "dashboards/region.html", context)


@require_safe
@permission_required("alerts.view_alert", raise_exception=True)
def alerts(request: HouseRequest) -> HttpResponseBase:
    """The alert board of one's jurisdiction, or of a region inside it; as a file with `format`."""
    place = place_of(request)
    board = alert_board(place.code)
    if request.GET.get("format") in ("csv", "xlsx"):
        make = as_csv if request.GET["format"] == "csv" else as_xlsx
        return make(f"alerts-{place.code}", *board.table())
    raised, closed = [week.raised for week in board.weeks], [week.closed for week in board.weeks]
    context = {
        "place": place,
        "path": path_to(request, place),
        "board": board,
        "chart": chart(
            [f"{week.begins:%m-%d}" for week in board.weeks],
            bars={_("New in these weeks"): raised},
            line={_("Settled in these weeks"): closed},
        ),
    }
    return render(request, "dashboards/alerts.html", context)


def place_of(request: HouseRequest) -> Region:
    """The region that was asked for, or one's own; Http404 outside of one's jurisdiction."""
    own = request.scope.region_codes
    code = request.GET.get("region") or (own[0] if own else "")
    if not code.isdecimal() or not any(code.startswith(mine) for mine in own):
        raise Http404
    return get_object_or_404(Region, code=code)


def path_to(request: HouseRequest, place: Region) -> list[Region]:
    """The way down to it from one's own region."""
    own = request.scope.region_codes
    return [above for above in Region.objects.containing(place.code) if any(above.code.startswith(c) for c in own)]


def chart(
    labels: list[str], *, bars: dict[str, list[int]], line: dict[str, list[int]], line_scale: int = 0
) -> dict[str, Any]:
    """What `static/app/chart.js` draws: bars upon each other, and a line, by their scale (0) or its own (1)."""
    series: list[dict[str, Any]] = [
        {"name": name, "type": "bar", "stack": "all", "data": data} for name, data in bars.items()
    ]
    series += [{"name": name, "type": "line", "yAxisIndex": line_scale, "data": data} for name, data in line.items()]
    return {"labels": labels, "series": series}


@require_safe
@permission_required("ledgers.view_ledgerentry", raise_exception=True)
def enterprise(request: HouseRequest, pk: int) -> HttpResponse:
    """An enterprise's file (经济户口): who it is, what it may, whom it deals with, how much it wrote."""
    row = get_object_or_404(
        Enterprise.objects.visible_to(request.scope).select_related("region", "headquarters", "market"), pk=pk
    )
    firm = row.firm
    partners = Partnership.objects.filter(owner=firm).current()
    purchases, sales = purchases_of(row), sales_of(row)
    context = {
        "row": row,
        "licences": licences_of(row),
        "suppliers": suppliers_of(row),
        "counts": {
            "suppliers": partners.suppliers().count(),
            "customers": partners.customers().count(),
            "products": Listing.objects.filter(enterprise=firm).count(),
            "purchases": purchases.count(),
            "sales": sales.count(),
        },
        "last_trade": max(
            filter(None, (book.aggregate(last=Max("traded_on"))["last"] for book in (purchases, sales))), default=None
        ),
        "papers": Invoice.objects.visible_to(request.scope)
        .filter(Q(seller=row) | Q(buyer=row)).select_related("seller", "buyer", "reversed_by")[:LAST_PAPERS],
        "places": row.places.all(),
        "may_edit": request.user.has_perm("enterprises.add_enterprise"),
    }  # fmt: skip
    return render(request, "dashboards/enterprise.html", context)
