"""A buyer's clerk with a supplier, goods, and files of papers in every shape that programs write."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from openpyxl import Workbook

from accounts.models import User
from enterprises.models import Partnership
from exchange.models import ImportRun
from exchange.services import ask_to_write, check_run, start_run, write_run

GTIN = "9520004000017"
HEADINGS = ["单据编号", "供应商", "日期", "条码", "批号", "生产日期", "保质期至", "数量", "单位", "单价", "备注"]
FIELDS = ("number", "partner", "day", "code", "lot", "made", "until", "quantity", "unit", "price", "note")
DAY = "2026-01-15"
GOOD = {
    "number": "PO-1", "partner": "北谷示例粮油", "day": DAY, "code": GTIN, "lot": "PN-1", "made": "2026-01-10",
    "until": "", "quantity": "3", "unit": "袋", "price": "12.5", "note": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def supplier(seller, buyer, peanuts) -> Partnership:
    """The seller stands on the buyer's list; its peanuts are in the shared catalogue."""
    return Partnership.objects.create(owner=buyer, partner=seller, role="supplier")


def table(*rows: dict[str, Any], headings: Iterable[str] = HEADINGS) -> list[list[Any]]:
    """A file's rows: the headings, and for each of `rows` what it changes in a good line."""
    return [list(headings), *([{**GOOD, **row}[name] for name in FIELDS] for row in rows)]


def as_csv(rows: Iterable[Iterable[Any]], *, encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(rows: Iterable[Iterable[Any]], *, merge: Iterable[str] = ()) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(list(row))
    for cells in merge:
        book.active.merge_cells(cells)
    book.save(file)
    return file.getvalue()


@pytest.fixture
def signed_in(database) -> Callable[[User], Client]:
    """A browser that reads English."""

    def browser(user: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        return client

    return browser


Check = Callable[..., ImportRun]


@pytest.fixture
def check(buyer, buyer_clerk, supplier) -> Check:
    """Uploads a table as the buyer's clerk and checks it."""

    def check(content: Any, *, kind: str = "purchase", enterprise=buyer, actor=buyer_clerk) -> ImportRun:
        content = content if isinstance(content, bytes) else as_csv(content)
        file = SimpleUploadedFile("papers.csv", content)
        return check_run(start_run(file, enterprise=enterprise, kind=kind, actor=actor))

    return check


def write(run: ImportRun) -> ImportRun:
    """Import the good documents of a checked run."""
    return write_run(ask_to_write(run, actor=run.actor))


def told(run: ImportRun) -> list[tuple[int, str, str]]:
    """The problems of a run: row, column, sentence."""
    return [*run.problems.values_list("row", "column", "sentence")]
