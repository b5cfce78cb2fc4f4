"""How the shared row follows what is said of it: the count is the database's, pinyin and weights are Python's."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

import pghistory
from django.db import connection, transaction

from catalog import sql
from catalog.models import Contribution, FieldDecision, Product
from enterprises.models import Enterprise, EnterpriseRole
from enterprises.spelling import pinyin

MAKER, WHOLESALER, OTHER = 4, 2, 1
AT_ONCE = 5_000  # products in one transaction


class Changed(NamedTuple):
    """A field of a shared product that took another value."""

    product: int
    field: str
    before: str
    after: str


def weight_of(enterprise: Enterprise, product: Product) -> int:
    """What the word of an enterprise weighs: its maker 4, a wholesaler of the registry 2, anybody else 1."""
    if product.maker_id == enterprise.pk:
        return MAKER
    in_registry = enterprise.status == Enterprise.Status.ACTIVE
    return WHOLESALER if in_registry and EnterpriseRole.WHOLESALER in enterprise.roles else OTHER


def take_in(contribution: Contribution) -> list[Changed]:
    """Count one contribution and let its product follow; the same work however many there were before."""
    return _run(sql.TAKE_IN, [contribution.pk])


def take_in_decision(decision: FieldDecision) -> list[Changed]:
    """Let the product follow a steward's decision, or its taking back."""
    return _run(sql.RESOLVE, [[decision.product_id], decision.pk])


def recount() -> Iterator[int]:
    """Count everything that was ever said again, set by set; yields how many fields changed in each set."""
    said = Contribution.objects.order_by("product").values_list("product", flat=True).distinct()
    waiting = iter(list(said))
    while products := list(islice(waiting, AT_ONCE)):
        with pghistory.context(reason="recount"), transaction.atomic():
            yield len(_run(sql.RECOUNT, [products]))


def _run(statement: str, parameters: list[Any]) -> list[Changed]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        changed = [Changed(*row) for row in cursor.fetchall()]
    for product, field, _before, name in changed:
        if field == "name":
            full, initials = pinyin(name)
            Product.objects.filter(pk=product).update(name_pinyin=full, name_initials=initials)
    return changed
