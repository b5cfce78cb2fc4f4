"""The list of cases one may work in."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter, FilterSet

from investigations.models import Case
from registers.actions import Action
from registers.columns import Column
from registers.register import Register


class CaseFilters(FilterSet):
    open = BooleanFilter(label=_("Open"), field_name="closed_at", lookup_expr="isnull")


class CaseRegister(Register):
    model = Case
    columns = [
        "title", "reason", "opened_by", "opened_at",
        Column(_("State"), lambda row: _("Open") if row.is_open else _("Closed"),
               tone=lambda row: "amber" if row.is_open else "grey"),
    ]  # fmt: skip
    fields = ["title", "reason"]
    search_fields = ["title", "reason"]
    search_help = _("What it is about")
    list_help = _("You see the cases that you opened or that somebody shares with you.")
    filterset_class = CaseFilters
    actions = (Action.LIST, Action.EXPORT)
    empty_help = _("Open a case from the trace of a lot, or with the button above.")

    def leads_to(self, row: Any) -> str:
        return reverse("investigations:case", args=[row.pk])


registers: list[Register] = [CaseRegister()]
