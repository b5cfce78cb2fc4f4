"""Barcodes as people, scanners and spreadsheets write them."""

from __future__ import annotations

import csv
import re

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.barcodes import Barcode, check_digit, is_barcode, parse, tidy
from tests.loads import real

NONGFU = "06921168509256"
GOOD = [
    ("6921168509256", NONGFU),
    ("06921168509256", NONGFU),
    ("6921168509256 ", NONGFU),
    ("692 1168 509256", NONGFU),
    ("692-1168-509256", NONGFU),
    ("６９２１１６８５０９２５６", NONGFU),
    ("\ufeff6921168509256\u200f", NONGFU),
    ("\u202a6921168509256\u202c", NONGFU),
    ("6921168509256.0", NONGFU),
    ("6921168509256.00", NONGFU),
    ("084501446314", "00084501446314"),
    ("84501446314", "00084501446314"),
    ("0084501446314", "00084501446314"),
    ("16901683804699", "16901683804699"),
    ("69019388", "00000069019388"),
    ("001234567895", "00001234567895"),
    ("09520004000017", "09520004000017"),
]
BAD = [
    ("6921168509257", "check"),
    ("84501446315", "check"),
    ("69019389", "check"),
    ("16901683804698", "check"),
    ("02000001", "in_store"),
    ("01000002", "in_store"),
    ("20000011", "in_store"),
    ("2013080115012", "in_store"),
    ("2900000000018", "in_store"),
    ("0200000000011", "in_store"),
    ("212345678992", "in_store"),
    ("0000000000000", "in_store"),
    ("00000000", "in_store"),
    ("00242", "length"),
    ("692116850925", "check"),
    ("692116850", "length"),
    ("692116850925600", "length"),
    ("69211685092560000000", "length"),
    ("", "digits"),
    (" ", "digits"),
    ("6902538004aborrar", "digits"),
    ("6947124607705a", "digits"),
    ("6921168509256.5", "digits"),
    ("٦٩٢١١٦٨٥٠٩٢٥٦", "digits"),
    ("6.92117E+12", "rounded"),
    ("6.92117e+12", "rounded"),
    ("<b>6921168509256</b>", "digits"),
    ("6921168509256\0", None),
]


@pytest.mark.parametrize(("written", "gtin"), GOOD)
def test_every_written_form_of_a_barcode_is_one_number(written, gtin):
    assert parse(written).gtin == gtin


@pytest.mark.parametrize(("written", "code"), BAD)
def test_what_is_no_barcode_is_refused_for_its_own_reason(written, code):
    with pytest.raises(ValidationError) as refusal:
        parse(written)
    assert code in (None, refusal.value.code)


def test_a_wrong_last_digit_is_refused_with_the_right_number():
    with pytest.raises(ValidationError, match="6921168509256"):
        parse("6921168509251")


def test_a_shops_own_code_is_never_proposed_a_check_digit():
    assert not is_barcode("01000003")
    with pytest.raises(ValidationError) as refusal:
        parse("01000003")
    assert refusal.value.code == "in_store"


@pytest.mark.parametrize(
    ("gtin", "shown"),
    [(NONGFU, "6921168509256"), ("00084501446314", "084501446314"), ("00000069019388", "69019388"),
     ("16901683804699", "16901683804699")],
)  # fmt: skip
def test_a_barcode_is_shown_as_it_is_printed_under_the_bars(gtin, shown):
    assert Barcode(gtin, gtin).shown == shown
    assert parse(shown).gtin == gtin


def test_numbers_of_a_spreadsheet_lose_their_decimals_and_nothing_else():
    assert (tidy("2001.0"), tidy("00242"), tidy(" z1-01 ")) == ("2001", "00242", "Z101")


@settings(deadline=None)  # the machine may be busy
@given(st.from_regex(r"69[0-9]{10}", fullmatch=True))
def test_exactly_one_last_digit_fits_any_first_twelve(body):
    assert [digit for digit in "0123456789" if is_barcode(body + digit)] == [check_digit(body)]


@settings(deadline=None)  # the machine may be busy
@given(st.from_regex(r"69[0-9]{10}", fullmatch=True), st.integers(0, 12), st.sampled_from("0123456789"))
def test_one_wrong_digit_never_stays_unseen(body, place, digit):
    number = body + check_digit(body)
    changed = number[:place] + digit + number[place + 1 :]
    assert changed == number or not is_barcode(changed)


@settings(deadline=None)  # the machine may be busy
@given(st.text(max_size=20) | st.text("0123456789 -.\u200f", max_size=20))
def test_whatever_is_typed_is_a_barcode_of_fourteen_digits_or_refused_in_words(text):
    if is_barcode(text):
        assert re.fullmatch("[0-9]{14}", parse(text).gtin)
    else:
        with pytest.raises(ValidationError, match=r"\w+"):
            parse(text)


def test_the_collected_oddities_are_judged_as_their_collectors_say():
    with real("03_barcodes/dirty_barcode_vectors.csv").open(encoding="utf-8", newline="") as file:
        found = {row["barcode_as_found"]: is_barcode(row["barcode_as_found"]) for row in csv.DictReader(file)}
    refused = {"6902538004aborrar", "6947124607705a", "02000001"}
    assert len(found) == 10
    assert {written for written, is_good in found.items() if not is_good} == refused
    assert parse("084501446314").gtin == parse("84501446314").gtin
