"""What officers go through: papers confirmed in spite of a warning, statements that differ, corrections asked for."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, DateFilter, FilterSet

from accounts.request import HouseRequest
from enterprises.services import keeps_books
from ledgers.correcting import differences_of
from ledgers.mismatches import not_agreed
from ledgers.models import CorrectionProposal, Invoice, InvoiceWarning
from ledgers.models.papers import InvoiceQuerySet
from ledgers.services import corrector
from ledgers.warning_words import sentence_of
from registers.actions import READ_ONLY, Action
from registers.columns import Column
from registers.register import Register


class WarningFilters(FilterSet):
    rule = ChoiceFilter(label=_("Warning"), choices=InvoiceWarning.Rule)
    since = DateFilter(label=_("From"), field_name="invoice__traded_on", lookup_expr="gte")
    until = DateFilter(label=_("To"), field_name="invoice__traded_on", lookup_expr="lte")
    region = CharFilter(label=_("Region code"), field_name="invoice__author__region__code", lookup_expr="startswith")


class WarningRegister(Register):
    """Papers confirmed in spite of a warning, with the reason given."""

    model = InvoiceWarning
    name = "warning"
    columns = [
        Column(_("Paper"), lambda row: row.invoice, "invoice"),
        Column(_("Written by"), lambda row: row.invoice.author, "invoice__author"),
        Column(_("Date"), lambda row: row.invoice.traded_on, "invoice"),
        Column(_("Line"), lambda row: row.position or "–"),
        Column(_("Warning"), lambda row: row.get_rule_display(), tone=lambda row: "amber"),
        Column(_("What it says"), lambda row: sentence_of(row.rule, row.facts)),
        "reason",
    ]
    search_fields = ["invoice__number", "invoice__author__name", "reason"]
    search_help = _("Paper, enterprise or reason")
    filterset_class = WarningFilters
    actions = (Action.LIST, Action.EXPORT)
    empty_help = _("Papers that were confirmed in spite of a warning stand here, with the reason that was given.")

    def leads_to(self, row: Any) -> str:
        return reverse("ledgers:invoice-detail", args=[row.invoice_id])


DIFFERS = {
    True: ("red", _("Both sides wrote it: counted twice")),
    False: ("amber", _("The seller has not said yes")),
}


class MismatchFilters(FilterSet):
    counted_twice = ChoiceFilter(
        label=_("What differs"), choices=[(twice, words) for twice, (_tone, words) in DIFFERS.items()]
    )
    seller = CharFilter(label=_("Seller"), field_name="seller__name", lookup_expr="icontains")
    buyer = CharFilter(label=_("Buyer"), field_name="buyer__name", lookup_expr="icontains")
    region = CharFilter(label=_("Region code"), field_name="buyer__region__code", lookup_expr="startswith")


class MismatchRegister(Register):
    """Purchases that their seller has not said yes to: what the two sides say of a delivery differs."""

    model = Invoice
    name = "mismatch"
    title = _("Statement that differs")
    title_plural = _("Statements that differ")
    columns = [
        Column(_("Paper"), str),
        Column(
            _("What differs"),
            lambda row: DIFFERS[row.counted_twice][1],
            tone=lambda row: DIFFERS[row.counted_twice][0],
        ),
        "traded_on", "buyer", "seller",
        Column(_("Days open"), lambda row: (timezone.localdate() - timezone.localdate(row.confirmed_at)).days),
    ]  # fmt: skip
    search_fields = ["number", "seller__name", "buyer__name"]
    search_help = _("Number, partner or licence number")
    filterset_class = MismatchFilters
    actions = (Action.LIST, Action.EXPORT)
    empty_help = _("Purchases that their seller has not confirmed, and deliveries written down twice, stand here.")

    def rows(self, scope: Any) -> QuerySet[Any]:
        return not_agreed(cast("InvoiceQuerySet", super().rows(scope)))

    def leads_to(self, row: Any) -> str:
        return reverse("ledgers:invoice-detail", args=[row.pk])


STATES = {
    "waiting": ("amber", _("Waits for an answer")),
    "accepted": ("green", _("Carried out")),
    "refused": ("red", _("Refused")),
}


class CorrectionFilters(FilterSet):
    state = ChoiceFilter(
        label=_("State"), choices=[(state, words) for state, (_tone, words) in STATES.items()], method="in_state"
    )

    def in_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Those that wait, were carried out, or were refused."""
        return rows.filter(accepted={"waiting": None, "accepted": True, "refused": False}[value])


class CorrectionRegister(Register):
    model = CorrectionProposal
    name = "correction"
    columns = [
        Column(_("Paper"), lambda row: row.invoice, "invoice"),
        Column(_("State"), lambda row: STATES[row.state][1], tone=lambda row: STATES[row.state][0]),
        Column(_("Seller"), lambda row: row.invoice.seller, "invoice__seller"),
        Column(_("Buyer"), lambda row: row.invoice.buyer, "invoice__buyer"),
        "asked", "reason", "created_at",
    ]  # fmt: skip
    search_fields = ["invoice__number", "invoice__seller__name", "invoice__buyer__name", "reason"]
    search_help = _("Paper, party or reason")
    filterset_class = CorrectionFilters
    actions = READ_ONLY
    empty_help = _(
        "Where the other side has accepted a paper it is asked before a correction. The questions stand here."
    )

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        if action is not Action.DETAIL or not isinstance(row, CorrectionProposal):
            return {}
        waits, asks = row.accepted is None, keeps_books(request.user, corrector(row.invoice))
        differences = differences_of(row)
        lines = row.invoice.lines.select_related("entry", "unit", "product__unit").filter(position__in=differences)
        return {
            "changes": [(line, differences[line.position]) for line in lines],
            "may_agree": waits and keeps_books(request.user, row.asked),
            "may_withdraw": waits and asks,
            "may_order": row.paper_id is None and request.user.has_perm("ledgers.decide_receipt"),
        }
