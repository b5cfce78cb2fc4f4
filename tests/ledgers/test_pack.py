"""The due-diligence pack: what is in it, what it says it cannot show, who may take it."""

from __future__ import annotations

import datetime
import io
import re
import shutil
import subprocess

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import AccessRecord, User
from certificates.models import Licence
from enterprises.services import appoint
from ledgers import fonts
from ledgers.font_building import build_fonts
from ledgers.models import Invoice
from ledgers.pack.contents import Pack, Wanted
from ledgers.pack.limits import FORMATS
from ledgers.pack.paper import pack_pdf
from ledgers.receiving import accept_with_differences
from ledgers.services import acknowledge_purchase, confirm_invoice, reverse_invoice
from tests.conftest import make_draft
from tests.ledgers.test_receiving import short

needs_poppler = pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext (poppler) is not installed")


@pytest.fixture(scope="module", autouse=True)
def built_fonts():
    build_fonts()


@pytest.fixture
def paper(draft, clerk) -> Invoice:
    return confirm_invoice(draft, actor=clerk)


@pytest.fixture
def licence(seller, today) -> Licence:
    """The seller's food business licence, which ends today."""
    return Licence.objects.create(
        holder=seller, kind_id="food_business", number="JY12301030000019", valid_from="2020-01-01", valid_until=today
    )


def pack_of(enterprise) -> str:
    return reverse("ledgers:book-pack", args=[enterprise.pk])


def taken(browser, enterprise, **asked) -> dict[str, list[tuple]]:
    """The sheets of the xlsx by name."""
    response = browser.get(pack_of(enterprise), {"format": "xlsx", **asked})
    assert response.status_code == 200
    book = load_workbook(io.BytesIO(response.content), read_only=True)
    sheets = {sheet.title: [tuple(row) for row in sheet.values] for sheet in book}
    book.close()
    return sheets


def column(sheet, heading) -> list:
    """What stands below a heading."""
    place = sheet[0].index(heading)
    return [row[place] for row in sheet[1:]]


def text_of(pdf) -> str:
    """The text of a PDF without any blanks."""
    command = ["pdftotext", "-raw", "-", "-"]
    return "".join(subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode().split())


# What is in it


def test_the_workbook_has_a_sheet_for_each_part(signed_in, buyer_clerk, buyer, paper):
    sheets = taken(signed_in(buyer_clerk), buyer)
    assert list(sheets) == [
        "Cover", "Licences", "Suppliers", "Purchases", "Vouchers and receipts", "Objections", "Sales"
    ]  # fmt: skip


@pytest.mark.requirement("H-103")
def test_a_purchase_is_told_with_its_source_and_its_voucher(signed_in, buyer_clerk, buyer, seller, paper, licence):
    sheets = taken(signed_in(buyer_clerk), buyer)
    [purchase] = sheets["Purchases"][1:]
    for fact in ("示例花生 500g", "PN-1", 10, seller.name, seller.uscc, seller.address, paper.number, licence.number):
        assert fact in purchase
    assert column(sheets["Vouchers and receipts"], "Code of the voucher") == [paper.voucher_token]
    assert column(sheets["Suppliers"], "Food licence on the days of purchase") == ["On record for every purchase"]


@needs_poppler
def test_the_pdf_tells_the_same(buyer, seller, buyer_clerk, paper, licence, today):
    buyer_clerk.display_name = "示例记账员"
    text = text_of(pack_pdf(Pack(buyer, Wanted(today, today), made_for=buyer_clerk)))
    for fact in (buyer.name, buyer.uscc, seller.name, seller.uscc, "示例花生500g", "PN-1", paper.number, "示例记账员"):
        assert fact in text
    assert paper.voucher_token in text
    assert licence.number in text


def test_what_the_pack_cannot_show_stands_on_its_cover(signed_in, buyer_clerk, buyer, paper):
    cover = " ".join(str(cell) for row in taken(signed_in(buyer_clerk), buyer)["Cover"] for cell in row if cell)
    assert "Test reports and conformity documents of the goods are not kept" in cover
    assert "the authority decides" in cover


def test_a_licence_that_had_run_out_on_the_day_is_not_shown_as_one(signed_in, buyer_clerk, buyer, paper, licence):
    Licence.objects.update(valid_until=paper.traded_on - datetime.timedelta(days=1))
    sheets = taken(signed_in(buyer_clerk), buyer)
    assert column(sheets["Purchases"], "Supplier's food licence on that day") == ["None on record"]
    assert column(sheets["Suppliers"], "Food licence on the days of purchase") == ["Not on record for 1 line"]


def test_a_business_licence_is_no_food_licence(signed_in, buyer_clerk, buyer, paper, licence):
    Licence.objects.update(kind_id="business")
    sheets = taken(signed_in(buyer_clerk), buyer)
    assert column(sheets["Suppliers"], "Food licence on the days of purchase") == ["None on record"]


def test_the_licence_of_the_headquarters_counts_for_its_place(signed_in, buyer_clerk, buyer, stranger, paper, licence):
    Licence.objects.update(holder=stranger)
    type(buyer).objects.filter(pk=paper.seller_id).update(headquarters=stranger)
    sheets = taken(signed_in(buyer_clerk), buyer)
    assert column(sheets["Purchases"], "Supplier's food licence on that day") == [licence.number]


@pytest.mark.parametrize(
    ("acknowledged", "words"), [(False, "Enterprise"), (True, "Enterprise, acknowledged by the supplier")]
)
def test_one_s_own_word_is_told_from_the_supplier_s(
    signed_in, buyer_clerk, clerk, seller, buyer, peanuts, acknowledged, words
):
    paper = confirm_invoice(make_draft(seller, buyer, peanuts, author=buyer), actor=buyer_clerk)
    if acknowledged:
        acknowledge_purchase(paper, actor=clerk)
    assert column(taken(signed_in(buyer_clerk), buyer)["Purchases"], "Written by") == [words]


def test_objections_and_answers_are_in_it(signed_in, buyer_clerk, buyer, paper):
    accept_with_differences(paper.receipt, complaints=short(2), actor=buyer_clerk)
    sheets = taken(signed_in(buyer_clerk), buyer)
    assert column(sheets["Vouchers and receipts"], "Receipt") == ["Accepted with differences"]
    assert column(sheets["Objections"], "Quantity") == [2]
    assert column(sheets["Objections"], "How it ended") == ["Open"]


def test_what_was_reversed_says_so(signed_in, buyer_clerk, buyer, clerk, paper):
    reverse_invoice(paper, reason="数量录错", actor=clerk)
    sheets = taken(signed_in(buyer_clerk), buyer)
    assert column(sheets["Purchases"], "State") == ["Reversed", "Reversal"]
    assert column(sheets["Vouchers and receipts"], "State") == ["Reversed", "Reversal"]


def test_the_seller_s_pack_holds_its_sales_and_no_prices(signed_in, clerk, seller, buyer, paper):
    sheets = taken(signed_in(clerk), seller)
    assert column(sheets["Sales"], "Customer") == [buyer.name]
    assert sheets["Purchases"][1:] == []
    assert not any(cell in (12.5, 125) for rows in sheets.values() for row in rows for cell in row)


@pytest.mark.parametrize(
    ("asked", "lots"),
    [
        ({}, ["NEW"]), ({"since": "2026-01-01", "until": "2026-01-31"}, ["OLD"]), ({"partner": "北谷"}, ["NEW"]),
        ({"partner": "nobody"}, []), ({"product": "9520004000017"}, ["NEW"]), ({"product": "米"}, []),
    ],
)  # fmt: skip
def test_it_holds_what_was_asked_for(signed_in, buyer_clerk, clerk, seller, buyer, peanuts, asked, lots, time_machine):
    time_machine.move_to("2026-01-10 12:00")
    confirm_invoice(make_draft(seller, buyer, peanuts, lot="OLD"), actor=clerk)
    time_machine.move_to("2026-10-10 12:00")
    confirm_invoice(make_draft(seller, buyer, peanuts, lot="NEW"), actor=clerk)
    assert column(taken(signed_in(buyer_clerk), buyer, **asked)["Purchases"], "Lot number") == lots


def test_a_name_that_looks_like_a_formula_stays_text(signed_in, buyer_clerk, buyer, seller, paper):
    type(seller).objects.filter(pk=seller.pk).update(name="=cmd()\x0b")
    response = signed_in(buyer_clerk).get(pack_of(buyer), {"format": "xlsx"})
    cells = [cell for row in load_workbook(io.BytesIO(response.content))["Suppliers"].rows for cell in row]
    assert [cell.data_type for cell in cells if cell.value == "=cmd()"] == ["s"]


def test_more_suppliers_take_no_more_statements(buyer, seller, stranger, peanuts, clerk, buyer_clerk, paper, today):
    needed = []
    for other in (None, stranger):
        if other:
            confirm_invoice(make_draft(other, buyer, peanuts, author=buyer, lot="B"), actor=buyer_clerk)
        with CaptureQueriesContext(connection) as statements:
            pack_pdf(Pack(buyer, Wanted(today, today), made_for=clerk))
        needed.append(len(statements))
    assert needed[0] == needed[1] <= 12


# Asking for it


def test_the_page_counts_before_anything_is_taken(signed_in, buyer_clerk, buyer, paper):
    page = signed_in(buyer_clerk).get(pack_of(buyer))
    assert dict(page.context["contents"])["Purchase ledger"] == 1
    assert not AccessRecord.objects.exists()


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"since": "nonsense"}, "since"), ({"since": "9999-12-31"}, "since"), ({"until": ""}, "until"),
        ({"since": "2026-02-01", "until": "2026-01-01"}, "until"),
        ({"since": "2020-01-01", "until": "2022-01-01"}, "until"), ({"partner": "a\0b"}, "partner"),
        ({"product": "x" * 201}, "product"), ({"since": "0001-01-01"}, "until"),
    ],
)  # fmt: skip
def test_a_period_that_makes_no_sense_is_explained_beside_its_field(signed_in, buyer_clerk, buyer, asked, field):
    response = signed_in(buyer_clerk).get(pack_of(buyer), {"format": "pdf", **asked})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]


def test_two_years_to_the_day_are_taken(signed_in, buyer_clerk, buyer):
    taken(signed_in(buyer_clerk), buyer, since="2020-01-01", until="2021-12-31")


@pytest.mark.parametrize("file_format", ["pdf", "xlsx"])
def test_more_than_one_file_holds_is_refused_with_a_way_out(
    signed_in, buyer_clerk, buyer, paper, monkeypatch, file_format
):
    monkeypatch.setitem(FORMATS, file_format, 0)
    response = signed_in(buyer_clerk).get(pack_of(buyer), {"format": file_format})
    assert response.status_code == 422
    assert re.search("choose a shorter period", response.content.decode(), re.IGNORECASE)


def test_while_the_fonts_are_built_the_page_asks_to_wait(signed_in, buyer_clerk, buyer, settings, tmp_path, request):
    settings.FONT_ROOT = tmp_path
    fonts.register_fonts.cache_clear()
    request.addfinalizer(fonts.register_fonts.cache_clear)
    response = signed_in(buyer_clerk).get(pack_of(buyer), {"format": "pdf"})
    assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert f"{pack_of(buyer)}?format=pdf" in response.content.decode()


# Who may


def test_the_officer_takes_it_and_that_is_written_down(signed_in, officer, buyer, paper):
    taken(signed_in(officer), buyer)
    record = AccessRecord.objects.get(action="pack")
    assert (record.user, str(buyer) in record.subject) == (officer, True)


def test_who_works_there_but_keeps_no_books_does_not_take_it(signed_in, clerk, seller, database):
    helper = User.objects.create_user("helper", "pass")
    appoint(helper, enterprise=seller, keeps_books=False, manages_members=True, actor=clerk)
    assert signed_in(helper).get(pack_of(seller)).status_code == 403
    assert pack_of(seller) not in signed_in(helper).get(reverse("ledgers:book-look", args=[seller.pk])).content.decode()


def test_a_partner_or_another_area_s_officer_finds_nothing(signed_in, clerk, officer_elsewhere, buyer, paper):
    for person in (clerk, officer_elsewhere):
        assert signed_in(person).get(pack_of(buyer), {"format": "pdf"}).status_code == 404
