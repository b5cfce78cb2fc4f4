"""Papers whose circumstances have changed since they were written: a party joined or left, somebody was faster."""

from __future__ import annotations

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.urls import reverse

from documents.errors import DocumentIsConfirmed
from enterprises.models import Enterprise
from enterprises.services import appoint
from ledgers.drafts import discard_draft
from ledgers.models import Invoice, LedgerEntry, StockBalance, sales_of
from ledgers.services import adjust_invoice, confirm_invoice, reverse_invoice
from tests.conftest import make_draft, open_trace_of


def become(enterprise, status: str) -> None:
    Enterprise.objects.filter(pk=enterprise.pk).update(status=status)


def balances() -> set:
    return set(StockBalance.objects.values_list("quantity", flat=True))


@pytest.mark.parametrize(("then", "now"), [("stub", "active"), ("active", "suspended"), ("active", "stub")])
def test_a_reversal_undoes_what_was_booked_whatever_the_seller_is_today(seller, buyer, peanuts, buyer_clerk, then, now):
    become(seller, then)
    paper = confirm_invoice(make_draft(seller, buyer, peanuts, author=buyer), actor=buyer_clerk)
    become(seller, now)
    reverse_invoice(paper, reason="数量录错", actor=buyer_clerk)
    assert balances() == {0}
    assert {entry.needs_acknowledgement for entry in LedgerEntry.objects.all()} == {then == "active"}


@pytest.mark.parametrize(("then", "now"), [("stub", "active"), ("active", "suspended")])
def test_a_difference_stands_where_its_paper_stands(seller, buyer, peanuts, buyer_clerk, then, now):
    become(seller, then)
    paper = confirm_invoice(make_draft(seller, buyer, peanuts, author=buyer), actor=buyer_clerk)
    become(seller, now)
    adjust_invoice(paper, differences={1: -2}, reason="少到两袋", actor=buyer_clerk)
    assert sum(entry.quantity for entry in sales_of(seller)) == (8 if then == "stub" else 0)
    assert balances() == ({8, -8} if then == "stub" else {8})


# Throwing drafts away


def test_only_who_keeps_the_books_throws_a_draft_away(client, clerk, buyer_clerk, seller, draft):
    appoint(buyer_clerk, enterprise=seller, keeps_books=False, manages_members=True, actor=clerk)
    client.force_login(buyer_clerk)
    assert client.post(reverse("ledgers:invoice-discard", args=[draft.pk])).status_code == 403
    with pytest.raises(PermissionDenied):
        discard_draft(draft, actor=buyer_clerk)
    assert Invoice.objects.filter(pk=draft.pk).exists()


def test_a_draft_confirmed_in_this_very_moment_is_not_thrown_away(draft, clerk):
    seen_before = Invoice.objects.get(pk=draft.pk)
    confirm_invoice(draft, actor=clerk)
    with pytest.raises(DocumentIsConfirmed):
        discard_draft(seen_before, actor=clerk)


def test_throwing_away_races_confirming_and_one_of_them_wins(real_database, request):
    draft, clerk = request.getfixturevalue("draft"), request.getfixturevalue("clerk")
    answers = []

    def press(name: str) -> None:
        try:
            browser = Client(raise_request_exception=False)
            browser.force_login(clerk)
            typed = {"version": draft.version, "token": "6a7c1b52-0000-4000-8000-000000000001", "reason": "急"}
            answers.append(browser.post(reverse(f"ledgers:invoice-{name}", args=[draft.pk]), typed).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=[name]) for name in ("discard", "confirm")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {302, 404}
    assert Invoice.objects.confirmed().count() == LedgerEntry.objects.count() == Invoice.objects.count()


# Alike but not the same


def test_two_equal_deliveries_are_two_hand_overs(client, officer, seller, buyer, peanuts, clerk):
    for _time in range(2):
        paper = confirm_invoice(make_draft(seller, buyer, peanuts), actor=clerk)
    client.force_login(officer)
    open_trace_of(client, paper.entries.get().lot)
    page = client.get(reverse("ledgers:trace-lot", args=[paper.entries.get().lot_id]), {"show": "moves"})
    assert page.context["moves"] == page.context["page"].paginator.count == 2
