"""Deliveries and what their buyers said: for officers the list of what is in dispute, for traders their own."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, Q, QuerySet
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
WAITING, CLAIMED = "waiting", "claimed"
OPEN = ((WAITING, _("Waiting for the buyer")), (CLAIMED, _("Something is in dispute")))


class ReceiptFilters(FilterSet):
    state = ChoiceFilter(label=_("State"), choices=Receipt.State)
    seller = CharFilter(label=_("Seller"), field_name="invoice__seller__name", lookup_expr="icontains")
    buyer = CharFilter(label=_("Buyer"), field_name="buyer__name", lookup_expr="icontains")
    open = ChoiceFilter(label=_("Still open"), choices=OPEN, method="still_open")
    enterprise = CharFilter(label=_("Enterprise number"), method="of_enterprise")
    region = CharFilter(label=_("Region code"), method="in_region")

    def still_open(self, rows: ReceiptQuerySet, name: str, value: str) -> QuerySet[Any]:
        return rows.waiting() if value == WAITING else rows.claimed()

    def of_enterprise(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        known = value.isdecimal() and len(value) < 18
        return rows.filter(Q(buyer=int(value)) | Q(invoice__seller=int(value))) if known else rows

    def in_region(self, rows: ReceiptQuerySet, name: str, value: str) -> QuerySet[Any]:
        return rows.in_region(value.strip())


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
