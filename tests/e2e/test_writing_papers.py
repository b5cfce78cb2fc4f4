"""A clerk writes, confirms and reverses papers; nothing typed is lost on the way."""

from __future__ import annotations

import re

import pytest

from enterprises.identifiers import uscc_check_character
from enterprises.models import Enterprise
from ledgers.models import Invoice
from tests.e2e.conftest import GOODS, barcode, expect, focused, heading, make_written_draft, typed_rows

SALE = "/ledgers/sale/add/"
NEW_NUMBER = "92230103DEMT00001" + uscc_check_character("92230103DEMT00001")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def write(page, text, *, then="Enter"):
    """Type where the cursor stands, as fast as a scanner; nobody touches the mouse."""
    page.keyboard.insert_text(text)
    page.keyboard.press(then)


def wait_until_kept(page, *, hurry=True):
    """The page saves after a pause; being online again makes it save at once."""
    if hurry:
        page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#invoice")).to_have_attribute("data-kept", "true")
    expect(page.locator("#saved")).to_contain_text("Saved as draft")


def draft_of(page):
    return Invoice.objects.get(pk=re.search(r"/invoice/(\d+)/edit/", page.url)[1])


def start_sale(visit, cast, *, lines=1):
    """A sale with its partner and some lines, typed and kept."""
    page = visit(SALE, cast.clerk)
    write(page, cast.buyer.name)
    page.locator("#scan").focus()
    for n in range(1, lines + 1):
        write(page, barcode(n))
        write(page, f"#L-{n}")
    wait_until_kept(page)
    page.wait_for_url("**/edit/")
    return page


# By keyboard alone


@pytest.mark.requirement("H-107", "H-120")
def test_a_sale_of_twenty_lines_is_written_by_keyboard_alone(visit, cast):
    page = visit(SALE, cast.clerk)
    write(page, cast.buyer.name)
    press(page, "Enter", "Enter", "Enter")  # the date is today's, the other fields stay empty
    assert focused(page) == "scan"
    for n in range(1, GOODS + 1):
        write(page, barcode(n))
        write(page, f"*{n + 1}")
    press(page, "Enter")
    for n in range(1, GOODS + 1):
        assert focused(page) == f"lot-{n}"
        write(page, f"LSF-{n}")
    assert focused(page) == "scan"
    press(page, "Enter")
    assert focused(page).strip() == "Check and confirm"
    press(page, "Enter")
    page.wait_for_url("**/review/")
    assert focused(page) == "reason"  # nothing of it was in stock
    write(page, "The purchase is not entered yet")
    press(page, "Enter")
    page.wait_for_url(re.compile(r"/ledgers/invoice/\d+/$"))
    assert page.locator("main tbody tr:not(.warned)").count() == GOODS
    assert heading(page).startswith("XS")
    found = visit(f"/ledgers/purchases/?document={heading(page)}", cast.buyer_clerk)
    assert found.locator("main tbody tr").count() == GOODS
    assert "LSF-20" in found.locator("main").inner_text()


def test_a_line_typed_without_a_scanner_goes_field_by_field(visit, cast):
    page = visit(SALE, cast.clerk)
    write(page, cast.buyer.name)
    page.locator("#code-1").focus()
    for text in (cast.goods[2].name, "", "0928", "", "12", "", "3.50"):
        write(page, text)
    assert focused(page) == "code-2"
    wait_until_kept(page)
    (row,) = typed_rows(draft_of(page))
    assert (row["made"], row["quantity"], row["price"]) == ("0928", "12", "3.50")


def test_the_scan_box_sets_lot_and_date_of_the_last_line(visit, cast):
    page = visit(SALE, cast.clerk)
    page.locator("#scan").focus()
    for text in (barcode(1), "#A7", barcode(2), "／0928", "＊3"):
        write(page, text)
    assert page.locator("#lot-1").input_value() == "A7"
    assert page.locator("#made-2").input_value() == "0928"
    assert page.locator("#quantity-2").input_value() == "3"


def test_goods_scanned_again_bring_their_lot_along(visit, cast):
    page = visit(SALE, cast.clerk)
    page.locator("#scan").focus()
    for text in (barcode(3), "#A7", barcode(3)):
        write(page, text)
    expect(page.locator("#lot-2")).to_have_value("A7")


def test_the_only_lot_in_stock_fills_itself_in(visit, cast):
    page = visit(SALE, cast.buyer_clerk)
    page.locator("#scan").focus()
    write(page, barcode(GOODS + 1))
    expect(page.locator("#lot-1")).to_have_value("PN-20260905")
    expect(page.locator("#made-1")).not_to_have_value("")


def test_an_unknown_code_is_told_and_kept(visit, cast):
    page = visit(SALE, cast.clerk)
    page.locator("#scan").focus()
    write(page, "9520004000018")
    expect(page.locator("#scan-said")).to_contain_text("9520004000017 would be right")
    assert page.locator("#code-1").input_value() == "9520004000018"


# Nothing is lost


def test_what_was_typed_survives_a_closed_tab(visit, cast):
    page = start_sale(visit, cast, lines=2)
    page.locator("#note").fill("typed last")
    address = page.url
    wait_until_kept(page, hurry=False)
    page.close()
    again = visit(address, cast.clerk)
    assert again.locator("#note").input_value() == "typed last"
    assert again.locator("#partner").input_value() == cast.buyer.name
    assert [again.locator(f"#lot-{n}").input_value() for n in (1, 2)] == ["L-1", "L-2"]


def test_mistakes_are_kept_too_and_told_beside_their_fields(visit, cast):
    page = start_sale(visit, cast)
    page.locator("#quantity-1").fill("a dozen")
    page.get_by_role("button", name="Check and confirm").click()
    page.locator("#error-summary").wait_for()
    again = visit(page.url, cast.clerk)
    assert again.locator("#quantity-1").input_value() == "a dozen"
    assert "Type a number" in again.locator("tr", has=again.locator("#quantity-1")).inner_text()


def test_the_summary_of_mistakes_leads_to_the_field(visit, cast):
    page = start_sale(visit, cast)
    page.locator("#quantity-1").fill("0")
    page.get_by_role("button", name="Check and confirm").click()
    summary = page.locator("#error-summary")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Line 1").click()
    assert focused(page) == "quantity-1"


def test_a_second_tab_that_fell_behind_is_told(visit, cast):
    first = start_sale(visit, cast)
    second = visit(first.url, cast.clerk)
    first.locator("#note").fill("first")
    first.get_by_role("button", name="Save draft").click()
    expect(first.locator("main")).to_contain_text("The draft is saved.")
    second.locator("#note").fill("second")
    expect(second.locator("#saved")).to_contain_text("Somebody else has saved this draft")
    assert draft_of(first).typed["note"] == "first"


def test_without_a_connection_the_page_says_so_and_saves_later(visit, cast):
    page = start_sale(visit, cast)
    page.context.set_offline(True)
    page.locator("#note").fill("typed in the cellar")
    expect(page.locator("#saved")).to_contain_text("no connection")
    page.get_by_role("button", name="Check and confirm").click()
    assert page.locator("#note").input_value() == "typed in the cellar"
    page.context.set_offline(False)
    wait_until_kept(page)
    assert draft_of(page).typed["note"] == "typed in the cellar"


def test_signed_out_while_typing_nothing_is_lost(visit, cast):
    page = start_sale(visit, cast)
    session = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    page.locator("#note").fill("typed on")
    expect(page.locator("#saved")).to_contain_text("you are signed out")
    page.context.add_cookies(session)
    wait_until_kept(page)
    assert draft_of(page).typed["note"] == "typed on"


# Once is once


@pytest.fixture
def review(visit, cast):
    """The sheet before confirming."""
    return visit(f"/ledgers/invoice/{make_written_draft(cast).pk}/review/", cast.clerk)


def papers():
    return Invoice.objects.confirmed().count()


def test_a_double_click_on_confirm_makes_one_paper(review):
    before = papers()
    review.get_by_role("button", name="Confirm for ever").dblclick()
    expect(review).to_have_url(re.compile(r"/invoice/\d+/$"))
    assert heading(review).startswith("XS")
    assert papers() == before + 1


def test_back_and_a_second_confirm_show_the_same_paper(review):
    review.get_by_role("button", name="Confirm for ever").click()
    review.wait_for_url(re.compile(r"/invoice/\d+/$"))
    number, before = heading(review), papers()
    review.go_back()
    button = review.get_by_role("button", name="Confirm for ever")
    if button.count():
        button.click()
        review.wait_for_url(re.compile(r"/invoice/\d+/$"))
    assert heading(review) == number
    assert papers() == before


def test_back_from_the_review_the_draft_can_be_gone_on_with(visit, cast):
    page = start_sale(visit, cast)
    page.get_by_role("button", name="Check and confirm").click()
    page.wait_for_url("**/review/")
    page.go_back()
    page.locator("#note").fill("one more word")
    page.get_by_role("button", name="Check and confirm").click()
    page.wait_for_url("**/review/")
    assert Invoice.objects.get(pk=page.url.split("/")[-3]).note == "one more word"


def test_a_reversal_needs_a_reason_and_links_both_papers(visit, cast):
    page = visit(f"/ledgers/invoice/{cast.paper.pk}/", cast.clerk)
    number = heading(page)
    page.get_by_role("link", name="Reverse").click()
    page.get_by_role("button", name="Reverse").click()
    assert page.evaluate("document.querySelector('#reason').validity.valueMissing")
    page.locator("#reason").fill("typed twice")
    page.get_by_role("button", name="Reverse").click()
    assert "typed twice" in page.locator("main").inner_text()
    page.locator("main").get_by_role("link", name=number).click()
    expect(page.locator("main")).to_contain_text("Reversed by")


# Partners and goods


@pytest.mark.requirement("H-095", "H-117")
def test_a_partner_nobody_knows_becomes_a_record_on_the_way(visit, cast):
    page = visit("/enterprises/partnership/add/", cast.clerk)
    page.get_by_label("Role").select_option(label="Customer")
    page.get_by_label("Licence number").fill(NEW_NUMBER)
    page.get_by_label("Licence number").press("Enter")
    page.get_by_label("Name", exact=True).fill("新来示例小店")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_contain_text("新来示例小店")
    assert Enterprise.objects.get(name="新来示例小店").status == "stub"


def test_a_known_number_fills_in_the_partner(visit, cast):
    page = visit("/enterprises/partnership/add/", cast.clerk)
    page.get_by_label("Licence number").fill(cast.maker.uscc)
    page.get_by_label("Licence number").press("Enter")
    expect(page.get_by_label("Name", exact=True)).to_have_value(cast.maker.name)


def test_a_known_barcode_fills_in_the_goods(visit, cast):
    page = visit("/catalog/listing/add/", cast.buyer_clerk)
    page.get_by_label("Barcode").fill(barcode(5))
    page.get_by_label("Barcode").press("Enter")
    expect(page.get_by_label("Name", exact=True)).to_have_value(cast.goods[4].name)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_contain_text(cast.goods[4].name)


def test_a_count_is_typed_by_keyboard_alone_and_kept(visit, cast):
    page = visit("/ledgers/count/add/", cast.clerk)
    write(page, "3")
    expect(page.locator("form[data-draft]")).to_have_attribute("data-kept", "true")
    page.wait_for_url("**/stockpaper/*/edit/")
    page.reload()
    assert page.locator("[name=row_quantity]").first.input_value() == "3"
