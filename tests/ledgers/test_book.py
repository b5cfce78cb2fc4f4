"""Show the book: the code on the trader's phone, and what an officer sees who scans it."""

from __future__ import annotations

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import AccessRecord
from certificates.models import Licence
from ledgers.models import Invoice
from ledgers.receiving import accept_with_differences
from ledgers.services import confirm_invoice, reverse_invoice
from tests.conftest import make_draft, make_enterprise
from tests.ledgers.test_receiving import short

CODE = reverse("ledgers:book-code")


@pytest.fixture
def paper(draft, clerk) -> Invoice:
    return confirm_invoice(draft, actor=clerk)


def book_of(enterprise) -> str:
    return reverse("ledgers:book-look", args=[enterprise.pk])


def seen(browser, address) -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return response.content.decode()


def tile(page, words) -> tuple[str, int]:
    """The address behind a count, and the count."""
    address, count = re.search(rf'<a href="([^"]+)"><b>(\d+)</b> {words}', page).groups()
    return address.replace("&amp;", "&"), int(count)


def rows_of(browser, address) -> int:
    """How many rows a list shows."""
    return len(browser.get(address).context["page"].object_list)


# The code


def test_the_trader_shows_a_code_that_leads_to_its_book(signed_in, clerk, seller, settings):
    settings.SITE_URL = "https://trace.example.cn"
    page = signed_in(clerk).get(CODE)
    assert page.context["address"] == f"https://trace.example.cn{book_of(seller)}"
    assert "<svg" in page.content.decode()
    assert seller.name in page.content.decode()


def test_the_code_is_of_the_enterprise_one_acts_for(signed_in, clerk, seller, nangang):
    branch = make_enterprise("北谷示例分店", "91230110DEMH0001XB", "230103", place="2", headquarters=seller)
    browser = signed_in(clerk)
    browser.post(reverse("enterprises:act-for"), {"enterprise": branch.pk})
    assert browser.get(CODE).context["enterprise"] == branch


def test_an_officer_has_no_book_to_show(signed_in, officer):
    assert signed_in(officer).get(CODE).status_code == 403


# The look


@pytest.mark.requirement("H-103", "H-173", "H-174")
def test_the_officer_of_the_area_sees_both_books_at_once(signed_in, officer, paper, seller, buyer):
    entry = paper.entries.get()
    sold, bought = (seen(signed_in(officer), book_of(side)) for side in (seller, buyer))
    for page, partner in ((sold, buyer), (bought, seller)):
        for fact in (entry.goods, entry.lot.code, partner.name, paper.number, seller.telephone):
            assert fact in page


def test_the_officer_s_look_is_written_down(signed_in, officer, seller):
    seen(signed_in(officer), book_of(seller))
    record = AccessRecord.objects.get(action="book")
    assert (record.user, str(seller) in record.subject) == (officer, True)


def test_the_own_look_is_nobody_s_business(signed_in, clerk, seller):
    seen(signed_in(clerk), book_of(seller))
    assert not AccessRecord.objects.exists()


def test_who_has_nothing_to_do_with_it_finds_no_book(signed_in, officer_elsewhere, stranger_clerk, buyer_clerk, seller):
    for person in (officer_elsewhere, stranger_clerk, buyer_clerk):
        assert signed_in(person).get(book_of(seller)).status_code == 404
    assert not AccessRecord.objects.exists()


def test_who_scans_without_being_signed_in_signs_in_first(client, seller):
    response = client.get(book_of(seller))
    assert response["Location"] == f"/accounts/login/?next={book_of(seller)}"


@pytest.mark.parametrize(("days", "counted"), [(0, [1, 1, 1]), (6, [0, 1, 1]), (7, [0, 0, 1]), (30, [0, 0, 0])])
def test_a_paper_counts_in_the_periods_it_lies_in(
    signed_in, clerk, seller, buyer, peanuts, officer, today, days, counted
):
    day = today - datetime.timedelta(days=days)
    confirm_invoice(make_draft(seller, buyer, peanuts, day=day), actor=clerk)
    browser = signed_in(officer)
    assert [period.sales for period in browser.get(book_of(seller)).context["periods"]] == counted
    assert [period.purchases for period in browser.get(book_of(buyer)).context["periods"]] == counted
    assert [period.papers for period in browser.get(book_of(buyer)).context["periods"]] == counted


@pytest.mark.requirement("H-175")
@pytest.mark.parametrize("side", ["seller", "buyer"])
def test_every_count_leads_to_its_rows(request, signed_in, officer, paper, buyer_clerk, side):
    accept_with_differences(paper.receipt, complaints=short(2), actor=buyer_clerk)
    browser = signed_in(officer)
    enterprise = request.getfixturevalue(side)
    page = seen(browser, book_of(enterprise))
    claimed, count = tile(page, "deliveries disputed")
    assert rows_of(browser, claimed) == count == 1
    lists = re.findall(r'<a href="([^"]+)">(\d+)</a></td>', page)
    assert len(lists) == 9
    for address, lines in lists:
        assert rows_of(browser, address.replace("&amp;", "&")) == int(lines), address


def test_what_was_not_answered_is_counted_until_it_is(signed_in, officer, clerk, paper, buyer):
    browser = signed_in(officer)
    address, count = tile(seen(browser, book_of(buyer)), "deliveries not answered yet")
    assert rows_of(browser, address) == count == 1
    reverse_invoice(paper, reason="数量录错", actor=clerk)
    assert tile(seen(browser, book_of(buyer)), "deliveries not answered yet") == (address, 0)
    assert rows_of(browser, address) == 0


def test_stock_that_needs_an_eye_is_counted(signed_in, officer, paper, seller):
    browser = signed_in(officer)
    address, count = tile(seen(browser, book_of(seller)), "lots: More went out than came in")
    assert rows_of(browser, address) == count == 1


def test_a_place_shows_the_licence_of_its_headquarters(signed_in, officer, seller, today):
    branch = make_enterprise("北谷示例分店", "91230110DEMH0001XB", "230103", place="2", headquarters=seller)
    last = today - datetime.timedelta(days=1)
    Licence.objects.create(
        holder=seller, kind_id="food_business", number="JY12301030000019", valid_from="2020-01-01", valid_until=last
    )
    page = seen(signed_in(officer), book_of(branch))
    assert "JY12301030000019" in page
    assert "state-red" in page


def test_a_headquarters_leads_to_the_books_of_its_places(signed_in, clerk, seller):
    branch = make_enterprise("北谷示例分店", "91230110DEMH0001XB", "230103", place="2", headquarters=seller)
    assert book_of(branch) in seen(signed_in(clerk), book_of(seller))


def test_a_code_printed_before_a_merger_leads_on(signed_in, officer, seller, buyer):
    type(seller).objects.filter(pk=seller.pk).update(merged_into=buyer)
    assert f'href="{book_of(buyer)}"' in seen(signed_in(officer), book_of(seller))


def test_a_long_book_takes_as_many_statements_as_a_short_one(signed_in, officer, clerk, seller, buyer, peanuts):
    browser = signed_in(officer)
    needed = []
    for _round in range(2):
        for number in range(3):
            confirm_invoice(make_draft(seller, buyer, peanuts, lot=f"L{len(needed)}{number}"), actor=clerk)
        seen(browser, book_of(buyer))
        with CaptureQueriesContext(connection) as statements:
            seen(browser, book_of(buyer))
        needed.append(len(statements))
    assert needed[0] == needed[1] <= 30


# The ledger, filtered and exported


@pytest.mark.requirement("H-103")
def test_what_is_filtered_is_what_is_exported(signed_in, officer, clerk, seller, buyer, peanuts, tmp_path):
    for lot in ("KEPT", "OTHER"):
        confirm_invoice(make_draft(seller, buyer, peanuts, lot=lot), actor=clerk)
    browser = signed_in(officer)
    listed = browser.get(reverse("ledgers:purchases-list"), {"enterprise": buyer.pk, "lot": "KEPT", "page": 1})
    export = re.search(r'href="([^"]*format=xlsx[^"]*)"', listed.content.decode())[1].replace("&amp;", "&")
    (tmp_path / "ledger.xlsx").write_bytes(browser.get(export).content)
    rows = list(load_workbook(tmp_path / "ledger.xlsx").active.values)
    assert [row[2] for row in rows[1:]] == ["KEPT"]


def test_an_enterprise_number_that_is_none_filters_nothing_and_breaks_nothing(signed_in, officer, paper):
    browser = signed_in(officer)
    for name in ("invoice", "receipt", "purchases", "sales", "stock"):
        for typed in ("x", "-1", "9" * 30, "１"):
            assert browser.get(reverse(f"ledgers:{name}-list"), {"enterprise": typed}).status_code == 200
