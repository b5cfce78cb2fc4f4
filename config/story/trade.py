"""Everyday trade: two months of production and sales between the enterprises, alike on every loading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from config.story.goods import Goods
from config.story.rows import rows
from config.story.steps import Batch, Line, Paper, Run, Step

DAYS = 60
SEED = 952
LINES_MAX = 6
CASES_MIN = 4  # from so many cases on, goods are ordered by the case


@dataclass
class Pile:
    """What an enterprise has of one lot."""

    batch: Batch
    left: int


def everyday(goods: Mapping[str, Goods], today: date) -> list[Step]:
    """Every step of the last two months, in the order in which they happen."""
    return list(Trade(goods, today).steps())


class Trade:
    """Keeps everybody's stock in mind, so that nobody sells what it does not have."""

    def __init__(self, goods: Mapping[str, Goods], today: date) -> None:
        self.goods = goods
        self.today = today
        self.chance = Random(SEED)
        self.stock: defaultdict[str, list[Pile]] = defaultdict(list)
        self.made_by: defaultdict[str, list[str]] = defaultdict(list)
        for key, article in goods.items():
            self.made_by[article.maker].append(key)
        self.scripted = {row["product"] for row in rows("lots")}

    def steps(self) -> Iterator[Step]:
        """Each day deliveries from outside come first, then production, then trade down the chain."""
        sources, plants, network = rows("sources"), rows("plants"), rows("network")
        for ago in range(DAYS, -1, -1):
            day = self.today - timedelta(days=ago)
            yield from (self._delivery(row, day) for row in sources if _is_due(row, ago))
            yield from (self._run(row, day) for row in plants if _is_due(row, ago) or ago == DAYS)
            for row in network:
                if _buys(row, ago) and (paper := self._purchase(row, day)):
                    yield paper

    def _delivery(self, row: Mapping[str, str], day: date) -> Paper:
        """Goods from a supplier who is not on the platform: the buyer writes the paper."""
        lines = tuple(
            Line(Batch.of(product, f"{day:%Y%m%d}-{row['supplier']}", day, self.goods), int(row["quantity"]))
            for product in row["products"].split()
        )
        self._put(row["buyer"], lines)
        return Paper(day, row["supplier"], row["buyer"], row["buyer"], lines)

    def _run(self, row: Mapping[str, str], day: date) -> Run:
        """A plant uses up what it has bought and makes one lot of each of its products."""
        plant = row["plant"]
        pantry: list[Pile] = []
        shop: list[Pile] = []
        for pile in self.stock[plant]:
            (shop if self.goods[pile.batch.product].maker == plant else pantry).append(pile)
        self.stock[plant] = shop
        outputs = tuple(
            Line(Batch.of(product, f"{day:%Y%m%d}-{number:02d}", day, self.goods), int(row["batch"]))
            for number, product in enumerate(self.made_by[plant], start=1)
            if product not in self.scripted
        )
        self._put(plant, outputs)
        inputs = tuple(Line(pile.batch, pile.left) for pile in pantry)
        return Run(day, plant, inputs, outputs, row["certificate"].format(day=f"{day:%Y%m%d}"))

    def _purchase(self, row: Mapping[str, str], day: date) -> Paper | None:
        """A buyer orders from one of its suppliers; None where none of them has anything."""
        suppliers = row["suppliers"].split()
        for seller in self.chance.sample(suppliers, len(suppliers)):
            lines = self._order(seller, day, int(row["least"]), int(row["most"]))
            if lines:
                self._put(row["buyer"], lines)
                return Paper(day, seller, row["buyer"], seller, lines)
        return None

    def _order(self, seller: str, day: date, least: int, most: int) -> tuple[Line, ...]:
        piles = self._sellable(seller, day)
        wanted = self.chance.sample(sorted(piles), min(len(piles), self.chance.randint(1, LINES_MAX)))
        return tuple(self._take(piles[product], self.chance.randint(least, most)) for product in wanted)

    def _sellable(self, seller: str, day: date) -> dict[str, Pile]:
        """The oldest lot of each product with a quarter of its life left; a plant sells its own goods."""
        self.stock[seller] = [pile for pile in self.stock[seller] if pile.left and self._keeps(pile.batch, day)]
        own = self.made_by[seller]
        piles: dict[str, Pile] = {}
        for pile in self.stock[seller]:
            if not own or pile.batch.product in own:
                piles.setdefault(pile.batch.product, pile)
        return piles

    def _keeps(self, batch: Batch, day: date) -> bool:
        return batch.expires_on - day >= (batch.expires_on - batch.made_on) / 4

    def _take(self, pile: Pile, wanted: int) -> Line:
        quantity, pieces = min(wanted, pile.left), self.goods[pile.batch.product].case_pieces
        by_case = pieces and quantity >= CASES_MIN * pieces
        line = Line(pile.batch, quantity // pieces, pieces) if by_case else Line(pile.batch, quantity)
        pile.left -= line.quantity * line.factor
        return line

    def _put(self, owner: str, lines: tuple[Line, ...]) -> None:
        self.stock[owner].extend(Pile(line.batch, line.quantity * line.factor) for line in lines)


def _is_due(row: Mapping[str, str], ago: int) -> bool:
    return (ago + int(row["phase"])) % int(row["every"]) == 0


def _buys(row: Mapping[str, str], ago: int) -> bool:
    """Whether it is a buyer's day; who has been silent for some days bought on the last day before."""
    silent = int(row["silent_days"] or 0)
    return ago >= silent and (_is_due(row, ago) or (ago == silent and silent > 0))
