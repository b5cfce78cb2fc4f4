"""Pages that only read: a region's dashboard and an enterprise's file."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.db.models import Max, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import Region
from accounts.request import HouseRequest
from catalog.models import Listing
from dashboards.queries import LATE_DAYS, NO_TRADE_DAYS, overview, watched
from enterprises.models import Enterprise, Partnership
from ledgers.book import licences_of
from ledgers.models import Invoice, purchases_of, sales_of
from ledgers.suppliers import suppliers_of

DAYS_CHOICES = (7, 30, 90)
LAST_PAPERS = 10


@require_safe
@permission_required("ledgers.view_ledgerentry", raise_exception=True)
def region(request: HouseRequest) -> HttpResponse:
    """The dashboard of one's jurisdiction, or of a region inside it."""
    own = request.scope.region_codes
    code = request.GET.get("region") or (own[0] if own else "")
    if not code.isdecimal() or not any(code.startswith(mine) for mine in own):
        raise Http404
    place = get_object_or_404(Region, code=code)
    asked = request.GET.get("days", "")
    days = int(asked) if asked.isdecimal() and int(asked) in DAYS_CHOICES else 30
    figures = overview(code, days=days)
    context = {
        "place": place,
        "path": [
            above for above in Region.objects.containing(code) if any(above.code.startswith(mine) for mine in own)
        ],
        "below": Region.objects.children_of(code)[:60],
        "figures": figures,
        "watched": watched(code),
        "late_days": LATE_DAYS,
        "days": days,
        "choices": DAYS_CHOICES,
        "no_trade_days": NO_TRADE_DAYS,
        "chart": _chart(figures),
        "own": own,
    }
    return render(request, "dashboards/region.html", context)


def _chart(figures: Any) -> dict[str, list[Any]]:
    return {
        "days": [f"{day.day:%m-%d}" for day in figures.days],
        "purchases": [day.purchase_lines for day in figures.days],
        "sales": [day.sale_lines for day in figures.days],
        "active": [day.active for day in figures.days],
    }


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
