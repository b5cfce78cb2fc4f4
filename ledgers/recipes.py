"""What the recipes of an enterprise say of a run: its parts filled in from stock, and those it lacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from catalog.models import Component, Lot, Product
from enterprises.models import Enterprise
from ledgers.fefo import Shelf
from ledgers.models import ProductionRun
from ledgers.own_lots import lots_called, shortest_names
from ledgers.run_typed import RunReading, read_run
from ledgers.typed_rows import THOUSANDTH


@dataclass(frozen=True)
class Filled:
    """A form as its recipes fill it in: `rows` lots were added, `short` says in words what stock could not give."""

    typed: dict[str, Any]
    rows: int = 0
    short: Sequence[str] = ()
    has_recipe: bool = True


def fill_in(typed: Mapping[str, Any], *, enterprise: Enterprise, run_id: int | None = None) -> Filled:
    """Add to a form the parts of all that comes out, from stock, over several lots, the first to expire first.

    Rows that stand there stay as they are; what they hold of a part is not taken again, nor is more of their lots.
    """
    reading = read_run(typed, enterprise=enterprise, run_id=run_id)
    parts = _parts(reading, enterprise)
    if not parts:
        return Filled(dict(typed), has_recipe=False)
    rows = typed.get("inputs", [])
    called = lots_called([row.get("lot", "") for row in rows], enterprise=enterprise)
    written = {balance.lot_id for balances in called.values() for balance in balances}
    shelf = Shelf(enterprise.pk, {part.pk for part in parts}, to_use=True, without=written)
    taken, short = _take(shelf, _still_wanted(parts, reading))
    names = shortest_names([lot for lot, _quantity in taken], enterprise=enterprise)
    added = [{"lot": names[lot.pk], "quantity": f"{quantity.normalize():f}"} for lot, quantity in taken]
    return Filled({**typed, "inputs": [*rows, *added]}, len(added), short)


def missing_parts(run: ProductionRun) -> list[str]:
    """A sentence for every part of a recipe of which no lot went into the run that makes it."""
    products = set(run.outputs.values_list("product", flat=True))
    lines = Component.objects.filter(owner=run.enterprise.firm, product__in=products).select_related("product", "part")
    lacking = lines.exclude(part__in=run.inputs.values("lot__product"))
    words = _("No lot of %(part)s went in, which the recipe of %(product)s has. Record the lot of each part.")
    return [words % {"part": line.part, "product": line.product} for line in lacking]


def _parts(reading: RunReading, enterprise: Enterprise) -> dict[Product, Decimal]:
    """How much of every part goes into all that comes out, in the part's base unit."""
    made: dict[int, Decimal] = defaultdict(Decimal)
    for product, quantity in reading.made:
        made[product.pk] += quantity
    parts: dict[Product, Decimal] = defaultdict(Decimal)
    lines = Component.objects.filter(owner=enterprise.firm, product__in=made).select_related("part__unit")
    for line in lines.order_by("pk"):
        parts[line.part] += made[line.product_id] * line.quantity
    return parts


def _still_wanted(parts: Mapping[Product, Decimal], reading: RunReading) -> dict[Product, Decimal]:
    wanted = {part: max(quantity.quantize(THOUSANDTH), THOUSANDTH) for part, quantity in parts.items()}
    for lot, quantity in reading.used:
        if lot.product in wanted:
            wanted[lot.product] -= quantity
    return {part: quantity for part, quantity in wanted.items() if quantity > 0}


def _take(shelf: Shelf, wanted: Mapping[Product, Decimal]) -> tuple[list[tuple[Lot, Decimal]], list[str]]:
    """The lots taken for each part, and in words what is wanting of it."""
    taken: list[tuple[Lot, Decimal]] = []
    short = []
    for part, quantity in wanted.items():
        shares = list(shelf.take(part.pk, quantity))
        taken += shares
        if rest := quantity - sum((share for _lot, share in shares), Decimal(0)):
            short.append(f"{part} {rest.normalize():f} {part.unit}")
    return taken, short
