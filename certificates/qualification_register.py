"""The list behind a concentrated check of qualifications: every enterprise that needs a food licence, and its state."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, FilterSet

from accounts.request import HouseRequest
from alerts.recipients import regions_to_choose
from certificates.qualification import NARROWINGS, STATES, counts, in_state, standings, to_check
from enterprises.models import Enterprise, EnterpriseRole
from registers.actions import Action
from registers.columns import Column
from registers.register import Register

WRITABLE = {narrowing.key.removeprefix("licence_"): narrowing.key for narrowing in NARROWINGS}


class QualificationFilters(FilterSet):
    role = ChoiceFilter(label=_("Kind of business"), choices=EnterpriseRole, method="with_role")
    region = CharFilter(label=_("Region code"), field_name="region__code", lookup_expr="startswith")
    state = ChoiceFilter(
        label=_("Food licence"), method="by_state", choices=[(k, w) for k, (_tone, w) in STATES.items()]
    )

    def with_role(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(roles__contains=[value])

    def by_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return in_state(rows, value)


class QualificationRegister(Register):
    model = Enterprise
    name = "qualification"
    title = title_plural = _("Check of qualifications")
    columns = [
        "name",
        Column(_("State"), lambda row: STATES[row.standing.state][1], tone=lambda row: STATES[row.standing.state][0]),
        Column(_("Food licence"), lambda row: row.standing.licence or ""),
        Column(_("Valid until"), lambda row: row.standing.licence and row.standing.licence.valid_until),
        Column(_("Region"), lambda row: row.region and row.region.name, "region"), "telephone", "roles", "uscc",
    ]  # fmt: skip
    search_fields = ["name", "name_initials", "uscc"]
    search_help = _("Name, pinyin initials or licence number")
    list_help = _("Everybody in business who needs a food licence. Press a figure, then write to all of them at once.")
    filterset_class = QualificationFilters
    actions = (Action.LIST, Action.EXPORT)
    empty_help = _("Nobody in business here needs a food licence.")

    @property
    def app(self) -> str:
        return "certificates"

    def permission(self, action: Action) -> str:
        return "certificates.view_licence"

    def allows(self, action: Action, request: HouseRequest) -> bool:
        """Officers plan by it; an enterprise sees its own licences elsewhere."""
        return super().allows(action, request) and bool(request.scope.region_codes or request.scope.everything)

    def rows(self, scope: Any) -> QuerySet[Any]:
        return to_check(super().rows(scope))

    def complete(self, rows: list[Any], scope: Any) -> None:
        found = standings(rows)
        for row in rows:
            row.standing = found[row.pk]

    def leads_to(self, row: Model) -> str:
        return reverse("enterprises:enterprise-detail", args=[row.pk])

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        """The figures of what was chosen, each leading to its rows, and the way to write to these."""
        chosen = {name: request.GET[name] for name in ("role", "region") if request.GET.get(name)}
        narrowed = QualificationFilters(chosen, queryset=self.rows(request.scope), request=request).qs
        figures = [
            (STATES[state][1], number, urlencode(chosen | {"state": state}), STATES[state][0])
            for state, number in counts(narrowed).items()
        ]
        return {"figures": figures, "write_to": _write_to(request, chosen)}


def _write_to(request: HouseRequest, chosen: dict[str, str]) -> str:
    """Where officers write to the rows that are shown; empty where a message cannot be narrowed to just these."""
    only, region = WRITABLE.get(request.GET.get("state", "")), chosen.get("region", "")
    may = bool(request.scope.region_codes) and request.user.has_perm("alerts.add_message")
    if not (only and may) or (region and not regions_to_choose(request.scope).filter(code=region).exists()):
        return ""
    to = {"only": only, "roles": chosen.get("role", ""), "region": region}
    return f"{reverse('alerts:message-add')}?{urlencode(to)}"
