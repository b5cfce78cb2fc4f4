"""What in the books somebody must act on: how each cause is found, and the words that tell it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from alerts.raising import look_again
from alerts.rules import Fact, Link, Look, Watch
from enterprises.models import Enterprise
from laws.parameters import midnight
from ledgers.gaps import gaps
from ledgers.late_entries import late_papers
from ledgers.mismatches import not_agreed
from ledgers.models import CorrectionProposal, Invoice, LedgerEntry, Receipt, StockBalance

RECEIPT, INVOICE, CORRECTION = "ledgers:receipt-detail", "ledgers:invoice-detail", "ledgers:correction-detail"
STOCK, LATE = "ledgers:stock-list", "ledgers:late-list"
ACTIVE = Enterprise.Status.ACTIVE  # of others the books tell one side only
OF_A_RECEIPT = ("RECEIPT_DUE", "CLAIM_OPEN", "CLAIM_ESCALATED")
PAPER = ("pk", "invoice__number", "invoice__traded_on", "invoice__seller__name", "buyer__name")


def look_again_at(*papers: int) -> None:
    """Once the transaction is committed, see what is to be done about these papers now.

    The rules run by themselves, too: a failure here is logged, and the next run makes up for it.
    """
    transaction.on_commit(partial(_look_again, papers), robust=True)


def _look_again(papers: Iterable[int]) -> None:
    receipts = Receipt.objects.filter(invoice__in=papers).values_list("pk", flat=True)
    look_again(*OF_A_RECEIPT, about=receipts)
    look_again("ACKNOWLEDGE", about=papers)
    look_again("MISMATCH", about=papers)
    proposals = CorrectionProposal.objects.filter(invoice__in=papers).values_list("pk", flat=True)
    look_again("CORRECTION_ASKED", about=proposals)


def unanswered(look: Look) -> Iterator[Fact]:
    """Deliveries that the buyer has not answered; due when silence accepts them (`receipt.answer`)."""
    waiting = _asked(Receipt.objects.waiting(), look)
    for row in waiting.values(*PAPER, "buyer", "opened_at"):
        due = look.limit.deadline(row["opened_at"])
        yield _of_receipt(row, row["buyer"], partner=row["invoice__seller__name"], due=due)


def unsettled(look: Look) -> Iterator[Fact]:
    """Objections that the seller has not settled; due when the station gets them (`receipt.escalate`)."""
    claimed = _asked(Receipt.objects.claimed().exclude(state=Receipt.State.ESCALATED), look)
    first = Min("claims__claimed_at", filter=Q(claims__settlement=None))
    for row in claimed.annotate(first=first).values(*PAPER, "invoice__seller", "first"):
        due = look.limit.deadline(row["first"])
        yield _of_receipt(row, row["invoice__seller"], partner=row["buyer__name"], due=due)


def escalated(look: Look) -> Iterator[Fact]:
    """Objections that wait for the station."""
    brought = _asked(Receipt.objects.claimed().filter(state=Receipt.State.ESCALATED), look)
    for row in brought.values(*PAPER, "invoice__seller"):
        yield _of_receipt(row, row["invoice__seller"], partner=row["buyer__name"])


def unacknowledged(look: Look) -> Iterator[Fact]:
    """Purchases that customers wrote down and the seller has not said yes to."""
    needs = LedgerEntry.objects.filter(needs_acknowledgement=True).values("invoice")
    papers = Invoice.objects.in_force().filter(pk__in=needs, acknowledgement=None, adjusts=None)
    for row in _asked(papers, look).values("pk", "number", "traded_on", "seller", "buyer__name"):
        facts = {"paper": row["number"], "partner": row["buyer__name"], "traded_on": row["traded_on"]}
        yield Fact(str(row["pk"]), row["seller"], facts, Link(INVOICE, [row["pk"]]))


def corrections_asked(look: Look) -> Iterator[Fact]:
    """Corrections of an accepted paper that wait for the other side's yes."""
    waiting = _asked(CorrectionProposal.objects.in_force().waiting(), look)
    names = ("pk", "invoice__number", "invoice__traded_on", "reason", "asked")
    for row in waiting.values(*names):
        facts = {"paper": row["invoice__number"], "traded_on": row["invoice__traded_on"], "reason": row["reason"]}
        yield Fact(str(row["pk"]), row["asked"], facts, Link(CORRECTION, [row["pk"]]))


def counted_twice(look: Look) -> Iterator[Fact]:
    """Deliveries that both sides wrote down, each in a paper of its own."""
    papers = _asked(not_agreed(Invoice.objects.all()).filter(counted_twice=True), look)
    for row in papers.values("pk", "number", "traded_on", "buyer", "buyer__name", "seller__name"):
        facts = {"paper": row["number"], "seller": row["seller__name"], "buyer": row["buyer__name"],
                 "traded_on": row["traded_on"]}  # fmt: skip
        yield Fact(str(row["pk"]), row["buyer"], facts, Link(INVOICE, [row["pk"]]))


def expiring(look: Look) -> Iterator[Fact]:
    """Stock that expires soon (`stock.expiring`): one alert for each enterprise and day."""
    today = timezone.localdate(look.now)
    soon = today + timedelta(days=int(look.limit.in_force(today).value))
    return _digest(look, "expiring", lot__expires_on__gte=today, lot__expires_on__lte=soon)


def expired(look: Look) -> Iterator[Fact]:
    """Stock past its best before: one alert for each enterprise and day."""
    return _digest(look, "expired", lot__expires_on__lt=timezone.localdate(look.now))


def oversold(look: Look) -> Iterator[Fact]:
    """Lots of which an enterprise has sold more than came in; each is an alert of its own."""
    rows = _asked(StockBalance.objects.filter(quantity__lt=0, enterprise__status=ACTIVE), look)
    for row in rows.values("pk", "enterprise", "quantity", "lot__code", "lot__product__name"):
        facts = {
            "goods": row["lot__product__name"], "lot": row["lot__code"],
            "quantity": f"{-row['quantity'].normalize():f}",
        }  # fmt: skip
        yield Fact(str(row["pk"]), row["enterprise"], facts, _stock("oversold", row["enterprise"]))


def without_papers(look: Look) -> Iterator[Fact]:
    """Lots that their maker, or who brought them here, has sold without a paper that such goods must have."""
    days = int(look.limit.in_force(timezone.localdate(look.now)).value)
    maker = Coalesce("lot__producer", "lot__declared_by")
    rows = StockBalance.objects.filter(enterprise__status=ACTIVE).annotate(maker=maker).filter(maker=F("enterprise"))
    rows = look.among(rows, by="lot")
    sold = LedgerEntry.objects.in_force().filter(lot=OuterRef("lot"), seller=OuterRef("enterprise"))
    goods = ("lot__product__name", "lot__product__self_code", "lot__product__codes__gtin")
    names = ("lot", "enterprise", "lot__code", *goods)
    lots = gaps(rows.filter(Exists(sold)), days=days).order_by("lot", "lot__product__codes").distinct("lot")
    for row in lots.values(*names):
        facts = {"goods": row["lot__product__name"], "lot": row["lot__code"]}
        gtin = (row["lot__product__codes__gtin"] or "").lstrip("0")
        code = gtin or row["lot__product__self_code"] or row["lot__product__name"]
        link = Link("certificates:document-add", query={"goods": code, "lot_code": row["lot__code"]})
        yield Fact(str(row["lot"]), row["enterprise"], facts, link)


def written_late(look: Look) -> Iterator[Fact]:
    """Papers written later than `entry.late` allows: one alert for each enterprise and day of writing."""
    since = look.now - timedelta(days=int(look.keep.in_force(timezone.localdate(look.now)).value) + 1)
    papers = late_papers(Invoice.objects.filter(confirmed_at__gte=since), look.limit)
    papers = look.among(papers, by="author")
    days = papers.annotate(day=TruncDate("confirmed_at")).values("author", "day").order_by("author", "day")
    for row in days.annotate(n=Count("pk"), most=Max(F("confirmed_at") - F("due_at"))):
        lapses_at = look.keep.deadline(midnight(row["day"]))
        if lapses_at > look.now:
            facts = {"n": row["n"], "written_on": row["day"], "hours": int(row["most"].total_seconds() // 3600)}
            query = {"enterprise": str(row["author"]), "since": str(row["day"]), "until": str(row["day"])}
            link = Link(LATE, query=query)
            yield Fact(str(row["author"]), row["author"], facts, link, str(row["day"]), lapses_at=lapses_at)


def _digest(look: Look, state: str, **which: date) -> Iterator[Fact]:
    """How many lots an enterprise has of these, and the day of the first; told anew each day while there are any."""
    today = timezone.localdate(look.now)
    rows = StockBalance.objects.filter(quantity__gt=0, enterprise__status=ACTIVE, **which)
    asked = look.among(rows, by="enterprise")
    for row in asked.values("enterprise").order_by("enterprise").annotate(n=Count("pk"), first=Min("lot__expires_on")):
        owner, facts = row["enterprise"], {"n": row["n"], "expires_on": row["first"]}
        due, over = (midnight(day + timedelta(days=1)) for day in (row["first"], today))
        yield Fact(str(owner), owner, facts, _stock(state, owner), str(today), due_at=due, lapses_at=over)


def _of_receipt(row: dict[str, Any], whose: int, *, partner: str, due: datetime | None = None) -> Fact:
    facts = {"paper": row["invoice__number"], "partner": partner, "traded_on": row["invoice__traded_on"]}
    return Fact(str(row["pk"]), whose, facts, Link(RECEIPT, [row["pk"]]), due_at=due)


def _stock(state: str, enterprise: int) -> Link:
    return Link(STOCK, query={"state": state, "enterprise": str(enterprise)})


def _asked(rows: QuerySet[Any], look: Look) -> QuerySet[Any]:
    """Of these the ones that were asked about."""
    return look.among(rows).order_by("pk")


RULES: Iterable[Watch] = (
    Watch(
        "RECEIPT_DUE", _("Delivery to answer"),
        _("%(partner)s delivered on %(traded_on)s (%(paper)s): say whether it came as the paper says."),
        _("Answer the delivery"), unanswered,
    ),
    Watch(
        "CLAIM_OPEN", _("Objection to settle"),
        _("%(partner)s objects to your delivery of %(traded_on)s (%(paper)s): settle it, or say why you do not agree."),
        _("Settle the objection"), unsettled,
    ),
    Watch(
        "CLAIM_ESCALATED", _("Dispute for the station"),
        _("The delivery of %(traded_on)s to %(partner)s (%(paper)s) is in dispute, and the two have not settled it."),
        _("Decide the dispute"), escalated,
    ),
    Watch(
        "ACKNOWLEDGE", _("Purchase to acknowledge"),
        _("%(partner)s wrote down a purchase from you on %(traded_on)s (%(paper)s): say whether it is yours."),
        _("Look at the purchase"), unacknowledged,
    ),
    Watch(
        "CORRECTION_ASKED", _("Correction to agree to"),
        _("A correction of %(paper)s of %(traded_on)s waits for your yes: %(reason)s"),
        _("Look at the correction"), corrections_asked,
    ),
    Watch(
        "MISMATCH", _("Delivery counted twice"),
        _("%(seller)s and %(buyer)s have both written down the delivery of %(traded_on)s (%(paper)s)."),
        _("Look at the paper"), counted_twice,
    ),
    Watch(
        "LOT_EXPIRING", _("Stock that expires soon"),
        ngettext_lazy(
            "%(n)s lot in stock expires soon: it is good until %(expires_on)s.",
            "%(n)s lots in stock expire soon: the first is good until %(expires_on)s.", "n",
        ),
        _("See the stock"), expiring,
    ),
    Watch(
        "LOT_EXPIRED", _("Expired stock"),
        ngettext_lazy(
            "%(n)s lot in stock has expired: it was good until %(expires_on)s. Take it off sale, or count it.",
            "%(n)s lots in stock have expired: the first was good until %(expires_on)s. Take them off sale, or count.",
            "n",
        ),
        _("See the stock"), expired,
    ),
    Watch(
        "OVERSALE", _("Sold beyond stock"),
        _("%(goods)s, lot %(lot)s: %(quantity)s more went out than came in. A purchase or a correction is missing."),
        _("See the stock"), oversold,
    ),
    Watch(
        "COA_MISSING", _("Sold without its paper"),
        _("%(goods)s, lot %(lot)s was sold without a paper that it must have. Upload it once, and every buyer has it."),
        _("Upload the paper"), without_papers,
    ),
    Watch(
        "LATE_ENTRY", _("Late entry"),
        ngettext_lazy(
            "%(n)s paper was written late on %(written_on)s, %(hours)s hours after it was due.",
            "%(n)s papers were written late on %(written_on)s, up to %(hours)s hours after they were due.", "n",
        ),
        _("See the papers"), written_late,
    ),
)  # fmt: skip
