"""The shared catalogue in the order of its changes, page by page, so that nothing is missed and nothing is skipped.

A page goes on behind the last product of the one before, by (updated_at, id): what is added meanwhile comes later, and
never shifts a page. Changes of transactions that are not over yet, or began before such, wait for the next question:
otherwise a slow transaction would appear behind a reader who has gone past its time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from catalog.facts import shared_products
from catalog.lookup import by_barcode
from catalog.models import FoodCategory, Product
from catalog.search import matching
from catalog.sql import SETTLED_UNTIL

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SIGNER = Signer(salt="catalog.changes", sep=".")


@dataclass(frozen=True)
class Page:
    """Products as they changed, the oldest change first; `cursor` leads on, also tomorrow to what changed since."""

    products: list[Product]
    cursor: str | None
    has_more: bool


@dataclass(frozen=True)
class Wanted:
    """Which products: words or a barcode, a food category's code, changes at or after a moment."""

    text: str = ""
    category: str = ""
    since: datetime | None = None


def settled_until() -> datetime:
    """The moment before which no change can turn up any more."""
    with connection.cursor() as cursor:
        cursor.execute(SETTLED_UNTIL)
        moment: datetime = cursor.fetchone()[0]
    return moment


def last_change(until: datetime) -> datetime | None:
    """When any shared product changed last, before `until`."""
    changes = Product.objects.shared().filter(updated_at__lt=until).order_by("-updated_at", "-id")
    moment: datetime | None = changes.values_list("updated_at", flat=True).first()
    return moment


def page(wanted: Wanted, *, cursor: str | None, limit: int, until: datetime) -> Page:
    """One page of at most `limit` products. Raises ValidationError for a cursor or a category that is none."""
    rows = _matching(wanted).filter(updated_at__lt=until)
    if cursor:
        at, pk = _read(cursor)
        rows = rows.filter(updated_at__gte=at).filter(Q(updated_at__gt=at) | Q(pk__gt=pk))
    found = list(rows.order_by("updated_at", "id")[: limit + 1])
    shown = found[:limit]
    return Page(shown, _written(shown[-1]) if shown else cursor, len(found) > limit)


def _matching(wanted: Wanted) -> QuerySet[Product]:
    rows = shared_products()
    if wanted.category:
        if not FoodCategory.objects.filter(pk=wanted.category).exists():
            raise ValidationError({"category": _("There is no food category with this code.")})
        rows = rows.filter(category=wanted.category)
    if wanted.since:
        rows = rows.filter(updated_at__gte=wanted.since)
    if not wanted.text:
        return rows
    exact = by_barcode(wanted.text)
    return rows.filter(pk=exact.pk) if exact else matching(wanted.text, rows)


def _written(product: Product) -> str:
    micros = (product.updated_at - EPOCH) // timedelta(microseconds=1)
    return SIGNER.sign(f"{micros:x}-{product.pk:x}")


def _read(cursor: str) -> tuple[datetime, int]:
    try:
        micros, pk = (int(part, 16) for part in SIGNER.unsign(cursor).split("-"))
    except BadSignature as fault:
        raise ValidationError(
            {"cursor": _("This cursor is not one of ours. Take it over as it was given, or begin without one.")}
        ) from fault
    return EPOCH + timedelta(microseconds=micros), pk
