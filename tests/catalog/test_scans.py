"""What scanners of every make deliver, and what is understood of it."""

from __future__ import annotations

import datetime
from contextlib import suppress
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import example, given, settings
from hypothesis import strategies as st

from catalog.barcodes import check_digit
from catalog.scans import Kind, looks_like_gs1, read_scan, upc_a_of

GS = "\x1d"
TODAY = datetime.date(2026, 11, 23)
GTIN = "09520004000017"
MADE, UNTIL = datetime.date(2026, 9, 28), datetime.date(2027, 3, 27)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def understood(text):
    scan = read_scan(text, today=TODAY)
    return scan.gtin, scan.lot, scan.made_on, scan.until


def refusal_of(text):
    with pytest.raises(ValidationError) as refusal:
        read_scan(text, today=TODAY)
    return refusal.value.code, " ".join(refusal.value.messages)


WHOLE = (
    f"]C101{GTIN}10LSF-1{GS}11260928" "17270327",
    f"]d201{GTIN}112609281727032710LSF-1",
    f"]Q301{GTIN}112609281727032710LSF-1",
    f"01{GTIN}10LSF-1{GS}1126092817270327",
    f"{GS}01{GTIN}10LSF-1<GS>1126092817270327",
    f"01{GTIN}10LSF-1␝1126092817270327",
    f"01{GTIN}10LSF-1^]1126092817270327",
    f"1126092817270327" f"01{GTIN}10LSF-1",
    f"(01){GTIN}(10)LSF-1(11)260928(17)270327",
    f"(01) {GTIN} (11) 260928 (17) 270327 (10) LSF-1",
    f"（０１）{GTIN}（１０）LSF-1（１１）260928（１７）270327",
    f"https://id.gs1.org/01/{GTIN}/10/LSF-1?11=260928&17=270327",
    "HTTPS://FOOD.EXAMPLE/shop/01/9520004000017/10/LSF-1?linkType=all&17=270327&11=260928",
    f"http://127.0.0.1:9/01/{GTIN}/10/LSF%2D1/21/7?15=270327&11=260928",
)  # fmt: skip


@pytest.mark.parametrize("text", WHOLE)
def test_goods_lot_and_dates_come_in_one_go(text):
    assert understood(text) == (GTIN, "LSF-1", MADE, UNTIL)


@pytest.mark.parametrize(
    ("text", "gtin"),
    [
        ("9520004000017", GTIN), ("]E09520004000017", GTIN), (" 9520004000017\r\n", GTIN),
        ("19520004000014", "19520004000014"), ("]I119520004000014", "19520004000014"),
        ("69019388", "00000069019388"), ("]E449123562", "00000049123562"),
        ("084501446314", "00084501446314"), ("04252614", "00042100005264"), (f"02{GTIN}3712", GTIN),
    ],
)  # fmt: skip
def test_a_plain_barcode_is_the_same_number_by_every_scanner(text, gtin):
    assert read_scan(text).gtin == gtin


@pytest.mark.parametrize(("text", "right"), [("]E449123457", "49123456"), ("9520004000018", "9520004000017")])
def test_a_barcode_with_a_wrong_last_digit_is_refused_with_the_right_one(text, right):
    code, words = refusal_of(text)
    assert (code, right in words) == ("check", True)


def test_a_wrong_last_digit_inside_a_gs1_code_is_told_with_the_right_one():
    code, words = refusal_of("010952000400001810LSF-1")
    assert code == "check"
    assert GTIN in words


@pytest.mark.parametrize(
    "text", [f"]C101{GTIN}7", "]d2nothing", f"01{GTIN}{GS}1", "(01)123(10)A", f"(10)A(01){GTIN}(99"]
)
def test_a_gs1_code_that_breaks_off_is_told_and_where(text):
    code, words = refusal_of(text)
    assert code == "elements"
    assert "cannot be read from" in words


@pytest.mark.parametrize(
    ("digits", "day"),
    [("260900", "2026-09-30"), ("280200", "2028-02-29"), ("270200", "2027-02-28"), ("991231", "1999-12-31"),
     ("751231", "2075-12-31"), ("771231", "1977-12-31")],
)  # fmt: skip
def test_day_00_is_the_last_of_the_month_and_the_century_the_nearest(digits, day):
    assert str(read_scan(f"01{GTIN}17{digits}", today=TODAY).until) == day


@pytest.mark.parametrize("digits", ["261301", "260931", "260000", "269999"])
def test_a_date_that_does_not_exist_is_left_empty_and_told(digits):
    scan = read_scan(f"]d201{GTIN}17{digits}", today=TODAY)
    assert scan.until is None
    assert digits in scan.remarks[0]


@pytest.mark.parametrize(
    ("part", "kilograms"),
    [
        ("3103001250", "1.250"),
        ("3100000012", "12"),
        ("3202000100", "0.454"),
        ("3105000001", None),
        ("3103000000", None),
    ],
)
def test_a_net_weight_is_told_in_kilograms(part, kilograms):
    assert read_scan(f"01{GTIN}{part}").weight == (kilograms and Decimal(kilograms))


@pytest.mark.parametrize(("part", "count"), [("3012", "12"), ("30x", None), ("300", None), (f"37{'9' * 9}", None)])
def test_how_many_are_in_it_is_a_whole_number(part, count):
    assert read_scan(f"]C101{GTIN}{part}").count == (count and Decimal(count))


def test_the_earlier_of_two_last_days_counts_and_the_day_of_packing_stands_in():
    scan = read_scan(f"01{GTIN}152703271727010113260928", today=TODAY)
    assert (scan.made_on, scan.until) == (MADE, datetime.date(2027, 1, 1))


def test_what_is_of_no_use_here_is_ignored_with_a_remark():
    scan = read_scan(f"]C101{GTIN}4300Harbin{GS}10A7", today=TODAY)
    assert scan.lot == "A7"
    assert "(4300)" in scan.remarks[0]


def test_a_scanner_that_swallows_separators_is_understood_and_told_of():
    scan = read_scan(f"01{GTIN}10LSF-11126092817270327", today=TODAY)
    assert (scan.lot, scan.made_on, scan.until) == ("LSF-1", MADE, UNTIL)
    assert "separators" in scan.remarks[0]


def test_a_lot_that_only_looks_like_a_date_stays_whole_between_separators():
    assert read_scan(f"01{GTIN}10A17270327{GS}11260928").lot == "A17270327"
    assert read_scan(f"(01){GTIN}(10)A17270327").lot == "A17270327"


def test_a_shop_s_own_code_tells_the_goods_from_the_weight():
    scan = read_scan("210004201250" + check_digit("210004201250"))
    assert (scan.kind, scan.item, scan.amount) == (Kind.IN_STORE, "2100042", Decimal("1.250"))
    assert scan.gtin == ""


@pytest.mark.parametrize(
    "text", ["", "A7", "LSF-20260928-3", "81234567890123456789", "白糖", "0142", "https://food.example/x", "http://["]
)
def test_what_is_no_barcode_stays_the_text_it_is(text):
    scan = read_scan(text)
    assert (scan.kind, scan.code) == (Kind.TEXT, text)


def test_a_link_that_names_no_goods_says_what_to_do():
    assert "Scan the barcode" in read_scan("https://food.example/v/abc").remarks[0]


def test_a_page_of_text_is_no_code():
    assert refusal_of("9" * 501)[0] == "long"


@pytest.mark.parametrize(
    ("short", "full"), [("04252614", "042100005264"), ("01234565", "012345000065"), ("01278906", ""), ("69019388", "")]
)
def test_a_shortened_upc_is_written_out(short, full):
    assert upc_a_of(short) == full


# Written and read again

SIGNS = st.text("ABCXYZabcxyz0123456789-_./+%&'()*:;<=>?!\",", min_size=1, max_size=20)
BODIES = st.integers(6_900_000_000_000, 6_999_999_999_999).map(str)
DAYS = st.dates(datetime.date(1990, 1, 1), datetime.date(2070, 12, 31))


def element_string(gtin, lot, made, until, *, fnc1):
    return f"{fnc1}01{gtin}10{lot}{GS}11{made:%y%m%d}17{until:%y%m%d}"


@settings(max_examples=200, deadline=None)
@given(body=BODIES, lot=SIGNS, made=DAYS, until=DAYS, fnc1=st.sampled_from(["", "]C1", "]d2", "]Q3", GS]))
@example(body="6900000000000", lot="17260930", made=MADE, until=UNTIL, fnc1="")
def test_what_is_encoded_is_read_again(body, lot, made, until, fnc1):
    gtin = body + check_digit(body)
    assert understood(element_string(gtin, lot, made, until, fnc1=fnc1)) == (gtin, lot, made, until)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.from_regex(r"\A(\]C1|01|\(01\)|https://a/01/)[0-9A-Za-z()\x1d/?=&]{0,60}\Z"))
def test_nothing_that_can_be_scanned_makes_it_stumble(text):
    looks_like_gs1(text)
    with suppress(ValidationError):
        assert read_scan(text, today=TODAY).text is not None
