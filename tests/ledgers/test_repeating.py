"""The same as last time: two presses from yesterday's paper to today's draft."""

from __future__ import annotations

import datetime

import pytest
from django.urls import reverse

from catalog.models import Lot, ProductCode
from ledgers.drafts import read
from ledgers.models import Invoice
from ledgers.repeating import repeat_invoice
from ledgers.services import confirm_invoice, hold_lots
from tests.conftest import make_draft


@pytest.fixture
def bring(seller, buyer, peanuts, clerk):
    """The seller delivers to the buyer, who then has it in stock."""

    def bring(lot, quantity, *, until):
        draft = make_draft(seller, buyer, peanuts, lot=lot, quantity=str(quantity))
        draft.lines.update(expires_on=until, produced_on=None)
        return confirm_invoice(draft, actor=clerk).entries.get().lot

    return bring


@pytest.fixture
def sold(buyer, stranger, peanuts, buyer_clerk):
    def sold(lot, quantity, factor=1):
        draft = make_draft(buyer, stranger, peanuts, quantity=str(quantity))
        draft.lines.update(known_lot=lot, lot_code=lot.code, factor=factor)
        return confirm_invoice(draft, actor=buyer_clerk)

    return sold


def rows(paper, clerk):
    return [(row["lot"], row["quantity"]) for row in repeat_invoice(paper, actor=clerk).typed["lines"]]


def test_a_sale_takes_what_expires_first_and_says_what_is_not_there(bring, sold, today, buyer_clerk):
    late, soon = (bring(code, 5, until=today + datetime.timedelta(days=days)) for code, days in (("B", 90), ("A", 30)))
    paper = sold(late, 4)
    assert rows(paper, buyer_clerk) == [("A", "4")]
    assert rows(sold(soon, 3), buyer_clerk) == [("A", "2"), ("B", "1")]
    assert rows(sold(late, 1), buyer_clerk) == [("A", "1")]


def test_what_is_expired_or_held_is_not_proposed(bring, sold, today, buyer_clerk, officer):
    expired = bring("OLD", 5, until=today + datetime.timedelta(days=1))
    held, good = (bring(code, 5, until=today + datetime.timedelta(days=90)) for code in ("HELD", "GOOD"))
    paper = sold(good, 1)
    Lot.objects.filter(pk=expired.pk).update(expires_on=today - datetime.timedelta(days=1))
    hold_lots([held], reason="抽检不合格", actor=officer)
    assert rows(paper, buyer_clerk) == [("GOOD", "1")]


def test_what_is_not_in_stock_is_left_to_be_typed(bring, sold, today, buyer_clerk):
    paper = sold(bring("A", 5, until=today + datetime.timedelta(days=30)), 5)
    assert rows(paper, buyer_clerk) == [("", "5")]


def test_a_case_stays_a_case(bring, sold, today, peanuts, buyer_clerk):
    ProductCode.objects.create(product=peanuts, gtin="19520004000014", factor=12)
    paper = sold(bring("A", 40, until=today + datetime.timedelta(days=30)), 1, factor=12)
    assert [row["code"] for row in repeat_invoice(paper, actor=buyer_clerk).typed["lines"]] == ["19520004000014"]


def test_a_purchase_leaves_the_new_lot_to_be_typed(seller, buyer, peanuts, buyer_clerk, supplier):
    paper = confirm_invoice(make_draft(seller, buyer, peanuts, author=buyer), actor=buyer_clerk)
    draft = repeat_invoice(paper, actor=buyer_clerk)
    assert (draft.author, draft.is_purchase, draft.seller) == (buyer, True, seller)
    assert [row["lot"] for row in draft.typed["lines"]] == [""]


@pytest.mark.requirement("H-120")
def test_two_presses_lead_to_a_draft_that_makes_sense(signed_in, seller, buyer, peanuts, clerk, customer):
    paper = confirm_invoice(make_draft(seller, buyer, peanuts), actor=clerk)
    browser = signed_in(clerk)
    assert (
        reverse("ledgers:invoice-repeat", args=[paper.pk])
        in browser.get(reverse("ledgers:invoice-detail", args=[paper.pk])).content.decode()
    )
    browser.post(reverse("ledgers:invoice-repeat", args=[paper.pk]))
    draft = Invoice.objects.drafts().get()
    reading = read(draft.typed, author=seller, role="customer")
    assert (reading.partner, reading.head_errors) == (buyer, {})
    assert set(reading.line_errors[0]) == {"lot"}  # nothing is in stock: the lot is typed


def test_a_correction_is_not_repeated(signed_in, draft, clerk):
    page = signed_in(clerk).post(reverse("ledgers:invoice-repeat", args=[draft.pk]))
    assert page.status_code == 404
