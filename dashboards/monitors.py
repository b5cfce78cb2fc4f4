"""Three questions asked of an area (H-019): who sells a food, what a seller sells, who makes what is sold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, QuerySet, Sum

from accounts.scope import Scope
from catalog.models import Listing, Product
from catalog.search import matching
from enterprises.models import Enterprise
from ledgers.models import LedgerEntry, StockBalance

CHOICES_MAX = 30


@dataclass(frozen=True)
class Seller:
    """An enterprise that has had a food: how much is left by unit is for its own page, here how many lots and when."""

    enterprise: Enterprise
    lots: int
    left: Any
    last_on: Any


@dataclass(frozen=True)
class Food:
    """A food of a seller; filed is what stands on the list of its firm, so that everybody can see that it sells it."""

    product: Product
    lots: int
    left: Any
    is_filed: bool


@dataclass(frozen=True)
class Maker:
    """A maker whose goods are or were in the area: how many kinds, at how many enterprises."""

    enterprise: Enterprise
    foods: int
    sellers: int


def foods_called(text: str) -> list[Product]:
    """The products a text may mean, best first."""
    return list(matching(text, Product.objects.filter(merged_into=None))[:CHOICES_MAX])


def enterprises_called(text: str, scope: Scope) -> list[Enterprise]:
    """The enterprises of the area with this number, or whose name holds the text."""
    rows = Enterprise.objects.visible_to(scope)
    known = rows.by_number(text) | rows.in_registry().filter(name__icontains=text)
    return list(known.distinct().order_by("name_pinyin", "pk")[:CHOICES_MAX])


def sellers_of(product: Product, scope: Scope) -> list[Seller]:
    """Every enterprise of the area that had this food, by what the books say; who has most left stands first."""
    had = StockBalance.objects.visible_to(scope).of_goods([product.pk])
    rows = list(
        had.values("enterprise").annotate(lots=Count("lot"), left=Sum("quantity")).order_by("-left", "enterprise")
    )
    parties = Enterprise.objects.select_related("region").in_bulk([row["enterprise"] for row in rows])
    moved = LedgerEntry.objects.filter(product=product)
    bought = dict(moved.filter(buyer__in=parties).values_list("buyer").annotate(day=Max("traded_on")).order_by("buyer"))
    sold = dict(
        moved.filter(seller__in=parties).values_list("seller").annotate(day=Max("traded_on")).order_by("seller")
    )
    return [
        Seller(
            parties[pk], row["lots"], row["left"],
            max((day for day in (bought.get(pk), sold.get(pk)) if day), default=None),
        )
        for row in rows
        for pk in [row["enterprise"]]
    ]  # fmt: skip


def foods_of(enterprise: Enterprise) -> list[Food]:
    """Every food the books know of this enterprise; what is not on its list stands first."""
    held = StockBalance.objects.filter(enterprise=enterprise).values("lot__product")
    rows = list(held.annotate(lots=Count("lot"), left=Sum("quantity")).order_by("lot__product"))
    listed = Exists(Listing.objects.filter(enterprise=enterprise.firm, product=OuterRef("pk")))
    products = Product.objects.select_related("unit").annotate(is_listed=listed)
    found: dict[int, Any] = products.in_bulk([row["lot__product"] for row in rows])
    foods = [
        Food(found[row["lot__product"]], row["lots"], row["left"], found[row["lot__product"]].is_listed) for row in rows
    ]
    return sorted(foods, key=lambda food: (food.is_filed, food.product.name))


def makers_in(scope: Scope, *, named: str = "") -> list[Maker]:
    """Every maker of what the enterprises of the area have had, those with most sellers first; or those `named` so."""
    had = _made(scope).filter(lot__producer__name__icontains=named) if named else _made(scope)
    counted = had.values("lot__producer").annotate(
        foods=Count("lot__product", distinct=True), sellers=Count("enterprise", distinct=True)
    )
    rows = list(counted.order_by("-sellers", "lot__producer"))
    parties = Enterprise.objects.select_related("region").in_bulk([row["lot__producer"] for row in rows])
    return [Maker(parties[row["lot__producer"]], row["foods"], row["sellers"]) for row in rows]


def foods_and_sellers(maker: Enterprise, scope: Scope) -> list[tuple[Product, list[Enterprise]]]:
    """What of a maker's goods is or was in the area, each with who had it."""
    pairs = _made(scope).filter(lot__producer=maker).values_list("lot__product", "enterprise").distinct()
    by_food: dict[int, list[int]] = {}
    for product, enterprise in pairs.order_by("lot__product", "enterprise"):
        by_food.setdefault(product, []).append(enterprise)
    products = Product.objects.in_bulk(by_food)
    parties = Enterprise.objects.select_related("region").in_bulk({pk for some in by_food.values() for pk in some})
    return [(products[key], [parties[pk] for pk in some]) for key, some in by_food.items()]


def _made(scope: Scope) -> QuerySet[StockBalance]:
    """Holdings of the area whose maker is known."""
    return StockBalance.objects.visible_to(scope).exclude(lot__producer=None)
