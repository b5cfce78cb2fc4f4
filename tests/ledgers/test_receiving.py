"""The buyer's answer to a delivery, and how what it claims is settled."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from ledgers.models import ClaimSettlement, Receipt, ReceiptClaim, StockBalance, purchases_of, sales_of
from ledgers.receiving import (
    AnsweredMeanwhile,
    Complaint,
    accept_deliveries,
    accept_silent_deliveries,
    accept_with_differences,
    agree_to_claims,
    dismiss_claims,
    dispute_delivery,
    escalate_unsettled_claims,
    order_settlement,
    refuse_claims,
    reject_delivery,
    withdraw_claims,
)
from ledgers.services import confirm_invoice, reverse_invoice
from ledgers.tracing import downstream
from tests.conftest import make_draft


@pytest.fixture
def receipt(draft, clerk) -> Receipt:
    """Ten bags have come, says the seller."""
    return confirm_invoice(draft, actor=clerk).receipt


def stock(enterprise, receipt) -> tuple[Decimal, Decimal]:
    """What is the enterprise's, and what of it is in dispute."""
    lot = receipt.invoice.entries.get().lot
    return StockBalance.objects.values_list("quantity", "disputed").get(enterprise=enterprise, lot=lot)


def short(quantity, cause="short", reason="少到"):
    return [Complaint(position=1, quantity=Decimal(quantity), cause=cause, reason=reason)]


def days(count):
    return timezone.now() + datetime.timedelta(days=count)


# Accepting


@pytest.mark.requirement("H-107")
def test_what_came_as_its_paper_says_is_accepted(receipt, buyer, buyer_clerk):
    assert accept_deliveries([receipt], actor=buyer_clerk) == 1
    receipt.refresh_from_db()
    assert (receipt.state, receipt.answered_by) == ("accepted", buyer_clerk)
    assert stock(buyer, receipt) == (10, 0)


def test_many_are_accepted_at_once_and_twice_does_nothing(seller, buyer, peanuts, clerk, buyer_clerk):
    for _ in range(5):
        confirm_invoice(make_draft(seller, buyer, peanuts), actor=clerk)
    assert accept_deliveries(Receipt.objects.all(), actor=buyer_clerk) == 5
    assert accept_deliveries(Receipt.objects.all(), actor=buyer_clerk) == 0


@pytest.mark.parametrize("who", ["clerk", "stranger_clerk", "officer"])
def test_only_the_buyer_answers(receipt, request, who):
    actor = request.getfixturevalue(who)
    for answer in (
        lambda: accept_deliveries([receipt], actor=actor),
        lambda: accept_with_differences(receipt, complaints=short(1), actor=actor),
        lambda: reject_delivery(receipt, cause="damaged", reason="x", actor=actor),
        lambda: dispute_delivery(receipt, complaints=short(1), actor=actor),
        lambda: withdraw_claims(receipt, actor=actor),
    ):
        with pytest.raises(PermissionDenied):
            answer()


def test_silence_accepts_after_three_days_and_not_before(receipt, buyer):
    assert accept_silent_deliveries(now=days(2)) == 0
    assert accept_silent_deliveries(now=days(5)) == 1
    receipt.refresh_from_db()
    assert (receipt.state, receipt.answered_by) == ("auto_accepted", None)
    assert accept_silent_deliveries(now=days(5)) == 0


def test_what_was_reversed_waits_no_more(receipt, clerk):
    reverse_invoice(receipt.invoice, reason="错", actor=clerk)
    assert not Receipt.objects.waiting().exists()
    assert accept_silent_deliveries(now=days(5)) == 0


# Claims


@pytest.mark.requirement("H-044")
def test_what_is_missing_is_in_dispute_at_once(receipt, buyer, seller, buyer_clerk):
    accept_with_differences(receipt, complaints=short(2), actor=buyer_clerk)
    assert receipt.state == "partial"
    assert stock(buyer, receipt) == (8, 2)
    assert stock(seller, receipt) == (-10, 0)


def test_disputed_goods_stay_in_the_trace(receipt, buyer, buyer_clerk):
    reject_delivery(receipt, cause="quality", reason="有异味", actor=buyer_clerk)
    holders = downstream(receipt.invoice.entries.get().lot).holders
    assert [(holder.enterprise_id, holder.quantity) for holder in holders] == [(buyer.pk, 10)]


def test_the_seller_agrees_and_the_paper_settles_it(receipt, buyer, seller, clerk, buyer_clerk):
    accept_with_differences(receipt, complaints=short(2), actor=buyer_clerk)
    paper = agree_to_claims(receipt, actor=clerk)
    receipt.refresh_from_db()
    assert receipt.state == "settled"
    assert (stock(buyer, receipt), stock(seller, receipt)) == ((8, 0), (-8, 0))
    assert paper.adjusts == receipt.invoice
    assert ClaimSettlement.objects.get().line == paper.lines.get()
    assert sum(purchases_of(buyer).values_list("quantity", flat=True)) == 8
    assert sum(sales_of(seller).values_list("quantity", flat=True)) == 8


def test_a_rejected_delivery_can_be_reversed(receipt, buyer, seller, clerk, buyer_clerk):
    reject_delivery(receipt, cause="damaged", reason="破损", actor=buyer_clerk)
    assert stock(buyer, receipt) == (0, 10)
    reverse_invoice(receipt.invoice, reason="客户拒收", actor=clerk)
    receipt.refresh_from_db()
    assert receipt.state == "settled"
    assert (stock(buyer, receipt), stock(seller, receipt)) == ((0, 0), (0, 0))


def test_what_was_partly_kept_cannot_be_reversed(receipt, clerk, buyer_clerk):
    accept_with_differences(receipt, complaints=short(2), actor=buyer_clerk)
    with pytest.raises(ValidationError):
        reverse_invoice(receipt.invoice, reason="错", actor=clerk)


def test_the_buyer_withdraws(receipt, buyer, buyer_clerk):
    accept_with_differences(receipt, complaints=short(2), actor=buyer_clerk)
    assert withdraw_claims(receipt, actor=buyer_clerk) == 1
    receipt.refresh_from_db()
    assert (receipt.state, stock(buyer, receipt)) == ("settled", (10, 0))
    assert withdraw_claims(receipt, actor=buyer_clerk) == 0


def test_an_accepted_delivery_is_disputed_within_fifteen_days(receipt, buyer, buyer_clerk, monkeypatch):
    accept_deliveries([receipt], actor=buyer_clerk)
    receipt.refresh_from_db()
    dispute_delivery(receipt, complaints=short(3, "quality", "开袋发霉"), actor=buyer_clerk)
    assert (receipt.state, stock(buyer, receipt)) == ("disputed", (7, 3))


def test_and_not_after(receipt, buyer_clerk):
    accept_deliveries([receipt], actor=buyer_clerk)
    receipt.refresh_from_db()
    receipt.answered_at -= datetime.timedelta(days=17)
    with pytest.raises(ValidationError):
        dispute_delivery(receipt, complaints=short(3), actor=buyer_clerk)


@pytest.mark.parametrize("quantity", ["0", "-1", "11", "10.001"])
def test_no_more_is_claimed_than_came(receipt, buyer_clerk, quantity):
    with pytest.raises(ValidationError):
        accept_with_differences(receipt, complaints=short(quantity), actor=buyer_clerk)
    assert Receipt.objects.get().state == "pending"


def test_a_line_is_claimed_once_at_a_time(receipt, buyer_clerk):
    accept_with_differences(receipt, complaints=short(2), actor=buyer_clerk)
    with pytest.raises(ValidationError, match="1"):
        dispute_delivery(receipt, complaints=short(1), actor=buyer_clerk)
    withdraw_claims(receipt, actor=buyer_clerk)
    receipt.refresh_from_db()
    dispute_delivery(receipt, complaints=short(1), actor=buyer_clerk)


def test_a_claim_is_in_the_line_s_own_unit(seller, buyer, peanuts, clerk, buyer_clerk):
    draft = make_draft(seller, buyer, peanuts, quantity="3")
    draft.lines.update(factor=20)
    receipt = confirm_invoice(draft, actor=clerk).receipt
    accept_with_differences(receipt, complaints=short(1), actor=buyer_clerk)
    assert stock(buyer, receipt) == (40, 20)
    agree_to_claims(receipt, actor=clerk)
    assert stock(buyer, receipt) == (40, 0)


def test_no_answer_without_its_words(receipt, buyer_clerk):
    for refused in (
        lambda: accept_with_differences(receipt, complaints=[], actor=buyer_clerk),
        lambda: accept_with_differences(receipt, complaints=short(1, cause="bad luck"), actor=buyer_clerk),
        lambda: reject_delivery(receipt, cause="damaged", reason=" ", actor=buyer_clerk),
    ):
        with pytest.raises(ValidationError):
            refused()


# Where the two do not agree


def test_what_nobody_settles_goes_to_the_station(receipt, buyer_clerk):
    accept_with_differences(receipt, complaints=short(2), actor=buyer_clerk)
    assert escalate_unsettled_claims(now=days(6)) == 0
    assert escalate_unsettled_claims(now=days(9)) == 1
    receipt.refresh_from_db()
    assert (receipt.state, receipt.answered_by) == ("escalated", buyer_clerk)
    assert escalate_unsettled_claims(now=days(9)) == 0


def test_the_seller_does_not_agree_and_the_station_dismisses(receipt, buyer, clerk, officer, buyer_clerk):
    accept_with_differences(receipt, complaints=short(2), actor=buyer_clerk)
    with pytest.raises(PermissionDenied):
        refuse_claims(receipt, reason="数量无误", actor=buyer_clerk)
    assert refuse_claims(receipt, reason="数量无误", actor=clerk).state == "escalated"
    with pytest.raises(PermissionDenied):
        dismiss_claims(receipt, reason="查无实据", actor=clerk)
    assert dismiss_claims(receipt, reason="查无实据", actor=officer) == 1
    receipt.refresh_from_db()
    assert (receipt.state, stock(buyer, receipt)) == ("settled", (10, 0))


def test_the_station_orders_the_paper(receipt, buyer, seller, clerk, officer, buyer_clerk):
    accept_with_differences(receipt, complaints=short(2), actor=buyer_clerk)
    with pytest.raises(ValidationError):
        order_settlement(receipt, reason="过磅单属实", actor=officer)
    refuse_claims(receipt, reason="数量无误", actor=clerk)
    for nobody in (clerk, buyer_clerk):
        with pytest.raises(PermissionDenied):
            order_settlement(receipt, reason="过磅单属实", actor=nobody)
    paper = order_settlement(receipt, reason="过磅单属实", actor=officer)
    receipt.refresh_from_db()
    assert (paper.author, paper.confirmed_by) == (seller, officer)
    assert (receipt.state, stock(buyer, receipt), stock(seller, receipt)) == ("settled", (8, 0), (-8, 0))


def test_the_seller_may_still_agree_before_the_station_decides(receipt, buyer, clerk, buyer_clerk):
    accept_with_differences(receipt, complaints=short(2), actor=buyer_clerk)
    refuse_claims(receipt, reason="数量无误", actor=clerk)
    agree_to_claims(receipt, actor=clerk)
    receipt.refresh_from_db()
    assert (receipt.state, stock(buyer, receipt)) == ("settled", (8, 0))


# What the database itself refuses


def test_an_answer_is_given_once(receipt, buyer_clerk):
    stale = Receipt.objects.get()
    accept_deliveries([receipt], actor=buyer_clerk)
    with pytest.raises(AnsweredMeanwhile):
        accept_with_differences(stale, complaints=short(1), actor=buyer_clerk)
    assert not ReceiptClaim.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledgers_receipt SET state = 'accepted'",
        "DELETE FROM ledgers_receiptclaim",
        "UPDATE ledgers_receiptclaim SET quantity = 1",
        "DELETE FROM ledgers_claimsettlement",
        "SELECT ledgers_dispute_stock(ARRAY[1::bigint], 1)",
        "SELECT ledgers_close_claims(ARRAY[1::bigint])",
    ],
)
def test_the_application_cannot_write_them_itself(receipt, buyer_clerk, statement):
    accept_with_differences(receipt, complaints=short(2), actor=buyer_clerk)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_answer_that_does_not_follow_is_refused(receipt, buyer_clerk):
    for state in ("disputed", "escalated", "settled", "pending"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT ledgers_answer_receipt(%s, %s, %s, '', '[]')", [receipt.invoice_id, state, buyer_clerk.pk]
            )
