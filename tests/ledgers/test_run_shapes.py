"""The shapes that production takes: many to many, rework, repacking, a silo, chains on hold, circles."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from catalog.models import Lot, Product
from ledgers.models import InvoiceLine, LotHold, LotLink, StockBalance
from ledgers.runs import confirm_run, release_outputs
from ledgers.services import confirm_invoice
from ledgers.tracing import downstream, upstream
from tests.conftest import make_draft
from tests.ledgers.conftest import make_run


@pytest.fixture
def bring(seller, buyer, buyer_clerk, peanuts):
    """Brings ten bags of peanuts in a lot of this number into the seller's stock."""

    def lot_of(code):
        return confirm_invoice(make_draft(buyer, seller, peanuts, lot=code), actor=buyer_clerk).entries.get().lot

    return lot_of


@pytest.fixture
def make(seller, clerk):
    """Confirms a run and returns the lots that it made."""

    def lots_of(inputs, outputs, product):
        run = confirm_run(make_run(seller, inputs, outputs, product), actor=clerk)
        return [row.lot for row in run.outputs.order_by("pk")]

    return lots_of


@pytest.fixture
def cake():
    return Product.objects.create(name="示例花生糕", unit_id="bag")


def left(lot, seller):
    return StockBalance.objects.get(lot=lot, enterprise=seller).quantity


def codes(trace):
    return set(Lot.objects.filter(pk__in=trace.lots).values_list("code", flat=True))


@pytest.mark.requirement("H-101", "H-104")
def test_many_lots_go_in_and_many_come_out(bring, make, cake, seller):
    inputs = {bring(f"IN{n}"): n + 1 for n in range(5)}
    made = make(inputs, {"OUT1": 5, "OUT2": 5, "OUT3": 5}, cake)
    pairs = set(LotLink.objects.values_list("from_lot__code", "to_lot__code"))
    assert pairs == {(f"IN{n}", f"OUT{m}") for n in range(5) for m in (1, 2, 3)}
    assert [left(lot, seller) for lot in (*inputs, *made)] == [9, 8, 7, 6, 5, 5, 5, 5]


@pytest.mark.requirement("H-101")
def test_rework_goes_into_other_goods_and_is_traced_back_to_the_first_lot(bring, make, cake, peanuts, seller):
    first = bring("FIRST")
    (rest,) = make({first: 5}, {"REST": 5}, peanuts)
    (whole,) = make({rest: 2, bring("SECOND"): 8}, {"WHOLE": 10}, cake)
    assert {"FIRST", "SECOND", "REST"} <= codes(upstream(whole))
    assert left(rest, seller) == 3


@pytest.mark.requirement("H-101")
def test_repacked_goods_are_a_lot_of_their_own_that_leads_back(bring, make, peanuts, seller):
    bulk = bring("BULK")
    (small,) = make({bulk: 10}, {"SMALL": 10}, peanuts)
    assert (small.product, left(bulk, seller), left(small, seller)) == (peanuts, 0, 10)
    assert "SMALL" in codes(downstream(bulk))


@pytest.mark.requirement("H-101")
def test_a_silo_filled_by_several_runs_is_one_lot_made_of_them_all(bring, make, peanuts, seller):
    """The same output lot on two days: whatever was in the silo leads to everything that ran into it."""
    monday, tuesday, wednesday = (bring(code) for code in ("MON", "TUE", "WED"))
    (silo,) = make({monday: 10, tuesday: 5}, {"SILO": 15}, peanuts)
    (again,) = make({tuesday: 5, wednesday: 10}, {" silo ": 15}, peanuts)
    assert (again, left(silo, seller)) == (silo, 30)
    assert {"MON", "TUE", "WED"} <= codes(upstream(silo))


@pytest.mark.requirement("H-108")
def test_lots_on_hold_are_chained_inside_and_none_of_them_is_sold(bring, make, peanuts, cake, seller, buyer, clerk):
    (dough,) = make({bring("FLOUR"): 10}, {"DOUGH": 10}, peanuts)
    (bread,) = make({dough: 6}, {"BREAD": 6}, cake)
    assert LotHold.objects.filter(released_at=None, lot__in=[dough, bread]).count() == 2
    for lot in (dough, bread):
        draft = make_draft(seller, buyer, lot.product, quantity="1")
        InvoiceLine.objects.filter(invoice=draft).update(known_lot=lot, lot_code=lot.code)
        with pytest.raises(ValidationError, match=lot.code) as refusal:
            confirm_invoice(draft, actor=clerk)
        assert refusal.value.code == "held"


def test_a_second_run_into_a_released_lot_puts_it_on_hold_again(bring, seller, peanuts, clerk):
    """What came in last was not inspected: the certificate was about what was there before."""
    run = confirm_run(make_run(seller, {bring("MON"): 5}, {"SILO": 5}, peanuts), actor=clerk)
    release_outputs(run, certificate="HG-1", conclusion="passed", actor=clerk)
    confirm_run(make_run(seller, {bring("TUE"): 5}, {"SILO": 5}, peanuts), actor=clerk)
    assert LotHold.objects.filter(lot__code="SILO", released_at=None).count() == 1


def test_rework_does_not_run_back_into_the_lot_it_came_from(bring, make, peanuts, cake, seller, clerk):
    (dough,) = make({bring("FLOUR"): 10}, {"DOUGH": 10}, peanuts)
    (bread,) = make({dough: 10}, {"BREAD": 10}, cake)
    (crumbs,) = make({bread: 5}, {"CRUMBS": 5}, cake)
    with pytest.raises(ValidationError, match="DOUGH"):
        confirm_run(make_run(seller, {crumbs: 5}, {"DOUGH": 5}, peanuts), actor=clerk)
    assert left(crumbs, seller) == 5
