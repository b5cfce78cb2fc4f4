"""A trader holds out the phone, an officer scans it: the book is there without a word typed but the sign-in."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from ledgers.font_building import build_fonts
from tests.e2e.conftest import expect, heading

PHONE = {"viewport": {"width": 390, "height": 844}}


def scanned(visit, cast) -> str:
    """The path that the code on the trader's phone holds."""
    page = visit("/home/", cast.clerk, **PHONE)
    page.locator(".house-tabs summary").click()
    page.locator(".more").get_by_role("link", name="Show my book").click()
    expect(page.locator("svg.square-code")).to_be_in_viewport(ratio=1)
    return urlsplit(page.locator(".address").inner_text()).path


@pytest.mark.requirement("H-103", "H-173", "H-174")
def test_an_officer_scans_signs_in_and_sees_the_book(visit, cast):
    page = visit(scanned(visit, cast), **PHONE)
    page.locator("[name=login]").fill(cast.officer.username)
    page.locator("[name=password]").fill("pass")
    page.locator("[name=password]").press("Enter")
    expect(page.locator("h1")).to_contain_text(cast.seller.name)
    expect(page.locator("main")).to_contain_text(cast.licence.number)
    expect(page.get_by_role("link", name=cast.paper.number).first).to_be_visible()


def test_the_pack_is_on_the_officer_s_phone_two_presses_later(visit, cast):
    page = visit(f"/ledgers/book/{cast.buyer.pk}/", cast.officer, **PHONE)
    page.get_by_role("link", name="Due-diligence pack").click()
    assert heading(page) == "Due-diligence pack"
    with page.expect_download() as download:
        page.get_by_role("button", name="Take as xlsx").click()
    assert cast.buyer.name in download.value.suggested_filename


def test_what_is_printed_on_is_remembered(visit, cast):
    build_fonts()
    page = visit(f"/ledgers/invoice/{cast.paper.pk}/", cast.clerk, **PHONE)
    assert page.request.get(page.get_by_role("link", name="58 mm").get_attribute("href")).ok
    page.reload()
    expect(page.locator(".main-action")).to_have_text("Print voucher: 58 mm")
