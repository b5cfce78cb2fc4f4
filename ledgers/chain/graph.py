"""A chain as a drawing, farm to fork: its lots, and for one of them the way from hand to hand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Lot
from enterprises.models import Enterprise
from ledgers.chain.layers import Box, Drawing, layered
from ledgers.models import LotLink, ProductionRun
from ledgers.tracing import Movement
from registers.templatetags.house import quantity

LOTS_MAX = 60  # more are drawn as one box for each kind of goods, unless it is opened
BUYERS_MAX = 8  # of one seller, who sell nothing on: more stand in one box
BOXES_MAX = 150
TEXT_MAX = 13  # Chinese characters that fit into a box


def lots_drawn(lots: Mapping[int, Lot], subject: Lot, *, query: str, opened: int | None = None) -> Drawing:
    """The lots of a chain with an arrow from each to what was made of it.

    Above LOTS_MAX lots those of one product are one box; `opened` is the product whose lots are drawn all the same.
    """
    links = _links(lots)
    names = {key: key for key in lots} if len(lots) <= LOTS_MAX else _grouped(lots, subject, opened)
    members: dict[object, list[Lot]] = defaultdict(list)
    for key, lot in lots.items():
        members[names[key]].append(lot)
    boxes = [_lot_box(found, subject, query) for found in members.values()]
    edges = {(names[start], names[end], "") for start, end in links if names[start] != names[end]}
    return layered([Box(key, *box) for key, box in zip(members, boxes, strict=True)], sorted(edges, key=str))


def _links(lots: Collection[int]) -> list[tuple[int, int]]:
    in_force = LotLink.objects.filter(from_lot__in=lots, to_lot__in=lots, run__in=ProductionRun.objects.in_force())
    return list(in_force.order_by("from_lot", "to_lot").values_list("from_lot", "to_lot").distinct())


def _grouped(lots: Mapping[int, Lot], subject: Lot, opened: int | None) -> dict[int, object]:
    """By which box each lot is shown: its own, or that of its goods."""
    counts = Counter(lot.product_id for lot in lots.values())
    own = {product for product, count in counts.items() if count == 1 or (product == opened and count <= BOXES_MAX)}
    return {
        key: key if lot.product_id in own or key == subject.pk else ("goods", lot.product_id)
        for key, lot in lots.items()
    }


def _lot_box(lots: list[Lot], subject: Lot, query: str) -> tuple[list[str], str, str, str]:
    first, product = lots[0], lots[0].product
    if len(lots) > 1:
        words = ngettext("%(n)s lot", "%(n)s lots", len(lots)) % {"n": len(lots)}
        url = f"?{query}&show=graph&goods={product.pk}" if len(lots) <= BOXES_MAX else f"?{query}&show=lots"
        return [_cut(product.name), words], url, "group", product.name
    maker = str(first.producer or product.maker_name or "–")
    tone = "subject" if first.pk == subject.pk else ""
    title = f"{product} · {first.code} · {maker}"
    url = f"?{query}&show=graph&way={first.pk}"
    return [_cut(product.name), _cut(first.code, 22), _cut(maker)], url, tone, title


def way_drawn(lot: Lot, movements: Iterable[Movement], names: Mapping[int, Enterprise]) -> Drawing:
    """From hand to hand: who gave the lot to whom and how much, buyers who sell nothing on in one box when many."""
    amounts: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for move in movements:
        if move.lot_id == lot.pk:
            amounts[move.seller_id, move.buyer_id] += move.quantity
    sellers = {seller for seller, _buyer in amounts}
    ends: dict[int, list[int]] = defaultdict(list)
    for seller, buyer in amounts:
        if buyer not in sellers:
            ends[seller].append(buyer)
    most = BUYERS_MAX if len(amounts) > BUYERS_MAX else len(amounts)
    joined = {(seller, buyer) for seller, buyers in ends.items() if len(buyers) > most for buyer in buyers}
    target = {pair: ("buyers of", pair[0]) if pair in joined else pair[1] for pair in amounts}
    boxes = {key: party_box(names[key]) for key in sellers | {key for key in target.values() if isinstance(key, int)}}
    groups = {key: ends[key[1]] for key in target.values() if isinstance(key, tuple)}
    sums: dict[tuple[object, object], Decimal] = defaultdict(Decimal)
    for pair, amount in amounts.items():
        sums[pair[0], target[pair]] += amount
    edges = [(start, end, f"{quantity(amount)} {lot.unit}") for (start, end), amount in sums.items()]
    drawn = [Box(key, *box) for key, box in boxes.items()]
    return layered([*drawn, *(_buyers_box(key, buyers) for key, buyers in groups.items())], edges)


def party_box(party: Enterprise) -> tuple[list[str], str, str, str]:
    """The lines of an enterprise in a drawing, where it leads, its mark and its full name."""
    region = party.region.name if party.region else _("Region not known")
    tone = "outside" if party.status == Enterprise.Status.STUB else ""
    return (
        [_cut(party.name), _cut(region)],
        reverse("enterprises:enterprise-detail", args=[party.pk]), tone, f"{party} · {party.address}",
    )  # fmt: skip


def _buyers_box(key: tuple[str, int], buyers: list[int]) -> Box:
    words = ngettext("%(n)s buyer", "%(n)s buyers", len(buyers)) % {"n": len(buyers)}
    return Box(key, [words, _("in the table")], "?show=moves#rows", "group")


def _cut(text: str, longest: int = TEXT_MAX) -> str:
    room, shown = longest * 2, ""
    for sign in text:
        room -= 1 if sign.isascii() else 2
        if room < 0:
            return shown[:-1] + "…"
        shown += sign
    return shown
