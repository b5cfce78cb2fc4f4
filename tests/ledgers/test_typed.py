"""What was typed into a paper, read by the one validator."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
import time_machine
from django.utils import translation

from catalog.models import Product, ProductCode, Unit
from enterprises.models import Enterprise, Partnership
from ledgers.models import InvoiceLine
from ledgers.typed import LINES_MAX, read
from tests.conftest import make_enterprise

GTIN = "9520004000017"
CASE = "19520004000014"
NOVEMBER = time_machine.travel("2026-11-22T12:00:00+08:00", tick=True)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def understand(seller, buyer, peanuts, customer, today):
    """Reads rows of a sale of the seller; what a row does not say is in order."""

    def understand(*rows, **head):
        rows = [{"code": GTIN, "lot": "PN-1", "quantity": "3", **row} for row in rows]
        typed = {"partner": buyer.name, "traded_on": today.isoformat(), **head, "lines": rows}
        return read(typed, author=seller, role="customer")

    return understand


def line_of(reading):
    assert reading.is_complete, (reading.head_errors, reading.line_errors)
    return reading.lines[0]


# Numbers


@pytest.mark.parametrize(
    ("text", "quantity"),
    [("3", "3"), ("0.5", "0.5"), ("１２", "12"), ("12,000", "12000"), ("1,234,567.5", "1234567.5"), (" 7 ", "7")],
)
def test_a_number_is_read_as_a_clerk_means_it(understand, text, quantity):
    assert line_of(understand({"quantity": text})).quantity == Decimal(quantity)


NO_NUMBERS = ["1E3", "NaN", "Infinity", "١٢", "0.0001", "1e13", "1,5", "12,00", "+3", "1 2", "½", "10²", "x"]


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_plain_number_is_refused_with_an_example(understand, text):
    assert understand({"quantity": text}).line_errors[0]["quantity"] == "Type a number, such as 12 or 0.5."


def test_a_negative_quantity_is_told_of_reversals(understand):
    assert "reverse" in understand({"quantity": "-1"}).line_errors[0]["quantity"]


@pytest.mark.parametrize("text", ["0", "0.000", "", " "])
def test_nothing_is_not_traded(understand, text):
    assert set(understand({"quantity": text}).line_errors[0]) == {"quantity"}


@pytest.mark.parametrize(("text", "price"), [("", None), ("0", Decimal(0)), ("12.50", Decimal("12.5"))])
def test_a_price_may_be_missing_or_nothing(understand, text, price):
    assert line_of(understand({"price": text})).price == price


@pytest.mark.parametrize("text", ["-1", "0.001", "123456789", "NaN"])
def test_a_price_in_yuan_has_two_decimals_and_no_sign(understand, text):
    assert set(understand({"price": text}).line_errors[0]) == {"price"}


# Dates


@NOVEMBER
@pytest.mark.parametrize("text", ["0928", "260928", "20260928", "2026/9/28", "2026-09-28", "2026.9.28", "０９２８"])
def test_a_date_may_be_typed_short(understand, text):
    line = line_of(understand({"made": text}, traded_on="2026-11-22"))
    assert line.produced_on == datetime.date(2026, 9, 28)


@NOVEMBER
@pytest.mark.parametrize(("text", "year"), [("1122", 2026), ("1123", 2025), ("1231", 2025)])
def test_four_digits_are_the_last_time_that_day_was(understand, text, year):
    assert line_of(understand({"made": text}, traded_on="2026-11-22")).produced_on.year == year


@NOVEMBER
@pytest.mark.parametrize(("text", "year"), [("1121", 2027), ("1122", 2026), ("0105", 2027)])
def test_four_digits_of_best_before_are_the_next_time_that_day_will_be(understand, text, year):
    assert line_of(understand({"until": text}, traded_on="2026-11-22")).expires_on.year == year


@NOVEMBER
@pytest.mark.parametrize("text", ["2026-02-30", "0230", "20261322", "9", "yesterday", "١١٢٢", "0000", "20260101x"])
def test_a_day_that_never_was_is_refused(understand, text):
    assert set(understand({"made": text}).line_errors[0]) == {"made"}
    assert set(understand({}, traded_on=text).head_errors) == {"traded_on"}


@NOVEMBER
def test_nothing_is_made_or_traded_in_the_future(understand):
    reading = understand({"made": "2026-11-23"}, traded_on="2026-11-23")
    assert "future" in reading.head_errors["traded_on"]
    assert "future" in reading.line_errors[0]["made"]


@NOVEMBER
def test_nothing_is_made_after_it_was_delivered(understand):
    reading = understand({"made": "2026-11-20"}, traded_on="2026-11-19")
    assert set(reading.line_errors[0]) == {"made"}


def test_best_before_is_not_earlier_than_made(understand):
    errors = understand({"made": "2025-05-05", "until": "2025-05-04"}).line_errors[0]
    assert set(errors) == {"until"}


def test_best_before_follows_from_the_shelf_life(understand):
    line = line_of(understand({"made": "2025-05-05"}))
    assert line.expires_on == datetime.date(2025, 5, 5) + datetime.timedelta(days=180)


# Lots


def test_prepackaged_food_needs_its_lot_or_its_day(understand):
    assert set(understand({"lot": ""}).line_errors[0]) == {"lot"}


def test_a_day_alone_makes_a_lot_number(understand):
    line = line_of(understand({"lot": "", "made": "2025-05-05"}))
    assert (line.lot_code, line.lot_is_generated) == ("20250505", True)


@pytest.mark.parametrize("lot", ["ﷺ" * 3, "㍿" * 11, "x" * 41])
def test_a_lot_number_that_no_shelf_is_long_enough_for_is_refused(understand, lot):
    assert set(understand({"lot": lot}).line_errors[0]) == {"lot"}


# Units


@pytest.mark.parametrize("unit", ["", "bag", "袋", " bag "])
def test_a_unit_goes_by_its_code_or_name(understand, unit):
    assert line_of(understand({"unit": unit})).unit.pk == "bag"


@pytest.mark.parametrize("unit", ["kg", "no such unit", "\x1b"])
def test_another_unit_is_refused_with_the_right_one(understand, unit):
    assert "bag" in understand({"unit": unit}).line_errors[0]["unit"]


# Goods


@pytest.mark.parametrize("code", [GTIN, f"0{GTIN}", "952 0004 000017", "９５２０００４００００１７", "H-1", "示例花生"])
def test_own_goods_go_by_barcode_item_number_or_name(understand, peanuts, code):
    line = line_of(understand({"code": code}))
    assert (line.product, line.is_new_here) == (peanuts, False)


def test_a_wrong_check_digit_is_told_the_right_one(understand):
    assert GTIN in understand({"code": "9520004000010"}).line_errors[0]["code"]


def test_a_rounded_barcode_is_told_of_the_spreadsheet(understand):
    assert "spreadsheet" in understand({"code": "9.52E+12"}).line_errors[0]["code"]


@pytest.mark.parametrize("code", ["6921168509256", "20000004", "H-2", "952000400001"])
def test_goods_that_nobody_knows_are_refused(understand, code):
    assert set(understand({"code": code}).line_errors[0]) == {"code"}


@pytest.fixture
def noodles(stranger):
    """Goods of somebody else: under a self-made code, and with a name."""
    return Product.objects.create(name="螺蛳粉", unit_id="bag", owner=stranger, self_code="Z9-0001")


@pytest.mark.parametrize("code", ["Z9-0001", "螺蛳粉"])
def test_a_strangers_own_goods_are_not_found(understand, noodles, code):
    noodles.listings.create(enterprise=noodles.owner, item_number="N-1")
    for wanted in (code, "N-1"):
        assert set(understand({"code": wanted}).line_errors[0]) == {"code"}


def test_a_barcode_of_the_shared_catalogue_is_new_on_the_list(understand, noodles):
    shared = Product.objects.create(name="示例酱油", unit_id="bag")
    ProductCode.objects.create(product=shared, gtin="06921168509256")
    line = line_of(understand({"code": "6921168509256"}))
    assert (line.product, line.is_new_here) == (shared, True)


def test_the_barcode_of_a_case_counts_its_pieces(understand, peanuts):
    ProductCode.objects.create(product=peanuts, gtin=CASE, factor=24)
    line = line_of(understand({"code": CASE, "quantity": "2"}))
    assert (line.product, line.quantity, line.factor) == (peanuts, 2, 24)


def test_produce_without_a_barcode_goes_by_its_name_and_gets_a_lot(understand, seller, today):
    Product.objects.create(name="示例白菜", kind=Product.Kind.RAW, unit=Unit.objects.get(code="kg"))
    line = line_of(understand({"code": "示例白菜", "lot": ""}))
    assert (line.is_new_here, line.lot_code) == (True, f"{seller.pk}-{today:%Y%m%d}")


@pytest.mark.parametrize("code", ["", "-", " "])
def test_goods_without_an_item_number_are_not_found_by_an_empty_one(understand, peanuts, code):
    peanuts.listings.update(item_number="")
    assert set(understand({"code": code}).line_errors[0]) == {"code"}


# Partners


@pytest.mark.parametrize(
    "form", ["{0.name}", "{0.uscc}", "{0.name} ({0.uscc})", "{0.name}（{0.uscc}） ", "别名({0.uscc})"]
)
def test_a_partner_goes_by_name_or_number(understand, buyer, form):
    assert understand({}, partner=form.format(buyer)).partner == buyer


def test_a_number_is_typed_in_any_case(understand, buyer):
    assert understand({}, partner=buyer.uscc.lower()).partner == buyer


def test_an_ambiguous_name_is_refused_and_its_number_is_not(understand, seller, buyer):
    other = make_enterprise(buyer.name, "91450203DEML000139", "450203")
    Partnership.objects.create(owner=seller, partner=other, role="customer")
    assert set(understand({}, partner=buyer.name).head_errors) == {"partner"}
    assert understand({}, partner=f"{buyer.name} ({other.uscc})").partner == other


def test_a_partner_of_nobody_or_of_the_other_side_is_refused(understand, seller, stranger):
    Partnership.objects.create(owner=seller, partner=stranger, role="supplier")
    for name in (stranger.name, stranger.uscc, seller.name, "x" * 161, ""):
        assert set(understand({}, partner=name).head_errors) == {"partner"}


def test_a_partnership_that_ended_counts_no_more(understand, customer, buyer, today):
    Partnership.objects.filter(pk=customer.pk).update(ended_on=today)
    assert set(understand({}, partner=buyer.name).head_errors) == {"partner"}


def test_a_branch_uses_the_list_of_its_headquarters(understand, seller, buyer, today):
    branch = Enterprise.objects.create(
        name="分店", uscc=seller.uscc, place="2", headquarters=seller, region=seller.region
    )
    typed = {"partner": buyer.name, "traded_on": str(today), "lines": [{"code": "H-1", "lot": "A", "quantity": "1"}]}
    assert read(typed, author=branch, role="customer").is_complete


# The whole paper


def test_one_mistake_does_not_hide_another(understand):
    reading = understand({"quantity": "x"}, {}, {"code": "?", "made": "?"})
    assert {number: set(errors) for number, errors in reading.line_errors.items()} == {
        0: {"quantity"},
        2: {"code", "made"},
    }
    assert len(reading.lines) == 1


def test_a_paper_without_lines_is_not_complete(understand):
    assert not understand().is_complete


def test_more_lines_than_a_paper_holds_are_split(understand, monkeypatch):
    assert LINES_MAX == 500
    monkeypatch.setattr("ledgers.typed.LINES_MAX", 4)
    assert understand(*[{}] * 4).is_complete
    reading = understand(*[{"quantity": ""}] * 5)
    assert "4" in reading.head_errors["lines"]
    assert len(reading.line_errors) == 4


def test_a_line_that_makes_sense_fits_the_table(understand, draft):
    line = line_of(understand({"quantity": "99999999999.999", "price": "99999999.99", "lot": "x" * 40}))
    InvoiceLine.objects.create(
        invoice=draft, position=2, product=line.product, lot_code=line.lot_code, quantity=line.quantity,
        unit=line.unit, price=line.price,
    )  # fmt: skip
