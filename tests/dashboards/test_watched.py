"""What an officer should look at: each count leads to as many rows."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal

import pytest
from django.urls import reverse

from alerts.raising import run_rules
from dashboards.queries import watched
from ledgers.receiving import Complaint, accept_with_differences, refuse_claims
from ledgers.services import confirm_invoice
from tests.conftest import make_draft


@pytest.fixture
def trade(seller, buyer, peanuts, clerk, buyer_clerk, today):
    """Two papers in time and one late, all beyond stock; two deliveries in dispute, one of them with the station."""
    complaint = Complaint(position=1, quantity=Decimal(2), cause="short", reason="少到")
    for number, days in enumerate((0, 1, 5)):
        day = today - datetime.timedelta(days=days)
        paper = confirm_invoice(make_draft(seller, buyer, peanuts, lot=f"L{number}", day=day), actor=clerk)
        if days:
            accept_with_differences(paper.receipt, complaints=[complaint], actor=buyer_clerk)
    refuse_claims(paper.receipt, reason="已足量", actor=clerk)


def test_the_figures_are_those_of_the_region(trade):
    here, elsewhere = watched("230103"), watched("4502")
    assert (here.late, here.oversold, here.disputed, here.escalated) == (1, 3, 2, 1)
    assert (elsewhere.late, elsewhere.oversold, elsewhere.disputed, elsewhere.escalated) == (0, 0, 0, 0)


def test_each_figure_leads_to_as_many_rows(client, officer, trade):
    run_rules()
    client.force_login(officer)
    tiles = client.get(reverse("dashboards:region")).text.split('<ul class="tiles">')[2]
    found = re.findall(r'<a href="([^"]+)"><b>(\d+)</b>', tiles)
    assert len(found) == 5
    for link, number in found:
        assert client.get(link.replace("&amp;", "&")).context["page"].paginator.count == int(number), link


def test_an_officer_is_led_to_the_lists_by_the_navigation(client, officer, trade):
    client.force_login(officer)
    page = client.get(reverse("dashboards:region")).text
    for link in (reverse("ledgers:late-list"), f"{reverse('ledgers:stock-list')}?state=oversold&amp;status=active"):
        assert f'href="{link}"' in page


def test_a_trader_is_told_how_much_waits(client, clerk, trade):
    run_rules()
    client.force_login(clerk)
    page = client.get(reverse("home"))
    waiting = page.context["todo_count"]
    assert waiting == client.get(reverse("alerts:alert-list"), {"state": "waiting"}).context["page"].paginator.count > 0
