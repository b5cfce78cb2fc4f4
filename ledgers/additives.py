"""How much of an additive went into a run, beside what the limits in force let into what it made."""

from __future__ import annotations

import datetime
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal

from django.utils.translation import gettext as _

from catalog.models import AdditiveLimit, Lot, Product
from catalog.weights import grams_of

SHOWN, ROOMY = Decimal("0.00001"), Context(prec=80)  # a tonne in a milligram has its figure, too

Used = Sequence[tuple[Lot, Decimal]]
Made = Sequence[tuple[Product, Decimal]]


@dataclass(frozen=True)
class Dose:
    """An additive in all that a run made of one category; `lots` are the keys of those that brought it."""

    limit: AdditiveLimit
    lots: frozenset[int]
    used_grams: Decimal
    made_grams: Decimal

    @property
    def is_over(self) -> bool:
        """Compared by products, for a quotient is rounded."""
        return self.used_grams * 1000 > self.limit.max_grams_per_kg * self.made_grams

    @property
    def sentence(self) -> str:
        """The figures: how many grams in a kilogram, how many are allowed, and by which clause."""
        words = _(
            "%(additive)s: %(used)s g per kg, at most %(limit)s g per kg are allowed in %(category)s (%(source)s)."
        )
        return words % {
            "additive": self.limit.additive,
            "used": _plain((self.used_grams * 1000 / self.made_grams).quantize(SHOWN, context=ROOMY)),
            "limit": _plain(self.limit.max_grams_per_kg),
            "category": self.limit.category,
            "source": self.limit.source,
        }


def doses(used: Used, made: Made, *, day: datetime.date) -> list[Dose]:
    """Every additive that went in for which a limit is in force on this day, category by category of what came out.

    Where goods of several categories came out, all of it counts for each: it may have gone into that alone. What has no
    known weight is not judged. Asks the database only where an additive went in.
    """
    additives = [(lot, quantity) for lot, quantity in used if lot.product.kind == Product.Kind.ADDITIVE]
    categories = defaultdict(list)
    for product, quantity in made:
        categories[product.category_id].append((product, quantity))
    categories.pop(None, None)
    if not additives or not categories:
        return []
    limits = AdditiveLimit.objects.in_force(day).filter(category__in=categories).select_related("category")
    brought = _by_limit(additives, limits)
    found = (_dose(limit, lots, categories[limit.category_id]) for limit, lots in brought.items())
    return [dose for dose in found if dose]


def over_limit(found: Iterable[Dose]) -> list[str]:
    """A sentence for every additive of which there is too much, with what to do."""
    return [
        _("Over the limit: %(figures)s Put the quantity right, or say in the note why it is so.")
        % {"figures": dose.sentence}
        for dose in found
        if dose.is_over
    ]


def _by_limit(additives: Used, limits: Iterable[AdditiveLimit]) -> dict[AdditiveLimit, list[tuple[Lot, Decimal]]]:
    """The lots that each limit speaks of: in every category the longest name that stands in the name of the goods."""
    in_category = defaultdict(list)
    for limit in limits:
        in_category[limit.category_id].append(limit)
    brought = defaultdict(list)
    for lot, quantity in additives:
        name = _bare(lot.product.name)
        for choices in in_category.values():
            fitting = [limit for limit in choices if _bare(limit.additive) in name]
            if fitting:
                brought[max(fitting, key=lambda limit: len(limit.additive))].append((lot, quantity))
    return brought


def _dose(limit: AdditiveLimit, used: Used, made: Made) -> Dose | None:
    used_grams = _weight((quantity, grams_of(lot.product, lot.unit)) for lot, quantity in used)
    made_grams = _weight((quantity, grams_of(product, product.unit)) for product, quantity in made)
    if used_grams is None or not made_grams:
        return None
    return Dose(limit, frozenset(lot.pk for lot, _quantity in used), used_grams, made_grams)


def _weight(amounts: Iterator[tuple[Decimal, Decimal | None]]) -> Decimal | None:
    """All of it in grams; None as soon as one weight is not known."""
    total = Decimal(0)
    for quantity, grams in amounts:
        if grams is None:
            return None
        total += quantity * grams
    return total


def _bare(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
