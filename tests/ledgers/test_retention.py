"""How long a paper is kept: the later of law and seed, counted once a year, and nothing is ever deleted."""

from __future__ import annotations

import datetime

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.urls import reverse

from laws.models import RuleParameter
from ledgers.models import Invoice, InvoiceLine, LedgerEntry, Receipt, RetentionYear
from ledgers.receiving import reject_delivery
from ledgers.retention import count_years, free_papers
from ledgers.services import confirm_invoice, reverse_invoice
from tests.conftest import make_draft

TRADED = datetime.date(2021, 3, 31)


@pytest.fixture
def paper(seller, buyer, peanuts, clerk):
    """A sale of 31 March 2021 of goods that are good until a day."""

    def write(best_before: str | None = None, lot="PN-1") -> Invoice:
        draft = make_draft(seller, buyer, peanuts, day=TRADED, lot=lot)
        InvoiceLine.objects.filter(invoice=draft).update(expires_on=best_before)
        return confirm_invoice(draft, actor=clerk)

    return write


def free(day: str) -> list[str]:
    return [row.number for row in free_papers(on=datetime.date.fromisoformat(day))]


@pytest.mark.requirement("H-103", "H-125")
@pytest.mark.parametrize(
    ("best_before", "last_day", "next_day"),
    [
        (None, "2023-03-31", "2023-04-01"),  # two years after the trade
        ("2021-09-30", "2023-03-31", "2023-04-01"),  # six months after the best before is earlier
        ("2023-08-31", "2024-02-29", "2024-03-01"),  # and here it is later
    ],
)
def test_a_paper_is_kept_to_the_later_of_the_two_days(paper, best_before, last_day, next_day):
    number = paper(best_before).number
    assert free(last_day) == []
    assert free(next_day) == [number]


def test_a_longer_rule_is_followed_for_trades_under_it(paper):
    number = paper().number
    RuleParameter.objects.create(key="retain.seed_floor", value=5, unit="y", source="x", valid_from="2021-01-01")
    assert free("2026-03-31") == []
    assert free("2026-04-01") == [number]


def test_a_paper_goes_with_its_corrections_or_not_at_all(paper, clerk):
    original = paper()
    reversal = reverse_invoice(original, reason="错", actor=clerk)
    last = max(original.traded_on, reversal.traded_on)
    assert free(f"{last.year + 2}-{last:%m-%d}") == []
    assert set(free(f"{last.year + 3}-01-01")) == {original.number, reversal.number}


def test_what_is_in_dispute_stays(paper, buyer_clerk):
    reject_delivery(paper().receipt, cause="quality", reason="异味", actor=buyer_clerk)
    assert Receipt.objects.claimed().exists()
    assert free("2099-01-01") == []


def test_each_year_is_counted_and_counting_again_changes_nothing(paper):
    paper(), paper("2030-01-01", lot="PN-2")
    for _time in range(2):
        (year,) = count_years(on=datetime.date(2024, 1, 1))
        assert (year.year, year.papers, year.free, str(year.kept_until)) == (2021, 2, 1, "2030-07-01")


def test_the_command_tells_and_deletes_nothing(paper, capsys):
    number = paper().number
    call_command("retention", papers=True)
    told = capsys.readouterr().out
    assert "2021: 1 papers, 1 need not be kept any more" in told
    assert number in told
    assert Invoice.objects.count() == LedgerEntry.objects.count() == 1


@pytest.mark.requirement("H-103", "H-125")
@pytest.mark.parametrize("table", ["ledgers_invoice", "ledgers_invoiceline", "ledgers_ledgerentry"])
def test_what_need_not_be_kept_is_not_deleted_either(paper, table):
    paper()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")


def test_the_administrator_sees_the_last_count_and_looking_counts_nothing(client, administrator, paper):
    paper()
    client.force_login(administrator)
    address = reverse("ledgers:retention-list")
    assert "2021" not in client.get(address).text
    count_years()
    assert "2021" in client.get(address).text
    assert RetentionYear.objects.count() == 1
