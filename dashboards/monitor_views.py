"""The page of the three monitors: a food, a seller or a maker in one box each, the answer below."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.request import HouseRequest
from catalog.models import Product
from dashboards import monitors
from dashboards.chain_board import chain_board
from dashboards.views import path_to, place_of
from enterprises.models import Enterprise
from registers.exporting import as_csv, as_xlsx

TEXT_MAX, ROWS_PER_PAGE = 100, 50


@require_safe
@permission_required("catalog.trace_lot", raise_exception=True)
def monitor(request: HouseRequest) -> HttpResponse:
    """Who sells a food; what a seller sells and whether each food is filed; who makes what is sold here."""
    names = ("food", "seller", "maker")
    asked = {name: request.GET.get(name, "").replace("\0", "")[:TEXT_MAX].strip() for name in names}
    context: dict[str, Any] = {"asked": asked}
    if asked["food"]:
        context |= _food(request, asked["food"])
    elif asked["seller"]:
        context |= _seller(request, asked["seller"])
    elif "maker" in request.GET:
        context |= _maker(request, asked["maker"])
    return render(request, "dashboards/monitors.html", context)


def _food(request: HouseRequest, text: str) -> dict[str, Any]:
    chosen = Product.objects.filter(pk=int(text[1:])).first() if _is_choice(text) else None
    fitting = [chosen] if chosen else monitors.foods_called(text)
    if len(fitting) != 1:
        return {"foods": fitting, "nothing": not fitting}
    return {"food": fitting[0], "sellers": monitors.sellers_of(fitting[0], request.scope)}


def _seller(request: HouseRequest, text: str) -> dict[str, Any]:
    chosen = _enterprise(request, text)
    fitting = [chosen] if chosen else monitors.enterprises_called(text, request.scope)
    if len(fitting) != 1:
        return {"enterprises": fitting, "nothing": not fitting}
    return {"seller": fitting[0], "its_foods": monitors.foods_of(fitting[0])}


def _maker(request: HouseRequest, text: str) -> dict[str, Any]:
    """Makers are found wherever they are: what counts is that their goods are here."""
    if _is_choice(text) and (chosen := Enterprise.objects.in_registry().filter(pk=int(text[1:])).first()):
        return {"maker": chosen, "supplied": monitors.foods_and_sellers(chosen, request.scope)}
    makers = monitors.makers_in(request.scope, named=text)
    return {"makers": makers, "nothing": not makers}


def _enterprise(request: HouseRequest, text: str) -> Enterprise | None:
    rows = Enterprise.objects.visible_to(request.scope)
    return rows.filter(pk=int(text[1:])).first() if _is_choice(text) else None


def _is_choice(text: str) -> bool:
    """A row pressed on, in place of a text: `#` and its number."""
    return text.startswith("#") and text[1:].isdecimal() and text.isascii() and len(text) < 19


@require_safe
@permission_required("catalog.trace_lot", raise_exception=True)
def chains(request: HouseRequest) -> HttpResponseBase:
    """How complete the chains of one's area are: by area below and by enterprise, the worst first; as a file too."""
    place = place_of(request)
    board = chain_board(place.code)
    if request.GET.get("format") in ("csv", "xlsx"):
        make = as_csv if request.GET["format"] == "csv" else as_xlsx
        return make(f"chains-{place.code}", *board.table())
    page = Paginator(board.rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"place": place, "path": path_to(request, place), "board": board, "page": page}
    return render(request, "dashboards/chains.html", context)
