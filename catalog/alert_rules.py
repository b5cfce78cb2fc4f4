"""What in the shared catalogue an enterprise is told: a field took another value than the one it had entered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts.rules import Fact, Link, Look, Watch
from catalog import sql
from catalog.models import Product, ProductReport

KINDS = dict(Product.Kind.choices)


def overruled(look: Look) -> Iterator[Fact]:
    """Fields that changed lately (`alert.catalogue_changed`), for each firm that had last said something else."""
    kept = look.keep.in_force(timezone.localdate(look.now))
    since = look.now - timedelta(days=int(kept.value) + 1)
    with connection.cursor() as cursor:
        cursor.execute(sql.OVERRULED, {"since": since, "only": None if look.only is None else list(look.only)})
        rows = cursor.fetchall()
    for subject, enterprise, product, goods, field, said, after, changed_at in rows:
        lapses_at = look.keep.deadline(changed_at)
        if lapses_at > look.now:
            said, after = (KINDS.get(word, word) if field == "kind" else word for word in (said, after))
            facts = {"goods": goods, "said": str(said), "after": str(after)}
            link = Link("catalog:product-detail", [product])
            yield Fact(subject, enterprise, facts, link, lapses_at=lapses_at)


def reported(look: Look) -> Iterator[Fact]:
    """Open reports about goods whose maker is here."""
    for row in _asked(ProductReport.objects.open().filter(product__maker__isnull=False), look):
        yield _of_report(row, row["product__maker"])


def answered(look: Look) -> Iterator[Fact]:
    """What became lately (`alert.catalogue_changed`) of what an enterprise reported."""
    kept = look.keep.in_force(timezone.localdate(look.now))
    since = look.now - timedelta(days=int(kept.value) + 1)
    for row in _asked(ProductReport.objects.filter(enterprise__isnull=False, answered_at__gte=since), look):
        lapses_at = look.keep.deadline(row["answered_at"])
        if lapses_at > look.now:
            yield _of_report(row, row["enterprise"], lapses_at=lapses_at)


def _asked(rows: QuerySet[ProductReport], look: Look) -> QuerySet[ProductReport, dict[str, Any]]:
    facts = ("pk", "says", "answer", "answered_at", "enterprise", "product__name", "product__maker")
    return look.among(rows).order_by("pk").values(*facts)


def _of_report(row: Mapping[str, Any], enterprise: int, *, lapses_at: datetime | None = None) -> Fact:
    facts = {"goods": row["product__name"], "says": row["says"], "answer": row["answer"]}
    return Fact(
        str(row["pk"]), enterprise, facts, Link("catalog:productreport-detail", [row["pk"]]), lapses_at=lapses_at
    )


RULES = (
    Watch(
        "CATALOGUE_CHANGED",
        _("Changed in the shared catalogue"),
        _("%(goods)s: the shared catalogue says “%(after)s” where you had entered “%(said)s”."),
        _("See why"),
        overruled,
    ),
    Watch(
        "PRODUCT_REPORTED",
        _("Wrong data reported of your goods"),
        _("%(goods)s: somebody says that the package says “%(says)s”."),
        _("Look at it"),
        reported,
    ),
    Watch(
        "REPORT_ANSWERED",
        _("Your report was answered"),
        _("%(goods)s, “%(says)s”: %(answer)s"),
        _("Look at it"),
        answered,
    ),
)
