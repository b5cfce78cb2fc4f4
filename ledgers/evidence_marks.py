"""What lines of the books show of their papers: have, expired or missing, and a way to each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from certificates.evidence import EXPIRED, HAVE, MISSING, Asked, Evidence, licence_on, states, worst
from ledgers.models import Invoice, LedgerEntry, StockBalance
from registers.columns import Column

WORDS = {HAVE: ("green", _("Have")), EXPIRED: ("amber", _("Expired")), MISSING: ("red", _("Missing"))}


@dataclass(frozen=True)
class Paper:
    """One paper that a line must have: what is asked, how it stands, where it is."""

    asks: Any
    evidence: Evidence
    is_licence: bool = False

    @property
    def tone(self) -> str:
        return str(WORDS[self.evidence.state][0])

    @property
    def words(self) -> str:
        """Its state, with what weakens it."""
        said = [str(WORDS[self.evidence.state][1])]
        if self.evidence.state == HAVE and not self.evidence.is_verified:
            said.append(gettext("not checked yet"))
        if self.evidence.is_late:
            said.append(gettext("uploaded after that day"))
        return ", ".join(said)

    @property
    def url(self) -> str:
        """The page of the paper, where there is one."""
        number = self.evidence.certificate_id
        kind = "licence" if self.is_licence else "document"
        return reverse(f"certificates:{kind}-detail", args=[number]) if number else ""


def mark_entries(entries: Sequence[LedgerEntry], scope: Scope) -> None:
    """Give each entry its `evidence`: what the rules ask of its goods on the day of the trade. Two statements."""
    _mark(entries, [Asked(row.product_id, row.lot.code_key, row.traded_on) for row in entries], scope)


def mark_stock(balances: Sequence[StockBalance], scope: Scope) -> None:
    """Give each balance its `evidence` as of today."""
    today = timezone.localdate()
    _mark(balances, [Asked(row.lot.product_id, row.lot.code_key, today) for row in balances], scope)


def _mark(rows: Sequence[Any], asked: Sequence[Asked], scope: Scope) -> None:
    for row, found in zip(rows, states(asked, scope=scope), strict=True):
        row.evidence = found


def _worst(row: Any) -> Evidence | None:
    found = getattr(row, "evidence", None)
    return worst(found) if found else None


def _words(row: Any) -> Any:
    found = _worst(row)
    return WORDS[found.state][1] if found else ""


def _tone(row: Any) -> str:
    found = _worst(row)
    return str(WORDS[found.state][0]) if found else "grey"


def _address(row: Any) -> str:
    found = _worst(row)
    return (
        reverse("certificates:document-detail", args=[found.certificate_id]) if found and found.certificate_id else ""
    )


evidence_column = Column(_("Papers"), _words, tone=_tone, leads_to=_address)


def papers_of(entry: LedgerEntry, scope: Scope, *, as_of: date | None = None) -> list[Paper]:
    """The seller's licence and the papers of the goods on the day of the trade; `as_of` as they were known that day."""
    known_at = _end_of(as_of) if as_of else None
    found = states([Asked(entry.product_id, entry.lot.code_key, entry.traded_on)], scope=scope, known_at=known_at)[0]
    papers = [Paper(row.rule, row) for row in found]
    if entry.seller.is_person:
        return papers
    return [
        Paper(_("Seller's food licence"), licence_on(entry.seller, entry.traded_on, known_at=known_at), True),
        *papers,
    ]


def _end_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.max))


def products_held(scope: Scope) -> QuerySet[StockBalance, Any]:
    """The products that the enterprises of a scope have or had lots of."""
    return StockBalance.objects.filter(scope.as_q("enterprise", officers=False)).order_by().values("lot__product")


def sellers_met(scope: Scope) -> QuerySet[Invoice, Any]:
    """From whom the enterprises of a scope have bought."""
    return Invoice.objects.in_force().filter(scope.as_q("buyer", officers=False)).order_by().values("seller")


def buyers_met(scope: Scope) -> QuerySet[Invoice, Any]:
    """To whom they have sold."""
    return Invoice.objects.in_force().filter(scope.as_q("seller", officers=False)).order_by().values("buyer")
