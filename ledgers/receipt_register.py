"""Deliveries and what their buyers said: for officers the list of what is in dispute, for traders their own."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, FilterSet

from accounts.request import HouseRequest
from ledgers.models import Receipt
from ledgers.models.receipts import ReceiptQuerySet
from ledgers.presenting import receipt_page
from registers.actions import READ_ONLY, Action
from registers.columns import Column
from registers.register import Register

TONES = {
    "pending": "amber", "accepted": "green", "auto_accepted": "green", "settled": "grey", "escalated": "red",
}  # fmt: skip


class ReceiptFilters(FilterSet):
    state = ChoiceFilter(label=_("State"), choices=Receipt.State)
    seller = CharFilter(label=_("Seller"), field_name="invoice__seller__name", lookup_expr="icontains")
    buyer = CharFilter(label=_("Buyer"), field_name="buyer__name", lookup_expr="icontains")
    claims = ChoiceFilter(label=_("Objections"), method="with_claims", choices=[("open", _("Not settled"))])
    region = CharFilter(label=_("Region code"), method="in_region")

    def with_claims(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return cast("ReceiptQuerySet", rows).claimed()

    def in_region(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return cast("ReceiptQuerySet", rows).in_region(value.strip())


class ReceiptRegister(Register):
    model = Receipt
    columns = [
        Column(_("Paper"), lambda row: row.invoice, "invoice"),
        Column(_("Seller"), lambda row: row.invoice.seller, "invoice__seller"),
        "buyer",
        Column(_("State"), lambda row: row.get_state_display(), tone=lambda row: TONES.get(row.state, "amber")),
        "opened_at", "answered_at", "remark",
    ]  # fmt: skip
    search_fields = ["invoice__number", "invoice__seller__name", "buyer__name"]
    search_help = _("Paper or party")
    filterset_class = ReceiptFilters
    actions = READ_ONLY
    empty_help = _("Deliveries between enterprises of the platform appear here with the buyers' answers.")

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        return receipt_page(request, row) if action is Action.DETAIL and isinstance(row, Receipt) else {}
