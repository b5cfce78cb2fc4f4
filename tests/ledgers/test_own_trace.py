"""A trader traces what its own books say: one step back, one step on, and nothing of anybody else's."""

from __future__ import annotations

import pytest
from django.urls import reverse

from catalog.models import Lot
from ledgers.models import InvoiceLine
from ledgers.runs import confirm_run, reverse_run
from ledgers.services import confirm_invoice, reverse_invoice
from tests.conftest import make_draft
from tests.ledgers.conftest import make_run


@pytest.fixture
def lot(draft, clerk) -> Lot:
    return confirm_invoice(draft, actor=clerk).entries.get().lot


@pytest.fixture
def sold_on(lot, buyer, stranger, peanuts, buyer_clerk):
    """The buyer sells three of the ten to the stranger."""
    onward = make_draft(buyer, stranger, peanuts, quantity="3")
    InvoiceLine.objects.filter(invoice=onward).update(known_lot=lot, lot_code=lot.code)
    return confirm_invoice(onward, actor=buyer_clerk)


def page(browser, lot):
    return browser.get(reverse("ledgers:trace-lot", args=[lot.pk]))


@pytest.mark.requirement("H-124", "H-133")
def test_the_middle_sees_its_supplier_and_its_customer(signed_in, lot, sold_on, seller, stranger, buyer_clerk):
    shown = page(signed_in(buyer_clerk), lot)
    assert [entry.seller for entry in shown.context["came"]] == [seller]
    assert [entry.buyer for entry in shown.context["went"]] == [stranger]
    assert shown.context["left"] == 7
    for party in (seller, stranger):
        assert party.telephone in shown.content.decode()


def test_each_end_sees_one_step_and_no_more(signed_in, lot, sold_on, clerk, stranger_clerk, seller, stranger):
    first, last = (page(signed_in(who), lot) for who in (clerk, stranger_clerk))
    assert stranger.name not in first.content.decode()
    assert seller.name not in last.content.decode()


def test_whoever_never_had_it_does_not_learn_that_it_exists(signed_in, lot, stranger_clerk):
    browser = signed_in(stranger_clerk)
    assert page(browser, lot).status_code == 404
    assert not browser.get(reverse("ledgers:trace-search"), {"goods": "花生"}).context["lots"]


def test_the_own_lots_are_found(signed_in, lot, buyer_clerk):
    found = signed_in(buyer_clerk).get(reverse("ledgers:trace-search"), {"goods": "花生", "lot": lot.code})
    assert list(found.context["lots"]) == [lot]


def test_what_was_reversed_did_not_move(signed_in, lot, sold_on, buyer_clerk):
    reverse_invoice(sold_on, reason="错", actor=buyer_clerk)
    shown = page(signed_in(buyer_clerk), lot)
    assert (len(shown.context["came"]), len(shown.context["went"]), shown.context["left"]) == (1, 0, 10)


def test_own_production_joins_what_went_in_to_what_came_out(
    signed_in, lot, sold_on, buyer, peanuts, buyer_clerk, clerk
):
    run = confirm_run(make_run(buyer, {lot: 2}, {"OUT-1": 2}, peanuts), actor=buyer_clerk)
    made = run.outputs.get().lot
    browser = signed_in(buyer_clerk)
    assert list(page(browser, lot).context["products"]) == [made]
    assert list(page(browser, made).context["sources"]) == [lot]
    assert not page(signed_in(clerk), lot).context["products"]
    reverse_run(run, reason="错", actor=buyer_clerk)
    assert not page(browser, lot).context["products"]
    assert not page(browser, made).context["sources"]


def test_a_trace_costs_the_same_however_many_papers_there_are(
    signed_in, lot, sold_on, buyer, stranger, peanuts, buyer_clerk, django_assert_max_num_queries
):
    for _ in range(4):
        onward = make_draft(buyer, stranger, peanuts, quantity="1")
        InvoiceLine.objects.filter(invoice=onward).update(known_lot=lot, lot_code=lot.code)
        confirm_invoice(onward, actor=buyer_clerk)
    browser = signed_in(buyer_clerk)
    with django_assert_max_num_queries(20):
        assert len(page(browser, lot).context["went"]) == 5
