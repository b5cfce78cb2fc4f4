"""What a clerk should know before a paper is confirmed for ever: the rules, asked of its lines in a few statements."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Avg, Max, Min, Q, Sum
from django.utils import timezone

from catalog.models import lot_key
from certificates.evidence import HAVE, Asked, states
from certificates.models import Licence
from enterprises.models import Enterprise
from enterprises.scoping import Scope
from laws.models import RuleParameter
from laws.parameters import deadline, in_force_under
from ledgers.models import Invoice, InvoiceLine, InvoiceWarning, LedgerEntry, StockBalance
from ledgers.twins import twins_of

Rule = InvoiceWarning.Rule
SHOWN, WITH_REASON, REFUSED = 1, 2, 3
LATE = "entry.late"
USUAL_DAYS, USUAL_LEAST = 180, 3
Answers = Iterator[tuple[int | None, dict[str, Any]]]


@dataclass(frozen=True)
class Found:
    """A rule that fits: on which line (None: the paper), with which figures, how serious, and by which source."""

    rule: str
    position: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    level: int = SHOWN
    source: str = ""


@dataclass(frozen=True)
class Sheet:
    """A draft with what the rules ask of it; each is looked up once, when a rule first asks."""

    invoice: Invoice
    parameters: Mapping[str, RuleParameter]

    @property
    def day(self) -> datetime.date:
        return self.invoice.traded_on

    @cached_property
    def lines(self) -> list[InvoiceLine]:
        return list(self.invoice.lines.select_related("product__unit"))

    @cached_property
    def balances(self) -> dict[tuple[int, str], StockBalance]:
        """The author's stock by product and lot code; of two lots of one code that with the most left."""
        products, codes = ({line.product_id for line in self.lines}, {lot_key(line.lot_code) for line in self.lines})
        rows = StockBalance.objects.filter(
            enterprise=self.invoice.author_id, lot__product__in=products, lot__code_key__in=codes
        ).select_related("lot")
        return {(row.lot.product_id, row.lot.code_key): row for row in rows.order_by("quantity", "lot")}

    @cached_property
    def usual(self) -> dict[int, Decimal]:
        """By product what a line of it usually brings, where there were a few lately."""
        side = "buyer" if self.invoice.is_purchase else "seller"
        lately = LedgerEntry.objects.in_force().filter(
            **{side: self.invoice.author_id}, traded_on__gte=self.day - datetime.timedelta(days=USUAL_DAYS),
            product__in={line.product_id for line in self.lines},
        )  # fmt: skip
        rows = lately.order_by().values_list("product").annotate(usual=Avg("quantity"), count=Sum(1))
        return {product: usual for product, usual, count in rows if count >= USUAL_LEAST}

    @cached_property
    def came_on(self) -> dict[int, datetime.date]:
        """By lot of the author's stock the day on which it first came."""
        lots = [balance.lot_id for balance in self.balances.values()]
        came = LedgerEntry.objects.in_force().filter(lot__in=lots, buyer=self.invoice.author_id).order_by()
        return dict(came.values_list("lot").annotate(first=Min("traded_on")))

    def moved(self) -> Iterator[tuple[StockBalance | None, InvoiceLine, Decimal]]:
        """Each line with its lot's balance, and how much of that lot the paper has taken up to this line."""
        taken: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
        for line in self.lines:
            key = line.product_id, lot_key(line.lot_code)
            taken[key] += line.quantity * line.factor
            yield self.balances.get(key), line, taken[key]


def warnings_of(invoice: Invoice) -> list[Found]:
    """What the rules in force today say to a draft, those of the whole paper first."""
    sheet = Sheet(invoice, in_force_under("warning."))
    found = [warning for rule, ask in RULES.items() for warning in _ask(sheet, rule, ask)]
    found += _papers_missing(sheet)
    return sorted(found, key=lambda warning: (warning.position or 0, -warning.level))


def _ask(sheet: Sheet, rule: str, ask: Callable[[Sheet], Answers]) -> Iterator[Found]:
    parameter = sheet.parameters.get(rule)
    if parameter is None or not parameter.value:
        return
    for position, facts in ask(sheet):
        told = {name: _plain(value) for name, value in facts.items()}
        yield Found(rule, position, told, int(parameter.value), parameter.source)


def _papers_missing(sheet: Sheet) -> Iterator[Found]:
    """What the evidence rules ask of the goods; they say themselves how serious it is, and more of sales."""
    asked = [Asked(line.product_id, lot_key(line.lot_code), sheet.day) for line in sheet.lines]
    author = sheet.invoice.author
    scope = Scope(enterprise_ids=frozenset({author.pk, author.firm.pk}))
    for line, found in zip(sheet.lines, states(asked, scope=scope), strict=True):
        for row in found:
            if row.state != HAVE and row.rule is not None:
                facts = {"lot": line.lot_code, "asks_zh": row.rule.name_zh, "asks_en": row.rule.name_en}
                level = SHOWN if sheet.invoice.is_purchase else row.rule.level
                yield Found(Rule.PAPER_MISSING, line.position, facts, level, row.rule.source)


def _plain(value: object) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _named(line: InvoiceLine) -> dict[str, str]:
    """The base unit in both languages: whoever reads the warning later may read the other one."""
    return {"unit_zh": line.product.unit.name_zh, "unit_en": line.product.unit.name_en}


def _closed(sheet: Sheet) -> Answers:
    for party in (sheet.invoice.seller, sheet.invoice.buyer):
        if party and party.status == Enterprise.Status.CLOSED:
            yield None, {"party": party.name}


def _late(sheet: Sheet) -> Answers:
    """Entered later than `entry.late` after the end of the day of the trade."""
    end_of_day = timezone.make_aware(datetime.datetime.combine(sheet.day, datetime.time.max))
    if timezone.now() > deadline(LATE, end_of_day):
        yield None, {"days": (timezone.localdate() - sheet.day).days}


def _licences(seller: Enterprise) -> Any:
    return Licence.objects.standing().filter(
        Q(holder=seller) | Q(holder=seller.headquarters_id), kind__is_food_licence=True
    )


def _ended(seller: Enterprise, day: datetime.date) -> datetime.date | None:
    """When the last food licence ended, where none was good on that day."""
    licences = _licences(seller)
    ended: Any = licences.expired_on(day).aggregate(until=Max("valid_until"))["until"]
    return ended if ended and not licences.valid_on(day).exists() else None


def _own_licence(sheet: Sheet) -> Answers:
    if sheet.invoice.is_purchase:
        return
    if until := _ended(sheet.invoice.author, sheet.day):
        yield None, {"until": until}


def _licence_expired(sheet: Sheet) -> Answers:
    if sheet.invoice.is_purchase and (seller := sheet.invoice.seller) and (until := _ended(seller, sheet.day)):
        yield None, {"party": seller.name, "until": until}


def _licence_missing(sheet: Sheet) -> Answers:
    seller = sheet.invoice.seller
    if sheet.invoice.is_purchase and seller and not seller.is_person:
        licences = _licences(seller)
        if not (licences.valid_on(sheet.day) | licences.expired_on(sheet.day)).exists():
            yield None, {"party": seller.name}


def _lot_twice(sheet: Sheet) -> Answers:
    times = Counter((line.product_id, lot_key(line.lot_code)) for line in sheet.lines)
    seen = set()
    for line in sheet.lines:
        key = line.product_id, lot_key(line.lot_code)
        if times[key] > 1 and key in seen:
            yield line.position, {"lot": line.lot_code}
        seen.add(key)


def _oversold(sheet: Sheet) -> Answers:
    if sheet.invoice.is_purchase:
        return
    for balance, line, taken in sheet.moved():
        left = balance.quantity if balance else Decimal(0)
        if taken > left:
            yield line.position, {"lot": line.lot_code, "left": left, "after": left - taken, **_named(line)}


def _shelf_life(sheet: Sheet) -> Answers:
    tolerance = sheet.parameters["shelf_life.tolerance"].value
    for line in sheet.lines:
        known = line.product.shelf_life_days
        if known and line.produced_on and line.expires_on:
            days = (line.expires_on - line.produced_on).days
            if abs(days - known) * 100 > tolerance * known:
                yield line.position, {"days": days, "known": known}


def _short_life(sheet: Sheet) -> Answers:
    least = sheet.parameters["short_life.least"].value
    for line in sheet.lines:
        if line.produced_on and line.expires_on and line.expires_on >= sheet.day:
            whole, left = (line.expires_on - line.produced_on).days, (line.expires_on - sheet.day).days
            if left * 100 < least * whole:
                yield line.position, {"days": left, "until": line.expires_on}


def _sold_before_received(sheet: Sheet) -> Answers:
    if sheet.invoice.is_purchase:
        return
    for balance, line, _taken in sheet.moved():
        came = sheet.came_on.get(balance.lot_id) if balance else None
        if came and came > sheet.day:
            yield line.position, {"lot": line.lot_code, "came": came}


def _twin(sheet: Sheet) -> Answers:
    for twin in twins_of(sheet.invoice):
        yield None, {"paper": twin.number, "pk": twin.pk, "day": twin.traded_on}
        return


def _unusual(sheet: Sheet) -> Answers:
    times = sheet.parameters["unusual.times"].value
    for line in sheet.lines:
        usual, brings = sheet.usual.get(line.product_id), line.quantity * line.factor
        if usual and brings > times * usual:
            about = usual.quantize(Decimal(1)) if usual >= 1 else usual.quantize(Decimal("0.001"))
            yield line.position, {"quantity": brings, "usual": about, **_named(line)}


RULES: Mapping[str, Callable[[Sheet], Answers]] = {
    Rule.CLOSED: _closed,
    Rule.TWIN: _twin,
    Rule.LICENCE_EXPIRED: _licence_expired,
    Rule.OWN_LICENCE: _own_licence,
    Rule.LICENCE_MISSING: _licence_missing,
    Rule.LATE: _late,
    Rule.OVERSOLD: _oversold,
    Rule.SOLD_BEFORE_RECEIVED: _sold_before_received,
    Rule.SHORT_LIFE: _short_life,
    Rule.SHELF_LIFE: _shelf_life,
    Rule.UNUSUAL: _unusual,
    Rule.LOT_TWICE: _lot_twice,
}
