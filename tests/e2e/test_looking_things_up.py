"""Officers and consumers find what they look for; the house speaks two languages and works without JavaScript."""

from __future__ import annotations

import re

import pytest

from accounts.models import User
from ledgers.models import Invoice
from tests.e2e.conftest import GOODS, barcode, expect, heading

LOT = "PN-20260905"


def rows(page):
    return page.locator("main tbody tr").count()


# An officer


@pytest.mark.parametrize("tile", ["enterprises on record", "purchase ledger lines", "sales ledger lines"])
def test_a_number_on_the_dashboard_leads_to_as_many_rows(visit, cast, tile):
    page = visit("/dashboards/region/?region=230103", cast.officer)
    link = page.locator(".tiles a").filter(has_text=tile)
    number = int(link.locator("b").inner_text())
    link.click()
    expect(page.locator(".pager")).to_contain_text(f"{number} row")
    assert rows(page) == min(number, 50)


def test_the_day_s_figures_can_be_read_without_the_chart(visit, cast):
    page = visit("/dashboards/region/?region=230103&days=7", cast.officer)
    expect(page.locator("#chart svg")).to_be_visible()
    page.get_by_text("The figures as a table").click()
    assert rows(page) == 7


@pytest.mark.parametrize("words", ["bgsl", "91230110DEMH0001XB", "北谷"])
def test_an_enterprise_is_found_by_initials_number_and_name(visit, cast, words):
    page = visit("/home/", cast.officer)
    page.goto("/enterprises/enterprise/")
    page.get_by_label("Search", exact=True).fill(words)
    page.keyboard.press("Enter")
    expect(page.locator("main tbody")).to_contain_text(cast.seller.name)
    assert rows(page) == 1


def test_the_box_in_the_header_finds_a_paper(visit, cast):
    page = visit("/home/", cast.officer)
    page.get_by_label("Search anything").first.fill(cast.paper.number)
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text(cast.paper.number)


@pytest.fixture
def new_officer(cast):
    """Somebody of the same authority who has not opened any trace yet."""
    officer = User.objects.create_user("inspector", "pass", authority=cast.officer.authority)
    officer.groups.set(cast.officer.groups.all())
    return officer


def test_a_lot_is_traced_to_who_has_it_now(visit, cast, new_officer):
    page = visit("/ledgers/trace/", new_officer)
    page.get_by_label("number of a voucher, or enterprise").fill(f"{barcode(GOODS + 1)} {LOT}")
    page.keyboard.press("Enter")
    page.locator("main tbody a").first.click()
    page.get_by_label("A sample failed").check()
    page.get_by_role("button", name="Open the trace").click()
    holders = page.locator("#rows tbody")
    expect(holders).to_contain_text(cast.buyer.name)
    expect(holders).to_contain_text(cast.buyer.telephone)
    page.get_by_role("link", name="Hand-overs", exact=True).click()
    expect(page.locator("#rows tbody")).to_contain_text(cast.seller.name)
    page.get_by_role("link", name="Drawing").click()
    expect(page.locator("#rows svg .box")).to_have_count(3)  # the lot; and who gave it to whom
    page.get_by_role("link", name="Timeline").click()
    expect(page.locator("#rows svg .moved")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="Export csv").click()
    assert download.value.suggested_filename.endswith(".csv")


def test_an_outbreak_is_weighed_in_a_case(visit, cast):
    page = visit("/investigations/case/", cast.officer)
    page.get_by_role("link", name="Open a case").click()
    page.get_by_label("What it is about").fill("示例腹泻")
    page.get_by_label("Reason").fill("三人发病")
    page.get_by_role("button", name="Open a case").click()
    page.get_by_label("Enterprise or lot").fill(cast.buyer.uscc)
    page.get_by_role("button", name="Take into the case").click()
    suspects = page.locator("#suspects tbody").first
    expect(suspects).to_contain_text(cast.seller.name)
    suspects.get_by_role("row").filter(has_text=cast.seller.name).get_by_role("link", name="Show the way").click()
    expect(page.locator("main tbody")).to_contain_text(cast.buyer.name)
    page.go_back()
    page.get_by_role("button", name="Freeze the evidence").click()
    page.locator("#snapshots a").click()
    expect(page.locator("main")).to_contain_text("Yes: it has its fingerprint.")


# A consumer, without account and without JavaScript


@pytest.fixture
def consumer(visit, cast):
    """The portal's first page on a plain telephone."""
    return visit("/", java_script_enabled=False, viewport={"width": 320, "height": 640})


def look_up(page, words):
    page.get_by_label("What are you eating?").fill(words)
    page.get_by_role("button", name="Search").click()


def test_a_barcode_leads_to_its_goods_and_their_lot(consumer, cast):
    look_up(consumer, barcode(GOODS + 1))
    assert heading(consumer) == cast.goods[GOODS].name
    consumer.get_by_label("Lot number on your package").fill(LOT)
    consumer.get_by_role("button", name="Look up").click()
    assert LOT in heading(consumer)
    expect(consumer.locator("main")).to_contain_text(cast.maker.name)


def test_goods_are_found_by_the_initials_of_their_name(consumer, cast):
    look_up(consumer, "slmf")
    consumer.get_by_role("link", name=cast.goods[0].name, exact=True).click()
    assert heading(consumer) == cast.goods[0].name


def test_a_printed_voucher_can_be_checked(consumer, cast):
    look_up(consumer, cast.paper.voucher_token)
    expect(consumer.locator("main")).to_contain_text(LOT)
    assert cast.paper.number in heading(consumer)
    assert cast.buyer.name not in consumer.locator("main").inner_text()


# Languages, themes, machines without JavaScript


def test_the_language_is_switched_and_kept(visit, cast):
    page = visit("/home/", cast.clerk)
    page.locator("header").get_by_role("button", name="中文").click()
    assert page.locator("html").get_attribute("lang") == "zh-hans"
    page.goto("/ledgers/invoice/")
    page.locator("header").get_by_role("button", name="English").click()
    assert (page.locator("html").get_attribute("lang"), page.url.split("/ledgers")[1]) == ("en", "/invoice/")


@pytest.mark.parametrize(("machine", "other"), [("light", "dark"), ("dark", "light")])
def test_the_theme_is_the_machine_s_until_switched(visit, cast, machine, other):
    page = visit("/home/", cast.clerk, color_scheme=machine)
    html = page.locator("html")
    assert html.get_attribute("data-bs-theme") == machine
    page.get_by_role("button", name="Light or dark").first.click()
    assert html.get_attribute("data-bs-theme") == other
    page.reload()
    assert html.get_attribute("data-bs-theme") == other


def test_everything_of_the_frame_is_in_reach_on_a_telephone(visit, cast):
    page = visit("/home/", cast.clerk, viewport={"width": 390, "height": 800})
    page.get_by_text("More", exact=True).click()
    for name in ("Sign out", "中文", "Light or dark"):
        expect(page.locator(".house-tabs").get_by_role("button", name=name)).to_be_visible()
    page.locator(".more").get_by_label("Search anything").last.fill(cast.paper.number)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(cast.paper.number)


def test_a_sale_can_be_written_and_confirmed_without_javascript(visit, cast):
    page = visit("/ledgers/sale/add/", cast.clerk, java_script_enabled=False)
    page.get_by_label("Customer").fill(cast.buyer.name)
    for label, text in (("Goods", barcode(4)), ("Lot number", "NOJS-1"), ("Quantity", "3")):
        page.locator("#rows tr").first.get_by_label(label).fill(text)
    page.get_by_role("button", name="Check and confirm").click()
    page.get_by_label("Why you go on all the same").fill("The purchase is not entered yet")
    page.get_by_role("button", name="Confirm for ever").click()
    assert re.search(r"/invoice/\d+/$", page.url)
    assert Invoice.objects.get(number=heading(page)).lines.get().lot_code == "NOJS-1"


def test_somebody_signs_in_and_out_by_the_form(visit, cast):
    page = visit("/home/")
    page.get_by_label("Username").fill("clerk")
    page.get_by_label("Password").fill("pass")
    page.get_by_role("button", name="Sign in").click()
    assert cast.seller.name in heading(page)
    page.locator("header").get_by_role("button", name="Sign out").click()
    page.goto("/home/")
    assert "/accounts/login/" in page.url
