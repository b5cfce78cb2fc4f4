"""The register of licences."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter, FilterSet

from certificates.forms import LicenceForm
from certificates.models import Licence, LicenceQuerySet
from registers.actions import Action
from registers.columns import Column
from registers.register import Register

STATES = {
    "valid": ("green", _("Valid")), "expiring": ("amber", _("Expires soon")), "expired": ("red", _("Expired")),
    "early": ("grey", _("Not valid yet")),
}  # fmt: skip
state_column = Column(_("State"), lambda row: STATES[row.state][1], tone=lambda row: STATES[row.state][0])


class LicenceFilters(FilterSet):
    state = ChoiceFilter(
        label=_("State"), method="in_state", choices=[(name, words) for name, (_tone, words) in STATES.items()]
    )

    def in_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return cast("LicenceQuerySet", rows).in_state(value, timezone.localdate())


class LicenceRegister(Register):
    model = Licence
    form_class = LicenceForm
    columns = ["number", "kind", "holder", "valid_from", "valid_until", state_column]
    search_fields = ["number", "holder__name", "holder__name_initials", "holder__uscc"]
    search_help = _("Licence number or holder")
    filters = ["kind"]
    filterset_class = LicenceFilters
    import_key = ["kind", "number"]
    actions = (Action.LIST, Action.ADD, Action.IMPORT, Action.EXPORT, Action.DETAIL, Action.EDIT)


registers: list[Register] = [LicenceRegister()]
