"""Papers that were written late, read only: an officer's list of who writes down afterwards what was traded."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, DateFilter, FilterSet

from ledgers.late_entries import late_papers, written_between
from ledgers.models import Invoice
from registers.actions import Action
from registers.columns import Column
from registers.register import Register

SECONDS_OF_AN_HOUR = 3600


class LateFilters(FilterSet):
    since = DateFilter(label=_("Written from"), method="from_day")
    until = DateFilter(label=_("Written to"), method="to_day")
    enterprise = CharFilter(label=_("Enterprise number"), method="of_enterprise")
    region = CharFilter(label=_("Region code"), field_name="author__region__code", lookup_expr="startswith")

    def from_day(self, rows: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        return written_between(rows, value, None)

    def to_day(self, rows: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        return written_between(rows, None, value)

    def of_enterprise(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(author=int(value)) if value.isdecimal() and len(value) < 18 else rows


def hours_late(row: Any) -> int:
    """Whole hours between the moment the paper was due and the moment it was confirmed."""
    return int((row.confirmed_at - row.due_at).total_seconds() // SECONDS_OF_AN_HOUR)


class LateEntryRegister(Register):
    model = Invoice
    name = "late"
    title = title_plural = _("Late entries")
    columns = [
        Column(_("Paper"), str),
        Column(_("Written by"), lambda row: row.author, "author"),
        "traded_on",
        "confirmed_at",
        Column(_("Hours late"), hours_late, is_number=True),
        "seller", "buyer",
    ]  # fmt: skip
    search_fields = ["number", "author__name", "author__name_initials", "author__uscc"]
    search_help = _("Number, enterprise or licence number")
    list_help = _(
        "A paper is late that was confirmed longer after the end of the day of the trade than the rule entry.late "
        "allows. Corrections are not counted."
    )
    filterset_class = LateFilters
    actions = (Action.LIST, Action.EXPORT)
    empty_help = _("Every paper was written in time.")

    def rows(self, scope: Any) -> QuerySet[Any]:
        """Of papers one sees those whose author is one's own, or of one's region."""
        papers = super().rows(scope).select_related("reverses", "adjusts").filter(scope.as_q("author"))
        return late_papers(papers).order_by("-confirmed_at", "-pk")
