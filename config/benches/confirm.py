"""How many sales of ten lines are confirmed in a second, beside TPC-B on the same server in the same minutes."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.models import Group
from django.utils import timezone
from guardian.shortcuts import assign_perm

from accounts.models import User
from accounts.roles import Role
from catalog.models import Lot, Product, Unit
from config.benches import tpcb
from config.benches.crowd import per_second
from config.benches.measures import Measure, Report, in_turns
from config.benches.place import address, database, vacuum
from enterprises.models import Enterprise
from enterprises.services import KEEP_BOOKS
from ledgers.models import Invoice, InvoiceLine
from ledgers.services import confirm_invoice

LINES = 10
TPCB = "foodtrace_bench_tpcb"


@dataclass(frozen=True)
class Size:
    """How much is made and measured; `branches` is the scale of pgbench."""

    sellers: int = 40
    products: int = 100
    lots_of_each: int = 10
    papers: int = 1_800
    rounds: int = 5
    seconds: int = 2
    branches: int = 50


@dataclass(frozen=True)
class World:
    """The traders and goods of this bench; one person keeps the books of every seller."""

    sellers: Sequence[Enterprise]
    buyers: Sequence[Enterprise]
    products: Sequence[Product]
    clerk: User
    size: Size


def run(size: Size) -> Report:
    """Confirm papers of many sellers, then of one, in turns with TPC-B."""
    world = _world(size)
    with database(TPCB) as name:
        where = address("owner", dbname=name)
        tpcb.make_tables(where, branches=size.branches)
        reference, notes = _reference(where, size)
        ways = (_rate(world, world.sellers), reference, _rate(world, world.sellers[:1]))
        in_turns(*ways, rounds=1)  # caches and files have their size now
        spread, tpcb_rate, hot = in_turns(*ways, rounds=size.rounds)
    measures = [
        Measure("confirm_of_tpcb", spread, tpcb_rate, "tps"),
        Measure("hot_seller_of_spread", hot, spread, "tps"),
    ]
    return Report("confirm", measures, {}, notes)


def _reference(where: dict[str, object], size: Size) -> tuple[Callable[[], float], list[str]]:
    if pgbench := tpcb.program():
        return tpcb.by_pgbench(pgbench, where, seconds=size.seconds), []
    own = tpcb.by_statements(where, branches=size.branches, seconds=size.seconds)
    return own, ["No pgbench was found: TPC-B was run by eight Python processes, which makes it slower."]


def _rate(world: World, sellers: Sequence[Enterprise]) -> Callable[[], float]:
    """A round of confirming papers of `sellers`; drafts that nobody came to stay for the next."""
    drafts: list[Invoice] = []

    def begin() -> Callable[[Invoice], object]:
        clerk = User.objects.get(pk=world.clerk.pk)
        return lambda draft: confirm_invoice(draft, actor=clerk)

    def round_() -> float:
        drafts.extend(_drafts(world, sellers, world.size.papers - len(drafts)))
        return per_second(begin, drafts, seconds=world.size.seconds)

    return round_


def _world(size: Size) -> World:
    unit = Unit.objects.get(code="bag")
    clerk = User.objects.create_user("bench")
    clerk.groups.add(Group.objects.get(name=Role.TRADER))
    traders = Enterprise.objects.bulk_create(Enterprise(name=f"企业 {n}") for n in range(2 * size.sellers))
    sellers, buyers = traders[: size.sellers], traders[size.sellers :]
    for seller in sellers:
        assign_perm(KEEP_BOOKS, clerk, seller)
    products = Product.objects.bulk_create(Product(name=f"商品 {n}", unit=unit) for n in range(size.products))
    world = World(sellers, buyers, products, clerk, size)
    Lot.objects.bulk_create(
        Lot(product=product, code=code, code_key=code, unit=unit, declared_by=seller)
        for seller, product in itertools.product(sellers, products)
        for code in _codes(world, seller)
    )
    vacuum()
    return world


def _drafts(world: World, sellers: Sequence[Enterprise], count: int) -> list[Invoice]:
    """New drafts of ten lines each, from the sellers in turn to any buyer."""
    today = timezone.localdate()
    papers = Invoice.objects.bulk_create(
        Invoice(author=seller, seller=seller, buyer=random.choice(world.buyers), traded_on=today)
        for seller in itertools.islice(itertools.cycle(sellers), count)
    )
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=paper, position=position, product=product, unit_id="bag", quantity=Decimal("1.5"),
            lot_code=random.choice(_codes(world, paper.seller)),
        )
        for paper in papers
        for position, product in enumerate(random.sample(world.products, LINES), start=1)
    )  # fmt: skip
    return papers


def _codes(world: World, seller: Enterprise | None) -> list[str]:
    return [f"L{seller.pk if seller else 0}-{n}" for n in range(world.size.lots_of_each)]
