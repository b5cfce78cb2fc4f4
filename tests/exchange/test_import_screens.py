"""The screens of an import, as a browser meets them, and real files of other programs."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError
from openpyxl import load_workbook

from exchange import services, tasks
from exchange.models import ImportFile, ImportRun
from ledgers.models import Invoice
from tests.exchange.conftest import HEADINGS, as_csv, as_xlsx, table

SHARED = Path(settings.BASE_DIR).parent / "shared" / "data" / "09_spreadsheets"
FILES = sorted(path for path in SHARED.rglob("*") if path.suffix in (".xls", ".xlsx", ".csv"))


@pytest.fixture
def browser(signed_in, buyer_clerk, supplier):
    """The buyer's clerk at work."""
    return signed_in(buyer_clerk)


def at(name, run=None):
    return reverse(f"exchange:{name}", args=[run.pk] if run else [])


def send(browser, content, *, name="papers.csv", kind="purchases"):
    file = SimpleUploadedFile(name, content if isinstance(content, bytes) else as_csv(content))
    return browser.post(at(f"{kind}-upload"), {"file": file})


def uploaded(browser, content, **options) -> ImportRun:
    answer = send(browser, content, **options)
    assert answer.status_code == 302, answer.text
    return ImportRun.objects.latest("pk")


def page(browser, run):
    return browser.get(at("importrun-detail", run)).text


def texts(response) -> list[list[str]]:
    content = b"".join(response) if response.streaming else response.content
    if content.startswith(b"PK"):
        return [[cell or "" for cell in row] for row in load_workbook(io.BytesIO(content)).active.values]
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


# From the file to the drafts


def test_a_file_is_looked_at_then_written(browser):
    run = uploaded(browser, table({}, {"number": "PO-2", "quantity": "x"}))
    assert "Import the 1 good document" in page(browser, run)
    assert not Invoice.objects.exists()
    browser.post(at("importrun-write", run))
    assert reverse("ledgers:invoice-review", args=[Invoice.objects.get().pk]) in page(browser, run)


def test_pressing_import_twice_is_one_import(browser):
    run = uploaded(browser, table({}))
    for _press in range(2):
        assert browser.post(at("importrun-write", run)).status_code == 302
    assert Invoice.objects.count() == 1


@pytest.mark.parametrize(("make", "name"), [(as_csv, "a.csv"), (as_xlsx, "a.xlsx")])
def test_what_stayed_out_comes_back_as_the_kind_of_file_it_was(browser, make, name):
    run = uploaded(browser, make(table({}, {"quantity": "1,5", "lot": "PN-2"})), name=name)
    answer = browser.get(at("importrun-rejected", run))
    rows = texts(answer)
    assert (name[1:] in answer["Content-Disposition"], len(rows)) == (True, 3)
    assert rows[0][-3:] == ["Row", "Reason", "Proposed"]
    assert rows[2][-1] == "H: 1.5"


def test_what_is_already_there_leads_to_its_paper(browser):
    browser.post(at("importrun-write", uploaded(browser, table({}))))
    again = page(browser, uploaded(browser, table({})))
    assert reverse("ledgers:invoice-detail", args=[Invoice.objects.get().pk]) in again


@pytest.mark.parametrize("kind", ["purchases", "sales"])
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_the_template_is_understood_and_its_example_is_not_imported(browser, kind, file_format):
    answer = browser.get(at(f"{kind}-template"), {"format": file_format})
    content = b"".join(answer) if answer.streaming else answer.content
    run = uploaded(browser, content, kind=kind)
    assert (run.heading_row, run.rows, len(run.columns)) == (2, 0, 13)


def test_a_filled_in_template_comes_in(browser):
    rows = texts(browser.get(at("purchases-template"), {"format": "xlsx"}))
    rows.append(["PO-7", *rows[2][1:]])
    assert uploaded(browser, as_xlsx(rows)).good == 1


# Columns


OTHER = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸", "子"]
CHOSEN = {
    "heading_row": 1, "column_paper_number": 0, "column_partner": 1, "column_traded_on": 2, "column_code": 3,
    "column_lot": 4, "column_quantity": 7,
}  # fmt: skip


def test_columns_nobody_knows_are_asked_for_and_then_read(browser):
    run = uploaded(browser, table({}, headings=OTHER))
    assert '<details class="card" open>' in page(browser, run)
    browser.post(at("importrun-columns", run), CHOSEN)
    run.refresh_from_db()
    assert run.good == 1


def test_a_list_without_partner_number_and_date_takes_them_for_the_whole_file(browser, seller):
    run = uploaded(browser, [["条码", "批号", "数量"], ["9520004000017", "PN-1", "3"]])
    assert run.refusal
    said = {"heading_row": 1, "column_code": 0, "column_lot": 1, "column_quantity": 2}
    heads = {"all_paper_number": "PO-1", "all_partner": seller.name, "all_traded_on": "2026-01-15"}
    browser.post(at("importrun-columns", run), said | heads)
    run.refresh_from_db()
    assert run.good == 1


def test_another_row_may_be_said_to_hold_the_headings(browser):
    run = uploaded(browser, [HEADINGS[::-1], *table({})])
    browser.post(at("importrun-columns", run), {"heading_row": 2})
    run.refresh_from_db()
    assert (run.heading_row, run.good) == (2, 1)


@pytest.mark.parametrize(
    "said", [{}, {"heading_row": "x"}, {**CHOSEN, "column_code": "99"}, {**CHOSEN, "column_lot": "²"}]
)
def test_a_nonsense_choice_is_told_and_changes_nothing(browser, said):
    run = uploaded(browser, table({}))
    answer = browser.post(at("importrun-columns", run), said, follow=True)
    assert "alert-error" in answer.text or "alert-danger" in answer.text
    run.refresh_from_db()
    assert run.good == 1


# Long files and lost work


def test_a_long_file_is_left_to_the_queue_and_its_page_renews_itself(browser, monkeypatch):
    handed_on = []
    monkeypatch.setattr(services, "AT_ONCE_BYTES", 10)
    monkeypatch.setattr(tasks.work_on, "delay", handed_on.append)
    run = uploaded(browser, table({}))
    assert (handed_on, run.state) == ([run.pk], "waiting")
    assert 'http-equiv="refresh"' in page(browser, run)
    tasks.work_on(run.pk)
    assert 'http-equiv="refresh"' not in page(browser, run)


def test_a_queue_that_does_not_answer_loses_nothing(browser, monkeypatch):
    def refuse(pk):
        raise OperationalError

    monkeypatch.setattr(services, "AT_ONCE_BYTES", 10)
    monkeypatch.setattr(tasks.work_on, "delay", refuse)
    run = uploaded(browser, table({}))
    ImportRun.objects.update(touched_at=timezone.now() - timedelta(hours=1))
    tasks.take_up_unfinished_imports()
    run.refresh_from_db()
    assert (run.state, run.good) == ("checked", 1)


def test_the_file_of_a_week_ago_is_forgotten_and_the_run_stays(browser):
    run = uploaded(browser, table({"quantity": "x"}))
    tasks.forget_import_files()
    assert ImportFile.objects.exists()
    ImportRun.objects.update(touched_at=timezone.now() - timedelta(days=8))
    tasks.forget_import_files()
    assert not ImportFile.objects.exists()
    assert browser.get(at("importrun-rejected", run)).status_code == 404
    assert page(browser, run)


# Bad input


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04" + b"x" * 99, b"\x89PNG\r\n\x1a\n", "数量\n".encode()])
def test_what_is_no_table_is_told_and_another_can_be_chosen(browser, content):
    answer = send(browser, content)
    text = answer.text if answer.status_code == 422 else page(browser, ImportRun.objects.get())
    assert "alert-danger" in text


@pytest.mark.parametrize("value", ["=1+1", "<script>alert(1)</script>", "名" * 5_000, "‮GNP", "\x1b[31m"])
@pytest.mark.parametrize("field", ["number", "partner", "code", "lot", "quantity"])
def test_no_cell_breaks_the_check_the_page_or_the_way_back(browser, field, value):
    run = uploaded(browser, table({field: value}))
    assert "<script>alert" not in page(browser, run)
    assert browser.get(at("importrun-rejected", run)).status_code == 200


def test_officers_and_strangers_see_no_import(browser, signed_in, officer, stranger_clerk):
    run = uploaded(browser, table({}))
    assert signed_in(officer).get(at("importrun-detail", run)).status_code == 403
    assert signed_in(stranger_clerk).get(at("importrun-detail", run)).status_code == 404


# Files of other programs


@pytest.mark.skipif(not FILES, reason="The collection of real spreadsheets is not beside this checkout.")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_real_file_is_shown_with_its_headings(browser, path):
    run = uploaded(browser, path.read_bytes(), name=path.name)
    shown = page(browser, run)
    assert run.state == "checked"
    assert run.heading_row == (2 if path.suffix == ".xls" else 1)
    assert all(heading in shown for heading in run.headings[:3])


@pytest.mark.skipif(not FILES, reason="The collection of real spreadsheets is not beside this checkout.")
@pytest.mark.parametrize("stem", ["buy_sale_item_template", "order_item_template", "in_out_item_template"])
def test_the_lines_of_an_erp_template_are_found_by_its_headings(browser, stem):
    run = uploaded(browser, (SHARED / "jshERP_templates" / f"{stem}.xls").read_bytes(), name=f"{stem}.xls")
    assert {"code", "name", "quantity", "price", "note"} <= {*run.columns}
    said = {f"column_{name}": place for name, place in run.columns.items()}
    heads = {"all_paper_number": "1", "all_partner": "x", "all_traded_on": "2026-01-05", "heading_row": 2}
    browser.post(at("importrun-columns", run), said | heads)
    run.refresh_from_db()
    assert (run.rows, [*run.problems.filter(field="code").values_list("value", flat=True)]) == (2, ["2001", "2011"])
