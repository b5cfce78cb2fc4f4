"""Lots that are held, or were traded lately, without a paper that their goods must have."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter, ModelChoiceFilter

from accounts.scope import Scope
from catalog.models import FoodCategory
from certificates.evidence import HAVE
from laws.parameters import in_force
from ledgers.evidence_marks import mark_stock
from ledgers.gaps import gaps
from ledgers.models import LedgerEntry, StockBalance
from ledgers.stock_register import BalanceFilters
from registers.actions import Action
from registers.columns import Column
from registers.register import Register

DAYS = "evidence.gap"
HELD, TRADED = "held", "traded"


class GapFilters(BalanceFilters):
    where = ChoiceFilter(
        label=_("Where"), method="at", choices=[(HELD, _("In stock")), (TRADED, _("No longer in stock"))]
    )
    category = ModelChoiceFilter(
        label=_("Food category"), field_name="lot__product__category", queryset=FoodCategory.objects.all()
    )

    def at(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(quantity__gt=0) if value == HELD else rows.exclude(quantity__gt=0)


def _missing(row: StockBalance) -> str:
    found = getattr(row, "evidence", ())
    return "; ".join(str(one.rule) for one in found if one.state != HAVE)


def _days_open(row: Any) -> int | None:
    first = getattr(row, "first_on", None)
    return (timezone.localdate() - first).days if first else None


def _maker(row: StockBalance) -> Any:
    return row.lot.producer or row.lot.declared_by


def _way_to_act(row: StockBalance) -> str:
    """Its own goods: upload the paper; another's: ask for it."""
    maker, goods = _maker(row), {"goods": row.lot.product.code or row.lot.product.name, "lot_code": row.lot.code}
    if maker.pk == row.enterprise_id or not maker.licence_number:
        return f"{reverse('certificates:document-add')}?{urlencode(goods)}"
    return f"{reverse('certificates:request-add')}?{urlencode({'asked': maker.licence_number} | goods)}"


class GapRegister(Register):
    model = StockBalance
    name = "gap"
    title = title_plural = _("Goods without their papers")
    columns = [
        Column(_("Goods"), lambda row: row.lot.product, "lot__product"),
        Column(_("Lot number"), lambda row: row.lot.code),
        Column(_("Missing"), _missing),
        Column(_("Days open"), _days_open, is_number=True),
        "enterprise", "quantity",
        Column(_("Unit"), lambda row: row.lot.unit, "lot__unit"),
        Column(_("Who must act"), _maker, "lot__producer", leads_to=_way_to_act),
    ]  # fmt: skip
    search_fields = ["lot__product__name", "lot__product__name_initials", "lot__code", "enterprise__name"]
    search_help = _("Goods, lot or enterprise")
    filterset_class = GapFilters
    list_help = _("Which papers goods must have, the evidence rules say. Upload the paper, or ask the maker for it.")
    actions = (Action.LIST, Action.EXPORT)
    empty_help = _("Nothing lacks its papers.")

    def rows(self, scope: Any) -> QuerySet[Any]:
        first = LedgerEntry.objects.in_force().filter(lot=OuterRef("lot")).order_by("traded_on")
        rows = gaps(super().rows(scope), days=int(in_force(DAYS).value))
        rows = rows.select_related("lot__declared_by").prefetch_related("lot__product__codes")
        return rows.annotate(first_on=Subquery(first.values("traded_on")[:1]))

    def complete(self, rows: list[Any], scope: Scope) -> None:
        mark_stock(rows, scope)
