"""Foreign files at the door: what is read, and what is refused in a sentence; and nothing that goes out runs."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from enterprises.models import Partnership
from registers import spreadsheets
from registers.actions import Action
from registers.exporting import as_csv, as_xlsx, harmless
from registers.spreadsheets import Unreadable, read
from tests.registers.test_every_register import REGISTERS, a_uscc, look, texts

HEADED = "名称,数量\n花生,12\n"
ROWS = [["名称", "数量"], ["花生", "12"]]


def rows_of(content: bytes, *, rows_max: int = 5_000) -> list[list[str]]:
    return read(io.BytesIO(content), rows_max=rows_max)


def workbook(*rows: list[object]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


ENCODED = {
    "utf-8": HEADED.encode(),
    "utf-8 with its mark": HEADED.encode("utf-8-sig"),
    "GBK": HEADED.encode("gbk"),
    "UTF-16 little": b"\xff\xfe" + HEADED.encode("utf-16-le"),
    "UTF-16 big": b"\xfe\xff" + HEADED.encode("utf-16-be"),
    "semicolons": HEADED.replace(",", ";").encode(),
    "tabs": HEADED.replace(",", "\t").encode(),
    "Windows lines": HEADED.replace("\n", "\r\n").encode(),
    "xlsx": workbook(["名称", "数量"], ["花生", 12]),
    "empty rows at the end": (HEADED + ",\n" * 50).encode(),
}


@pytest.mark.parametrize("content", ENCODED.values(), ids=ENCODED)
def test_a_table_is_read_however_it_is_written(content):
    assert rows_of(content) == ROWS


def test_cells_become_the_text_a_person_sees():
    moment = datetime(2026, 11, 22, 8, 5)  # noqa: DTZ001  # a spreadsheet knows no time zones
    told = rows_of(workbook(["a"], [6901234567892], [1.5], [date(2026, 11, 22)], [moment], [True]))
    assert [row[0] for row in told[1:]] == ["6901234567892", "1.5", "2026-11-22", "2026-11-22 08:05", "True"]


def test_a_formula_comes_in_as_its_last_value_never_as_a_formula():
    told = rows_of(workbook(["a", "b"], ["=1+1", "x"], ['=HYPERLINK("http://x")', "y"]))
    assert not any(cell.startswith("=") for row in told for cell in row)


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", bytes(12 * 1024 * 1024))
    return file.getvalue()


def many_entries() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for number in range(300):
            packed.writestr(f"{number}.xml", "x")
    return file.getvalue()


REFUSED = {
    "nothing": b"",
    "a heading alone": "名称,数量\n".encode(),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8,
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(200),
    "NUL bytes": "名称,数量\n花\0生,12\n".encode(),
    "half a character": "名称,数量\n".encode("utf-16")[:-1] + b"\xff",
    "a broken workbook": b"PK\x03\x04" + b"x" * 500,
    "a workbook cut off": workbook(["a"], ["b"])[:-200],
    "an archive of nothing": b"PK\x05\x06" + bytes(18),
    "an old workbook that is none": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000),
    "a bomb": bomb(),
    "three hundred entries": many_entries(),
    "one cell without end": b'a,b\n"' + b"x" * 200_000,
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_what_is_no_table_is_refused_in_a_sentence(content):
    with pytest.raises(Unreadable) as refusal:
        rows_of(content)
    assert len(refusal.value.sentence) > 8


def test_a_hundred_thousand_rows_are_refused():
    with pytest.raises(Unreadable, match=r"5.?000"):
        rows_of("数量\n".encode() + b"1\n" * 100_000)


def test_a_file_as_long_as_allowed_is_read():
    assert len(rows_of("数量\n".encode() + b"1\n" * 5_000)) == 5_001


def test_a_file_larger_than_the_limit_is_not_even_opened(monkeypatch):
    monkeypatch.setattr(spreadsheets, "BYTES_MAX", 10)
    monkeypatch.setattr(spreadsheets, "CHILD", "/nowhere")
    with pytest.raises(Unreadable, match="20"):
        rows_of(b"x" * 11)


def test_a_file_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(spreadsheets, "SECONDS_MAX", 0.001)
    with pytest.raises(Unreadable):
        rows_of(HEADED.encode())


def test_a_workbook_that_lies_about_its_size_takes_nothing_else_along():
    """The size in the directory of the archive is somebody's word: the reading child has its own limit of memory."""
    content = bytearray(bomb())
    where = content.rindex(b"PK\x01\x02") + 24
    content[where : where + 4] = (100).to_bytes(4, "little")
    with pytest.raises(Unreadable):
        rows_of(bytes(content))


# Through the screen


@pytest.mark.parametrize("content", [REFUSED["a picture"], REFUSED["a bomb"], REFUSED["NUL bytes"], REFUSED["nothing"]])
def test_the_screen_says_why_and_stays(client, clerk, content):
    client.force_login(clerk)
    address = REGISTERS["enterprises.partnership"].url(Action.IMPORT)
    page = client.post(address, {"step": "look", "file": SimpleUploadedFile("a.xlsx", content)})
    assert page.status_code == 422
    assert 'name="file"' in page.text


@pytest.mark.parametrize("value", ["名" * 10_000, "=cmd|' /C calc'!A0", "‮GNP", "<script>alert(1)</script>"])
def test_no_cell_breaks_the_import_or_the_page(client, clerk, value):
    client.force_login(clerk)
    register = REGISTERS["enterprises.partnership"]
    content = workbook(["number", "name", "role", "telephone"], [a_uscc(1), value, "customer", "1"])
    page = client.post(register.url(Action.IMPORT), {"step": "look", "file": SimpleUploadedFile("a.xlsx", content)})
    assert page.status_code == 200
    assert "<script>alert" not in page.text


# What goes out


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_words_that_look_like_a_formula_do_not_run(sign):
    assert harmless(f"{sign}1+1") == f"'{sign}1+1"


@pytest.mark.parametrize("value", ["1+1", "花生", Decimal("-1.5"), -3, None, date(2026, 1, 1)])
def test_numbers_and_plain_words_go_out_as_they_are(value):
    assert harmless(value) == value


def test_a_csv_begins_with_one_byte_order_mark():
    content = b"".join(as_csv("x", ["甲"], [["乙"]]))
    assert content.startswith("﻿".encode())
    assert content.count("﻿".encode()) == 1


def test_a_workbook_holds_text_as_text_and_numbers_as_numbers():
    response = as_xlsx("x", ["甲", "乙"], [["=1+1", Decimal("1.50")]])
    row = list(load_workbook(io.BytesIO(response.content)).active.iter_rows())[1]
    assert [(cell.value, cell.data_type) for cell in row] == [("=1+1", "s"), (1.5, "n")]


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_a_partner_s_formula_is_harmless_in_the_export(client, clerk, seller, buyer, file_format):
    Partnership.objects.create(owner=seller, partner=buyer, role="customer", contact_name="=1+1")
    client.force_login(clerk)
    address = REGISTERS["enterprises.partnership"].url(Action.EXPORT)
    assert ("'=1+1" if file_format == "csv" else "=1+1") in texts(client.get(address, {"format": file_format}))[1]
    assert look(client, address, {"format": "exe"}) == 200
