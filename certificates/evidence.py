"""Which papers goods must have, and whether they are there: the question every line of the books asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.scope import Scope
from catalog.models import Lot, Product
from certificates import sql
from certificates.models import STANDING, Certificate, EvidenceRule, Licence
from enterprises.models import Enterprise
from laws.parameters import add_months

HAVE, EXPIRED, MISSING = "have", "expired", "missing"
WORST = (MISSING, EXPIRED, HAVE)


@dataclass(frozen=True)
class Asked:
    """Goods of one lot (empty: of none in particular) that were traded on a day."""

    product_id: int
    lot_key: str
    day: date


@dataclass(frozen=True)
class Evidence:
    """How one rule stands: `have`, `expired` (there is one, but not for this day) or `missing`, and by which paper.

    `is_late` says that the paper was uploaded after the day. Without a rule nothing is needed, and that is `have`.
    """

    state: str
    rule: EvidenceRule | None = None
    certificate_id: int | None = None
    is_verified: bool = False
    is_late: bool = False


def state(*, product: Product, lot: Lot | None = None, on: date | None = None, scope: Scope | None = None) -> Evidence:
    """Whether these goods have their papers on that day, by default today: the worst of what the rules ask.

    Without a scope every paper counts; with one those that it may see.
    """
    asked = Asked(product.pk, lot.code_key if lot else "", on or timezone.localdate())
    return worst(states([asked], scope=scope)[0])


def worst(found: Sequence[Evidence]) -> Evidence:
    """Of several rules the one that stands worst."""
    return min(found, key=lambda row: WORST.index(row.state), default=Evidence(HAVE))


def states(
    asked: Sequence[Asked], *, scope: Scope | None = None, known_at: datetime | None = None
) -> list[list[Evidence]]:
    """For each question every rule that applies, in two statements whatever is asked.

    `known_at` asks what was known at that moment: papers uploaded later do not count, those withdrawn later do.
    """
    own = sorted(scope.enterprise_ids | getattr(scope, "firm_ids", frozenset())) if scope else []
    sees_all = scope is None or scope.everything or bool(scope.region_codes)
    named: dict[str, Any] = {
        "n": list(range(len(asked))), "products": [row.product_id for row in asked],
        "lots": [row.lot_key for row in asked], "days": [row.day for row in asked], "known_at": known_at,
        "all": sees_all, "own": own,
    }  # fmt: skip
    found: list[list[Evidence]] = [[] for _row in asked]
    if not asked:
        return found
    with connection.cursor() as cursor:
        cursor.execute(sql.EVIDENCE, named)
        rows = cursor.fetchall()
    rules = EvidenceRule.objects.in_bulk({row[1] for row in rows}) if rows else {}
    for n, rule, certificate, covers, its_state, uploaded_at in rows:
        word = MISSING if certificate is None else HAVE if covers else EXPIRED
        is_late = bool(uploaded_at and timezone.localdate(uploaded_at) > asked[n].day)
        found[n].append(Evidence(word, rules[rule], certificate, its_state == "verified", is_late))
    return found


def licence_on(seller: Enterprise, day: date, *, known_at: datetime | None = None) -> Evidence:
    """Whether the seller, or the headquarters it belongs to, was licensed to deal in food on that day."""
    rows = Licence.objects.filter(
        Q(holder=seller) | Q(holder=seller.headquarters_id), kind__is_food_licence=True
    ).order_by(F("valid_until").desc(nulls_first=True), "-pk")
    if known_at is None:
        rows = rows.standing()
    else:
        rows = rows.filter(Q(ended_at=None) | Q(ended_at__gt=known_at), uploaded_at__lte=known_at)
    licences = list(rows)
    good = [row for row in licences if row.covers(day)]
    if not licences:
        return Evidence(MISSING)
    best = (good or licences)[0]
    is_late = timezone.localdate(best.uploaded_at) > day
    return Evidence(HAVE if good else EXPIRED, None, best.pk, best.state == "verified", is_late)


def lacking(product: str, lot_key: str) -> Q:
    """For a queryset: rows whose goods lack a paper today, where `product` leads to them and `lot_key` to their lot.

    Only papers that everybody may see count. The rules are read once, now.
    """
    today = timezone.localdate()
    condition: Any = Q(pk__in=[])
    for rule in EvidenceRule.objects.in_force(today):
        papers = _papers(rule, lot_key, today)
        own, merged = (papers.filter(**{path: OuterRef(product)}) for path in ("product", "product__merged_into"))
        condition |= _needs(rule, product) & ~Exists(own) & ~Exists(merged)
    return condition


def _needs(rule: EvidenceRule, product: str) -> Q:
    needs = Q()
    if rule.category_id:
        needs &= Q(**{f"{product}__category": rule.category_id})
    if rule.goods:
        needs &= Q(**{f"{product}__kind": rule.goods})
    words = Q()
    for word in rule.origins.split():
        words |= Q(**{f"{product}__origin__contains": word})
    return needs & words


def _papers(rule: EvidenceRule, lot_key: str, today: date) -> QuerySet[Certificate]:
    rows = Certificate.objects.filter(
        Q(state="verified") | Q(uploaded_for=None) | Q(uploaded_for=F("holder")),
        kind__in=rule.kinds, conforms=True, state__in=STANDING,
    )  # fmt: skip
    if rule.per == EvidenceRule.Per.LOT:
        return rows.filter(lot_key=OuterRef(lot_key))
    rows = rows.valid_on(today)
    return rows.filter(valid_from__gt=add_months(today, -rule.months)) if rule.months else rows
