"""The papers of the story are dated to their trade by the owner of the tables, and stay frozen."""

from __future__ import annotations

import datetime

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from config.story.clocks import LATE_ONE_IN, set_clocks_back
from ledgers.late_entries import late_papers
from ledgers.models import Invoice, LedgerEntry
from ledgers.services import confirm_invoice
from tests.conftest import make_draft


def test_papers_are_as_old_as_their_trade_and_frozen_again(real_database, request):
    seller, buyer, peanuts, clerk = map(request.getfixturevalue, ("seller", "buyer", "peanuts", "clerk"))
    day = timezone.localdate() - datetime.timedelta(days=9)
    paper = confirm_invoice(make_draft(seller, buyer, peanuts, day=day), actor=clerk)
    assert paper.pk % LATE_ONE_IN
    assert late_papers(Invoice.objects.all()).exists()
    set_clocks_back()
    assert timezone.localdate(Invoice.objects.get().confirmed_at) == day
    assert LedgerEntry.objects.get().recorded_at == Invoice.objects.get().confirmed_at
    assert not late_papers(Invoice.objects.all()).exists()
    for table in ("ledgers_invoice", "ledgers_ledgerentry"):
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET traded_on = traded_on")
