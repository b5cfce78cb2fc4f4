"""The printed voucher: what stands on the paper, and that nothing typed into it breaks or blanks it."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

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


def printed(invoice, *, with_prices=True, language="en") -> str:
    """The text of the voucher, without any blanks: a line may break anywhere in Chinese."""
    with translation.override(language):
        pdf = voucher_pdf(Invoice.objects.get(pk=invoice.pk), address=ADDRESS, with_prices=with_prices)
    command = ["pdftotext", "-layout", "-", "-"]
    text = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()
    return "".join(text.split())


@needs_poppler
@pytest.mark.requirement("H-128")
def test_the_voucher_says_who_gave_what_to_whom(invoice):
    text = printed(invoice)
    parties = ("北谷示例粮油", "91230110DEMH0001XB", "小街示例便利店", "13800001234")
    line = ("示例花生500g", "9520004000017", "PN-1", "12.50", "125.00")
    for fact in ("食安E通", invoice.number, *parties, *line, invoice.voucher_token, ADDRESS):
        assert fact in text


@needs_poppler
def test_who_is_no_party_sees_no_prices(invoice):
    text = printed(invoice, with_prices=False)
    assert "PN-1" in text
    assert "12.50" not in text
    assert "125.00" not in text


@needs_poppler
def test_reversal_and_reversed_point_at_each_other(invoice, clerk):
    reversal = reverse_invoice(invoice, reason="数量录错", actor=clerk)
    assert f"Reversedby{reversal.number}" in printed(invoice)
    assert f"Thispaperreverses{invoice.number}" in printed(reversal)
    assert "数量录错" in printed(reversal)


@needs_poppler
def test_a_difference_paper_and_its_original_point_at_each_other(invoice, clerk):
    paper = adjust_invoice(invoice, differences={1: -2}, reason="少到两袋", actor=clerk)
    assert f"Correctedby{paper.number}" in printed(invoice)
    assert f"Thispapercorrects{invoice.number}" in printed(paper)


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


@needs_poppler
def test_many_lines_flow_over_pages_with_their_heading(draft, clerk):
    line = draft.lines.get()
    for number in range(2, 121):
        line.pk, line.position = None, number
        line.lot_code = f"LOT-{number}"
        InvoiceLine.objects.bulk_create([line])
    text = printed(confirm_invoice(draft, actor=clerk))
    assert "LOT-120" in text
    assert text.count("Lotnumber") == text.count("of3") == 3
    assert "120lines" in text


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_voucher_prints_in_both_languages(invoice, language):
    with translation.override(language):
        pdf = voucher_pdf(invoice, address=ADDRESS, with_prices=True)
    assert pdf.startswith(b"%PDF")
    assert b"FoodTraceSans-Regular" in pdf
    assert b"FoodTraceSans-Bold" in pdf


@pytest.mark.requirement("H-128")
def test_both_parties_can_print_it(invoice, clerk, buyer_clerk, stranger_clerk):
    answers = []
    for person in (clerk, buyer_clerk, stranger_clerk):
        client = Client()
        client.force_login(person)
        answers.append(client.get(reverse("ledgers:invoice-voucher", args=[invoice.pk])))
    assert [answer.status_code for answer in answers] == [200, 200, 404]
    assert answers[0]["Content-Type"] == "application/pdf"


def test_while_the_fonts_are_built_the_page_asks_to_wait(invoice, clerk, client, settings, tmp_path, request):
    settings.FONT_ROOT = tmp_path
    fonts.register_fonts.cache_clear()
    request.addfinalizer(fonts.register_fonts.cache_clear)
    client.force_login(clerk)
    response = client.get(reverse("ledgers:invoice-voucher", args=[invoice.pk]))
    assert (response.status_code, response["Retry-After"]) == (503, "30")


def test_fonts_that_are_built_are_not_built_again():
    assert build_fonts() is False


def test_the_fonts_print_common_chinese_and_rare_names():
    assert fonts.printable("食安溯源 王䶮 镕堃 喆玥 ¥12.50 ㎡℃") == "食安溯源 王䶮 镕堃 喆玥 ¥12.50 ㎡℃"
    assert fonts.printable("a\0b\u202ec\nd") == "abc d"
