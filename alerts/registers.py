"""The to-do list of a person: what is open, the most urgent first; what is closed stays to be looked up."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, FilterSet, ModelChoiceFilter

from accounts.request import HouseRequest
from alerts.contact_registers import ContactPointRegister, DeliveryRegister
from alerts.message_registers import ConversationRegister, MessageRegister
from alerts.models import Alert, AlertQuerySet, AlertRule, RuleRun, Severity
from alerts.presenting import alert_page
from alerts.wording import STATES
from registers.actions import READ_ONLY, Action
from registers.columns import Column
from registers.register import Register

OPEN = "open"
CHOICES = {
    OPEN: _("To do"), "waiting": _("Not seen by anybody"), "acknowledged": _("Seen, not settled"),
    "overdue": _("Overdue"), "closed": _("Closed"), "all": _("All"),
}  # fmt: skip
MINE = "mine"
WHOSE = {MINE: _("Those that I am told"), "area": _("All of my area")}


class AlertFilters(FilterSet):
    state = ChoiceFilter(label=_("State"), method="in_state", choices=list(CHOICES.items()), empty_label=None)
    rule = ModelChoiceFilter(label=_("Rule"), queryset=AlertRule.objects.all())
    severity = ChoiceFilter(label=_("Urgency"), choices=Severity)
    region = CharFilter(label=_("Region code"), field_name="enterprise__region__code", lookup_expr="startswith")
    whose = ChoiceFilter(label=_("Told to"), method="of", choices=list(WHOSE.items()), empty_label=None)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Unless something else is asked for, what is closed does not show, nor what asks others to act."""
        self.form.cleaned_data["state"] = self.form.cleaned_data.get("state") or OPEN
        self.form.cleaned_data["whose"] = self.form.cleaned_data.get("whose") or MINE
        filtered: QuerySet[Any] = super().filter_queryset(queryset)
        return filtered

    def in_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        alerts = cast("AlertQuerySet", rows)
        if value == "closed":
            return alerts.exclude(closed_at=None)
        if value == "acknowledged":
            return alerts.open().exclude(acknowledged_at=None)
        return {OPEN: alerts.open, "waiting": alerts.waiting, "overdue": alerts.overdue}.get(value, alerts.all)()

    def of(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return cast("AlertQuerySet", rows).telling(self.request.scope) if value == MINE else rows


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


class AlertRuleRegister(Register):
    """The rules with their schedule and what they last did."""

    model = AlertRule
    name = "rule"
    fields = ["is_on", "severity", "at_once", "rhythm", "every", "at"]
    columns = [
        Column(_("Rule"), str), "is_on", "audience", "severity", Column(_("Runs"), lambda row: _schedule(row)),
        Column(_("Goes by"), lambda row: row.limit), Column(_("Last run"), lambda row: row.last_at),
        Column(_("Raised then"), lambda row: row.last_raised, is_number=True),
        Column(_("Open now"), lambda row: row.open_now, is_number=True),
    ]  # fmt: skip
    details = [*columns, "keep", "reach", "at_once"]
    search_fields = ["key"]
    list_help = _("What is watched, when, and whom it tells. The numbers it goes by are rule parameters.")
    actions = (Action.LIST, Action.EXPORT, Action.DETAIL, Action.EDIT)

    def rows(self, scope: Any) -> QuerySet[Any]:
        last = RuleRun.objects.filter(rule=OuterRef("pk"), finished_at__isnull=False).order_by("-period")
        waiting = Alert.objects.open().filter(rule=OuterRef("pk")).order_by().values("rule").annotate(n=Count("pk"))
        return super().rows(scope).annotate(
            last_at=Subquery(last.values("started_at")[:1]), last_raised=Subquery(last.values("raised")[:1]),
            open_now=Coalesce(Subquery(waiting.values("n")), 0),
        )  # fmt: skip

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        runs = row.runs.all()[:RUNS_SHOWN] if action is Action.DETAIL and isinstance(row, AlertRule) else []
        return {"runs": runs, "run_columns": RUN_COLUMNS}


def _schedule(rule: AlertRule) -> str:
    if rule.rhythm == AlertRule.Rhythm.OFTEN:
        return ngettext("every minute", "every %(n)s minutes", rule.every) % {"n": rule.every}
    return gettext("every night at %(time)s") % {"time": f"{rule.at:%H:%M}"}


RUNS_SHOWN = 30
RUN_STATES = {"running": ("amber", _("Running")), "failed": ("red", _("Failed")), "done": ("green", _("Done"))}
RUN_COLUMNS = [
    Column.of(RuleRun, "period"), Column.of(RuleRun, "started_at"),
    Column(_("Seconds"), lambda row: row.seconds, is_number=True), Column.of(RuleRun, "raised"),
    Column.of(RuleRun, "closed"),
    Column(_("State"), lambda row: RUN_STATES[row.state][1], tone=lambda row: RUN_STATES[row.state][0]),
    Column.of(RuleRun, "error"),
]  # fmt: skip

registers: list[Register] = [
    AlertRegister(), AlertRuleRegister(), ConversationRegister(), MessageRegister(), ContactPointRegister(),
    DeliveryRegister(),
]  # fmt: skip
