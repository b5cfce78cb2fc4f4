"""A producer writes down a run by keyboard alone, confirms it and releases what it made."""

from __future__ import annotations

import re

import pytest

from catalog.models import Component
from ledgers.models import ProductionRun, StockBalance
from ledgers.services import confirm_invoice
from tests.conftest import make_draft
from tests.e2e.conftest import barcode, expect, focused

ADD = "/ledgers/run/add/"


@pytest.fixture(scope="module")
def stock(cast):
    """Two lots of the same goods that the seller works with."""
    for lot, quantity in (("GF-1", "30"), ("GF-2", "20")):
        draft = make_draft(cast.maker, cast.seller, cast.goods[1], lot=lot, quantity=quantity, author=cast.seller)
        confirm_invoice(draft, actor=cast.clerk)


def write(page, *texts):
    """Type as fast as a scanner, each with its Enter; nobody touches the mouse."""
    for text in texts:
        page.keyboard.insert_text(text)
        page.keyboard.press("Enter")


def tab_to(page, name):
    for _press in range(60):
        if focused(page).strip() == name:
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{name} is not reached by Tab")


def left(code):
    return StockBalance.objects.get(lot__code=code, enterprise__name__contains="北谷示例").quantity


@pytest.mark.requirement("H-092", "H-104", "H-108")
def test_a_run_is_written_confirmed_and_released_by_keyboard_alone(visit, cast, stock):
    page = visit(ADD, cast.clerk)
    assert focused(page) == "out-code-1"
    write(page, barcode(3), "CAKE-1", "", "40")
    assert focused(page) == "out-code-2"
    write(page, "")
    assert focused(page) == "in-lot-1"
    write(page, "GF-1", "25", "GF-2", "15")
    assert focused(page) == "in-lot-3"
    write(page, "")
    assert focused(page).strip() == "Check and confirm"
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/")
    expect(page.locator("main")).to_contain_text("100.0 %")
    assert focused(page).strip() == "Confirm for ever"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/ledgers/run/\d+/$"))
    tab_to(page, "certificate")
    write(page, "HG-20261123")
    expect(page.locator("main")).to_contain_text("HG-20261123")
    assert [left(code) for code in ("GF-1", "GF-2", "CAKE-1")] == [5, 5, 40]


@pytest.mark.parametrize("has_script", [True, False])
def test_a_recipe_fills_in_the_form_with_and_without_javascript(visit, cast, stock, has_script):
    Component.objects.get_or_create(owner=cast.seller, product=cast.goods[4], part=cast.goods[1], quantity=1)
    page = visit(ADD, cast.clerk, java_script_enabled=has_script)
    page.locator("#out-code-1").fill(barcode(5))
    page.locator("#out-quantity-1").fill("2")
    page.get_by_role("button", name="Fill in by recipe").click()
    page.wait_for_url("**/edit/")
    expect(page.locator("#in-lot-1")).to_have_value("GF-1")
    expect(page.locator("#in-quantity-1")).to_have_value("2")
    run = ProductionRun.objects.drafts().latest("pk")
    assert run.inputs.get().lot.code == "GF-1"
