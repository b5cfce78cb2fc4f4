"""The books are worked out again from the papers, and whatever differs is told."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from ledgers.receiving import accept_with_differences
from ledgers.services import confirm_invoice
from ledgers.stock_papers import confirm_stock_paper
from tests.ledgers.conftest import make_opening
from tests.ledgers.test_receiving import short


@pytest.fixture
def books(real_database, request):
    """A sale of ten, two of them in dispute, and an opening stock of five, in a database of its own."""
    draft, clerk, buyer_clerk = (request.getfixturevalue(name) for name in ("draft", "clerk", "buyer_clerk"))
    paper = confirm_invoice(draft, actor=clerk)
    accept_with_differences(paper.receipt, complaints=short(2), actor=buyer_clerk)
    confirm_stock_paper(make_opening(paper.seller, paper.entries.get().product), actor=clerk)
    return paper


def tamper(statement: str) -> None:
    """What only the owner of the tables could do, with the triggers off."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE ledgers_ledgerentry DISABLE TRIGGER USER")
        cursor.execute(statement)
        cursor.execute("ALTER TABLE ledgers_ledgerentry ENABLE ALWAYS TRIGGER ledgers_ledgerentry_freeze")


def test_untouched_books_agree(books, capsys):
    call_command("verify_books")
    assert "agree" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE ledgers_stockbalance SET quantity = quantity + 1", "stock:"),
        ("DELETE FROM ledgers_stockbalance WHERE quantity < 0", "stock:"),
        ("UPDATE ledgers_stockbalance SET quantity = 6 WHERE quantity = 5", "stock:"),
        ("UPDATE ledgers_stockbalance SET disputed = 1, quantity = 9 WHERE disputed > 0", "in dispute:"),
        ("UPDATE ledgers_ledgerentry SET quantity = 11", "lines:"),
        ("UPDATE ledgers_ledgerentry SET seller_id = buyer_id", "lines:"),
        ("DELETE FROM ledgers_tradedelta", "day figures:"),
    ],
)
def test_a_change_behind_our_back_is_told(books, capsys, statement, told):
    tamper(statement)
    with pytest.raises(CommandError):
        call_command("verify_books")
    assert told in capsys.readouterr().out
