"""Which papers count as written late, and the officer's list of them."""

from __future__ import annotations

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from laws.models import RuleParameter
from ledgers.late_entries import late_papers
from ledgers.models import Invoice
from ledgers.services import adjust_invoice, confirm_invoice, reverse_invoice
from tests.conftest import make_draft

DAY = datetime.timedelta(days=1)
LIST = reverse("ledgers:late-list")


@pytest.fixture
def written(seller, buyer, peanuts, clerk, today):
    """A paper of a trade so many days ago, confirmed now."""
    return lambda days: confirm_invoice(make_draft(seller, buyer, peanuts, day=today - days * DAY), actor=clerk)


def late() -> list[Invoice]:
    return list(late_papers(Invoice.objects.all()))


def test_a_paper_is_late_a_day_after_the_day_of_its_trade_has_ended(written):
    papers = {days: written(days) for days in (0, 1, 2)}
    assert late() == [papers[2]]
    end = timezone.make_aware(datetime.datetime.combine(papers[2].traded_on + DAY, datetime.time.min))
    assert late()[0].due_at == end + datetime.timedelta(hours=24)


def test_the_hours_are_those_in_force_on_the_day_of_the_trade(written, today):
    RuleParameter.objects.create(key="entry.late", value=96, unit="h", source="x", valid_from=today - 3 * DAY)
    papers = {days: written(days) for days in (2, 3, 4)}
    assert late() == [papers[4]]


def test_a_correction_is_never_late(written, clerk):
    paper = written(5)
    reverse_invoice(paper, reason="错", actor=clerk)
    adjust_invoice(written(6), differences={1: -1}, reason="少一件", actor=clerk)
    assert all(not (row.reverses_id or row.adjusts_id) for row in late())


def test_a_draft_is_not_late_yet(draft, today):
    Invoice.objects.update(traded_on=today - 9 * DAY)
    assert late() == []


def test_an_officer_sees_who_was_late_and_by_how_much(client, officer, officer_elsewhere, written):
    paper = written(4)
    client.force_login(officer)
    page = client.get(LIST)
    assert list(page.context["page"]) == [paper]
    assert '<td class="number" data-label="' in page.text
    client.force_login(officer_elsewhere)
    assert list(client.get(LIST).context["page"]) == []


def test_a_trader_sees_its_own_and_not_its_partner_s(client, clerk, buyer_clerk, written):
    paper = written(4)
    for user, rows in ((clerk, [paper]), (buyer_clerk, [])):
        client.force_login(user)
        assert list(client.get(LIST).context["page"]) == rows


def test_the_list_is_narrowed_to_days_enterprise_and_region(client, officer, written, seller, today):
    written(4)
    client.force_login(officer)
    for asked, count in (
        ({"since": today}, 1), ({"until": today - DAY}, 0), ({"until": today}, 1), ({"until": "9999-12-31"}, 1),
        ({"since": "0001-01-01"}, 1), ({"since": today + DAY}, 0),
        ({"enterprise": seller.pk}, 1), ({"enterprise": 1}, 0),
        ({"region": "230103"}, 1), ({"region": "45"}, 0),
    ):  # fmt: skip
        assert client.get(LIST, asked).context["page"].paginator.count == count, asked
