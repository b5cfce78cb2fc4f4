"""What goes into a due-diligence pack: the purchases of a period and everything that speaks for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, cast

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import User
from certificates.models import Licence
from enterprises.models import Enterprise
from ledgers.models import Invoice, LedgerEntry, ReceiptClaim, purchases_of, sales_of
from ledgers.registers import LedgerFilters


@dataclass(frozen=True)
class Wanted:
    """Which purchases: of a period, maybe of one supplier or one product, as both are typed."""

    since: date
    until: date
    partner: str = ""
    product: str = ""


@dataclass
class Supplier:
    """One supplier of the pack: how often, since when, and whether it was entitled on those days."""

    enterprise: Enterprise
    licences: list[Licence]
    lines: int = 0
    first: date = date.max
    last: date = date.min
    lines_without_licence: int = 0

    def licence_on(self, day: date) -> Licence | None:
        """A food licence that was valid on that day; a farmer who sells what he grew needs none."""
        return next((row for row in self.licences if row.covers(day)), None)

    def count(self, day: date, lines: int) -> None:
        """So many lines of that day more."""
        self.lines += lines
        self.first, self.last = min(self.first, day), max(self.last, day)
        self.lines_without_licence += 0 if self.licence_on(day) else lines


class Pack:
    """Counts at once, rows as they are asked for: never all of them in memory."""

    def __init__(self, enterprise: Enterprise, wanted: Wanted, *, made_for: User) -> None:
        self.enterprise, self.wanted, self.made_for = enterprise, wanted, made_for
        self.made_at: datetime = timezone.now()

    @cached_property
    def licences(self) -> list[Licence]:
        """The enterprise's own, whatever their kind, with the versions of days gone by."""
        places = {self.enterprise.pk, self.enterprise.firm.pk}
        return list(Licence.objects.standing().filter(holder__in=places).select_related("kind"))

    @property
    def purchases(self) -> QuerySet[LedgerEntry]:
        """The lines, the oldest first, with all that is printed of them."""
        related = ("lot__unit", "line", "invoice__receipt", "invoice__acknowledgement", "seller", "reversed_by")
        claims = ReceiptClaim.objects.of_line("line")
        return self._bought().select_related(*related).annotate(disputed=claims).order_by("traded_on", "pk")

    @property
    def papers(self) -> QuerySet[Invoice]:
        """The papers these lines stand on."""
        lines = self._bought().filter(invoice=OuterRef("pk"))
        papers = Invoice.objects.confirmed().filter(Exists(lines), buyer=self.enterprise)
        related = ("seller", "receipt", "acknowledgement", "reversed_by", "reverses", "adjusts")
        return cast("QuerySet[Invoice]", papers.select_related(*related).order_by("traded_on", "pk"))

    @property
    def objections(self) -> QuerySet[ReceiptClaim]:
        """What the enterprise did not accept as it came: part of looking at what one buys."""
        claims = ReceiptClaim.objects.filter(line__entry__in=self._bought())
        related = ("receipt__invoice", "line__entry__lot__unit", "settlement")
        return cast("QuerySet[ReceiptClaim]", claims.select_related(*related).order_by("claimed_at", "pk"))

    @property
    def sales(self) -> QuerySet[LedgerEntry]:
        """What it sold in the period of the same goods; the choice of a supplier says nothing of them."""
        chosen = {"since": self.wanted.since, "until": self.wanted.until, "product": self.wanted.product}
        sold = LedgerFilters(chosen, queryset=sales_of(self.enterprise)).qs
        related = ("lot__unit", "line", "invoice", "buyer", "reversed_by")
        return cast("QuerySet[LedgerEntry]", sold.select_related(*related).order_by("traded_on", "pk"))

    @cached_property
    def suppliers(self) -> Mapping[int, Supplier]:
        """Everybody these purchases came from, by id, who sold most lines first; three statements."""
        days = list(self._bought().order_by().values_list("seller", "traded_on").annotate(lines=Count("pk")))
        found = Enterprise.objects.in_bulk({seller for seller, _day, _lines in days})
        licences = _food_licences(found.values())
        suppliers = {pk: Supplier(row, [*licences[pk], *licences[row.headquarters_id]]) for pk, row in found.items()}
        for seller, day, lines in days:
            suppliers[seller].count(day, lines)
        return dict(sorted(suppliers.items(), key=lambda pair: (-pair[1].lines, pair[0])))

    @cached_property
    def counts(self) -> dict[str, int]:
        """How much of everything there is."""
        return {
            "licences": len(self.licences), "suppliers": len(self.suppliers),
            "purchases": sum(supplier.lines for supplier in self.suppliers.values()), "papers": self.papers.count(),
            "objections": self.objections.count(), "sales": self.sales.count(),
        }  # fmt: skip

    def _bought(self) -> QuerySet[Any]:
        wanted = vars(self.wanted)
        return cast("QuerySet[Any]", LedgerFilters(wanted, queryset=purchases_of(self.enterprise)).qs)


def _food_licences(suppliers: Iterable[Enterprise]) -> Mapping[int | None, list[Licence]]:
    """By holder; a place trades with those of its headquarters, too."""
    holders = {pk for row in suppliers for pk in (row.pk, row.headquarters_id) if pk}
    by_holder: dict[int | None, list[Licence]] = defaultdict(list)
    for licence in Licence.objects.standing().filter(holder__in=holders, kind__is_food_licence=True):
        by_holder[licence.holder_id].append(licence)
    return by_holder
