"""Goods that go back to their supplier."""

from __future__ import annotations

import datetime
from decimal import Decimal
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from enterprises.models import Enterprise
from ledgers.models import Invoice, StockBalance, purchases_of, sales_of
from ledgers.returning import return_goods, returnable
from ledgers.services import confirm_invoice, reverse_invoice
from ledgers.tracing import downstream
from tests.conftest import make_draft

TOKEN = UUID("6f1f6f44-8f7f-4a3b-9a51-4f0e6f4d9f11")


@pytest.fixture
def delivery(draft, clerk) -> Invoice:
    return confirm_invoice(draft, actor=clerk)


def back(delivery, quantity, actor, **more):
    return return_goods(delivery, quantities={1: Decimal(quantity)}, reason="包装破损", actor=actor, **more)


def stock(enterprise) -> Decimal:
    return StockBalance.objects.get(enterprise=enterprise).quantity


def test_what_goes_back_is_in_both_books_and_both_stocks(delivery, seller, buyer, buyer_clerk):
    paper = back(delivery, 3, buyer_clerk)
    assert (paper.kind, paper.returns, paper.number[:2]) == ("return", delivery, "TH")
    assert (stock(buyer), stock(seller)) == (7, -7)
    assert sales_of(buyer).count() == purchases_of(seller).count() == 1


def test_the_supplier_answers_a_return_as_any_delivery(delivery, seller, buyer_clerk):
    assert back(delivery, 3, buyer_clerk).receipt.buyer == seller


def test_a_trace_shows_both_ways(delivery, seller, buyer, buyer_clerk):
    back(delivery, 3, buyer_clerk)
    moved = {(m.seller_id, m.buyer_id, m.quantity) for m in downstream(delivery.entries.get().lot).movements}
    assert moved == {(seller.pk, buyer.pk, 10), (buyer.pk, seller.pk, 3)}


@pytest.mark.parametrize("quantity", ["11", "-1", "0"])
def test_no_more_goes_back_than_came(delivery, buyer, buyer_clerk, quantity):
    with pytest.raises(ValidationError):
        back(delivery, quantity, buyer_clerk)
    assert stock(buyer) == 10


def test_no_more_goes_back_than_is_left(delivery, seller, buyer, peanuts, buyer_clerk, stranger):
    confirm_invoice(make_draft(buyer, stranger, peanuts, quantity="8"), actor=buyer_clerk)
    assert returnable(delivery) == {1: 2}
    back(delivery, 2, buyer_clerk)
    with pytest.raises(ValidationError, match="0"):
        back(delivery, 1, buyer_clerk)


def test_a_reversed_return_may_go_back_again(delivery, stranger, seller, peanuts, stranger_clerk, buyer_clerk):
    confirm_invoice(make_draft(stranger, seller, peanuts, quantity="20"), actor=stranger_clerk)
    paper = back(delivery, 10, buyer_clerk)
    reverse_invoice(paper, reason="车没来", actor=buyer_clerk)
    assert returnable(delivery) == {1: 10}


def test_goods_past_their_date_and_of_a_suspended_supplier_may_go_back(draft, clerk, seller, buyer_clerk, today):
    draft.lines.update(expires_on=today)
    delivery = confirm_invoice(draft, actor=clerk)
    Enterprise.objects.filter(pk=seller.pk).update(status="suspended")
    assert back(delivery, 1, buyer_clerk).number


@pytest.mark.parametrize("who", ["clerk", "stranger_clerk", "officer"])
def test_only_the_buyer_sends_goods_back(delivery, request, who):
    with pytest.raises(PermissionDenied):
        back(delivery, 1, request.getfixturevalue(who))


def test_the_same_token_is_one_return(delivery, buyer, buyer_clerk):
    assert back(delivery, 3, buyer_clerk, token=TOKEN) == back(delivery, 3, buyer_clerk, token=TOKEN)
    assert stock(buyer) == 7


def test_a_return_of_a_return_and_of_a_reversed_paper_is_refused(delivery, seller, clerk, buyer_clerk):
    with pytest.raises(ValidationError):
        back(back(delivery, 1, buyer_clerk), 1, clerk)
    other = confirm_invoice(make_draft(seller, delivery.buyer, delivery.lines.get().product), actor=clerk)
    reverse_invoice(other, reason="错", actor=clerk)
    with pytest.raises(ValidationError):
        back(other, 1, buyer_clerk)


def test_the_form_sends_goods_back(signed_in, delivery, buyer, buyer_clerk):
    browser = signed_in(buyer_clerk)
    assert "Can go back" in browser.get(f"/ledgers/invoice/{delivery.pk}/return/").content.decode()
    typed = {"1-quantity": "4", "reason": "破损", "token": TOKEN}
    page = browser.post(f"/ledgers/invoice/{delivery.pk}/return/", typed, follow=True)
    assert "the goods go back" in page.content.decode()
    assert stock(buyer) == 6
    refused = browser.post(f"/ledgers/invoice/{delivery.pk}/return/", {**typed, "1-quantity": "70", "token": ""})
    assert refused.status_code == 422


def test_expired_goods_are_still_not_sold(delivery, buyer, stranger, peanuts, buyer_clerk, today):
    sale = make_draft(buyer, stranger, peanuts)
    sale.lines.update(produced_on=None, expires_on=today - datetime.timedelta(days=1))
    with pytest.raises(ValidationError):
        confirm_invoice(sale, actor=buyer_clerk)


def test_of_a_case_no_more_goes_back_than_the_pieces_that_are_left(draft, clerk, buyer, peanuts, buyer_clerk, stranger):
    draft.lines.update(factor=3)
    delivery = confirm_invoice(draft, actor=clerk)
    confirm_invoice(make_draft(buyer, stranger, peanuts, quantity="20"), actor=buyer_clerk)
    assert returnable(delivery) == {1: Decimal("3.333")}
    assert back(delivery, "3.333", buyer_clerk).number
