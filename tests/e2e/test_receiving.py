"""A shop takes in what was delivered: all of it in three presses, or line by line with what is wrong."""

from __future__ import annotations

import pytest

from enterprises.models import Enterprise
from ledgers.models import Receipt
from ledgers.services import confirm_invoice
from tests.conftest import make_clerk, make_draft, make_enterprise
from tests.e2e.conftest import expect, heading


@pytest.fixture
def deliveries(cast) -> list[Receipt]:
    """Five papers for a shop of this test's own, where nothing else waits."""
    cast.shop = make_enterprise(f"示例小店{Enterprise.objects.count()}", "", "230103001", roles=["RETAILER"])
    cast.shop_clerk = make_clerk(f"shop{cast.shop.pk}", cast.shop)
    papers = [make_draft(cast.seller, cast.shop, cast.goods[-1], lot="DELIVERED") for _ in range(5)]
    return [confirm_invoice(paper, actor=cast.clerk).receipt for paper in papers]


def states(receipts) -> set[str]:
    return set(Receipt.objects.filter(pk__in=[receipt.pk for receipt in receipts]).values_list("state", flat=True))


@pytest.mark.requirement("H-107")
def test_five_deliveries_in_three_presses(visit, cast, deliveries):
    page = visit("/home/", cast.shop_clerk)
    page.locator(".todos a", has_text="deliver").first.click()
    assert heading(page) == "Deliveries"
    page.get_by_role("button", name="Accept the ticked deliveries").click()
    expect(page.locator(".messages")).to_contain_text("accepted")
    assert states(deliveries) == {"accepted"}


@pytest.mark.requirement("H-044", "H-151")
def test_two_bags_are_missing_and_the_seller_settles_it(visit, cast, deliveries):
    page = visit(f"/ledgers/receipt/{deliveries[0].pk}/", cast.shop_clerk)
    page.get_by_label("Received").fill("8")
    page.get_by_label("In your words").fill("two bags torn")
    page.get_by_role("button", name="Accept with these differences").click()
    expect(page.locator(".messages")).to_contain_text("settle")
    seller = visit(f"/ledgers/receipt/{deliveries[0].pk}/", cast.clerk)
    expect(seller.locator("main")).to_contain_text("two bags torn")
    seller.get_by_role("button", name="Agree").click()
    expect(seller.locator(".messages")).to_contain_text("both books")
    assert states(deliveries[:1]) == {"settled"}
