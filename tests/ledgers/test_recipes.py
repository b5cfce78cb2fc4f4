"""A run filled in by recipe: parts from stock, several lots, and what nobody recorded."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Component, Listing, Lot, Product
from ledgers.models import ProductionRun
from ledgers.recipes import fill_in
from ledgers.runs import confirm_run
from ledgers.services import confirm_invoice, hold_lots
from tests.conftest import make_draft
from tests.ledgers.conftest import make_run

ADD = reverse("ledgers:run-add")
SACHETS = ("示例米粉包", "示例汤料包", "示例酸笋包", "示例花生包", "示例腐竹包", "示例辣油包")


@pytest.fixture
def luosifen(seller):
    """A bag of noodles that the seller makes."""
    product = Product.objects.create(name="示例螺蛳粉", unit_id="bag", category_id="07", owner=seller, self_code="LSF")
    Listing.objects.create(enterprise=seller, product=product, item_number="L-1")
    return product


@pytest.fixture
def bring(seller, buyer, buyer_clerk, today):
    """Brings a lot of goods into the seller's stock."""

    def lot_of(product, code, quantity="10", days=90):
        entry = confirm_invoice(make_draft(buyer, seller, product, lot=code, quantity=quantity), actor=buyer_clerk)
        lot = entry.entries.get().lot
        Lot.objects.filter(pk=lot.pk).update(expires_on=today + datetime.timedelta(days=days))
        return lot

    return lot_of


def add_part(seller, luosifen, name, quantity=1):
    part = Product.objects.create(name=name, unit_id="packet")
    Component.objects.create(owner=seller, product=luosifen, part=part, quantity=quantity)
    return part


@pytest.fixture
def sachets(seller, luosifen):
    """The six sachets of a bag."""
    return [add_part(seller, luosifen, name) for name in SACHETS]


@pytest.fixture
def bamboo(seller, luosifen):
    return add_part(seller, luosifen, "示例酸笋包", 2)


def typed(today, quantity="10", inputs=(), **more):
    rows = {f"in_{name}": [row[at] for row in inputs] for at, name in enumerate(("lot", "quantity"))}
    return {"produced_on": str(today), "note": "", "step": "recipe", "out_code": ["L-1"], "out_lot": [""],
            "out_until": [""], "out_quantity": [quantity], **rows, **more}  # fmt: skip


@pytest.fixture
def browser(signed_in, clerk):
    return signed_in(clerk)


def filled(browser, form):
    """What stands in the draft afterwards, and what was said."""
    page = browser.post(ADD, form, follow=True)
    rows = ProductionRun.objects.drafts().get().typed["inputs"]
    return [(row["lot"], row["quantity"]) for row in rows], " ".join(map(str, page.context["messages"]))


@pytest.mark.requirement("H-101", "H-104")
def test_multi_part_goods_record_a_lot_of_each_sachet(browser, seller, luosifen, sachets, bring, today, clerk):
    for number, sachet in enumerate(sachets):
        bring(sachet, f"S{number}", "50")
    rows, told = filled(browser, typed(today, "50"))
    assert rows == [(f"S{number}", "50") for number in range(6)]
    assert "6 rows are filled in" in told
    run = confirm_run(ProductionRun.objects.get(), actor=clerk)
    page = browser.get(reverse("ledgers:trace-lot", args=[run.outputs.get().lot_id])).text
    assert all(name in page for name in SACHETS)


def test_what_expires_first_goes_in_first_over_several_lots(browser, bamboo, bring, today):
    for code, quantity, days in (("LATE", "30", 90), ("SOON", "8", 9), ("OVER", "8", -1)):
        bring(bamboo, code, quantity, days)
    rows, _told = filled(browser, typed(today))
    assert rows == [("SOON", "8"), ("LATE", "12")]


def test_rows_typed_already_stay_and_count(browser, bamboo, flour, bring, today):
    bring(bamboo, "A", "30", 9)
    bring(bamboo, "B", "30")
    rows, _told = filled(browser, typed(today, inputs=[("FLOUR", "3"), ("A", "5"), ("?", "")]))
    assert rows == [("FLOUR", "3"), ("A", "5"), ("?", ""), ("B", "15")]


def test_pressed_twice_it_fills_in_once(browser, bamboo, bring, today):
    bring(bamboo, "A", "30")
    rows, _told = filled(browser, typed(today))
    run = ProductionRun.objects.get()
    browser.post(reverse("ledgers:run-edit", args=[run.pk]), typed(today, inputs=rows, version=run.version))
    run.refresh_from_db()
    assert len(run.typed["inputs"]) == 1


def test_what_stock_lacks_is_said(browser, bamboo, bring, today):
    bring(bamboo, "A", "5")
    rows, told = filled(browser, typed(today))
    assert rows == [("A", "5")]
    assert "示例酸笋包 15" in told


def test_what_an_authority_holds_is_not_taken_and_what_waits_for_release_is(
    browser, bamboo, bring, seller, flour, clerk, officer, today
):
    hold_lots([bring(bamboo, "HELD", days=9)], reason="疑似不合格", actor=officer)
    confirm_run(make_run(seller, {flour: 10}, {"OURS": 10}, bamboo), actor=clerk)
    rows, _told = filled(browser, typed(today, "5"))
    assert rows == [("OURS", "10")]


def test_two_lots_of_one_number_are_told_apart(browser, bamboo, bring, flour, seller, today):
    bring(bamboo, "FLOUR", "50")
    rows, _told = filled(browser, typed(today))
    assert rows == [("FLOUR · 示例酸笋包", "20")]
    assert ProductionRun.objects.get().inputs.count() == 1


def test_parts_by_weight_are_taken_to_the_gram(browser, seller, luosifen, bring, today):
    bring(add_part(seller, luosifen, "示例香料", "0.0005"), "SPICE")
    assert filled(browser, typed(today, "33"))[0] == [("SPICE", "0.016")]


def test_goods_without_a_recipe_are_told(browser, luosifen, flour, today):
    rows, told = filled(browser, typed(today, inputs=[("FLOUR", "1")]))
    assert rows == [("FLOUR", "1")]
    assert "has no recipe" in told


def test_nothing_typed_makes_no_draft(browser, bamboo, today):
    page = browser.post(ADD, typed(today, out_code=[""], out_quantity=[""]))
    assert page.status_code == 422
    assert not ProductionRun.objects.exists()


def test_the_button_is_there_for_whoever_has_recipes(browser, seller, luosifen, sachets):
    assert 'value="recipe"' in browser.get(ADD).text
    Component.objects.all().delete()
    assert 'value="recipe"' not in browser.get(ADD).text


def test_the_recipe_of_another_firm_fills_in_nothing(bamboo, luosifen, buyer, seller, today):
    Component.objects.update(owner=buyer)
    form = {"produced_on": str(today), "outputs": [{"code": "L-1", "quantity": "1"}], "inputs": []}
    assert not fill_in(form, enterprise=seller).has_recipe


# Looking it over


def test_a_sachet_without_a_lot_is_said_and_needs_no_reason(browser, seller, luosifen, sachets, bring, today):
    inputs = [(bring(sachet, f"S{number}", "50").code, "50") for number, sachet in enumerate(sachets[1:])]
    browser.post(ADD, typed(today, "50", inputs=inputs, step="review"))
    run = ProductionRun.objects.get()
    page = browser.get(reverse("ledgers:run-review", args=[run.pk]))
    (sentence,) = page.context["warnings"]
    assert "示例米粉包" in sentence
    browser.post(reverse("ledgers:run-confirm", args=[run.pk]), {"token": page.context["token"], "version": 1})
    assert ProductionRun.objects.confirmed().exists()


def test_filling_in_costs_the_same_however_many_parts(browser, seller, luosifen, bring, today):
    costs = []
    for numbers in (range(2), range(2, 15)):
        for number in numbers:
            bring(add_part(seller, luosifen, f"示例料{number}"), f"S{number}", "100")
        browser.get(ADD)
        with CaptureQueriesContext(connection) as filling:
            browser.post(ADD, typed(today))
        run = ProductionRun.objects.latest("pk")
        with CaptureQueriesContext(connection) as looking:
            browser.get(reverse("ledgers:run-review", args=[run.pk]))
        costs.append((len(filling), len(looking)))
    assert run.inputs.count() == 15
    assert costs[0] == costs[1]
