"""A file of papers becomes drafts: what is understood, what is refused by row and column, and nothing twice."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError

from catalog.models import Listing
from exchange.models import ImportedDocument, ImportMapping, ImportRun
from exchange.services import ask_to_write, choose_columns, rejected_rows, start_run, write_run
from ledgers.drafts import discard_draft
from ledgers.models import Invoice
from ledgers.services import confirm_invoice
from registers import spreadsheets
from registers.spreadsheets import Unreadable
from tests.conftest import make_draft
from tests.exchange.conftest import DAY, GTIN, HEADINGS, as_csv, as_xlsx, table, told, write

# What comes in


@pytest.mark.requirement("H-195")
def test_rows_of_one_number_and_partner_become_one_draft(check, seller, buyer):
    run = write(check(table({}, {"lot": "PN-2", "quantity": "0.5"}, {"number": "PO-2"})))
    first, second = Invoice.objects.order_by("pk")
    assert (run.state, run.written, run.good, run.bad) == ("done", 2, 2, 0)
    assert (first.seller, first.buyer, first.author, str(first.traded_on)) == (seller, buyer, buyer, DAY)
    assert [(line.lot_code, line.quantity) for line in first.lines.all()] == [("PN-1", 3), ("PN-2", Decimal("0.5"))]
    assert (first.paper_number, second.paper_number) == ("PO-1", "PO-2")


def test_an_imported_draft_is_confirmed_like_any_other(check, buyer_clerk, buyer, peanuts):
    write(check(table({})))
    paper = confirm_invoice(Invoice.objects.get(), actor=buyer_clerk)
    assert paper.entries.get().quantity == 3
    assert Listing.objects.filter(enterprise=buyer, product=peanuts).exists()


def test_a_sale_goes_to_a_customer(check, seller, buyer, clerk):
    seller.partnerships.create(partner=buyer, role="customer")
    rows = table({"partner": buyer.uscc, "code": "H-1"}, headings=[*HEADINGS[:1], "客户", *HEADINGS[2:]])
    write(check(rows, kind="sale", enterprise=seller, actor=clerk))
    paper = Invoice.objects.get()
    assert (paper.seller, paper.buyer, paper.lines.get().price) == (seller, buyer, Decimal("12.5"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_a_csv_may_be_written_in_any_of_their_ways(check, encoding):
    assert check(as_csv(table({}), encoding=encoding)).good == 1


def test_a_barcode_stored_as_a_number_is_a_barcode(check):
    assert write(check(as_xlsx(table({"code": float(GTIN), "quantity": 0.1 + 0.2})))).written == 1
    assert Invoice.objects.get().lines.get().quantity == Decimal("0.3")


def test_titles_and_instructions_above_the_headings_are_passed_over(check):
    above = [["1、带星号的为必填项", *[""] * 10], ["单据", "", "", "商品", *[""] * 7], [""] * 11]
    starred = table({}, headings=["单据编号*", "供应商 *", "日期", "条码(必填)", *HEADINGS[4:]])
    run = check(as_xlsx([*above, *starred], merge=["A1:K1", "A2:C2", "D2:K2"]))
    assert (run.heading_row, run.good) == (4, 1)


def test_a_heading_merged_over_two_rows_counts_in_both(check):
    rows = table({})
    rows.insert(0, ["单据编号", "供应商", "日期", "商品", *[""] * 7])
    rows[1][:3] = [""] * 3
    assert check(as_xlsx(rows, merge=["A1:A2", "B1:B2", "C1:C2", "D1:K1"])).good == 1


def test_what_a_further_row_leaves_out_its_document_says(check):
    blank = {"number": "", "partner": "", "day": "", "lot": "PN-2"}
    assert write(check(table({}, blank, {**blank, "lot": "PN-3"}))).written == 1
    assert Invoice.objects.get().lines.count() == 3


def test_sums_empty_rows_and_the_example_are_no_lines(check):
    rows = [*table({"number": "示例-请删除"}, {}), [""] * 11, ["合计", *[""] * 6, "3", "", "12.5", ""]]
    assert (check(rows).rows, check(rows).good) == (1, 1)


SHAPES = ["2026-01-10", "2026/1/10", "2026.01.10", "2026年1月10日", "20260110", "2026-01-10 08:30:00", "46032"]


@pytest.mark.parametrize("text", SHAPES)
def test_a_date_is_understood_in_every_shape_of_a_spreadsheet(check, text):
    write(check(table({"made": text})))
    assert str(Invoice.objects.get().lines.get().produced_on) == "2026-01-10"


# What stays out


BAD = {
    "day first": ({"made": "10/01/2026 x"}, "F2", ""),
    "an American date": ({"day": "1/15/2026"}, "C2", "2026-01-15"),
    "scientific": ({"code": "9.52E+12"}, "D2", GTIN),
    "check digit": ({"code": "9520004000018"}, "D2", GTIN),
    "twelve decimals": ({"quantity": "0.123456789012"}, "H2", "0.123"),
    "decimal comma": ({"quantity": "1,5"}, "H2", "1.5"),
    "yuan": ({"price": "12.5元"}, "J2", "12.5"),
    "another unit": ({"unit": "kg"}, "I2", "bag"),
    "partner misspelt": ({"partner": "北谷示例粮油店"}, "B2", "北谷示例粮油"),
    "no partner": ({"partner": ""}, "B2", ""),
    "no number": ({"number": ""}, "A2", ""),
    "no quantity": ({"quantity": ""}, "H2", ""),
    "negative": ({"quantity": "-3"}, "H2", ""),
    "unknown goods": ({"code": "6921168509256"}, "D2", ""),
    "no lot": ({"lot": "", "made": ""}, "E2", ""),
}  # fmt: skip


@pytest.mark.parametrize(("change", "cell", "proposal"), BAD.values(), ids=BAD)
def test_a_bad_cell_is_told_by_row_and_column_with_what_would_be_right(check, buyer, peanuts, change, cell, proposal):
    Listing.objects.create(enterprise=buyer, product=peanuts)
    run = check(table(change))
    problem = run.problems.get()
    assert (f"{problem.column}{problem.row}", problem.proposal) == (cell, proposal)
    assert (run.good, run.bad, len(problem.sentence) > 15) == (0, 1, True)


def test_a_document_with_one_bad_row_stays_out_whole(check):
    run = write(check(table({}, {"quantity": "x"}, {"number": "PO-2"})))
    assert [paper.paper_number for paper in Invoice.objects.all()] == ["PO-2"]
    assert (run.written, run.bad) == (1, 1)


def test_the_same_line_twice_is_told_with_the_row_of_the_first(check):
    run = check(table({}, {"lot": "PN-2"}, {}))
    ((row, column, sentence),) = told(run)
    assert (row, column, run.good) == (4, "D", 0)
    assert "row 2" in sentence


def test_a_document_has_one_date(check):
    ((row, column, _sentence),) = told(check(table({}, {"day": "2026-01-16", "lot": "PN-2"})))
    assert (row, column) == (3, "C")


def test_one_document_under_two_names_of_its_partner_is_not_two(check, seller):
    run = check(table({}, {"partner": seller.uscc}))
    assert (run.good, run.bad) == (1, 1)


def test_more_lines_than_a_paper_holds_are_refused(check):
    run = check(table(*({"lot": f"L{n}"} for n in range(501))))
    assert "500" in told(run)[0][2]


def test_a_formula_without_its_result_is_told(check):
    run = check(as_xlsx(table({"quantity": "=1+2"}, {"number": "PO-2"})))
    ((row, column, sentence),) = told(run)
    assert (row, column, run.good) == (2, "H", 1)
    assert "formula" in sentence


def test_a_quantity_merged_over_lines_belongs_to_none(check):
    run = check(as_xlsx(table({}, {"lot": "PN-2", "quantity": ""}), merge=["H2:H3"]))
    assert [(row, column) for row, column, _sentence in told(run)] == [(2, "H"), (3, "H")]
    assert "merged" in told(run)[0][2]


def test_a_document_number_merged_over_its_lines_is_understood(check):
    blank = {"number": "", "partner": "", "day": "", "lot": "PN-2"}
    assert check(as_xlsx(table({}, blank), merge=["A2:A3", "B2:B3", "C2:C3"])).good == 1


@pytest.mark.parametrize("content", [as_xlsx([]), as_xlsx([HEADINGS]), b"\x89PNG\r\n", b"PK\x03\x04xx"])
def test_what_is_no_table_is_refused_in_a_sentence(check, content):
    run = check(content)
    assert run.state == "refused"
    assert run.refusal


def test_two_gigabytes_are_refused_before_they_are_read(buyer, buyer_clerk):
    class Huge(SimpleUploadedFile):
        def read(self, *args):
            raise AssertionError

    file = Huge("huge.xlsx", b"x")
    file.size = 2 * 1024**3
    with pytest.raises(Unreadable, match="20 MB"):
        start_run(file, enterprise=buyer, kind="purchase", actor=buyer_clerk)


def test_a_bomb_is_refused_before_it_is_unpacked(check, monkeypatch):
    monkeypatch.setattr(spreadsheets, "UNPACKED_MAX", 100)
    assert "unpacks" in check(as_xlsx(table({}))).refusal


def test_who_does_not_keep_the_books_imports_nothing(buyer, stranger_clerk):
    with pytest.raises(PermissionDenied):
        start_run(SimpleUploadedFile("a.csv", b"x"), enterprise=buyer, kind="purchase", actor=stranger_clerk)


# Nothing twice


def test_the_same_file_again_writes_nothing(check):
    write(check(table({}, {"number": "PO-2"})))
    run = write(check(table({}, {"number": "PO-2"})))
    assert (run.known, run.good, run.written, Invoice.objects.count()) == (2, 0, 0, 2)
    assert run.sample[0]["invoice"] == Invoice.objects.earliest("pk").pk


def test_a_corrected_file_brings_only_what_was_missing(check):
    write(check(table({}, {"number": "PO-2", "quantity": "x"})))
    run = write(check(table({}, {"number": "PO-2"})))
    assert (run.known, run.written) == (1, 1)


def test_a_document_that_comes_again_with_other_lines_is_told(check):
    write(check(table({})))
    run = check(table({"quantity": "4"}))
    assert (run.known, run.bad) == (0, 1)
    assert "other lines" in told(run)[0][2]


def test_a_paper_typed_by_hand_is_not_imported(check, seller, buyer, peanuts):
    draft = make_draft(seller, buyer, peanuts, author=buyer)
    Invoice.objects.filter(pk=draft.pk).update(paper_number="PO-1")
    assert check(table({})).known == 1


def test_a_draft_that_was_thrown_away_may_come_again(check, buyer_clerk):
    write(check(table({})))
    discard_draft(Invoice.objects.get(), actor=buyer_clerk)
    assert write(check(table({}))).written == 1


def test_two_files_checked_before_either_is_written_write_once(check):
    first, second = check(table({})), check(table({}))
    assert (write(first).written, write(second).written) == (1, 0)


def test_a_second_press_writes_nothing(check):
    run = check(table({}))
    assert write(run).written == write(run).written == 1
    assert Invoice.objects.count() == 1


def test_the_database_refuses_the_same_document_twice(check):
    write(check(table({}, {"number": "PO-2"})))
    one, other = ImportedDocument.objects.all()
    with pytest.raises(IntegrityError, match="document_is_imported_once"):
        ImportedDocument.objects.filter(pk=other.pk).update(number_key=one.number_key)


def test_the_database_refuses_a_document_without_a_number(check):
    write(check(table({})))
    with pytest.raises(IntegrityError, match="imported_document_has_a_number"):
        ImportedDocument.objects.update(number_key="")


def test_a_shape_is_remembered_once(buyer):
    ImportMapping.objects.create(enterprise=buyer, kind="sale", shape="x")
    with pytest.raises(IntegrityError, match="file_shape_is_remembered_once"):
        ImportMapping.objects.create(enterprise=buyer, kind="sale", shape="x")


def test_an_import_that_breaks_off_leaves_nothing_and_can_be_taken_up(check, monkeypatch):
    run = ask_to_write(check(table({}, {"number": "PO-2"})), actor=check(table({})).actor)
    monkeypatch.setattr(ImportedDocument.objects, "bulk_create", lambda rows: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_run(run)
    monkeypatch.undo()
    assert not Invoice.objects.exists()
    assert write_run(ImportRun.objects.get(pk=run.pk)).written == 2


# Columns


OTHER = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸", "子"]


def test_columns_said_by_hand_are_remembered_for_files_of_this_shape(check, buyer_clerk):
    run = check(table({}, headings=OTHER))
    assert (run.good, bool(run.refusal)) == (0, True)
    columns = {"paper_number": 0, "partner": 1, "traded_on": 2, "code": 3, "lot": 4, "quantity": 7}
    run = choose_columns(run, heading_row=1, columns=columns, constants={}, actor=buyer_clerk)
    assert run.state == "waiting"
    assert check(table({"number": "PO-9"}, headings=OTHER)).good == 1


def test_another_enterprise_s_memory_is_its_own(check, buyer_clerk, stranger, stranger_clerk):
    columns = {"paper_number": 0, "code": 3, "quantity": 7}
    run = check(table({}, headings=OTHER))
    choose_columns(run, heading_row=1, columns=columns, constants={}, actor=buyer_clerk)
    assert not check(table({}, headings=OTHER), enterprise=stranger, actor=stranger_clerk).columns


# What goes back


def test_what_stayed_out_goes_back_whole_with_reasons_and_comes_in_corrected(check):
    run = write(check(table({}, {"quantity": "1,5", "lot": "PN-2"}, {"number": "PO-2"})))
    headings, first, second = rejected_rows(run)
    assert headings[:11] == HEADINGS
    assert (first[-3:-1], second[-3]) == (["2", ""], "3")
    assert second[-2].startswith("H: ")
    assert second[-1] == "H: 1.5"
    second[7] = "1.5"
    assert write(check([headings, first, second])).written == 1
