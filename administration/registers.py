"""Regions, authorities and users as registers of the administrator."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, FilterSet, ModelChoiceFilter

from accounts.models import Authority, Region, User
from accounts.roles import Role
from administration.forms import AuthorityForm, RegionForm, UserForm
from registers.actions import Action
from registers.columns import Column
from registers.register import Register


class RegionFilters(FilterSet):
    under = CharFilter(label=_("Within the region code"), method="within")

    def within(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(code__startswith=value.strip()[:15])


class RegionRegister(Register):
    model = Region
    form_class = RegionForm
    columns = ["name", "code", Column(_("Level"), lambda row: row.level), "full_name", "successor"]
    fields = ["code", "name", "successor", "latitude", "longitude"]
    search_fields = ["name", "code", "full_name"]
    search_help = _("Name or code")
    filterset_class = RegionFilters
    import_key = ["code"]


class AuthorityRegister(Register):
    model = Authority
    form_class = AuthorityForm
    columns = [
        "name",
        Column(_("Jurisdiction"), lambda row: "、".join(region.name for region in row.regions.all())),
        "telephone",
    ]
    search_fields = ["name", "regions__name"]
    import_key = ["name"]

    def rows(self, scope: Any) -> QuerySet[Any]:
        return super().rows(scope).prefetch_related("regions")

    def search(self, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        return super().search(rows, words).distinct()


class UserFilters(FilterSet):
    authority = ModelChoiceFilter(label=_("Authority"), queryset=Authority.objects.all())


class UserRegister(Register):
    model = User
    form_class = UserForm
    columns = [
        "username",
        "display_name",
        Column(_("Role"), lambda row: "、".join(str(Role(group.name).label) for group in row.groups.all())),
        "authority",
        Column(
            _("May sign in"), lambda row: _("Yes") if row.is_active else _("No"),
            tone=lambda row: "green" if row.is_active else "grey",
        ),
    ]  # fmt: skip
    search_fields = ["username", "display_name", "authority__name"]
    filterset_class = UserFilters
    import_key = ["username"]
    actions = (Action.LIST, Action.ADD, Action.IMPORT, Action.EXPORT, Action.DETAIL, Action.EDIT)

    def rows(self, scope: Any) -> QuerySet[Any]:
        return super().rows(scope).prefetch_related("groups")


registers: list[Register] = [RegionRegister(), AuthorityRegister(), UserRegister()]
