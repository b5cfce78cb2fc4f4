"""What hangs on papers is worked out again too: each fault planted behind our back is told by its statement."""

from __future__ import annotations

import pytest
from django.db import connections, transaction

from ledgers.receiving import accept_with_differences, agree_to_claims
from ledgers.runs import confirm_run, reverse_run
from ledgers.services import acknowledge_purchase, confirm_invoice, reverse_invoice
from ledgers.verifying import STATEMENTS, differences
from tests.conftest import make_draft
from tests.ledgers.conftest import make_run
from tests.ledgers.test_receiving import short

GUARDED = (
    "ledgers_invoice", "ledgers_invoiceline", "ledgers_ledgerentry", "ledgers_productionrun", "ledgers_runinput",
    "ledgers_runoutput", "ledgers_lotlink", "ledgers_receiptclaim", "ledgers_claimsettlement",
    "ledgers_acknowledgement",
)  # fmt: skip


@pytest.fixture
def books(real_database, request):
    """Of everything one: a claim settled, one open, a purchase acknowledged, a paper and a run reversed, a run."""
    names = ("seller", "buyer", "peanuts", "clerk", "buyer_clerk", "flour")
    seller, buyer, peanuts, clerk, buyer_clerk, flour = map(request.getfixturevalue, names)
    receipts = [confirm_invoice(make_draft(seller, buyer, peanuts), actor=clerk).receipt for _ in range(2)]
    for receipt in receipts:
        accept_with_differences(receipt, complaints=short(2), actor=buyer_clerk)
    agree_to_claims(receipts[0], actor=clerk)
    acknowledge_purchase(
        confirm_invoice(make_draft(seller, buyer, peanuts, author=buyer), actor=buyer_clerk), actor=clerk
    )
    reverse_invoice(confirm_invoice(make_draft(seller, buyer, peanuts), actor=clerk), reason="x", actor=clerk)
    make_draft(seller, buyer, peanuts)
    confirm_run(make_run(seller, {flour: 4}, {"CAKE": 2, "BREAD": 2}, peanuts), actor=clerk)
    undone = confirm_run(make_run(seller, {flour: 1}, {"BUN": 1}, peanuts), actor=clerk)
    reverse_run(undone, reason="x", actor=clerk)


def told_of(name: str, statement: str) -> list[tuple]:
    """What the statement called `name` tells once only the owner of the tables could have done this, triggers off."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(statement)
        assert cursor.rowcount, f"nothing to spoil: {statement}"
        cursor.execute(STATEMENTS[name])
        told = cursor.fetchall()
        transaction.set_rollback(True, using="owner")
    return told


def test_untouched_books_agree(books):
    assert list(differences()) == []


REVERSAL = "(SELECT id FROM ledgers_invoice WHERE reverses_id IS NOT NULL)"
RUN_REVERSAL = "(SELECT id FROM ledgers_productionrun WHERE reverses_id IS NOT NULL)"
DRAFT = "(SELECT id FROM ledgers_invoice WHERE status = 'draft')"
OTHER_LOT = "(SELECT id FROM catalog_lot WHERE code = 'BUN')"
SETTLED = "(SELECT claim_id FROM ledgers_claimsettlement)"
FIRST, LAST = "(SELECT min({key}) FROM {table})", "(SELECT max({key}) FROM {table})"
ENTRY, RECEIPT = FIRST.format(key="id", table="ledgers_ledgerentry"), LAST.format(key="id", table="ledgers_receipt")
LINK, VOUCHER = (
    FIRST.format(key="id", table="ledgers_lotlink"),
    FIRST.format(key="token", table="portal_publishedvoucher"),
)
FAULTS = [
    ("papers", f"DELETE FROM ledgers_ledgerentry WHERE id = {ENTRY}"),
    ("papers", f"UPDATE ledgers_ledgerentry SET invoice_id = {DRAFT} WHERE id = {ENTRY}"),
    ("lots", f"UPDATE ledgers_ledgerentry SET lot_id = {OTHER_LOT} WHERE id = {ENTRY}"),
    ("lots", f"UPDATE ledgers_invoiceline SET known_lot_id = {OTHER_LOT} WHERE known_lot_id IS NOT NULL"),
    ("reversals", f"UPDATE ledgers_ledgerentry SET quantity = quantity / 2 WHERE invoice_id = {REVERSAL}"),
    ("reversals", "UPDATE ledgers_ledgerentry SET reverses_id = NULL"),
    ("reversals", f"DELETE FROM ledgers_ledgerentry WHERE invoice_id = {REVERSAL}"),
    ("reversals", f"UPDATE ledgers_runoutput SET quantity = -2 WHERE run_id = {RUN_REVERSAL}"),
    ("reversals", f"DELETE FROM ledgers_runinput WHERE run_id = {RUN_REVERSAL}"),
    ("receipts", "UPDATE ledgers_receipt SET buyer_id = (SELECT min(seller_id) FROM ledgers_invoice)"),
    ("receipts", f"UPDATE ledgers_receipt SET invoice_id = {REVERSAL} WHERE id = {RECEIPT}"),
    ("receipts", f"UPDATE ledgers_receipt SET invoice_id = {DRAFT} WHERE id = {RECEIPT}"),
    ("states", "UPDATE ledgers_receipt SET state = 'settled', answered_at = now()"),
    ("states", "UPDATE ledgers_receipt SET state = 'disputed' WHERE state = 'settled'"),
    ("states", "UPDATE ledgers_receipt SET state = 'accepted' WHERE state = 'partial'"),
    ("claims", f"UPDATE ledgers_receiptclaim SET quantity = 11 WHERE id NOT IN {SETTLED}"),
    ("claims", f"UPDATE ledgers_receiptclaim SET receipt_id = {RECEIPT}"),
    ("settlements", "UPDATE ledgers_claimsettlement SET line_id ="
                    f" (SELECT id FROM ledgers_invoiceline WHERE invoice_id = {REVERSAL})"),
    ("settlements", "UPDATE ledgers_invoiceline SET settles_id = NULL"),
    ("acknowledgements", "UPDATE ledgers_ledgerentry SET needs_acknowledgement = false"),
    ("acknowledgements", f"UPDATE ledgers_acknowledgement SET invoice_id = {DRAFT}"),
    ("links", f"DELETE FROM ledgers_lotlink WHERE id = {LINK}"),
    ("links", f"UPDATE ledgers_lotlink SET run_id = {RUN_REVERSAL} WHERE id = {LINK}"),
    ("links", "UPDATE ledgers_lotlink SET enterprise_id = (SELECT max(buyer_id) FROM ledgers_invoice)"),
    ("vouchers", f"UPDATE portal_publishedvoucher SET invoice_id = 0 WHERE token = {VOUCHER}"),
    ("vouchers", "UPDATE portal_publishedvoucher SET number = 'X' || number"),
    ("vouchers", "UPDATE portal_publishedvoucher SET lines = '[]'"),
    ("vouchers", "UPDATE portal_publishedvoucher SET reversed_by = 'X' WHERE reversed_by = ''"),
    ("day figures", "UPDATE ledgers_tradedelta SET purchase_lines = sale_lines, sale_lines = purchase_lines"),
]  # fmt: skip


def test_every_fault_planted_behind_our_back_is_told(books):
    assert [(name, statement) for name, statement in FAULTS if not told_of(name, statement)] == []


def test_every_statement_has_a_fault_that_it_tells():
    elsewhere = {"stock", "in dispute", "lines"}  # test_verifying.py
    assert {name for name, _ in FAULTS} | elsewhere == set(STATEMENTS)
