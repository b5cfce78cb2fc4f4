"""Lines come by scanner, by camera and by photo; the keyboard is hardly needed."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from enterprises.identifiers import uscc_check_character
from enterprises.models import Partnership
from ledgers.models import Invoice
from tests.conftest import make_clerk, make_enterprise
from tests.e2e.conftest import CHROMIUM, FLAGS, GOODS, barcode, expect, focused, heading, session_of

PURCHASE, SALE = "/ledgers/purchase/add/", "/ledgers/sale/add/"
SUPPLIER = "城外示例农场"


class Keyboard:
    """A scanner and a person at one keyboard; only the person's keys are counted."""

    def __init__(self, page):
        self.page, self.keys = page, 0

    def scan(self, code, *, end="Enter"):
        """What a wedge scanner does: every sign as a key, the separator as Ctrl+], then its own Enter or Tab."""
        for part in re.split("(\x1d)", code):
            if part == "\x1d":
                self.page.keyboard.press("Control+]")
            else:
                self.page.keyboard.type(part)
        self.page.keyboard.press(end)

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1


def gs1_128(n, *, lot=None, made=None):
    day = made or timezone.localdate() - timedelta(days=5)
    return f"]C101{barcode(n).zfill(14)}10{lot or f'LSF-{n}'}\x1d11{day:%y%m%d}"


def numbered(body):
    return body + uscc_check_character(body)


@pytest.fixture(scope="package")
def shop(cast):
    """A clerk of a shop with an outside supplier whose goods the shop never bought before."""
    shop = make_enterprise("巷口示例食品店", numbered("92230103DEMT00002"), "230103001", roles=["RETAILER"])
    farm = make_enterprise(SUPPLIER, numbered("91230110DEMT00003"), "230103", roles=["PRODUCER"], status="stub")
    Partnership.objects.create(owner=shop, partner=farm, role="supplier")
    return make_clerk("shop", shop)


@pytest.fixture
def page(visit, shop):
    return visit(PURCHASE, shop)


def fields(page, row):
    names = ("code", "lot", "made", "until", "quantity")
    return tuple(page.locator(f"#{name}-{row}").input_value() for name in names)


def made_of(n=1):
    return (timezone.localdate() - timedelta(days=5)).isoformat()


@pytest.mark.requirement("H-131")
def test_twenty_lines_from_an_outside_supplier_take_twenty_scans_and_hardly_a_key(page):
    by = Keyboard(page)
    by.press(*"cwsl", "Enter")  # the initials of the only supplier, where the cursor stands at once
    for n in range(1, GOODS + 1):
        by.scan(gs1_128(n))
    by.press("Enter")  # nothing is missing: to the button
    expect(page.get_by_role("button", name="Check and confirm")).to_be_focused()
    by.press("Enter")
    page.wait_for_url("**/review/")
    expect(page.get_by_role("button", name="Confirm for ever")).to_be_focused()
    by.press("Enter")
    page.wait_for_url(re.compile(r"/ledgers/invoice/\d+/$"))
    assert by.keys <= 25
    paper = Invoice.objects.get(number=heading(page))
    assert paper.seller.name == SUPPLIER
    assert {line.lot_code for line in paper.lines.all()} == {f"LSF-{n}" for n in range(1, GOODS + 1)}
    assert {str(line.produced_on) for line in paper.lines.all()} == {made_of()}


@pytest.mark.parametrize("name", ["lot", "made", "quantity", "price", "code"])
@pytest.mark.parametrize("end", ["Enter", "Tab"])
def test_a_scan_into_any_field_of_a_line_becomes_its_goods_lot_and_dates(page, name, end):
    page.locator(f"#{name}-1").focus()
    Keyboard(page).scan(gs1_128(2), end=end)
    expect(page.locator("#code-1")).to_have_value(barcode(2))
    assert fields(page, 1) == (barcode(2), "LSF-2", made_of(), "", "1")


def test_a_barcode_scanned_into_a_filled_line_leaves_that_line_alone(page):
    by = Keyboard(page)
    page.locator("#scan").focus()
    by.scan(gs1_128(3))
    expect(page.locator("#code-1")).to_have_value(barcode(3))
    page.locator("#quantity-1").focus()
    by.scan(barcode(4))
    expect(page.locator("#code-2")).to_have_value(barcode(4))
    assert fields(page, 1) == (barcode(3), "LSF-3", made_of(), "", "1")
    assert focused(page) == "scan"


def test_a_scan_into_the_head_becomes_a_line_and_the_head_stays_as_it_was(page):
    page.locator("#note").fill("back door")
    Keyboard(page).scan(gs1_128(5))
    expect(page.locator("#code-1")).to_have_value(barcode(5))
    assert page.locator("#note").input_value() == "back door"


def test_a_lot_number_on_a_label_stays_in_the_lot_field(page):
    page.locator("#lot-1").focus()
    Keyboard(page).scan("LOT-2026-0928")
    assert page.locator("#lot-1").input_value() == "LOT-2026-0928"


def test_the_lot_of_goods_that_stand_there_already_comes_by_scan(page):
    by = Keyboard(page)
    page.locator("#scan").focus()
    by.scan(barcode(6))
    expect(page.locator("#unit-1")).not_to_have_value("")
    page.locator("#lot-1").focus()
    by.scan(gs1_128(6))
    expect(page.locator("#lot-1")).to_have_value("LSF-6")
    assert page.locator("#code-2").input_value() == ""


def test_the_same_lot_again_adds_one_and_stars_say_how_many(page):
    by = Keyboard(page)
    page.locator("#scan").focus()
    for _time in range(3):
        by.scan(gs1_128(7))
    expect(page.locator("#quantity-1")).to_have_value("3")
    page.keyboard.type("*12")
    page.wait_for_timeout(400)  # as long as a hand needs from the keys to the scanner
    by.scan(gs1_128(8))
    expect(page.locator("#quantity-2")).to_have_value("12")
    by.scan(f"4*{barcode(9)}")
    expect(page.locator("#quantity-3")).to_have_value("4")
    assert page.locator("#code-4").input_value() == ""


def test_what_comes_by_hand_is_no_scan(page):
    page.locator("#lot-1").press_sequentially(barcode(1), delay=150)
    page.keyboard.press("Enter")
    assert page.locator("#lot-1").input_value() == barcode(1)


def test_a_plain_barcode_asks_for_the_lot_and_proposes_the_last_one(visit, cast):
    page = visit(PURCHASE, cast.buyer_clerk)
    page.locator("#partner").fill(cast.seller.name)
    page.locator("#code-1").focus()
    Keyboard(page).scan(barcode(GOODS + 1))
    expect(page.locator("#scan-said")).to_contain_text("PN-20260905")
    expect(page.locator("#lot-1")).to_be_focused()
    assert page.locator("#lot-1").input_value() == ""
    page.keyboard.press("Enter")
    assert page.locator("#lot-1").input_value() == "PN-20260905"
    assert focused(page) == "scan"


@pytest.mark.parametrize(
    ("code", "words", "look"),
    [
        (barcode(1), "示例米粉1号", "good"), ("9520004000018", "9520004000017 would be right", "bad"),
        ("NOBODY-KNOWS", "not among", "bad"),
    ],
)  # fmt: skip
def test_success_and_failure_are_told_in_words_and_colour(page, code, words, look):
    page.locator("#scan").focus()
    Keyboard(page).scan(code)
    expect(page.locator("#scan-said")).to_contain_text(words)
    expect(page.locator("#scan-said")).to_have_class(re.compile(f"scan-{look}"))
    assert page.locator("#code-1").input_value() == code


def test_sound_is_off_where_the_reader_wants_quiet_and_the_choice_is_remembered(visit, shop):
    page = visit(PURCHASE, shop, reduced_motion="reduce")
    assert not page.locator("#sound").is_checked()
    page.locator("#sound").check()
    page.reload()
    assert page.locator("#sound").is_checked()


# Pictures


def picture(text, kind):
    """A photo-like JPEG of a code."""
    zxingcpp, pillow = pytest.importorskip("zxingcpp"), pytest.importorskip("PIL.Image")
    drawn = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind), gs1=text.startswith("(")).to_image(
        scale=5
    )
    code = pillow.frombuffer("L", (drawn.shape[1], drawn.shape[0]), bytes(memoryview(drawn)))
    code.thumbnail((1200, 700))
    photo = pillow.new("RGB", (1280, 720), "#cbb")
    photo.paste(code, ((1280 - code.width) // 2, (720 - code.height) // 2))
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=90)
    return file.getvalue()


GS1_TEXT = f"(01){barcode(2).zfill(14)}(10)LSF-2(17)991231"


def test_a_photo_of_a_code_fills_a_line(page):
    content = picture(GS1_TEXT, "DataMatrix")
    page.locator("#photo").set_input_files({"name": "code.jpg", "mimeType": "image/jpeg", "buffer": content})
    expect(page.locator("#lot-1")).to_have_value("LSF-2")
    assert page.locator("#code-1").input_value() == barcode(2)


def test_a_photo_without_a_code_says_what_to_do(page):
    page.locator("#photo").set_input_files(
        {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": picture("x", "QRCode")[:90]}
    )
    expect(page.locator("#scan-said")).to_contain_text("damaged")


@pytest.fixture
def camera(browser, address, tmp_path):
    """`camera(picture, user)` opens the purchase form in a browser whose camera sees that picture."""
    opened = []

    def open_page(content, user):
        film = tmp_path / "film.mjpeg"
        film.write_bytes(content)
        fake = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
        film_flag = f"--use-file-for-fake-video-capture={film}"
        opened.append(browser.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, *fake, film_flag]))
        context = opened[-1].new_context(locale="en", base_url=address, viewport={"width": 390, "height": 800})
        context.add_cookies([session_of(user, address)])
        page = context.new_page()
        page.goto(PURCHASE)
        return page

    yield open_page
    for chromium in opened:
        chromium.close()


@pytest.mark.parametrize(
    ("text", "kind", "lot"),
    [
        (f"(01){barcode(2).zfill(14)}(10)LSF-2", "Code128", "LSF-2"), (GS1_TEXT, "DataMatrix", "LSF-2"),
        (f"https://id.gs1.org/01/{barcode(2)}/10/LSF-2", "QRCode", "LSF-2"), (barcode(2), "EAN13", ""),
    ],
)  # fmt: skip
def test_the_camera_reads_code_after_code(camera, shop, text, kind, lot):
    page = camera(picture(text, kind), shop)
    page.get_by_role("button", name="Scan with the camera").click()
    expect(page.locator("#camera li")).to_have_count(1)
    expect(page.locator("#code-1")).to_have_value(barcode(2))
    assert page.locator("#lot-1").input_value() == lot
    page.get_by_role("button", name="Done").click()
    page.wait_for_function("!document.querySelector('#camera video').srcObject.active")


def test_what_the_browser_cannot_read_the_server_reads_from_the_same_picture(camera, shop):
    page = camera(picture(GS1_TEXT, "QRCode"), shop)
    page.get_by_role("button", name="Scan with the camera").click()
    page.get_by_role("button", name="Not read?").click()
    expect(page.locator("#camera li")).to_have_count(1)
    expect(page.locator("#lot-1")).to_have_value("LSF-2")
