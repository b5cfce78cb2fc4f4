"""Production runs: what was made of what, read only; a run is written on its own screens."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, DateFilter, FilterSet

from accounts.request import HouseRequest
from documents.models import Status
from ledgers.models import ProductionRun
from ledgers.run_presenting import run_page, run_state
from registers.actions import READ_ONLY, Action
from registers.columns import Column
from registers.register import Register


class RunFilters(FilterSet):
    since = DateFilter(label=_("From"), field_name="produced_on", lookup_expr="gte")
    until = DateFilter(label=_("To"), field_name="produced_on", lookup_expr="lte")
    status = ChoiceFilter(label=_("State"), choices=Status)
    lot = CharFilter(label=_("Lot number"), method="with_lot")
    region = CharFilter(label=_("Region code"), field_name="enterprise__region__code", lookup_expr="startswith")

    def with_lot(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        made, used = rows.filter(outputs__lot_code__icontains=value), rows.filter(inputs__lot__code__icontains=value)
        return rows.filter(pk__in=made.values("pk")) | rows.filter(pk__in=used.values("pk"))


class ProductionRunRegister(Register):
    model = ProductionRun
    name = "run"
    columns = [
        Column(_("Production run"), str),
        "produced_on",
        Column(_("Came out"), lambda row: "、".join(map(str, row.outputs.all()))),
        Column(_("State"), lambda row: run_state(row)[1], "reversed_by", tone=lambda row: run_state(row)[0]),
        "note",
        "enterprise",
    ]
    search_fields = ["number", "note", "enterprise__name"]
    search_help = _("Number, note or enterprise")
    filterset_class = RunFilters
    actions = READ_ONLY
    empty_help = _("What you make of what you bought stands here: each run with the lots that went in and came out.")

    def rows(self, scope: Any) -> QuerySet[Any]:
        return super().rows(scope).select_related("reverses").prefetch_related("outputs__product")

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        return run_page(request, row) if action is Action.DETAIL and isinstance(row, ProductionRun) else {}
