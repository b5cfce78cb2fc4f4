"""What is in stock by lot, the first to expire in front; read only: it follows from the papers."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, FilterSet

from accounts.request import HouseRequest
from enterprises.models import Enterprise
from ledgers.models import StockBalance, StockState
from ledgers.models.lots import StockBalanceQuerySet
from ledgers.stock import sells_to_consumers, stock_page, stock_today, with_last_count
from registers.actions import Action
from registers.columns import Column
from registers.register import Register

TONES = {"oversold": "red", "expired": "red", "disputed": "amber", "expiring": "amber", "good": "green"}


class BalanceFilters(FilterSet):
    """Of which enterprise, and where."""

    enterprise = CharFilter(label=_("Enterprise number"), method="of_enterprise")
    region = CharFilter(label=_("Region code"), field_name="enterprise__region__code", lookup_expr="startswith")

    def of_enterprise(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(enterprise=int(value)) if value.isdecimal() and len(value) < 18 else rows


class StockFilters(BalanceFilters):
    state = ChoiceFilter(label=_("State"), choices=StockState)
    product = CharFilter(label=_("Product"), field_name="lot__product__name", lookup_expr="icontains")
    lot = CharFilter(label=_("Lot number"), field_name="lot__code", lookup_expr="icontains")
    status = ChoiceFilter(
        label=_("State of the enterprise"), field_name="enterprise__status", choices=Enterprise.Status
    )


def count_of(balance: StockBalance) -> Any:
    """When somebody last counted the lot; without a count the stock of who sells to consumers is but an upper limit."""
    counted_on = balance.counted_on  # type: ignore[attr-defined]
    return counted_on or (_("Received, at most") if sells_to_consumers(balance.enterprise) else None)


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
        Column(_("Last counted"), count_of, "enterprise"),
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
        return with_last_count(stock_today(cast("StockBalanceQuerySet", super().rows(scope))))

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        ours = getattr(request, "enterprise", None)
        return stock_page(ours) if action is Action.LIST and ours else {}
