"""Two papers of one delivery: offered while writing, linked afterwards, counted once."""

from __future__ import annotations

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from catalog.models import Product
from ledgers.mismatches import not_agreed
from ledgers.models import Invoice, StockBalance
from ledgers.receiving import accept_deliveries
from ledgers.services import acknowledge_purchase, confirm_invoice
from ledgers.twins import link_twin, twins_of
from tests.conftest import make_draft


@pytest.fixture
def sale(draft, clerk) -> Invoice:
    return confirm_invoice(draft, actor=clerk)


@pytest.fixture
def purchase(seller, buyer, peanuts, buyer_clerk) -> Invoice:
    """The buyer has written the same delivery down."""
    return confirm_invoice(make_draft(seller, buyer, peanuts, author=buyer), actor=buyer_clerk)


def stock(enterprise):
    return StockBalance.objects.get(enterprise=enterprise).quantity


def the_same(sale, **other):
    """What the buyer is about to write about this sale."""
    product = other.pop("product", None) or sale.lines.get().product
    return make_draft(sale.seller, sale.buyer, product, author=sale.buyer, **other)


@pytest.mark.requirement("H-064")
def test_a_purchase_finds_the_paper_its_supplier_has_sent(sale):
    assert twins_of(the_same(sale)) == [sale]


@pytest.mark.parametrize("other", [{"lot": "X", "quantity": "10"}, {"quantity": "3"}])
def test_the_same_lot_or_the_same_quantity_is_enough(sale, other):
    assert twins_of(the_same(sale, **other)) == [sale]


def test_another_lot_and_quantity_other_goods_or_another_week_are_no_twin(sale, today):
    other = Product.objects.create(name="示例瓜子", unit=sale.lines.get().product.unit)
    assert not twins_of(the_same(sale, lot="X", quantity="3"))
    assert not twins_of(the_same(sale, product=other))
    assert not twins_of(the_same(sale, day=today - datetime.timedelta(days=4)))


def test_two_papers_of_one_hand_are_no_twins(sale, seller, buyer, peanuts):
    assert twins_of(make_draft(seller, buyer, peanuts)) == []


def test_the_sheet_offers_the_paper_that_came_already(signed_in, sale, buyer_clerk):
    page = signed_in(buyer_clerk).get(f"/ledgers/invoice/{the_same(sale).pk}/review/").content.decode()
    assert "written the same delivery already" in page
    assert f"/ledgers/invoice/{sale.pk}/" in page


def test_linked_by_the_buyer_its_own_paper_is_reversed(sale, purchase, buyer, buyer_clerk):
    assert stock(buyer) == 20
    reversal = link_twin(purchase, twin=sale, actor=buyer_clerk)
    assert (reversal.reverses, reversal.same_as, stock(buyer)) == (purchase, sale, 10)


def test_linked_by_the_seller_the_buyers_paper_stays_and_is_acknowledged(sale, purchase, buyer, seller, clerk):
    link_twin(sale, twin=purchase, actor=clerk)
    purchase.refresh_from_db()
    assert purchase.acknowledgement
    assert (stock(buyer), stock(seller)) == (10, -10)


def test_only_its_writer_gives_a_paper_up(sale, purchase, clerk):
    with pytest.raises(PermissionDenied):
        link_twin(purchase, twin=sale, actor=clerk)


def test_what_is_not_alike_is_not_linked(sale, seller, buyer, peanuts, buyer_clerk):
    other = confirm_invoice(make_draft(seller, buyer, peanuts, author=buyer, lot="X", quantity="3"), actor=buyer_clerk)
    with pytest.raises(ValidationError):
        link_twin(other, twin=sale, actor=buyer_clerk)


def test_an_accepted_twin_stays_and_the_other_goes(sale, purchase, buyer, buyer_clerk, clerk):
    accept_deliveries([sale.receipt], actor=buyer_clerk)
    with pytest.raises(ValidationError):
        link_twin(sale, twin=purchase, actor=clerk)
    link_twin(purchase, twin=sale, actor=buyer_clerk)
    assert stock(buyer) == 10


def test_a_linked_paper_is_no_candidate_any_more(sale, purchase, buyer_clerk):
    link_twin(purchase, twin=sale, actor=buyer_clerk)
    assert twins_of(the_same(sale)) == []


@pytest.mark.requirement("H-173")
def test_statements_that_differ_are_listed_until_they_agree(purchase, clerk):
    (row,) = not_agreed(Invoice.objects.all())
    assert (row, row.counted_twice) == (purchase, False)
    acknowledge_purchase(purchase, actor=clerk)
    assert not not_agreed(Invoice.objects.all())


def test_a_delivery_written_by_both_sides_is_told_as_counted_twice(
    signed_in, sale, purchase, officer, officer_elsewhere
):
    assert not_agreed(Invoice.objects.all()).get().counted_twice
    for twice in (True, False):
        page = signed_in(officer).get("/ledgers/mismatch/", {"counted_twice": twice})
        assert list(page.context["page"]) == [purchase] * twice
    assert purchase.number not in signed_in(officer_elsewhere).get("/ledgers/mismatch/").content.decode()


def test_the_page_of_a_twin_has_the_button_that_links_it(signed_in, sale, purchase, buyer, buyer_clerk):
    browser = signed_in(buyer_clerk)
    assert "looks like the same delivery" in browser.get(f"/ledgers/invoice/{purchase.pk}/").content.decode()
    browser.post(f"/ledgers/invoice/{purchase.pk}/twin/", {"twin": sale.pk})
    assert stock(buyer) == 10


@pytest.mark.parametrize("twin", ["", "x", "999999999999999999999", "0"])
def test_a_twin_that_is_none_is_not_found(signed_in, purchase, buyer_clerk, twin):
    assert signed_in(buyer_clerk).post(f"/ledgers/invoice/{purchase.pk}/twin/", {"twin": twin}).status_code == 404


def test_the_seller_sees_in_its_inbox_what_customers_wrote(signed_in, purchase, clerk):
    assert purchase.number in signed_in(clerk).get("/ledgers/inbox/").content.decode()
