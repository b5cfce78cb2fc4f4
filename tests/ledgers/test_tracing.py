"""Where a lot went and came from, against a walk written the slow way."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from catalog.models import LotAlias
from ledgers.models import InvoiceLine, LotHold, ProductionRun, StockBalance
from ledgers.runs import reverse_run
from ledgers.services import adjust_invoice, confirm_invoice, release_lots, reverse_invoice
from ledgers.tracing import downstream, upstream
from tests.conftest import make_draft
from tests.ledgers.conftest import book_run, make_lot, make_run


class World:
    """Three enterprises that trade and bake, and a notebook of what they did: plain tuples, no database."""

    def __init__(self, people, product, lots):
        self.people, self.product, self.lots = people, product, lots
        self.moves, self.runs, self.aliases = [], [], []

    def sell(self, seller, buyer, lot, quantity=10, day=None):
        draft = make_draft(seller, buyer, self.product, quantity=str(quantity), day=day)
        InvoiceLine.objects.filter(invoice=draft).update(known_lot=lot, lot_code=lot.code)
        paper = confirm_invoice(draft, actor=self.people[seller])
        self.moves.append((seller.pk, buyer.pk, lot.pk, Decimal(quantity), paper.traded_on))
        return paper

    def correct(self, paper, difference):
        adjust_invoice(paper, differences={1: Decimal(difference)}, reason="差异", actor=self.people[paper.seller])
        lot = paper.entries.get().lot_id
        self.moves.append((paper.seller_id, paper.buyer_id, lot, Decimal(difference), paper.traded_on))

    def reverse(self, paper):
        entry = paper.entries.get()
        reverse_invoice(paper, reason="错", actor=self.people[paper.seller])
        self.moves.remove((paper.seller_id, paper.buyer_id, entry.lot_id, entry.quantity, paper.traded_on))

    def bake(self, enterprise, inputs, output, **fields):
        draft = make_run(enterprise, dict.fromkeys(inputs, 1), {output.code: 1}, self.product, **fields)
        run = book_run(draft, self.people[enterprise])
        release_lots([output], reason="HG", actor=self.people[enterprise], cause=LotHold.Cause.RELEASE)
        self.runs.append((enterprise.pk, [lot.pk for lot in inputs], output.pk))
        return run

    def join(self, lot, other):
        LotAlias.objects.create(lot=lot, same_as=other, reason="同一批", author=self.people[lot.declared_by])
        self.aliases.append((lot.pk, other.pk))

    # The slow walk

    def steps(self, lot, place, *, down):
        """The (lot, place) next to this one; place None is the whole lot wherever it is."""
        for maker, used, made in self.runs:
            if place in (None, maker) and lot in (used if down else [made]):
                yield from ((other, place and maker) for other in ([made] if down else used))
        for pair in self.aliases:
            if lot in pair:
                yield sum(pair) - lot, place
        for seller, buyer, moved, *_rest in self.moves if place else ():
            here, there = (seller, buyer) if down else (buyer, seller)
            if (moved, here) == (lot, place):
                yield lot, there

    def walk(self, lot, enterprise=None, *, down):
        reached, waiting = set(), [(lot.pk, enterprise and enterprise.pk)]
        while waiting:
            spot = waiting.pop()
            if spot not in reached:
                reached.add(spot)
                waiting += self.steps(*spot, down=down)
        side = 0 if down else 1
        moves = [move for move in self.moves if (move[2], enterprise and move[side]) in reached]
        return {lot for lot, _place in reached}, sorted(moves), reached

    def check(self, trace, lots, moves, reached):
        assert set(trace.lots) == lots
        assert len(trace.lots) == len(lots)
        assert sorted(map(tuple, trace.movements)) == moves
        held = StockBalance.objects.filter(lot__in=lots, quantity__gt=0).values_list("enterprise", "lot", "quantity")
        expected = [row for row in held if {(row[1], None), (row[1], row[0])} & reached]
        assert sorted(map(tuple, trace.holders)) == sorted(expected)


@pytest.fixture
def world(seller, buyer, stranger, clerk, buyer_clerk, stranger_clerk, peanuts):
    people = {seller: clerk, buyer: buyer_clerk, stranger: stranger_clerk}
    makers = [seller, buyer, stranger] * 2
    lots = [make_lot(peanuts, f"L{n}", producer=maker, declared_by=maker) for n, maker in enumerate(makers)]
    return World(people, peanuts, lots)


def live(world, chance):
    """A dozen random deeds; lots may well be made of each other in a circle."""
    papers = []
    for _ in range(12):
        deed = chance.choice(["sell", "sell", "bake", "bake", "join", "undo", "correct"])
        if deed == "bake":
            output = chance.choice(world.lots)
            world.bake(output.producer, chance.sample([lot for lot in world.lots if lot != output], 2), output)
        elif deed == "join" and len(world.aliases) < 2:
            world.join(*chance.sample(world.lots[len(world.aliases) * 3 :][:3], 2))
        elif deed == "undo" and papers:
            world.reverse(papers.pop())
        elif deed == "correct" and papers:
            world.correct(papers.pop(), -1)
        else:
            papers.append(world.sell(*chance.sample(list(world.people), 2), chance.choice(world.lots)))


@pytest.mark.requirement("H-026")
@pytest.mark.parametrize("seed", range(4))
def test_every_trace_equals_the_slow_walk(world, seed):
    live(world, random.Random(seed))
    for lot in world.lots:
        for enterprise in (None, *world.people):
            world.check(downstream(lot, enterprise=enterprise), *world.walk(lot, enterprise, down=True))
            world.check(upstream(lot, enterprise=enterprise), *world.walk(lot, enterprise, down=False))


def test_a_trace_is_three_statements(world, seller, buyer, django_assert_max_num_queries):
    live(world, random.Random(7))
    for trace in (downstream, upstream):
        for enterprise in (None, seller):
            with django_assert_max_num_queries(3):
                trace(world.lots[0], enterprise=enterprise)


@pytest.fixture
def chain(world, seller, buyer, stranger):
    """The seller's L0 goes to the buyer, who bakes L1 of it and sells that to the stranger."""
    first, second = world.lots[:2]
    world.sell(seller, buyer, first)
    world.bake(buyer, [first], second)
    world.sell(buyer, stranger, second)
    return first, second


@pytest.mark.requirement("H-026")
def test_one_step_leads_to_the_next_in_both_directions(chain, seller, buyer, stranger):
    first, second = chain
    assert downstream(first).enterprises == {seller.pk, buyer.pk, stranger.pk} == upstream(second).enterprises
    assert (downstream(second).lots, upstream(first).lots) == ([second.pk], [first.pk])


def test_from_one_place_only_what_left_from_there_counts(chain, world, seller, stranger):
    first, _second = chain
    world.sell(seller, stranger, first)
    assert downstream(first, enterprise=stranger).counts["movements"] == 0
    assert {move.seller_id for move in upstream(first, enterprise=stranger).movements} == {seller.pk}


def test_a_reversed_paper_moves_no_goods(world, seller, buyer):
    world.reverse(world.sell(seller, buyer, world.lots[0]))
    trace = downstream(world.lots[0])
    assert (trace.movements, trace.holders) == ([], [])


def test_a_difference_is_a_movement_of_its_own(world, seller, buyer):
    world.correct(world.sell(seller, buyer, world.lots[0]), -4)
    trace = downstream(world.lots[0])
    assert [move.quantity for move in trace.movements] == [10, -4]
    assert [(holder.enterprise_id, holder.quantity) for holder in trace.holders] == [(buyer.pk, 6)]


@pytest.fixture
def baked(world, seller, buyer):
    """The seller's L0 goes to the buyer, who bakes L1 of it and keeps that."""
    first, second = world.lots[:2]
    world.sell(seller, buyer, first)
    world.bake(buyer, [first], second)
    return first, second


def reached(first, second, enterprise):
    """How many lots each way of asking finds."""
    everywhere = (downstream(first), upstream(second))
    from_here = (downstream(first, enterprise=enterprise), upstream(second, enterprise=enterprise))
    return [len(trace.lots) for trace in (*everywhere, *from_here)]


def test_a_reversed_run_links_no_lots(baked, buyer, buyer_clerk):
    assert reached(*baked, buyer) == [2, 2, 2, 2]
    reverse_run(ProductionRun.objects.get(), reason="错", actor=buyer_clerk)
    assert reached(*baked, buyer) == [1, 1, 1, 1]


def test_a_reversal_that_is_still_a_draft_hides_nothing(baked, buyer):
    ProductionRun.objects.create(
        enterprise=buyer, produced_on="2026-01-05", reverses=ProductionRun.objects.get(), reason="错"
    )
    assert reached(*baked, buyer) == [2, 2, 2, 2]


def test_an_alias_is_followed_both_ways(world, seller, buyer):
    one, other = world.lots[:2]
    world.sell(seller, buyer, other)
    world.join(one, other)
    for lot in (one, other):
        assert set(downstream(lot).lots) == set(upstream(lot).lots) == {one.pk, other.pk}
        assert downstream(lot).counts["holders"] == 1


def test_lots_made_of_each_other_end_somewhere(world, seller, buyer):
    one, other = world.lots[:2]
    world.bake(buyer, [one], other)
    world.bake(seller, [other], one)
    for trace in (downstream, upstream):
        for enterprise in (None, seller, buyer):
            assert len(trace(one, enterprise=enterprise).lots) <= 2


def test_what_a_seller_never_acknowledged_is_traced_to_the_buyer(world, seller, buyer, buyer_clerk, peanuts):
    paper = confirm_invoice(make_draft(seller, buyer, peanuts, author=buyer), actor=buyer_clerk)
    trace = downstream(paper.entries.get().lot)
    assert [(holder.enterprise_id, holder.quantity) for holder in trace.holders] == [(buyer.pk, 10)]
    assert trace.counts == {"lots": 1, "movements": 1, "holders": 1, "enterprises": 2}
