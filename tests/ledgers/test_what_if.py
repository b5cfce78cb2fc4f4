"""Suppositions and scores: each switch changes exactly the sets that it should, against a walk written the slow way."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from catalog.models import LotAlias
from ledgers.models import LedgerEntry, LotLink, ProductionRun, StockBalance
from ledgers.tracing import downstream, scores, upstream
from ledgers.what_if import Suppositions, weigh
from tests.ledgers.test_tracing import world  # noqa: F401 -- a fixture

pytestmark = pytest.mark.requirement("H-101")
START = date(2026, 3, 2)


def on(day: int) -> date:
    return START + timedelta(days=day)


class SlowWalk:
    """What is in force, as plain tuples, and the rules word by word."""

    def __init__(self, *, down, cross=(), kill=(), ignore=(), in_time=False):
        self.down, self.cross, self.kill, self.in_time = down, cross, kill, in_time
        moves = LedgerEntry.objects.in_force().exclude(pk__in=ignore)
        self.moves = list(moves.values_list("seller", "buyer", "lot", "quantity", "traded_on"))
        self.all_moves = list(LedgerEntry.objects.in_force().values_list("seller", "buyer", "lot"))
        runs = LotLink.objects.filter(run__in=ProductionRun.objects.in_force())
        self.runs = list(runs.values_list("enterprise", "from_lot", "to_lot", "run__produced_on"))
        self.same = {frozenset(pair) for pair in LotAlias.objects.values_list("lot", "same_as")}
        self.held = list(StockBalance.objects.values_list("enterprise", "lot"))

    def after(self, day, since):
        return day >= since if self.down else day <= since

    def codes(self, lot):
        found = {lot}
        while more := {code for pair in self.same if pair & found for code in pair} - found:
            found |= more
        return found

    def ends(self, lot):
        """Where the lot begins; upstream where it ends."""
        codes = self.codes(lot)
        came = {(move[1] if self.down else move[0]) for move in self.all_moves if move[2] in codes}
        made = {run[0] for run in self.runs if (run[2] if self.down else run[1]) in codes}
        places = {place for place, held in self.held if held in codes} | came | made
        return [(code, place) for code in codes for place in (((places - came) | made) or places)]

    def walk(self, starts):
        eternal = date.min if self.down else date.max
        waiting = [(lot, place, eternal, True, self.in_time) for lot, place in starts]
        reached = set()
        while waiting:
            spot = waiting.pop()
            if spot not in reached:
                reached.add(spot)
                waiting += self.steps(*spot)
        return reached

    def steps(self, lot, place, since, began, dated):
        for pair in self.same:
            if lot in pair:
                yield sum(pair) - lot, place, since, began, dated
        if place in self.kill and not began:
            return
        for source, here, result, there, day in self.links():
            if (source, here) == (lot, place) and (not dated or self.after(day, since)):
                yield result, there, day, False, self.in_time
            if here == place and place in self.cross and self.after(day, since):
                yield source, place, since, False, True

    def links(self):
        """From which holding to which, and when."""
        for seller, buyer, lot, _quantity, day in self.moves:
            here, there = (seller, buyer) if self.down else (buyer, seller)
            yield lot, here, lot, there, day
        for maker, used, made, day in self.runs:
            source, result = (used, made) if self.down else (made, used)
            yield source, maker, result, maker, day

    def moved(self, reached):
        """The hand-overs from what was reached, in time where time counts."""
        for move in self.moves:
            seller, buyer, lot, _quantity, day = move
            here = seller if self.down else buyer
            for spot_lot, place, since, began, dated in reached:
                passes = began or place not in self.kill
                if (spot_lot, place) == (lot, here) and passes and (not dated or self.after(day, since)):
                    yield move
                    break


def check(trace, walk, starts):
    reached = walk.walk(starts)
    assert set(trace.lots) == {spot[0] for spot in reached}
    assert sorted(map(tuple, trace.movements)) == sorted(walk.moved(reached))
    held = StockBalance.objects.filter(quantity__gt=0).values_list("enterprise", "lot", "quantity")
    expected = sorted(row for row in held if (row[1], row[0]) in {spot[:2] for spot in reached})
    assert sorted(map(tuple, trace.holders)) == expected


def live(world, chance):  # noqa: F811
    """A score of random deeds on random days; lots may well be made of each other in a circle."""
    for _ in range(14):
        day = on(chance.randrange(6))
        if chance.random() < 0.35:
            output = chance.choice(world.lots)
            inputs = chance.sample([lot for lot in world.lots if lot != output], 2)
            world.bake(output.producer, inputs, output, produced_on=day)
        else:
            world.sell(*chance.sample(list(world.people), 2), chance.choice(world.lots), day=day)
    world.join(*world.lots[:2])


SWITCHES = [
    {"in_time": True}, {"cross": 1}, {"kill": 1}, {"ignore": 2}, {"cross": 1, "in_time": True}, {"cross": 1, "kill": 1},
    {"cross": 2, "kill": 1, "ignore": 2, "in_time": True},
]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_every_supposition_equals_the_slow_walk(world, seed):  # noqa: F811
    chance = random.Random(seed)
    live(world, chance)
    people, entries = [who.pk for who in world.people], list(LedgerEntry.objects.values_list("pk", flat=True))
    for switch in SWITCHES:
        cross, kill = (frozenset(chance.sample(people, switch.get(name, 0))) for name in ("cross", "kill"))
        ignore = frozenset(chance.sample(entries, switch.get("ignore", 0)))
        in_time = switch.get("in_time", False)
        for lot in world.lots[::2]:
            for enterprise in (None, *list(world.people)[:2]):
                for follow, down in ((downstream, True), (upstream, False)):
                    trace = follow(
                        lot, enterprise=enterprise, cross_contamination=cross, kill=kill, ignore=ignore, in_time=in_time
                    )
                    walk = SlowWalk(down=down, cross=cross, kill=kill, ignore=ignore, in_time=in_time)
                    check(trace, walk, [(lot.pk, enterprise.pk)] if enterprise else walk.ends(lot.pk))


@pytest.fixture
def chain(world, seller, buyer, stranger):  # noqa: F811
    """Day 1: L0 from the seller to the buyer. Day 2: the buyer bakes L1 of it. Day 3: L1 to the stranger. Beside it the
    buyer had L2 from the stranger on day 0, and sent it to the seller on day 1 (L2) and on day 4."""
    first, second, other = world.lots[:3]
    world.sell(seller, buyer, first, day=on(1))
    world.bake(buyer, [first], second, produced_on=on(2))
    world.sell(buyer, stranger, second, day=on(3))
    world.sell(stranger, buyer, other, day=on(0))
    world.sell(buyer, seller, other, day=on(0))
    world.sell(buyer, seller, other, day=on(4))
    return first, second, other


def test_mixing_reaches_what_left_afterwards_and_nothing_that_left_before(chain, buyer):
    first, _second, other = chain
    assert other.pk not in downstream(first).lots
    mixed = downstream(first, cross_contamination=frozenset({buyer.pk}))
    assert [move.traded_on for move in mixed.movements if move.lot_id == other.pk] == [on(4)]


def test_where_the_hazard_ends_nothing_goes_on(chain, buyer):
    first, second, _other = chain
    killed = downstream(first, kill=frozenset({buyer.pk}))
    assert (killed.lots, killed.counts["movements"]) == ([first.pk], 1)
    assert downstream(second, kill=frozenset({buyer.pk})).counts["movements"] == 1, "what begins there goes on"


def test_what_is_left_out_leads_nowhere(chain, seller):
    first, _second, _other = chain
    entry = LedgerEntry.objects.get(lot=first)
    assert downstream(first, ignore=frozenset({entry.pk})).movements == []


def test_time_hides_a_holder_only_when_asked_to(world, seller, buyer, stranger):  # noqa: F811
    lot = world.lots[0]
    world.sell(seller, buyer, lot, day=on(5))
    world.sell(buyer, stranger, lot, day=on(2))
    assert downstream(lot).counts["movements"] == 2
    assert [move.buyer_id for move in downstream(lot, in_time=True).movements] == [buyer.pk]


@pytest.mark.parametrize("switches", [{}, {"in_time": True}, {"kill": frozenset({1})}])
def test_a_what_if_is_few_statements(chain, switches, django_assert_max_num_queries):
    with django_assert_max_num_queries(7):
        downstream(chain[0], **switches)


# Scores


@pytest.mark.requirement("H-101")
def test_scores_are_the_reachable_weight_over_the_whole(world, seller, buyer, stranger):  # noqa: F811
    """The published definition on a tree: the seller reaches both sick places, the buyer one."""
    first, second = world.lots[:2]
    world.sell(seller, buyer, first)
    world.sell(seller, stranger, second)
    weights = {buyer.pk: 3.0, stranger.pk: 1.0}
    assert scores(weights=weights) == pytest.approx({seller.pk: 1.0, buyer.pk: 0.75, stranger.pk: 0.25})
    found = weigh(places=weights)
    assert found.lots == pytest.approx({first.pk: 0.75, second.pk: 0.25})


def test_a_failed_lot_weighs_wherever_it_is(chain, seller, buyer, stranger):
    first, second, _other = chain
    found = weigh(places={}, lots={second.pk: 2.0})
    assert found.lots == pytest.approx({first.pk: 1.0, second.pk: 1.0})
    assert found.enterprises == pytest.approx({seller.pk: 1.0, buyer.pk: 1.0, stranger.pk: 1.0})


def test_where_the_hazard_ends_its_sources_are_no_suspects(chain, seller, buyer, stranger):
    first, second, _other = chain
    found = weigh(places={}, lots={second.pk: 1.0}, supposed=Suppositions(kill=frozenset({buyer.pk})))
    assert first.pk in found.lots, "the buyer holds the lot itself: the walk begins there"
    only = scores(weights={stranger.pk: 1.0}, kill=frozenset({buyer.pk}))
    assert only == pytest.approx({stranger.pk: 1.0, buyer.pk: 1.0})


def test_mixing_makes_suspects_of_what_lay_beside(chain, seller, buyer, stranger):
    _first, second, other = chain
    weights = {stranger.pk: 1.0}
    assert other.pk in weigh(places=weights).lots, "it came from there"
    mixed = weigh(places={}, lots={second.pk: 1.0}, supposed=Suppositions(cross_contamination=frozenset({buyer.pk})))
    assert mixed.lots[other.pk] == pytest.approx(1.0)
    assert other.pk not in weigh(places={}, lots={second.pk: 1.0}).lots


def test_an_outbreak_place_without_any_paper_has_its_own_weight(seller, buyer):
    assert scores(weights={seller.pk: 1.0, buyer.pk: 3.0}) == {seller.pk: 0.25, buyer.pk: 0.75}
    assert scores(weights={}) == {}


def test_scores_are_one_statement(chain, seller, buyer, django_assert_num_queries):
    with django_assert_num_queries(1):
        scores(weights={seller.pk: 1, buyer.pk: 2}, cross_contamination=frozenset({buyer.pk}))
