"""A paper from draft to reversal, and the three locks on it."""

from __future__ import annotations

import datetime
import threading
import uuid
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from documents.errors import DocumentIsConfirmed
from enterprises.models import Enterprise
from ledgers.models import Invoice, InvoiceLine, LedgerEntry, Receipt, StockBalance, purchases_of, sales_of
from ledgers.services import (
    acknowledge_purchase,
    adjust_agreed,
    adjust_invoice,
    confirm_invoice,
    hold_lots,
    release_lots,
    reverse_invoice,
)
from tests.conftest import make_draft


@pytest.fixture
def invoice(draft, clerk):
    return confirm_invoice(draft, actor=clerk)


def stock(enterprise, lot):
    return StockBalance.objects.filter(enterprise=enterprise, lot=lot).values_list("quantity", flat=True).first()


@pytest.mark.requirement("H-089", "H-107", "H-120")
def test_a_confirmed_sale_is_in_both_books_at_once(invoice, seller, buyer):
    entry = sales_of(seller).get()
    assert entry == purchases_of(buyer).get()
    assert (entry.quantity, entry.lot.code, entry.invoice) == (Decimal(10), "PN-1", invoice)


def test_confirming_gives_a_number_a_signature_and_a_voucher(invoice, clerk):
    assert invoice.number.startswith("XS")
    assert invoice.confirmed_by == clerk
    assert len(invoice.voucher_token) == 22


def test_stock_moves_and_the_buyer_is_asked(invoice, seller, buyer):
    lot = invoice.entries.get().lot
    assert (stock(seller, lot), stock(buyer, lot)) == (Decimal(-10), Decimal(10))
    assert Receipt.objects.get(invoice=invoice).state == "pending"


def test_the_paper_keeps_the_parties_of_its_day(invoice, seller):
    Enterprise.objects.filter(pk=seller.pk).update(name="另一个名字")
    invoice.refresh_from_db()
    assert invoice.printed["seller"]["name"] == "北谷示例粮油"
    assert invoice.entries.get().goods == "示例花生 500g"


def test_the_same_token_twice_is_one_paper(draft, clerk):
    token = uuid.uuid4()
    first = confirm_invoice(draft, actor=clerk, token=token)
    assert confirm_invoice(draft, actor=clerk, token=token).number == first.number
    assert LedgerEntry.objects.count() == 1


def test_first_lock_the_service_refuses(invoice, clerk):
    with pytest.raises(DocumentIsConfirmed):
        confirm_invoice(invoice, actor=clerk, token=uuid.uuid4())


def test_second_lock_the_model_refuses(invoice, stranger):
    invoice.buyer = stranger
    with pytest.raises(DocumentIsConfirmed):
        invoice.save()
    with pytest.raises(DocumentIsConfirmed):
        invoice.delete()


CHANGES = {
    "renumber": lambda i: Invoice.objects.filter(pk=i.pk).update(number="X"),
    "remove": lambda i: Invoice.objects.filter(pk=i.pk)._raw_delete("default"),
    "change a line": lambda i: InvoiceLine.objects.filter(invoice=i).update(quantity=1),
    "remove a line": lambda i: InvoiceLine.objects.filter(invoice=i).delete(),
    "slip a line in": lambda i: InvoiceLine.objects.create(
        invoice=i, position=9, product=i.lines.get().product, lot_code="X", quantity=9, unit=i.lines.get().unit
    ),
    "move a line away": lambda i: InvoiceLine.objects.filter(invoice=i).update(
        invoice=Invoice.objects.create(author=i.seller, seller=i.seller, buyer=i.buyer, traded_on=i.traded_on)
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_third_lock_the_database_refuses(invoice, change):
    with pytest.raises(IntegrityError), transaction.atomic():
        change(invoice)


@pytest.mark.parametrize("verb", ["UPDATE {t} SET quantity = 1", "DELETE FROM {t}", "TRUNCATE {t}"])
@pytest.mark.parametrize("table", ["ledgers_ledgerentry", "ledgers_stockbalance"])
def test_the_application_may_not_touch_the_books(invoice, verb, table):
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verb.format(t=table))


def test_an_entry_cannot_be_invented(invoice):
    entry = LedgerEntry.objects.get()
    entry.pk, entry.line_id = None, None
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        entry.save(force_insert=True)


def test_a_stranger_does_not_confirm(draft, stranger_clerk, buyer_clerk):
    for somebody in (stranger_clerk, buyer_clerk):
        with pytest.raises(PermissionDenied):
            confirm_invoice(draft, actor=somebody)


def test_a_paper_without_lines_is_refused(draft, clerk):
    draft.lines.all().delete()
    with pytest.raises(ValidationError):
        confirm_invoice(draft, actor=clerk)


def test_reversal_mirrors_and_leaves_the_original_alone(invoice, clerk, seller, buyer):
    before = Invoice.objects.filter(pk=invoice.pk).values().get()
    reversal = reverse_invoice(invoice, reason="数量录错", actor=clerk)
    assert [line.quantity for line in reversal.lines.all()] == [-line.quantity for line in invoice.lines.all()]
    assert Invoice.objects.filter(pk=invoice.pk).values().get() == before
    assert not Invoice.objects.in_force().exists()
    assert set(StockBalance.objects.values_list("quantity", flat=True)) == {Decimal(0)}
    assert LedgerEntry.objects.get(invoice=reversal).reverses == LedgerEntry.objects.get(invoice=invoice)


def test_nothing_is_reversed_twice_nor_a_reversal_reversed(invoice, clerk):
    reversal = reverse_invoice(invoice, reason="x", actor=clerk)
    for paper in (invoice, reversal):
        with pytest.raises(ValidationError):
            reverse_invoice(paper, reason="x", actor=clerk)


def test_a_reversal_needs_a_reason(invoice, clerk):
    with pytest.raises(ValidationError, match=r"Say why|原因|为什么"):
        reverse_invoice(invoice, reason=" ", actor=clerk)


def test_what_the_buyer_has_sold_on_is_not_reversed(invoice, clerk, buyer, buyer_clerk, stranger, peanuts):
    confirm_invoice(make_draft(buyer, stranger, peanuts, quantity="4"), actor=buyer_clerk)
    with pytest.raises(ValidationError, match="4"):
        reverse_invoice(invoice, reason="x", actor=clerk)


def test_a_difference_paper_moves_only_the_difference(invoice, clerk, buyer):
    adjust_invoice(invoice, differences={1: Decimal("-2")}, reason="少到两袋", actor=clerk)
    assert stock(buyer, invoice.entries.get().lot) == Decimal(8)
    assert Receipt.objects.count() == 1


def test_a_purchase_counts_for_the_seller_only_once_acknowledged(seller, buyer, peanuts, clerk, buyer_clerk):
    paper = confirm_invoice(make_draft(seller, buyer, peanuts, author=buyer), actor=buyer_clerk)
    lot = paper.entries.get().lot
    assert purchases_of(buyer).exists()
    assert not sales_of(seller).exists()
    assert stock(seller, lot) is None
    acknowledge_purchase(paper, actor=clerk)
    assert sales_of(seller).exists()
    assert stock(seller, lot) == Decimal(-10)


def test_a_purchase_from_outside_is_simply_written(seller, buyer, peanuts, buyer_clerk):
    Enterprise.objects.filter(pk=seller.pk).update(status="stub")
    paper = confirm_invoice(make_draft(seller, buyer, peanuts, author=buyer), actor=buyer_clerk)
    assert sales_of(seller).get().invoice == paper
    assert not Receipt.objects.exists()


def test_a_lot_on_hold_is_not_sold(draft, invoice, clerk, officer, seller, buyer, peanuts):
    lot = invoice.entries.get().lot
    hold_lots([lot], reason="疑似不合格", actor=officer)
    with pytest.raises(ValidationError, match="PN-1"):
        confirm_invoice(make_draft(seller, buyer, peanuts), actor=clerk)
    release_lots([lot], reason="复检合格", actor=officer)
    confirm_invoice(make_draft(seller, buyer, peanuts), actor=clerk)


def test_a_lot_travels_under_one_row(invoice, buyer, stranger, peanuts, buyer_clerk):
    onward = confirm_invoice(make_draft(buyer, stranger, peanuts, lot=" pn-1 "), actor=buyer_clerk)
    assert onward.entries.get().lot == invoice.entries.get().lot


def test_a_draft_may_still_go(draft):
    draft.delete()
    assert not Invoice.objects.exists()


def test_two_clerks_confirm_the_same_draft_once(real_database, request):
    draft, clerk = request.getfixturevalue("draft"), request.getfixturevalue("clerk")
    outcomes = []

    def confirm():
        try:
            outcomes.append(confirm_invoice(draft, actor=clerk, token=uuid.uuid4()).number)
        except DocumentIsConfirmed:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=confirm) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("refused") == 5
    assert LedgerEntry.objects.count() == 1


def test_a_difference_takes_back_no_more_than_a_line_brought(draft, clerk):
    invoice = confirm_invoice(draft, actor=clerk)
    adjust_invoice(invoice, differences={1: Decimal(-6)}, reason="少到六件", actor=clerk)
    with pytest.raises(ValidationError, match="4"):
        adjust_invoice(invoice, differences={1: Decimal(-5)}, reason="又少", actor=clerk)
    adjust_invoice(invoice, differences={1: Decimal(-4)}, reason="又少", actor=clerk)


def test_once_acknowledged_the_seller_writes_the_difference(seller, buyer, peanuts, clerk, buyer_clerk):
    paper = confirm_invoice(make_draft(seller, buyer, peanuts, author=buyer), actor=buyer_clerk)
    acknowledge_purchase(paper, actor=clerk)
    with pytest.raises(PermissionDenied):
        adjust_invoice(paper, differences={1: Decimal(-1)}, reason="少一件", actor=buyer_clerk)
    with pytest.raises(ValidationError) as refusal:  # its other side is asked first
        adjust_invoice(paper, differences={1: Decimal(-1)}, reason="少一件", actor=clerk)
    assert refusal.value.code == "answered"
    difference = adjust_agreed(paper, differences={1: Decimal(-1)}, reason="少一件", actor=clerk)
    assert difference.author == seller
    assert (stock(seller, paper.entries.get().lot), stock(buyer, paper.entries.get().lot)) == (-9, 9)


def test_a_yes_is_to_the_purchase_as_it_stands_now(seller, buyer, peanuts, clerk, buyer_clerk):
    paper = confirm_invoice(make_draft(seller, buyer, peanuts, author=buyer), actor=buyer_clerk)
    difference = adjust_invoice(paper, differences={1: Decimal(-3)}, reason="少三件", actor=buyer_clerk)
    with pytest.raises(ValidationError):
        acknowledge_purchase(difference, actor=clerk)
    acknowledge_purchase(paper, actor=clerk)
    assert sorted(sales_of(seller).values_list("quantity", flat=True)) == [-3, 10]
    assert stock(seller, paper.entries.get().lot) == -7


def test_what_had_expired_when_it_was_delivered_is_not_sold(draft, clerk, today):
    draft.lines.update(expires_on=draft.traded_on - datetime.timedelta(days=1), produced_on=None)
    with pytest.raises(ValidationError, match="1"):
        confirm_invoice(draft, actor=clerk)
    draft.lines.update(expires_on=draft.traded_on)
    confirm_invoice(draft, actor=clerk)
