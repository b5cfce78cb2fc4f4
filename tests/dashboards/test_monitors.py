"""The three monitors, and how complete the chains of an area are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from catalog.models import Listing
from dashboards.chain_board import chain_board
from ledgers.completeness import completeness_of, standings
from tests.ledgers.conftest import signed_in  # noqa: F401 -- a fixture
from tests.ledgers.test_tracing import world  # noqa: F401 -- a fixture

PAGE = reverse("dashboards:monitors")


@pytest.fixture
def browser(signed_in, officer):  # noqa: F811
    return signed_in(officer)


@pytest.fixture
def trade(world, seller, buyer, stranger):  # noqa: F811
    """The seller's L0 at the buyer. The buyer sold the stranger's L2 to the seller: nobody knows how it came there."""
    world.sell(seller, buyer, world.lots[0])
    world.sell(buyer, seller, world.lots[2], quantity=3)
    return world


@pytest.mark.requirement("H-019")
def test_all_sellers_of_a_food_are_one_press_away(browser, trade, seller, buyer, peanuts):
    page = browser.get(PAGE, {"food": "9520004000017"})
    assert {row.enterprise for row in page.context["sellers"]} == {seller, buyer}
    assert [row.left for row in page.context["sellers"] if row.enterprise == buyer] == [7]
    assert all(row.last_on for row in page.context["sellers"])


@pytest.mark.requirement("H-019")
def test_all_foods_of_a_seller_say_whether_they_are_filed(browser, trade, seller, buyer, peanuts):
    [food] = browser.get(PAGE, {"seller": buyer.name}).context["its_foods"]
    assert (food.product, food.is_filed) == (peanuts, False)
    Listing.objects.create(enterprise=buyer, product=peanuts)
    assert "on its list" in browser.get(PAGE, {"seller": buyer.uscc}).text
    [food] = browser.get(PAGE, {"seller": f"#{buyer.pk}"}).context["its_foods"]
    assert food.is_filed


@pytest.mark.requirement("H-019")
def test_all_makers_of_what_is_sold_here_with_their_shops(browser, trade, seller, buyer, stranger, peanuts):
    makers = browser.get(PAGE, {"maker": ""}).context["makers"]
    assert {(row.enterprise, row.foods, row.sellers) for row in makers} == {(seller, 1, 2), (stranger, 1, 2)}
    assert [row.enterprise for row in browser.get(PAGE, {"maker": stranger.name[:4]}).context["makers"]] == [stranger]
    [(product, sellers)] = browser.get(PAGE, {"maker": f"#{stranger.pk}"}).context["supplied"]
    assert (product, set(sellers)) == (peanuts, {seller, buyer})


def test_an_officer_sees_the_own_area_only(signed_in, officer_elsewhere, trade, seller, buyer, peanuts):  # noqa: F811
    browser = signed_in(officer_elsewhere)
    shown = browser.get(PAGE, {"food": "9520004000017"}).context["sellers"]
    assert not {row.enterprise for row in shown} & {seller, buyer}
    for seller_text in (buyer.name, f"#{buyer.pk}"):
        assert "its_foods" not in browser.get(PAGE, {"seller": seller_text}).context


@pytest.mark.parametrize("query", [
    {}, {"food": "\0"}, {"food": "<b>"}, {"food": "#x"}, {"food": "#" + "9" * 40}, {"seller": "#99999999"},
    {"seller": "%"}, {"maker": "没有"}, {"maker": "#99999999"}, {"food": "(01)1"},
])  # fmt: skip
def test_the_monitors_answer_garbage(browser, trade, query):
    assert browser.get(PAGE, query).status_code == 200


# Completeness


@pytest.mark.requirement("L-045")
def test_the_rate_of_whole_chains_by_enterprise_and_area(browser, trade, seller, buyer, today):
    found = {row.enterprise_id: (row.holdings, row.known) for row in standings("23", since=today, until=today)}
    assert found == {seller.pk: (1, 1), buyer.pk: (1, 0)}
    gaps = completeness_of([lot.pk for lot in trade.lots]).gaps
    assert [gap.enterprise_id for gap in gaps] == [buyer.pk], "the same rule as for one chain"
    board = chain_board("230103")
    assert (board.percent, board.incomplete) == (50, 1)
    assert [row for row, _standing in board.rows] == [buyer, seller]
    assert [(area.region.code, area.percent) for area in chain_board("23").areas] == [("2301", 50)]


def test_what_was_given_on_before_is_not_counted(trade, today):
    assert standings("23", since=today + timedelta(days=1), until=today + timedelta(days=2)) == []
    assert chain_board("45").percent == 100


def test_the_page_and_its_file(browser, trade, buyer):
    page = browser.get(reverse("dashboards:chains"))
    assert buyer.name in page.text
    assert "50 %" in page.text
    rows = browser.get(reverse("dashboards:chains"), {"format": "csv"}).getvalue().decode("utf-8-sig").splitlines()
    assert rows[1].split(",") == [buyer.name, buyer.uscc, "1", "0", "0"]
    assert browser.get(reverse("dashboards:chains"), {"region": "4502"}).status_code == 404


def test_the_rate_is_one_statement(trade, today, django_assert_num_queries):
    with django_assert_num_queries(1):
        standings("23", since=today, until=today)
