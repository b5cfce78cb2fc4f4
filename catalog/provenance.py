"""Where each value of a shared product comes from: who says it, what else is said, and what it was before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Contribution, FieldChange, FieldConflict, FieldDecision, FieldValue, Product
from catalog.nutrition import panel_words
from catalog.services import SHARED_FACTS
from enterprises.models import Enterprise

FIELDS = (*SHARED_FACTS, "maker")
HISTORY_MAX = 100
ROWS: Mapping[str, Any] = {
    field.name: field.related_model for field in Product._meta.fields if field.name in FIELDS and field.related_model
}


@dataclass(frozen=True)
class Said:
    """A value that somebody says: as it is kept, as it is read, and how many firms stand behind it."""

    value: str
    words: str
    voices: int


@dataclass(frozen=True)
class Fact:
    """One field of the product page: its value, where that comes from, all that is said, whether it is disputed."""

    field: str
    label: str
    value: str
    words: str
    source: str
    said: tuple[Said, ...]
    is_disputed: bool
    decision: FieldDecision | None

    @property
    def others(self) -> list[Said]:
        """What is said and does not stand there."""
        return [said for said in self.said if said.value != self.value]


@dataclass(frozen=True)
class Turn:
    """One line of the history: a field that took another value, and why."""

    label: str
    before: str
    after: str
    change: FieldChange


def label_of(field: str) -> str:
    """The name of a field, as forms show it."""
    return str(Product._meta.get_field(field).verbose_name)  # type: ignore[union-attr]


def present_value(product: Product, field: str) -> str:
    """What a field says now, as contributions keep it: rows by their key."""
    value = getattr(product, Product._meta.get_field(field).attname)  # type: ignore[union-attr]
    return "" if value is None else str(value)


def facts_of(product: Product) -> list[Fact]:
    """Every field of a shared product with where its value comes from."""
    said = _said(product)
    disputed = set(FieldConflict.objects.filter(product=product).values_list("field", flat=True))
    decided = _decisions(product)
    made = _fields_of_the_maker(product)
    words = _Words([str(product.maker_id or ""), *said.get("maker", {})])
    return [
        Fact(
            field, label_of(field), now := present_value(product, field), words.of(field, now),
            _source(now, said.get(field, {}), decided.get(field), is_made=field in made),
            tuple(
                Said(value, words.of(field, value), voices) for value, voices in said.get(field, {}).items()
            ),
            field in disputed, decided.get(field),
        )
        for field in FIELDS
    ]  # fmt: skip


def history_of(product: Product) -> list[Turn]:
    """What changed, the latest first."""
    changes = list(
        FieldChange.objects.filter(product=product)
        .select_related("decision__author", "contribution__enterprise").order_by("-pk")[:HISTORY_MAX]
    )  # fmt: skip
    words = _Words(value for row in changes if row.field == "maker" for value in (row.before, row.after))
    return [
        Turn(label_of(row.field), words.of(row.field, row.before), words.of(row.field, row.after), row)
        for row in changes
    ]


class _Words:
    """Values as people read them; rows are fetched once for all. `makers` are the keys of enterprises among them."""

    def __init__(self, makers: Iterable[str]) -> None:
        wanted = {int(key) for key in makers if key}
        firms = Enterprise.objects.in_bulk(wanted) if wanted else {}
        self.names = {("maker", str(pk)): str(row) for pk, row in firms.items()}
        for field in ("unit", "category"):
            self.names |= {(field, str(row.pk)): str(row) for row in ROWS[field]._default_manager.all()}
        self.names |= {("kind", value): str(label) for value, label in Product.Kind.choices}

    def of(self, field: str, value: str) -> str:
        if field == "nutrition":
            return panel_words(value)
        return self.names.get((field, value), value)


def _said(product: Product) -> dict[str, dict[str, int]]:
    said: dict[str, dict[str, int]] = {}
    rows = FieldValue.objects.filter(product=product).order_by("field", "-score", "value")
    for field, value, voices in rows.values_list("field", "value", "voices"):
        said.setdefault(field, {})[value] = voices
    return said


def _decisions(product: Product) -> dict[str, FieldDecision]:
    rows = FieldDecision.objects.filter(product=product).order_by("field", "-pk").distinct("field")
    return {row.field: row for row in rows.select_related("author") if row.value is not None}


def _fields_of_the_maker(product: Product) -> set[str]:
    theirs = Contribution.objects.filter(product=product, enterprise=product.maker_id) if product.maker_id else ()
    return {field for row in theirs for field in row.facts}


def _source(value: str, said: Mapping[str, int], decision: FieldDecision | None, *, is_made: bool) -> str:
    if decision is not None:
        return _("Decided by a data steward")
    if not value:
        return ""
    if is_made:
        return _("The maker says so")
    voices = said.get(value, 0)
    if not voices:
        return _("From the catalogue's first load")
    return ngettext("%(n)s enterprise says so", "%(n)s enterprises say so", voices) % {"n": voices}
