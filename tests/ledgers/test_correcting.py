"""Putting a confirmed paper right: at once while nobody else has it in hand, by consent after that; and prices."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from ledgers.correcting import (
    agree_to_correction,
    correct_invoice,
    correct_prices,
    order_correction,
    refuse_correction,
)
from ledgers.models import CorrectionProposal, Invoice, PriceCorrection, StockBalance
from ledgers.receiving import accept_deliveries
from ledgers.services import acknowledge_purchase, confirm_invoice
from tests.conftest import make_draft


@pytest.fixture
def paper(draft, clerk) -> Invoice:
    return confirm_invoice(draft, actor=clerk)


@pytest.fixture
def accepted(paper, buyer_clerk) -> Invoice:
    accept_deliveries([paper.receipt], actor=buyer_clerk)
    return paper


@pytest.fixture
def proposal(accepted, clerk) -> CorrectionProposal:
    """The seller asks to take two bags off a delivery that the buyer has accepted."""
    return correct_invoice(accepted, differences={1: Decimal(-2)}, reason="多写两袋", actor=clerk)


def stock(enterprise) -> Decimal:
    return StockBalance.objects.get(enterprise=enterprise).quantity


def test_before_the_buyer_answers_a_correction_is_made_at_once(paper, clerk, buyer, seller):
    difference = correct_invoice(paper, differences={1: Decimal(2)}, reason="少写两袋", actor=clerk)
    assert difference.adjusts == paper
    assert (stock(buyer), stock(seller)) == (12, -12)


def test_after_the_buyer_accepted_nothing_moves_until_it_agrees(proposal, buyer, buyer_clerk):
    assert stock(buyer) == 10
    difference = agree_to_correction(proposal, actor=buyer_clerk)
    assert (difference.author, stock(buyer)) == (proposal.invoice.seller, 8)
    proposal.refresh_from_db()
    assert (proposal.state, proposal.paper) == ("accepted", difference)


def test_a_whole_paper_is_reversed_by_consent(accepted, clerk, buyer, buyer_clerk):
    proposal = correct_invoice(accepted, differences={}, reason="送错了", actor=clerk)
    assert agree_to_correction(proposal, actor=buyer_clerk).reverses == accepted
    assert stock(buyer) == 0


def test_the_buyer_of_an_acknowledged_purchase_is_asked_as_well(seller, buyer, peanuts, clerk, buyer_clerk):
    purchase = confirm_invoice(make_draft(seller, buyer, peanuts, author=buyer), actor=buyer_clerk)
    acknowledge_purchase(purchase, actor=clerk)
    proposal = correct_invoice(purchase, differences={1: Decimal(1)}, reason="少写", actor=clerk)
    assert proposal.asked == buyer
    with pytest.raises(PermissionDenied):
        correct_invoice(purchase, differences={1: Decimal(1)}, reason="少写", actor=buyer_clerk)


@pytest.mark.parametrize("who", ["clerk", "stranger_clerk", "officer"])
def test_only_the_one_asked_agrees(proposal, request, who):
    with pytest.raises(PermissionDenied):
        agree_to_correction(proposal, actor=request.getfixturevalue(who))


def test_only_the_two_sides_end_a_proposal_and_say_why(proposal, stranger_clerk, buyer_clerk):
    with pytest.raises(PermissionDenied):
        refuse_correction(proposal, reason="不", actor=stranger_clerk)
    with pytest.raises(ValidationError):
        refuse_correction(proposal, reason=" ", actor=buyer_clerk)
    refuse_correction(proposal, reason="货都在", actor=buyer_clerk)
    with pytest.raises(ValidationError):
        agree_to_correction(proposal, actor=buyer_clerk)


def test_the_station_orders_what_was_refused_and_only_once(proposal, buyer, buyer_clerk, clerk, officer):
    refuse_correction(proposal, reason="货都在", actor=buyer_clerk)
    with pytest.raises(PermissionDenied):
        order_correction(proposal, reason="查实", actor=clerk)
    paper = order_correction(proposal, reason="查实", actor=officer)
    assert (stock(buyer), paper.confirmed_by) == (8, officer)
    with pytest.raises(ValidationError):
        order_correction(proposal, reason="查实", actor=officer)


def test_one_correction_waits_at_a_time(proposal, clerk):
    with pytest.raises(ValidationError):
        correct_invoice(proposal.invoice, differences={}, reason="再", actor=clerk)
    with pytest.raises(IntegrityError), transaction.atomic():
        CorrectionProposal.objects.create(
            invoice=proposal.invoice, asked=proposal.asked, author=clerk, reason="再", differences={}
        )


def test_what_the_buyer_has_sold_on_is_not_taken_back(proposal, buyer, seller, peanuts, buyer_clerk):
    confirm_invoice(make_draft(buyer, seller, peanuts, quantity="9"), actor=buyer_clerk)
    with pytest.raises(ValidationError, match="PN-1: 1"):
        agree_to_correction(proposal, actor=buyer_clerk)
    assert stock(buyer) == 1


# Prices


def test_a_new_price_moves_no_goods(accepted, clerk, buyer):
    assert correct_prices(accepted, prices={1: Decimal("11.00")}, reason="价目错", actor=clerk) == 1
    assert stock(buyer) == 10
    assert Invoice.objects.filter(adjusts=accepted).count() == 0


def test_both_parties_read_the_new_price_and_the_officer_none(signed_in, accepted, clerk, buyer_clerk, officer):
    correct_prices(accepted, prices={1: Decimal("11.25")}, reason="价目错", actor=clerk)
    for reader, sees in ((clerk, True), (buyer_clerk, True), (officer, False)):
        assert ("11.25" in signed_in(reader).get(f"/ledgers/invoice/{accepted.pk}/").content.decode()) is sees


def test_only_the_writer_of_the_paper_corrects_prices(accepted, buyer_clerk):
    with pytest.raises(PermissionDenied):
        correct_prices(accepted, prices={1: Decimal(1)}, reason="x", actor=buyer_clerk)


def test_a_price_correction_is_whole_and_stays(accepted, clerk):
    line = accepted.lines.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        PriceCorrection.objects.create(line=line, price=1, reason="", corrected_by=clerk)
    correct_prices(accepted, prices={1: Decimal(1)}, reason="x", actor=clerk)
    with pytest.raises(DatabaseError), transaction.atomic():
        PriceCorrection.objects.update(price=2)


# Screens


def test_the_form_writes_a_difference_paper_of_what_differs(signed_in, paper, clerk, buyer):
    page = signed_in(clerk).post(
        f"/ledgers/invoice/{paper.pk}/correct/", {"1-quantity": "7", "1-price": "12.50", "reason": "数错"}, follow=True
    )
    assert "corrects it" in page.content.decode()
    assert stock(buyer) == 7


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"1-quantity": "10", "1-price": "12.50", "reason": "x"}, "Nothing differs"),
        ({"1-quantity": "7", "reason": ""}, "names the lines that differ, and the reason"),
        ({"1-quantity": "sieben", "reason": "x"}, "do not make sense"),
        ({"1-quantity": "1.1234567890123", "reason": "x"}, "do not make sense"),
        ({"1-quantity": "-1", "reason": "x"}, "do not make sense"),
    ],
)
def test_what_makes_no_sense_is_said_and_changes_nothing(signed_in, paper, clerk, buyer, typed, sentence):
    page = signed_in(clerk).post(f"/ledgers/invoice/{paper.pk}/correct/", typed)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert stock(buyer) == 10


def test_a_refused_quantity_leaves_the_price_as_it_was(signed_in, paper, clerk, seller, peanuts, buyer, buyer_clerk):
    confirm_invoice(make_draft(buyer, seller, peanuts, quantity="9"), actor=buyer_clerk)
    typed = {"1-quantity": "2", "1-price": "1", "reason": "x"}
    page = signed_in(clerk).post(f"/ledgers/invoice/{paper.pk}/correct/", typed)
    assert "used or sold" in page.content.decode()
    assert not PriceCorrection.objects.exists()


@pytest.mark.parametrize("who", ["buyer_clerk", "officer"])
def test_the_other_side_finds_the_question_and_answers_it(signed_in, request, proposal, who):
    browser = signed_in(request.getfixturevalue(who))
    if who == "buyer_clerk":
        assert "多写两袋" in browser.get("/ledgers/inbox/").content.decode()
    for state in ("waiting", "accepted", "refused"):
        page = browser.get("/ledgers/correction/", {"state": state}).context["page"]
        assert list(page) == [proposal] * (state == "waiting")
    assert "多写两袋" in browser.get(f"/ledgers/correction/{proposal.pk}/").content.decode()
    step = "agree" if who == "buyer_clerk" else "order"
    browser.post(f"/ledgers/correction/{proposal.pk}/answer/", {"step": step, "reason": "ok"})
    proposal.refresh_from_db()
    assert proposal.state == "accepted"


def test_reversing_an_accepted_paper_on_its_page_asks_the_buyer(signed_in, accepted, clerk, buyer):
    page = signed_in(clerk).post(f"/ledgers/invoice/{accepted.pk}/reverse/", {"reason": "错"}, follow=True)
    assert "asked to agree" in page.content.decode()
    assert stock(buyer) == 10
