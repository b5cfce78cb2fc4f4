"""What in the shared catalogue an enterprise is told: a field took another value than the one it had entered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts.rules import Fact, Link, Look, Watch
from catalog import sql
from catalog.models import Product

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


RULES = (
    Watch(
        "CATALOGUE_CHANGED",
        _("Changed in the shared catalogue"),
        _("%(goods)s: the shared catalogue says “%(after)s” where you had entered “%(said)s”."),
        _("See why"),
        overruled,
    ),
)
