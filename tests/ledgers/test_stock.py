"""Stock by lot: what is there, what expires, what was sold beyond what came in, what is in dispute."""

from __future__ import annotations

import datetime

import pytest
from django.urls import reverse

from catalog.models import Lot
from ledgers.models import StockBalance
from ledgers.receiving import accept_with_differences
from ledgers.services import confirm_invoice
from ledgers.stock import stock_today
from tests.conftest import make_draft
from tests.ledgers.test_receiving import short

LIST = reverse("ledgers:stock-list")


@pytest.fixture
def paper(draft, clerk):
    return confirm_invoice(draft, actor=clerk)


def states(enterprise) -> list[str]:
    return [row.state for row in stock_today(StockBalance.objects.filter(enterprise=enterprise))]


def expires(paper, today, days) -> None:
    Lot.objects.filter(entries__invoice=paper).update(expires_on=today + datetime.timedelta(days=days))


@pytest.mark.parametrize(
    ("days", "state"), [(-1, "expired"), (0, "expiring"), (30, "expiring"), (31, "good"), (400, "good")]
)
def test_a_lot_expires_soon_thirty_days_before(paper, buyer, today, days, state):
    Lot.objects.update(produced_on=None)
    expires(paper, today, days)
    assert states(buyer) == [state]


def test_what_went_out_beyond_what_came_in_is_flagged(paper, seller):
    assert states(seller) == ["oversold"]


def test_what_is_in_dispute_is_flagged(paper, buyer, buyer_clerk):
    accept_with_differences(paper.receipt, complaints=short(2), actor=buyer_clerk)
    assert states(buyer) == ["disputed"]


def test_what_is_all_sold_is_not_in_stock(paper, buyer, stranger, peanuts, buyer_clerk):
    onward = make_draft(buyer, stranger, peanuts)
    onward.lines.update(known_lot=paper.entries.get().lot)
    confirm_invoice(onward, actor=buyer_clerk)
    assert states(buyer) == []


def test_the_start_page_counts_what_the_list_shows(signed_in, paper, seller, clerk):
    browser = signed_in(clerk)
    assert browser.get(reverse("home")).context["stock"] == [("oversold", "More went out than came in", 1)]
    assert len(browser.get(LIST, {"state": "oversold", "enterprise": seller.pk}).context["page"]) == 1


def test_an_officer_sees_the_stock_of_the_own_area(signed_in, paper, officer, officer_elsewhere):
    assert len(signed_in(officer).get(LIST).context["page"]) == 2
    assert not signed_in(officer_elsewhere).get(LIST).context["page"].object_list


@pytest.mark.parametrize("query", [{"state": "x"}, {"enterprise": "\0"}, {"enterprise": "9" * 40}, {"lot": "%"}])
def test_filters_take_anything(signed_in, paper, clerk, query):
    assert signed_in(clerk).get(LIST, query).status_code == 200
