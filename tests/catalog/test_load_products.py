"""Goods with barcodes into the shared catalogue, from the goods masters of shops."""

from __future__ import annotations

from decimal import Decimal
from unittest.mock import patch

import openpyxl
import pytest
from django.db import connection

from accounts.bulk.command import LoadCommand
from catalog.loading import ProductLoader
from catalog.lookup import by_barcode
from catalog.models import FoodCategory, Lot, Product, ProductCode, Unit
from catalog.reference import load_reference
from catalog.search import find
from catalog.services import contribute
from tests.loads import became, load, real, rejected, table

pytestmark = pytest.mark.django_db
HEADINGS = "货号,品名,规格,单位,品牌,产地,保质期(天),生产企业"
NONGFU = "6921168509256"


def row(barcode=NONGFU, name="饮用水", unit="瓶", days="365", brand="示例牌"):
    return f"{barcode},{name},550ml,{unit},{brand},示例县,{days},示例厂"


@pytest.fixture
def load_rows(tmp_path):
    def loaded(*rows):
        path = table(tmp_path / "goods.csv", HEADINGS, *rows)
        return load("load_products", path, "--rejected", tmp_path / "out.csv")

    return loaded


@pytest.fixture
def reasons(tmp_path):
    return lambda: [row["reason"] for row in rejected(tmp_path / "out.csv")]


@pytest.mark.requirement("H-116")
def test_a_row_becomes_a_shared_product_that_its_barcode_finds(load_rows):
    assert became(load_rows(row())) == (1, 0, 0, 0)
    product = by_barcode(NONGFU)
    assert (product.owner, product.name, product.pack_size, product.name_initials) == (None, "饮用水", "550ml", "yys")
    assert (product.unit_id, product.shelf_life_days, product.brand) == ("bottle", 365, "示例牌")
    assert (product.origin, product.maker_name) == ("示例县", "示例厂")


@pytest.mark.requirement("H-190")
def test_loading_again_changes_nothing_and_a_changed_row_changes_one(load_rows):
    load_rows(row(), row("6901683804692", "另一种"))
    assert became(load_rows(row(), row("6901683804692", "又一种"))) == (0, 1, 1, 0)
    assert by_barcode("6901683804692").name_initials == "yyz"


def test_an_empty_cell_takes_nothing_away(load_rows):
    load_rows(row())
    assert load_rows(row(days="0", brand="其它品牌", unit=""))["unchanged"] == 1


def test_upc_codes_with_and_without_their_zero_are_one_product(load_rows, reasons):
    assert became(load_rows(row("084501446314"), row("84501446314"))) == (1, 0, 0, 1)
    assert "2" in reasons()[0]


@pytest.mark.parametrize("barcode", ["00242", "01000002", "2013080115012", "6947124607705a", "", "6.92117E+12"])
def test_numbers_of_one_shop_never_enter_the_shared_catalogue(load_rows, reasons, barcode):
    assert became(load_rows(row(barcode))) == (0, 0, 0, 1)
    assert reasons()[0]
    assert not ProductCode.objects.exists()


def test_a_wrong_check_digit_is_reported_with_the_right_number(load_rows, reasons):
    load_rows(row("6921168509251"))
    assert NONGFU in reasons()[0]


@pytest.mark.parametrize("unit", ["", "代"])
def test_goods_without_a_known_unit_are_counted_in_pieces_and_noted(load_rows, unit):
    counts = load_rows(row(unit=unit))
    assert (counts["created"], counts["warned"]) == (1, 1)
    assert by_barcode(NONGFU).unit_id == "piece"


@pytest.mark.parametrize(("unit", "code"), [("KG", "kg"), ("千克", "kg"), ("bag", "bag"), ("袋", "bag")])
def test_units_are_known_by_code_and_by_both_names(load_rows, unit, code):
    load_rows(row(unit=unit))
    assert by_barcode(NONGFU).unit_id == code


@pytest.mark.parametrize(
    ("typed", "name"),
    [("\u202b饮用水\u202c", "饮用水"), (" 饮用\t水 ", "饮用 水"), ("<b>水</b>", "<b>水</b>"), ("水\u200b\x07", "水")],
)
def test_names_are_cleaned_of_what_nobody_sees_and_kept_as_text(load_rows, typed, name):
    load_rows(row(name=typed))
    assert by_barcode(NONGFU).name == name


@pytest.mark.parametrize("bad", [row(name=""), row(name="长" * 121), row(days="一年"), row(days="99999")])
def test_a_row_that_says_too_little_or_too_much_is_reported(load_rows, reasons, bad):
    assert became(load_rows(bad)) == (0, 0, 0, 1)
    assert reasons()[0]


def test_what_the_maker_says_of_its_product_stays(load_rows, seller):
    load_rows(row(brand=""))
    Product.objects.filter(codes__gtin__endswith=NONGFU).update(maker=seller)
    load_rows(row(name="别的名字"))
    product = by_barcode(NONGFU)
    assert (product.name, product.brand) == ("饮用水", "示例牌")


def test_what_an_enterprise_has_said_stays_and_what_nobody_said_follows_the_file(load_rows, seller, clerk):
    load_rows(row())
    product = by_barcode(NONGFU)
    contribute(product, {"brand": "北谷"}, enterprise=seller, actor=clerk)
    load_rows(row(name="别的名字", brand="文件牌"))
    product.refresh_from_db()
    assert (product.name, product.brand) == ("别的名字", "示例牌")


def test_goods_that_have_lots_keep_their_unit(load_rows, seller):
    load_rows(row())
    product = by_barcode(NONGFU)
    Lot.objects.create(product=product, code="1", code_key="1", unit=product.unit, declared_by=seller)
    assert load_rows(row(unit="箱"))["unchanged"] == 1


def test_what_was_loaded_is_found_by_what_it_is_called_now(load_rows):
    load_rows(row())
    load_rows(row(name="矿泉水"))
    assert [hit.product.name for hit in find("矿泉")] == ["矿泉水"]
    assert not find("饮用")


def test_a_load_that_was_killed_is_begun_again_and_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(ProductLoader, "batch", 1)
    path = table(tmp_path / "goods.csv", HEADINGS, row(), row("6901683804692", "另一种"))
    with patch.object(LoadCommand, "_show", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        load("load_products", path)
    assert became(load("load_products", path)) == (1, 0, 1, 0)


def test_nothing_is_left_of_what_was_staged(load_rows):
    load_rows(row())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM catalog_productstaging")
        assert cursor.fetchone() == (0,)


def test_the_barcode_of_a_case_does_not_rename_the_piece(load_rows):
    load_rows(row())
    ProductCode.objects.create(product=by_barcode(NONGFU), gtin="16921168509253", factor=Decimal(24))
    assert load_rows(row("16921168509253", "一箱饮用水"))["unchanged"] == 1


def test_a_barcode_that_a_spreadsheet_keeps_as_a_number_is_read(tmp_path):
    book = openpyxl.Workbook()
    for line in (["商品条码", "商品名称"], [6921168509256, "饮用水"], [84501446314.0, "饼干"]):
        book.active.append(line)
    book.save(tmp_path / "goods.xlsx")
    assert load("load_products", tmp_path / "goods.xlsx")["created"] == 2


def test_reference_data_can_be_loaded_again_and_again():
    before = Unit.objects.count(), FoodCategory.objects.count(), Product.objects.count()
    assert load_reference()["food_categories"] == 32 + 6
    assert (Unit.objects.count(), FoodCategory.objects.count(), Product.objects.count()) == before


@pytest.mark.requirement("H-116", "H-190")
def test_the_real_goods_master_is_loaded_and_every_refusal_has_a_reason(tmp_path):
    file = real("03_barcodes/raw_xls/食品.xls")
    counts = load("load_products", file, "--rejected", tmp_path / "out.csv")
    assert became(counts) == (4340, 0, 0, 79)
    assert all(row["reason"] and row["品名"] for row in rejected(tmp_path / "out.csv"))
    assert became(load("load_products", file)) == (0, 0, 4340, 79)
