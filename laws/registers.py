"""The registers of rule parameters and of the working calendar."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter, ChoiceFilter, FilterSet, NumberFilter

from accounts.request import HouseRequest
from accounts.scope import Scope
from laws.models import CalendarDay, RuleParameter, RuleParameterQuerySet
from registers.columns import Column
from registers.register import Register

STATES = {
    "in_force": ("green", _("In force")), "coming": ("amber", _("Not in force yet")),
    "replaced": ("grey", _("Replaced")),
}  # fmt: skip


def state_of(row: Any) -> str:
    """How a version stands today; `row` is one of `dated()`."""
    today = timezone.localdate()
    if row.valid_from > today:
        return "coming"
    return "replaced" if row.replaced_on and row.replaced_on <= today else "in_force"


state_column = Column(_("State"), lambda row: STATES[state_of(row)][1], tone=lambda row: STATES[state_of(row)][0])


class RuleParameterFilters(FilterSet):
    state = ChoiceFilter(
        label=_("State"), method="in_state", choices=[(name, words) for name, (_tone, words) in STATES.items()]
    )

    def in_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        chosen: QuerySet[Any] = getattr(cast("RuleParameterQuerySet", rows), value)(timezone.localdate())
        return chosen


class RuleParameterRegister(Register):
    model = RuleParameter
    columns = ["key", "value", "unit", "valid_from", state_column, "note", "source"]
    details = [*columns, Column(_("Replaced on"), lambda row: row.replaced_on)]
    fields = ["key", "value", "unit", "source", "valid_from", "note"]
    search_fields = ["key", "source", "note"]
    search_help = _("Key, source or note")
    list_help = _(
        "A rule that changes gets a new row with the day from which it holds. Rows that are or were in force stay as "
        "they are: whatever began under them ends under them."
    )
    filters = ["unit"]
    filterset_class = RuleParameterFilters
    import_key = ["key", "valid_from"]
    page_size = 200

    def rows(self, scope: Scope) -> QuerySet[Any]:
        return cast("RuleParameterQuerySet", super().rows(scope)).dated()

    def changeable(self, request: HouseRequest) -> QuerySet[Any]:
        return cast("RuleParameterQuerySet", super().changeable(request)).coming(timezone.localdate())


class CalendarFilters(FilterSet):
    year = NumberFilter(label=_("Year"), field_name="day", lookup_expr="year", min_value=1900, max_value=9999)
    is_working = BooleanFilter(label=_("Is worked"))


class CalendarDayRegister(Register):
    model = CalendarDay
    columns = [
        "day", Column(_("Weekday"), lambda row: row.weekday),
        Column(
            _("State"), lambda row: _("Worked") if row.is_working else _("Holiday"),
            tone=lambda row: "amber" if row.is_working else "green",
        ),
        "note",
    ]  # fmt: skip
    fields = ["day", "is_working", "note"]
    search_fields = ["note"]
    search_help = _("Note")
    list_help = _(
        "Add the holidays and make-up workdays as soon as the State Council has published them. In a year without rows "
        "Monday to Friday are worked."
    )
    filterset_class = CalendarFilters
    import_key = ["day"]
    page_size = 200


registers: list[Register] = [RuleParameterRegister(), CalendarDayRegister()]
