"""What the page of a chain shows in each of its parts: lists a page at a time, pictures, the balance."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from catalog.models import Lot, Product
from certificates.evidence import Asked, states, worst
from enterprises.models import Enterprise
from ledgers.chain.balance import Balance, balance_of_chain
from ledgers.chain.graph import lots_drawn, way_drawn
from ledgers.chain.period import Period
from ledgers.chain.spread import spread
from ledgers.chain.timeline import timeline
from ledgers.chain.wanted import Chain, Wanted
from ledgers.evidence_marks import WORDS
from ledgers.models import Invoice, LedgerEntry
from ledgers.own_trace import stock_lines
from ledgers.tracing import Holder, Movement, downstream

ROWS_PER_PAGE = 100
UNEXPLAINED = {
    "missing": _("not found when it was counted"),
    "found": _("found without a paper when it was counted"),
    "oversold": _("given on without a paper of where it came from"),
    "not_acknowledged": _("the seller has not acknowledged the sale"),
}


@dataclass
class ChainPage:
    """One lot's chain as it is asked for; each part is worked out when it is shown."""

    lot: Lot
    wanted: Wanted
    typed: Mapping[str, str]
    scope: Scope

    @cached_property
    def chain(self) -> Chain:
        return self.wanted.chain(self.lot)

    @cached_property
    def left_out(self) -> list[Movement]:
        """The hand-overs that are not reached because time counts; nothing where it does not."""
        if not self.wanted.in_time:
            return []
        whole = Wanted(at=self.wanted.at).chain(self.lot)
        reached = set(self.chain.movements)
        return [move for move in whole.movements if move not in reached]

    @property
    def holders_left_out(self) -> int:
        """How many enterprises hold some that time alone hides."""
        if not self.wanted.in_time:
            return 0
        whole = downstream(self.lot, enterprise=self.wanted.at)
        return len(
            {row.enterprise_id for row in whole.holders} - {row.enterprise_id for row in self.chain.down.holders}
        )

    @property
    def part(self) -> str:
        """Which part of the page is asked for; the holders where none is."""
        asked = self.typed.get("show", "")
        return asked if asked in PARTS else "holders"

    def shown(self) -> dict[str, Any]:
        """What the template of this part needs."""
        return PARTS[self.part](self)

    def _page(self, rows: Any, present: Callable[[Collection[Any]], list[Any]]) -> dict[str, Any]:
        page = Paginator(rows, ROWS_PER_PAGE).get_page(self.typed.get("page"))
        page.object_list = present(list(page.object_list))
        return {"page": page}

    def holders(self) -> dict[str, Any]:
        """Who has some now, the largest quantities of each lot first."""
        rows = sorted(self.chain.down.holders, key=lambda row: (row.lot_id, -row.quantity))
        return self._page(rows, _holders)

    def moves(self) -> dict[str, Any]:
        """Every hand-over, oldest first."""
        return self._page(self.chain.movements, self._moves)

    def late(self) -> dict[str, Any]:
        """The hand-overs that time leaves out."""
        return self._page(self.left_out, self._moves)

    def lots(self) -> dict[str, Any]:
        """Every lot, what it was made of first, with the state of its papers today."""
        order = [*(pk for pk in self.chain.up.lots if pk not in self.chain.forward), *self.chain.down.lots]
        return self._page(order, self._lots)

    def stock(self) -> dict[str, Any]:
        """What stock papers say of these lots."""
        rows = stock_lines(self.chain.lots).select_related("lot__product")
        return {"page": Paginator(rows, ROWS_PER_PAGE).get_page(self.typed.get("page"))}

    def balance(self) -> dict[str, Any]:
        """What became of each lot, summed by goods, and what nobody can explain; by the books of today."""
        found = balance_of_chain(self.chain.lots)
        lots = _lots_by_id({*found.by_lot()})
        by_goods: dict[tuple[Product, Any], Balance] = {}
        for pk, balance in found.by_lot().items():
            key = lots[pk].product, lots[pk].unit
            by_goods[key] = by_goods.get(key, Balance()) + balance
        rows = [(lots[pk], balance) for pk, balance in sorted(found.by_lot().items())]
        page = Paginator(rows, ROWS_PER_PAGE).get_page(self.typed.get("page"))
        parties = _parties({row.enterprise_id for row in found.unexplained[:ROWS_PER_PAGE]})
        unexplained = [
            {
                "enterprise": parties[row.enterprise_id], "lot": lots[row.lot_id], "quantity": row.quantity,
                "why": UNEXPLAINED[row.why],
            }
            for row in found.unexplained[:ROWS_PER_PAGE]
        ]  # fmt: skip
        return {
            "page": page, "goods": list(by_goods.items()), "unexplained": unexplained,
            "more_unexplained": max(len(found.unexplained) - ROWS_PER_PAGE, 0),
        }  # fmt: skip

    def graph(self) -> dict[str, Any]:
        """The lots farm to fork, and the way of one of them from hand to hand."""
        lots = _lots_by_id(self.chain.lots)
        asked = self.typed.get("way", "")
        chosen = lots.get(int(asked) if asked.isdecimal() and len(asked) < 18 else 0, self.lot)
        goods = self.typed.get("goods", "")
        opened = int(goods) if goods.isdecimal() and len(goods) < 18 else None
        moves = [move for move in self.chain.movements if move.lot_id == chosen.pk]
        parties = _parties({party for move in moves for party in (move.seller_id, move.buyer_id)})
        return {
            "drawing": lots_drawn(lots, self.lot, query=self.wanted.query, opened=opened),
            "way": way_drawn(chosen, moves, parties), "way_of": chosen,
        }  # fmt: skip

    def timeline(self) -> dict[str, Any]:
        """The lots day by day."""
        return {"timeline": timeline(_lots_by_id(self.chain.lots), self.chain.movements)}

    def map(self) -> dict[str, Any]:
        """Where the goods have spread to, region by region."""
        everybody = self.chain.down.enterprises | self.chain.up.enterprises
        homes = dict(Enterprise.objects.filter(pk__in=everybody).values_list("pk", "region_id"))
        within = self.typed.get("within", "")[:15]
        found = spread(homes, self.chain.movements, self.chain.down.holders, within if within.isdecimal() else "")
        return {"spread": found}

    def _moves(self, moves: Collection[Movement]) -> list[dict[str, Any]]:
        """Hand-overs with names; the paper leads on where this person may read it."""
        parties = _parties({party for move in moves for party in (move.seller_id, move.buyer_id)})
        lots, papers = _lots_by_id({move.lot_id for move in moves}), _papers(moves)
        readable = Invoice.objects.visible_to(self.scope).filter(pk__in={paper.pk for paper in papers.values()})
        mine = set(readable.values_list("pk", flat=True))
        return [
            {
                "seller": parties[move.seller_id], "buyer": parties[move.buyer_id], "lot": lots[move.lot_id],
                "quantity": move.quantity, "traded_on": move.traded_on, "paper": papers.get(move),
                "may_open": move in papers and papers[move].pk in mine,
                "side": _("Where to") if move.lot_id in self.chain.forward else _("Where from"),
            }
            for move in moves
        ]  # fmt: skip

    def _lots(self, keys: Collection[int]) -> list[dict[str, Any]]:
        found = _lots_by_id(keys)
        asked = states([Asked(lot.product_id, lot.code_key, timezone.localdate()) for lot in found.values()])
        marks = {pk: WORDS[worst(rows).state] for pk, rows in zip(found, asked, strict=True)}
        return [
            {
                "lot": found[pk], "papers": marks[pk],
                "side": _("Where to") if pk in self.chain.forward else _("Where from"),
            }
            for pk in keys
        ]  # fmt: skip


PARTS: Mapping[str, Callable[[ChainPage], dict[str, Any]]] = {
    "holders": ChainPage.holders, "moves": ChainPage.moves, "lots": ChainPage.lots, "graph": ChainPage.graph,
    "map": ChainPage.map, "timeline": ChainPage.timeline, "balance": ChainPage.balance, "stock": ChainPage.stock,
    "late": ChainPage.late,
}  # fmt: skip


def of_period(period: Period, typed: Mapping[str, str]) -> dict[str, Any]:
    """What the page of an enterprise's time shows: its lots, or who has some of them now."""
    holders = sorted(period.chain.down.holders, key=lambda row: (row.lot_id, -row.quantity))
    shows = "holders" if typed.get("show") == "holders" else "lots"
    page: Any = Paginator(holders if shows == "holders" else period.lots, ROWS_PER_PAGE).get_page(typed.get("page"))
    if shows == "holders":
        page.object_list = _holders(list(page.object_list))
    else:
        lots = _lots_by_id(page.object_list)
        page.object_list = [lots[pk] for pk in page.object_list]
    return {"page": page, "shows": shows}


def _holders(holders: Collection[Holder]) -> list[dict[str, Any]]:
    parties, lots = _parties({row.enterprise_id for row in holders}), _lots_by_id({row.lot_id for row in holders})
    return [
        {"enterprise": parties[row.enterprise_id], "lot": lots[row.lot_id], "quantity": row.quantity} for row in holders
    ]


def _papers(moves: Collection[Movement]) -> dict[Movement, Invoice]:
    """The paper behind each hand-over; of several that are alike, one."""
    if not moves:
        return {}
    rows: Any = LedgerEntry.objects.in_force().filter(
        lot__in={move.lot_id for move in moves}, seller__in={move.seller_id for move in moves},
        traded_on__gte=min(move.traded_on for move in moves), traded_on__lte=max(move.traded_on for move in moves),
    ).select_related("invoice")  # fmt: skip
    return {Movement(row.seller_id, row.buyer_id, row.lot_id, row.quantity, row.traded_on): row.invoice for row in rows}


def _parties(keys: Collection[int]) -> dict[int, Enterprise]:
    found: dict[int, Enterprise] = Enterprise.objects.select_related("region").in_bulk(list(keys))
    return found


def _lots_by_id(keys: Iterable[int]) -> dict[int, Lot]:
    found: dict[int, Lot] = Lot.objects.select_related("product", "producer", "unit").in_bulk(list(keys))
    return found
