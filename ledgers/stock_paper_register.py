"""Stock papers: what was there, counted, written off, destroyed and used; read only, each has screens of its own."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, DateFilter, FilterSet

from accounts.request import HouseRequest
from documents.models import Status
from ledgers.models import StockPaper
from ledgers.stock_presenting import paper_state, stock_paper_page
from registers.actions import READ_ONLY, Action
from registers.columns import Column
from registers.register import Register


class StockPaperFilters(FilterSet):
    kind = ChoiceFilter(label=_("Kind"), choices=StockPaper.Kind)
    status = ChoiceFilter(label=_("State"), choices=Status)
    since = DateFilter(label=_("From"), field_name="happened_on", lookup_expr="gte")
    until = DateFilter(label=_("To"), field_name="happened_on", lookup_expr="lte")
    lot = CharFilter(label=_("Lot number"), method="with_lot")
    region = CharFilter(label=_("Region code"), field_name="enterprise__region__code", lookup_expr="startswith")

    def with_lot(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(pk__in=rows.filter(lines__lot_code__icontains=value).values("pk"))


class StockPaperRegister(Register):
    model = StockPaper
    columns = [
        Column(_("Paper"), str),
        "kind",
        "happened_on",
        "note",
        Column(_("State"), lambda row: paper_state(row)[1], "reversed_by", tone=lambda row: paper_state(row)[0]),
        "enterprise",
    ]
    search_fields = ["number", "note", "enterprise__name"]
    search_help = _("Number, reason or enterprise")
    filterset_class = StockPaperFilters
    actions = READ_ONLY
    empty_help = _("Opening stock, counts, and what was written off, destroyed or used stands here.")

    def rows(self, scope: Any) -> QuerySet[Any]:
        return super().rows(scope).select_related("reverses", "confirmed_by", "enterprise__headquarters")

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        return stock_paper_page(request, row) if action is Action.DETAIL and isinstance(row, StockPaper) else {}
