"""Where a chain breaks: the enterprise whose paper is missing is named, and nobody else."""

from __future__ import annotations

import io
import json

import pytest
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from accounts.models import AccessRecord
from enterprises.models import Enterprise
from ledgers.completeness import completeness
from ledgers.trace_events import KEYS, headings
from ledgers.tracing import downstream, upstream
from tests.conftest import open_trace_of
from tests.ledgers.test_tracing import world  # noqa: F401 -- a fixture

pytestmark = pytest.mark.requirement("L-045")


@pytest.fixture
def chain(world, seller, buyer, stranger):  # noqa: F811
    """The seller's own L0 goes to the buyer, who bakes L1 of it for the stranger."""
    first, second = world.lots[:2]
    world.sell(seller, buyer, first)
    world.bake(buyer, [first], second)
    world.sell(buyer, stranger, second)
    return first, second


def test_a_chain_from_the_maker_to_the_shop_is_complete(chain):
    for lot in chain:
        assert (completeness(lot).percent, completeness(lot).enterprises) == (100, [])


def test_who_sells_what_nobody_knows_how_it_came_there_is_named(world, seller, buyer, stranger):  # noqa: F811
    lot = world.lots[0]
    world.sell(seller, buyer, lot)
    world.sell(stranger, buyer, lot)
    found = completeness(lot)
    assert (found.holdings, found.percent, found.enterprises) == (2, 50, [stranger.pk])
    world.sell(seller, stranger, lot)
    assert completeness(lot).percent == 100, "the paper that was missing has come"


def test_a_break_far_above_is_seen_from_below(world, seller, buyer, stranger):  # noqa: F811
    raw, made = world.lots[0], world.lots[1]
    world.sell(stranger, buyer, raw)
    world.bake(buyer, [raw], made)
    world.sell(buyer, seller, made)
    assert completeness(made).enterprises == [stranger.pk]


def test_a_chain_begins_outside_of_the_platform(world, buyer, stranger):  # noqa: F811
    world.sell(stranger, buyer, world.lots[0])
    Enterprise.objects.filter(pk=stranger.pk).update(status="stub")
    assert completeness(world.lots[0]).percent == 100


def test_a_lot_that_never_moved_misses_nothing(world):  # noqa: F811
    assert (completeness(world.lots[0]).holdings, completeness(world.lots[0]).percent) == (0, 100)


def test_a_reversed_purchase_accounts_for_nothing(world, seller, stranger, buyer):  # noqa: F811
    lot = world.lots[0]
    world.reverse(world.sell(seller, stranger, lot))
    world.sell(stranger, buyer, lot)
    assert completeness(lot).enterprises == [stranger.pk]


def test_completeness_is_three_statements(chain, django_assert_num_queries):
    with django_assert_num_queries(3):
        completeness(chain[0])


# On the page, and as a file


@pytest.fixture
def look(client, officer, chain):
    client.force_login(officer)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    def page(lot, **query):
        open_trace_of(client, lot)
        return client.get(reverse("ledgers:trace-lot", args=[lot.pk]), query)

    return page


def test_the_page_names_who_is_to_be_asked(look, world, chain, stranger, buyer):  # noqa: F811
    other = world.lots[3]
    world.sell(stranger, buyer, other)
    shown = look(other).text
    assert "0 %" in shown
    assert "Where the chain breaks" in shown
    assert f"{reverse('alerts:message-add')}?to={stranger.licence_number}" in shown
    assert "Where the chain breaks" not in look(chain[0]).text


@pytest.mark.requirement("H-101")
@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_a_trace_is_taken_away_with_one_row_for_each_event(look, chain, seller, buyer, stranger, kind):
    first, second = chain
    response = look(first, format=kind)
    content = response.getvalue()
    if kind == "json":
        rows = [list(row.values()) for row in json.loads(content)["events"]]
        assert {tuple(row) for row in json.loads(content)["events"]} == {KEYS}
    elif kind == "csv":
        rows = [line.split(",") for line in content.decode("utf-8-sig").splitlines()[1:]]
    else:
        sheet = load_workbook(io.BytesIO(content)).worksheets[0]
        rows = [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(min_row=2, values_only=True)]
    events = [(row[0], row[4], row[9], row[12]) for row in rows]
    assert events == [
        ("Handed over", first.code, seller.name, buyer.name), ("Handed over", second.code, buyer.name, stranger.name),
        ("Used", first.code, buyer.name, ""), ("Made", second.code, "", buyer.name),
    ]  # fmt: skip
    moves = {*downstream(first).movements, *upstream(first).movements}
    assert len([event for event in events if event[0] == "Handed over"]) == len(moves)
    assert AccessRecord.objects.filter(action="trace").exists()


def test_every_column_has_one_heading_of_its_own_and_one_key():
    for language in ("en", "zh-hans"):
        with translation.override(language):
            assert len(set(headings())) == len(set(KEYS)) == len(headings())


def test_a_traders_file_holds_its_own_step_only(client, clerk, chain, seller, buyer):
    client.force_login(clerk)
    response = client.get(reverse("ledgers:trace-lot", args=[chain[0].pk]), {"format": "csv"})
    rows = response.getvalue().decode("utf-8-sig").splitlines()[1:]
    assert [row.split(",")[9:13:3] for row in rows] == [[seller.name, buyer.name]]
