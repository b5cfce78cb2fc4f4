"""Which traces were opened, by whom and why; read only."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter, DateFilter, FilterSet

from accounts.scope import Scope
from ledgers.models import TraceOpening
from registers.actions import Action
from registers.columns import Column
from registers.register import Register


class OpeningFilters(FilterSet):
    why = ChoiceFilter(label=_("Reason"), choices=TraceOpening.Why)
    since = DateFilter(label=_("From"), field_name="opened_at", lookup_expr="date__gte")
    until = DateFilter(label=_("To"), field_name="opened_at", lookup_expr="date__lte")


class TraceOpeningRegister(Register):
    model = TraceOpening
    columns = [Column(_("Trace"), str), "opened_at", "user", "why", "note"]
    search_fields = ["lot__code", "lot__product__name", "enterprise__name", "user__username", "note"]
    search_help = _("Lot, goods, enterprise, person or case number")
    list_help = _("An officer who looks at a chain beyond the own area says why. Nothing here is ever changed.")
    filterset_class = OpeningFilters
    actions = (Action.LIST, Action.EXPORT)
    empty_help = _("You have not opened a trace yet.")

    def rows(self, scope: Scope) -> QuerySet[Any]:
        return super().rows(scope).select_related("lot__product", "enterprise")
