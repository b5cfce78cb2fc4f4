"""The to-do list of a person: what is open, the most urgent first; what is closed stays to be looked up."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, FilterSet, ModelChoiceFilter

from accounts.request import HouseRequest
from alerts.models import Alert, AlertQuerySet, AlertRule, Severity
from alerts.presenting import alert_page
from alerts.wording import STATES
from registers.actions import READ_ONLY, Action
from registers.columns import Column
from registers.register import Register

OPEN = "open"
CHOICES = {
    OPEN: _("To do"), "waiting": _("Not seen by anybody"), "acknowledged": _("Seen, not settled"),
    "closed": _("Closed"), "all": _("All"),
}  # fmt: skip


class AlertFilters(FilterSet):
    state = ChoiceFilter(label=_("State"), method="in_state", choices=list(CHOICES.items()), empty_label=None)
    rule = ModelChoiceFilter(label=_("Rule"), queryset=AlertRule.objects.all())
    severity = ChoiceFilter(label=_("Urgency"), choices=Severity)
    region = CharFilter(label=_("Region code"), field_name="enterprise__region__code", lookup_expr="startswith")

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Unless something else is asked for, what is closed does not show."""
        self.form.cleaned_data["state"] = self.form.cleaned_data.get("state") or OPEN
        filtered: QuerySet[Any] = super().filter_queryset(queryset)
        return filtered

    def in_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        alerts = cast("AlertQuerySet", rows)
        if value == "closed":
            return alerts.exclude(closed_at=None)
        if value == "acknowledged":
            return alerts.open().exclude(acknowledged_at=None)
        return {OPEN: alerts.open, "waiting": alerts.waiting}.get(value, alerts.all)()


class AlertRegister(Register):
    model = Alert
    columns = [
        Column(_("What"), str),
        Column(_("Urgency"), lambda row: row.get_severity_display(), tone=lambda row: row.tone),
        "enterprise",
        Column(_("Time left"), lambda row: row.time_left),
        Column(_("State"), lambda row: row.state_words, tone=lambda row: STATES[row.state][0]),
        "raised_at",
        "assigned_to",
    ]
    details = [*columns, "due_at", "acknowledged_by", "closed_at", "closed_by"]
    search_fields = ["enterprise__name", "enterprise__name_initials"]
    search_help = _("Enterprise or its pinyin initials")
    filterset_class = AlertFilters
    actions = READ_ONLY
    empty_help = _("Nothing waits for you. What needs you appears here by itself, and goes when it is settled.")

    def rows(self, scope: Any) -> QuerySet[Any]:
        return super().rows(scope).select_related("rule", "acknowledged_by", "closed_by")

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        return alert_page(request, row) if action is Action.DETAIL and isinstance(row, Alert) else {}


registers: list[Register] = [AlertRegister()]
