"""Additives of a run against a table of limits; every limit and name here is invented (示例)."""

from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation

from catalog.models import AdditiveLimit, Product
from ledgers.models import ProductionRun
from ledgers.runs import confirm_run, reverse_run
from ledgers.services import confirm_invoice
from tests.conftest import make_draft
from tests.ledgers.conftest import make_run

ADD = reverse("ledgers:run-add")


@pytest.fixture(autouse=True)
def in_english():
    """The sentences are compared as they are written."""
    with translation.override("en"):
        yield


@pytest.fixture
def limit(peanuts) -> AdditiveLimit:
    """Half a gram in a kilogram of what the peanuts are."""
    Product.objects.filter(pk=peanuts.pk).update(category="07")
    return make_limit("0.5")


def make_limit(grams, **fields):
    facts = {"additive": "示例剂", "category_id": "07", "source": "示例标准 表1", "valid_from": "2026-01-01"}
    return AdditiveLimit.objects.create(max_grams_per_kg=grams, **facts | fields)


@pytest.fixture
def bring(seller, buyer, buyer_clerk):
    """Makes goods and a lot of them in the seller's stock."""

    def lot_of(name, *, unit="g", kind=Product.Kind.ADDITIVE, pack_size="", quantity="10"):
        product = Product.objects.create(name=name, unit_id=unit, kind=kind, pack_size=pack_size)
        paper = make_draft(buyer, seller, product, lot=f"{name}-1", quantity=quantity)
        return confirm_invoice(paper, actor=buyer_clerk).entries.get().lot

    return lot_of


@pytest.fixture
def additive(bring):
    """Ten grams; ten bags of peanuts weigh five kilograms, so 2.5 g is as much as may go in."""
    return bring("北谷示例剂（食品级）")


def make(seller, inputs, product, made=10, **fields):
    return make_run(seller, inputs, {"CAKE": made}, product, **fields)


def refusal_of(run, clerk):
    """Why a run is not confirmed without a note; empty where it is."""
    try:
        confirm_run(run, actor=clerk)
    except ValidationError as refusal:
        return " ".join(refusal.message_dict["note"])
    return ""


@pytest.mark.requirement("H-105")
@pytest.mark.parametrize(("grams", "is_over"), [("2.5", False), ("2.501", True)])
def test_more_than_the_limit_needs_a_note(limit, seller, additive, peanuts, clerk, grams, is_over):
    told = refusal_of(make(seller, {additive: grams}, peanuts), clerk)
    assert ("0.5002" in told, "示例标准 表1" in told) == (is_over, is_over)


@pytest.mark.requirement("H-105")
def test_with_a_note_it_is_confirmed(limit, seller, additive, peanuts, clerk):
    assert confirm_run(make(seller, {additive: 9}, peanuts, note="称量误差，整批复检"), actor=clerk).number


def test_without_a_table_nothing_is_checked(seller, additive, peanuts, clerk):
    assert refusal_of(make(seller, {additive: 10}, peanuts), clerk) == ""


def test_several_lots_of_one_additive_are_added_up(limit, seller, additive, bring, peanuts, clerk):
    kilos = bring("另一示例剂", unit="kg")
    assert "0.6" in refusal_of(make(seller, {additive: 2, kilos: "0.001"}, peanuts), clerk)


def test_an_additive_in_packages_weighs_what_they_say(limit, seller, bring, peanuts, clerk):
    packets = bring("示例剂 小包", unit="packet", pack_size="5g")
    assert "1 g" in refusal_of(make(seller, {packets: 1}, peanuts), clerk)


def test_what_has_no_known_weight_is_not_judged(limit, seller, bring, peanuts, clerk):
    assert refusal_of(make(seller, {bring("示例剂 液", unit="mL", pack_size="约1桶"): 10}, peanuts), clerk) == ""
    Product.objects.filter(pk=peanuts.pk).update(pack_size="大袋")
    peanuts.refresh_from_db()
    assert refusal_of(make_run(seller, {bring("示例剂 粉"): 10}, {"B": 1}, peanuts), clerk) == ""


@pytest.mark.parametrize("kind", [Product.Kind.RAW, Product.Kind.PREPACKED])
def test_only_additives_are_checked(limit, seller, bring, peanuts, clerk, kind):
    assert refusal_of(make(seller, {bring("示例剂 原料", kind=kind): 10}, peanuts), clerk) == ""


def test_goods_of_another_category_have_other_limits(limit, seller, additive, peanuts, clerk):
    AdditiveLimit.objects.update(category="03")
    assert refusal_of(make(seller, {additive: 10}, peanuts), clerk) == ""


def test_the_longest_name_decides(limit, seller, additive, bring, peanuts, clerk):
    make_limit("1", additive="强示例剂")
    strong = bring("强 示例剂")
    assert refusal_of(make(seller, {strong: 5}, peanuts), clerk) == ""
    assert "1.2 g" in refusal_of(make_run(seller, {strong: 6 - 1, additive: 3}, {"B": 5}, peanuts), clerk)


def test_the_limit_of_the_day_of_the_run_holds(limit, seller, additive, peanuts, clerk):
    make_limit("0.1", valid_from="2026-01-06")
    assert refusal_of(make(seller, {additive: 2}, peanuts), clerk) == ""
    assert "0.1 g" in refusal_of(make_run(seller, {additive: 2}, {"B": 10}, peanuts, produced_on="2026-01-06"), clerk)


def test_where_none_may_be_used_a_trace_is_too_much(limit, seller, additive, peanuts, clerk):
    AdditiveLimit.objects.update(max_grams_per_kg=0)
    assert "0 g" in refusal_of(make(seller, {additive: "0.001"}, peanuts), clerk)


def test_the_most_absurd_dose_has_its_figure(limit, seller, bring, peanuts, clerk):
    tonnes = bring("示例剂 散装", unit="t", quantity="99999999")
    Product.objects.filter(pk=peanuts.pk).update(pack_size="0.000001mg")
    peanuts.refresh_from_db()
    assert "g per kg" in refusal_of(make(seller, {tonnes: 99_999_999_999}, peanuts, made="0.001"), clerk)


# On the screen


@pytest.fixture
def browser(signed_in, clerk):
    return signed_in(clerk)


def typed(additive, today, quantity, note=""):
    return {"produced_on": str(today), "note": note, "out_code": ["H-1"], "out_lot": [""], "out_until": [""],
            "out_quantity": ["10"], "in_lot": [additive.code], "in_quantity": [quantity], "step": "review"}  # fmt: skip


@pytest.mark.requirement("H-105")
def test_the_figures_stand_beside_the_input(browser, limit, additive, today):
    page = browser.post(ADD, typed(additive, today, "5"))
    assert page.status_code == 422
    assert "1 g per kg" in page.context["reading"].head_errors["note"]
    row = page.text.split('id="in-lot-1"')[1].split("</td>")[0]
    assert "Over the limit" in row
    assert "示例标准 表1" in row


@pytest.mark.requirement("H-105")
def test_the_officer_sees_what_was_over_and_why(browser, signed_in, limit, additive, today, officer):
    browser.post(ADD, typed(additive, today, "5", note="称量误差"))
    run = ProductionRun.objects.get()
    page = browser.get(reverse("ledgers:run-review", args=[run.pk]))
    assert "1 g per kg" in " ".join(page.context["warnings"])
    form = {"token": uuid.uuid4(), "version": run.version}
    browser.post(reverse("ledgers:run-confirm", args=[run.pk]), form)
    page = signed_in(officer).get(reverse("ledgers:run-detail", args=[run.pk])).text
    assert "Over the limit" in page
    assert "称量误差" in page


def test_a_dose_within_its_limit_is_shown_and_asks_for_nothing(browser, limit, additive, today):
    browser.post(ADD, typed(additive, today, "2"))
    page = browser.get(reverse("ledgers:run-review", args=[ProductionRun.objects.get().pk]))
    assert page.context["warnings"] == []
    assert "0.4 g per kg" in page.text


def test_a_reversal_has_no_dose(browser, limit, seller, additive, peanuts, clerk):
    run = confirm_run(make(seller, {additive: 2}, peanuts), actor=clerk)
    reversal = reverse_run(run, reason="错", actor=clerk)
    for paper, figures in ((run, True), (reversal, False)):
        page = browser.get(reverse("ledgers:run-detail", args=[paper.pk])).text
        assert ("g per kg" in page) == figures
