"""Goods counted in packages: what a written unit means for them, and how many base units that is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from decimal import Decimal
from itertools import chain

from django.db.models import F, Q

from catalog.lookup import Goods
from catalog.models import Packing, Product, Unit
from enterprises.models import Enterprise

FINEST = Decimal("0.001")  # as fine as the factor of a line


def packings_of(products: Collection[int], *, enterprise: Enterprise) -> dict[int, list[Packing]]:
    """By product how it is packed: as the enterprise says, and as its maker says where the enterprise says nothing."""
    said = Packing.objects.filter(Q(owner=enterprise.firm) | Q(owner=F("product__maker")), product__in=products)
    rows = said.select_related("unit", "product__unit").order_by("product", "quantity", "pk")
    found: dict[int, dict[str, Packing]] = {}
    for row in sorted(rows, key=lambda row: row.owner_id == enterprise.firm.pk):  # one's own comes last and stays
        found.setdefault(row.product_id, {})[row.unit_id] = row
    return {product: list(units.values()) for product, units in found.items()}


class Measures:
    """What units mean for an enterprise's goods, asked once for each pair of goods and unit."""

    def __init__(self, enterprise: Enterprise) -> None:
        self.enterprise = enterprise
        self._known: dict[tuple[int, Decimal, str], tuple[Unit, Decimal] | None] = {}
        self._packings: dict[int, list[Packing]] = {}
        self._weights: list[Unit] | None = None

    def learn(self, products: Iterable[Product]) -> None:
        """Ask at once how all these goods are packed."""
        new = {product.pk for product in products} - self._packings.keys()
        if new:
            self._packings |= {key: [] for key in new} | packings_of(new, enterprise=self.enterprise)

    def goods_in(self, goods: Goods, word: str) -> Goods | None:
        """The goods as counted in this unit; None where nobody has said how many are in one, or where the barcode
        stands for another number of them."""
        base = goods.product.unit
        if not word or word in (base.name_zh, base.code, base.name_en):
            return goods
        key = (goods.product.pk, goods.factor, word)
        if key not in self._known:
            self._known[key] = self._meant(goods, word)
        measure = self._known[key]
        return replace(goods, unit=measure[0], factor=measure[1]) if measure else None

    def _meant(self, goods: Goods, word: str) -> tuple[Unit, Decimal] | None:
        self.learn([goods.product])
        packed = ((row.unit, row.quantity) for row in self._packings[goods.product.pk])
        for unit, factor in chain(packed, self._by_weight(goods.product)):
            if word in (unit.name_zh, unit.code, unit.name_en) and goods.factor in (1, factor):
                return unit, factor
        return None

    def _by_weight(self, product: Product) -> Iterable[tuple[Unit, Decimal]]:
        grams = product.unit.grams
        if not grams:
            return
        if self._weights is None:
            self._weights = list(Unit.objects.filter(grams__gt=0))
        for unit in self._weights:
            factor = (unit.grams or Decimal(0)) / grams
            if factor and factor == factor.quantize(FINEST):
                yield unit, factor
