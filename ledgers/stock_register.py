"""What is in stock by lot, the first to expire in front; read only: it follows from the papers."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, FilterSet

from enterprises.models import Enterprise
from ledgers.models import StockBalance, StockState
from ledgers.models.lots import StockBalanceQuerySet
from ledgers.stock import stock_today
from registers.actions import Action
from registers.columns import Column
from registers.register import Register

TONES = {"oversold": "red", "expired": "red", "disputed": "amber", "expiring": "amber", "good": "green"}


class StockFilters(FilterSet):
    state = ChoiceFilter(label=_("State"), choices=StockState)
    product = CharFilter(label=_("Product"), field_name="lot__product__name", lookup_expr="icontains")
    lot = CharFilter(label=_("Lot number"), field_name="lot__code", lookup_expr="icontains")
    enterprise = CharFilter(label=_("Enterprise number"), method="of_enterprise")
    status = ChoiceFilter(
        label=_("State of the enterprise"), field_name="enterprise__status", choices=Enterprise.Status
    )
    region = CharFilter(label=_("Region code"), field_name="enterprise__region__code", lookup_expr="startswith")

    def of_enterprise(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(enterprise=int(value)) if value.isdecimal() and len(value) < 18 else rows


class StockRegister(Register):
    model = StockBalance
    name = "stock"
    columns = [
        Column(_("Goods"), lambda row: row.lot.product, "lot__product"),
        Column(_("Lot number"), lambda row: row.lot.code, "lot"),
        "quantity",
        Column(_("Unit"), lambda row: row.lot.unit, "lot__unit"),
        Column(_("Best before"), lambda row: row.lot.expires_on, "lot"),
        Column(_("State"), lambda row: StockState(row.state).label, tone=lambda row: TONES[row.state]),
        "disputed",
        Column(_("Made on"), lambda row: row.lot.produced_on, "lot"),
        "enterprise",
    ]
    search_fields = ["lot__product__name", "lot__product__name_initials", "lot__code", "enterprise__name"]
    search_help = _("Product, pinyin initials, lot number or enterprise")
    filterset_class = StockFilters
    actions = (Action.LIST, Action.EXPORT)
    empty_help = _("What you bought, made and have not sold yet stands here by lot. It follows from your papers.")

    def rows(self, scope: Any) -> QuerySet[Any]:
        return stock_today(cast("StockBalanceQuerySet", super().rows(scope)))
