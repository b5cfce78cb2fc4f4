"""The printed voucher: what stands on the paper, and that nothing typed into it breaks or blanks it."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from reportlab.lib.units import mm

from ledgers import fonts
from ledgers.font_building import build_fonts
from ledgers.models import Invoice, InvoiceLine
from ledgers.services import adjust_invoice, confirm_invoice, reverse_invoice
from ledgers.vouchers import voucher_pdf

ADDRESS = "http://127.0.0.1:8000/v/token"
needs_poppler = pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext (poppler) is not installed")


@pytest.fixture(scope="session", autouse=True)
def built_fonts():
    """The project's own fonts: built once on a machine, ten seconds, and found again by every later run."""
    build_fonts()


@pytest.fixture
def invoice(draft, clerk) -> Invoice:
    return confirm_invoice(draft, actor=clerk)


def pdf_of(invoice, *, with_prices=True, language="en", width=None) -> bytes:
    with translation.override(language):
        paper = Invoice.objects.get(pk=invoice.pk)
        return voucher_pdf(paper, address=ADDRESS, with_prices=with_prices, width=width)


def voucher_of(invoice) -> str:
    return reverse("ledgers:invoice-voucher", args=[invoice.pk])


def layout(pdf) -> list[str]:
    """The lines as they stand on the paper."""
    command = ["pdftotext", "-layout", "-", "-"]
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode().splitlines()


def printed(invoice, **options) -> str:
    """The text of the voucher, without any blanks: a line may break anywhere in Chinese."""
    return "".join("".join(layout(pdf_of(invoice, **options))).split())


@needs_poppler
@pytest.mark.requirement("H-128")
@pytest.mark.parametrize("width", [None, 58, 80])
def test_the_voucher_says_who_gave_what_to_whom(invoice, width):
    text = printed(invoice, width=width)
    parties = ("北谷示例粮油", "91230110DEMH0001XB", "小街示例便利店", "13800001234")
    line = ("示例花生500g", "9520004000017", "PN-1", "12.50", "125.00")
    for fact in ("食安E通", invoice.number, *parties, *line, invoice.voucher_token, ADDRESS):
        assert fact in text


@needs_poppler
@pytest.mark.parametrize("width", [None, 58, 80])
def test_who_is_no_party_sees_no_prices(invoice, width):
    text = printed(invoice, with_prices=False, width=width)
    assert "PN-1" in text
    assert "12.50" not in text
    assert "125.00" not in text


@needs_poppler
@pytest.mark.parametrize("width", [None, 58])
def test_reversal_and_reversed_point_at_each_other(invoice, clerk, width):
    reversal = reverse_invoice(invoice, reason="数量录错", actor=clerk)
    assert f"Reversedby{reversal.number}" in printed(invoice, width=width)
    assert f"Thispaperreverses{invoice.number}" in printed(reversal, width=width)
    assert "数量录错" in printed(reversal, width=width)


@needs_poppler
@pytest.mark.parametrize("width", [None, 58])
def test_a_difference_paper_and_its_original_point_at_each_other(invoice, clerk, width):
    paper = adjust_invoice(invoice, differences={1: -2}, reason="少到两袋", actor=clerk)
    assert f"Correctedby{paper.number}" in printed(invoice, width=width)
    assert f"Thispapercorrects{invoice.number}" in printed(paper, width=width)


@needs_poppler
def test_what_people_type_is_printed_and_never_read_as_markup(draft, clerk):
    Invoice.objects.filter(pk=draft.pk).update(note='<b>&amp; <img src="http://x"/> \x0b轻放')
    assert '<b>&amp;<imgsrc="http://x"/>轻放' in printed(confirm_invoice(draft, actor=clerk))


@needs_poppler
def test_a_character_without_a_glyph_shows_and_is_explained(draft, clerk):
    Invoice.objects.filter(pk=draft.pk).update(note="\U0002a6d6家")
    text = printed(confirm_invoice(draft, actor=clerk))
    assert "〓家" in text
    assert "〓standsforacharacter" in text


def write_lines(draft, count) -> None:
    """The line of the draft again and again, each time of another lot."""
    line = draft.lines.get()
    for number in range(2, count + 1):
        line.pk, line.position = None, number
        line.lot_code = f"LOT-{number}"
        InvoiceLine.objects.bulk_create([line])


@needs_poppler
def test_many_lines_flow_over_pages_with_their_heading(draft, clerk):
    write_lines(draft, 120)
    text = printed(confirm_invoice(draft, actor=clerk))
    assert "LOT-120" in text
    assert text.count("Lotnumber") == text.count("of3") == 3
    assert "120lines" in text


def sizes(pdf) -> list[tuple[int, int]]:
    """Of the pages, in mm."""
    boxes = re.findall(rb"/MediaBox \[ 0 0 ([0-9.]+) ([0-9.]+) \]", pdf)
    return [(round(float(wide) / mm), round(float(tall) / mm)) for wide, tall in boxes]


@pytest.mark.parametrize("width", [58, 80])
def test_a_roll_is_as_wide_as_the_printer_and_as_long_as_the_paper(draft, clerk, width):
    write_lines(draft, 3)
    [(wide, tall)] = sizes(pdf_of(confirm_invoice(draft, actor=clerk), width=width))
    assert wide == width
    assert 150 < tall < 350


@needs_poppler
def test_a_roll_too_long_for_a_printer_goes_on_with_a_second_one(draft, clerk):
    write_lines(draft, 100)
    paper = confirm_invoice(draft, actor=clerk)
    assert all(tall <= 2_010 for _wide, tall in sizes(pdf_of(paper, width=58)))
    assert len(sizes(pdf_of(paper, width=58))) == 2
    assert "LOT-100" in printed(paper, width=58)


@needs_poppler
def test_large_sums_are_not_broken_in_two_on_a_roll(draft, clerk):
    draft.lines.update(quantity="1234.125", price="88888.50")
    lines = layout(pdf_of(confirm_invoice(draft, actor=clerk), width=58))
    assert any(line.strip() == "109,699,520.06" for line in lines)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_voucher_prints_in_both_languages(invoice, language):
    with translation.override(language):
        pdf = voucher_pdf(invoice, address=ADDRESS, with_prices=True)
    assert pdf.startswith(b"%PDF")
    assert b"FoodTraceSans-Regular" in pdf
    assert b"FoodTraceSans-Bold" in pdf


@pytest.mark.requirement("H-051", "H-128")
def test_both_parties_can_print_it(invoice, clerk, buyer_clerk, stranger_clerk):
    answers = []
    for person in (clerk, buyer_clerk, stranger_clerk):
        client = Client()
        client.force_login(person)
        answers.append(client.get(voucher_of(invoice)))
    assert [answer.status_code for answer in answers] == [200, 200, 404]
    assert answers[0]["Content-Type"] == "application/pdf"


@pytest.mark.parametrize("width", ["57", "", "58.0", "５８", "-58", "a4"])
def test_another_width_than_printers_have_is_no_address(invoice, clerk, client, width):
    client.force_login(clerk)
    assert client.get(voucher_of(invoice), {"width": width}).status_code == 404


def test_what_was_printed_on_last_is_offered_first(invoice, clerk, signed_in):
    browser = signed_in(clerk)
    paper = reverse("ledgers:invoice-detail", args=[invoice.pk])
    assert "Print voucher: A4" in browser.get(paper).content.decode()
    assert browser.get(voucher_of(invoice), {"width": 58})["Content-Type"] == "application/pdf"
    assert "Print voucher: 58 mm" in browser.get(paper).content.decode()


def test_while_the_fonts_are_built_the_page_asks_to_wait(invoice, clerk, client, settings, tmp_path, request):
    settings.FONT_ROOT = tmp_path
    fonts.register_fonts.cache_clear()
    request.addfinalizer(fonts.register_fonts.cache_clear)
    client.force_login(clerk)
    response = client.get(voucher_of(invoice))
    assert (response.status_code, response["Retry-After"]) == (503, "30")


def test_fonts_that_are_built_are_not_built_again():
    assert build_fonts() is False


def test_the_fonts_print_common_chinese_and_rare_names():
    assert fonts.printable("食安溯源 王䶮 镕堃 喆玥 ¥12.50 ㎡℃") == "食安溯源 王䶮 镕堃 喆玥 ¥12.50 ㎡℃"
    assert fonts.printable("a\0b\u202ec\nd") == "abc d"
