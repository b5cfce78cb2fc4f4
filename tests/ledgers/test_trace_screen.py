"""The tracing screen: who may look, what is shown, and that the look is written down."""

from __future__ import annotations

import datetime

import pytest
from django.urls import reverse

from accounts.models import AccessRecord
from catalog.models import Lot
from ledgers.services import confirm_invoice, hold_lots
from tests.conftest import make_draft, open_trace_of


@pytest.fixture
def lot(draft, clerk) -> Lot:
    return confirm_invoice(draft, actor=clerk).entries.get().lot


@pytest.fixture
def browser(signed_in, officer):
    return signed_in(officer)


def found(browser, **query):
    return list(browser.get(reverse("ledgers:trace-search"), query).context["lots"])


@pytest.mark.requirement("H-133")
@pytest.mark.parametrize("goods", ["9520004000017", "09520004000017", "示例花生", "slhs", "花生"])
def test_a_lot_is_found_by_barcode_or_name_and_number_or_day(browser, lot, goods):
    for wanted in ("PN-1", "pn", f"{lot.produced_on}", f"{lot.produced_on:%m%d}", f"{lot.produced_on:%Y/%m/%d}", ""):
        assert found(browser, goods=goods, lot=wanted) == [lot]


@pytest.mark.parametrize("query", [{"goods": "酱油"}, {"goods": "9520004000010"}, {"goods": "花生", "lot": "PN-2"}])
def test_what_does_not_fit_is_not_found(browser, lot, query):
    assert found(browser, **query) == []
    assert found(browser, goods="花生", lot=str(lot.produced_on - datetime.timedelta(days=1))) == []


@pytest.mark.parametrize("text", ["\0", "%", "_" * 5000, "🥜", "99999999", "'"])
def test_a_search_for_garbage_is_answered(browser, lot, text):
    for query in ({"goods": text}, {"lot": text}, {"goods": text, "lot": text}):
        assert browser.get(reverse("ledgers:trace-search"), query).status_code == 200


def page(browser, lot, **query):
    """The chain of a lot, opened first by who may open it."""
    browser.post(reverse("ledgers:trace-open", args=[lot.pk]), {"why": "drill"})
    return browser.get(reverse("ledgers:trace-lot", args=[lot.pk]), query)


@pytest.mark.requirement("H-026")
def test_the_holders_are_shown_with_how_to_reach_them(browser, lot, buyer):
    shown = page(browser, lot).content.decode()
    for words in (buyer.name, buyer.telephone, buyer.address, "花园街道"):
        assert words in shown


@pytest.mark.requirement("H-133")
def test_the_flow_shows_supplier_and_customer_with_their_addresses(browser, lot, seller, buyer):
    shown = page(browser, lot, show="moves").content.decode()
    for words in (seller.name, seller.address, buyer.name, buyer.address):
        assert words in shown


def test_a_hold_is_shown(browser, lot, officer):
    hold_lots([lot], reason="疑似不合格", actor=officer)
    assert "疑似不合格" in page(browser, lot).content.decode()


def test_a_look_is_written_into_the_access_log(browser, lot, officer):
    page(browser, lot)
    record = AccessRecord.objects.get(action="trace")
    assert (record.user, record.subject) == (officer, f"lot {lot.pk} {lot}")


def test_tracing_crosses_districts(signed_in, officer_elsewhere, lot, buyer):
    browser = signed_in(officer_elsewhere)
    assert found(browser, goods="花生") == [lot]
    assert buyer.telephone in page(browser, lot).content.decode()


def test_laboratories_do_not_trace_and_traders_not_the_whole_chain(signed_in, buyer_clerk, laboratory, lot):
    assert page(signed_in(laboratory), lot).status_code == 403
    assert signed_in(laboratory).get(reverse("ledgers:trace-search")).status_code == 403
    assert "down" not in page(signed_in(buyer_clerk), lot).context
    assert not AccessRecord.objects.exists()


def test_a_lot_that_is_not_there_is_404_and_no_look(browser, lot):
    assert browser.get(reverse("ledgers:trace-lot", args=[10**9])).status_code == 404
    assert not AccessRecord.objects.exists()


def test_prices_are_not_on_the_trace(browser, seller, buyer, peanuts, clerk):
    draft = make_draft(seller, buyer, peanuts)
    draft.lines.update(price="77.31")
    lot = confirm_invoice(draft, actor=clerk).entries.get().lot
    for show in ("holders", "moves"):
        assert "77.31" not in page(browser, lot, show=show).content.decode()


@pytest.mark.parametrize("query", [{"page": "x"}, {"page": "0"}, {"page": "9" * 500}, {"show": "\0"}])
def test_a_page_that_is_not_there_is_answered_with_one_that_is(browser, lot, query):
    assert page(browser, lot, **query).status_code == 200


def test_a_page_costs_the_same_however_long_the_trace(
    browser, lot, seller, buyer, stranger, peanuts, clerk, django_assert_max_num_queries
):
    for partner in (buyer, stranger, buyer, stranger):
        confirm_invoice(make_draft(seller, partner, peanuts), actor=clerk)
    open_trace_of(browser, lot)
    for part in ("holders", "moves", "lots", "graph", "map", "timeline", "balance", "stock", "late"):
        with django_assert_max_num_queries(38):
            browser.get(reverse("ledgers:trace-lot", args=[lot.pk]), {"show": part})
