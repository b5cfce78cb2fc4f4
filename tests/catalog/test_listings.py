"""One's own goods: a barcode finds the shared product, goods without one get a code, and the maker's word counts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from catalog.models import Contribution, FoodCategory, Listing, Product, ProductCode, Unit
from catalog.services import next_self_code
from tests.registers.test_every_register import a_barcode

LIST, ADD, LOOKUP = (reverse(f"catalog:{name}") for name in ("listing-list", "listing-add", "lookup"))
NEW = {"barcode": a_barcode(1), "name": "示例大酱", "unit": "bag", "kind": "prepacked", "pack_size": "300g"}
RAW = {"name": "本地白菜", "unit": "kg", "kind": "raw", "origin": "黑龙江省双城"}


@pytest.fixture
def trader(client, clerk):
    client.force_login(clerk)
    return client


def add(client, **typed):
    return client.post(ADD, {**NEW, **typed})


def look_up(client, code: str):
    return client.get(LOOKUP, {"code": code}).json()


def errors(page) -> dict:
    assert page.status_code == 422
    return page.context["form"].errors


# With a barcode


@pytest.mark.requirement("H-085", "H-097", "H-099", "H-100", "H-116", "H-056", "H-057")
def test_goods_with_a_barcode_are_listed_with_all_that_is_asked(trader, seller):
    category = FoodCategory.objects.first()
    more = {
        "item_number": "D-1", "brand": "示例牌", "price": "12.50", "shelf_life_days": "365", "category": category.pk,
        "origin": "哈尔滨", "maker_name": "示例酱园", "maker_licence": "SC10323010000001",
    }  # fmt: skip
    assert add(trader, **more).status_code == 302
    listing = Listing.objects.get(enterprise=seller, item_number="D-1")
    product = listing.product
    assert (listing.price, product.code, product.owner) == (Decimal("12.50"), a_barcode(1), None)
    assert (product.brand, product.shelf_life_days, product.category) == ("示例牌", 365, category)
    assert "示例酱园" in trader.get(reverse("catalog:listing-detail", args=[listing.pk])).text


@pytest.mark.requirement("H-099", "H-100", "H-193")
def test_what_one_enters_fills_in_the_next_one_s_form(trader, buyer_clerk):
    add(trader, brand="示例牌", shelf_life_days="365")
    trader.force_login(buyer_clerk)
    known = look_up(trader, a_barcode(1))["found"]
    assert (known["name"], known["pack_size"], known["brand"]) == ("示例大酱", "300g", "示例牌")
    assert (known["shelf_life_days"], known["unit"], known["is_listed"]) == (365, "bag", False)
    assert trader.post(ADD, {"barcode": a_barcode(1), "kind": "prepacked"}).status_code == 302
    assert Product.objects.filter(name="示例大酱").count() == 1


def test_one_s_own_price_is_not_in_another_s_form(trader, buyer_clerk):
    add(trader, price="99.90")
    assert look_up(trader, a_barcode(1))["found"]["price"] == "99.90"
    trader.force_login(buyer_clerk)
    assert look_up(trader, a_barcode(1))["found"]["price"] == ""


@pytest.mark.parametrize("written", [a_barcode(1), f"0{a_barcode(1)}", f" {a_barcode(1)[:3]} {a_barcode(1)[3:]}"])
def test_the_same_barcode_written_otherwise_is_the_same_product(trader, written):
    add(trader)
    add(trader, barcode=written, item_number="again")
    assert ProductCode.objects.filter(gtin=f"0{a_barcode(1)}").count() == 1
    assert Listing.objects.get(item_number="again").product.name == "示例大酱"


def test_a_wrong_check_digit_is_refused_with_the_right_number(trader):
    wrong = a_barcode(1)[:-1] + str((int(a_barcode(1)[-1]) + 1) % 10)
    assert a_barcode(1) in str(errors(add(trader, barcode=wrong))["barcode"])
    assert a_barcode(1) in look_up(trader, wrong)["refusal"]


@pytest.mark.parametrize("code", ["2000000000015", "6.95E+12", "12", "abc", "69012345678923456", "٦٩٠١٢٣٤٥٦٧٨٩٢"])
def test_what_is_no_barcode_is_refused(trader, code):
    assert errors(add(trader, barcode=code))["barcode"]
    assert look_up(trader, code)["found"] is None


def test_a_barcode_that_nobody_entered_is_no_mistake(trader):
    assert look_up(trader, a_barcode(9)) == {"found": None, "refusal": ""}


@pytest.mark.parametrize("field", ["name", "unit"])
def test_goods_that_nobody_entered_need_a_name_and_a_unit(trader, field):
    assert field in errors(add(trader, **{field: ""}))


def test_an_unknown_unit_is_refused(trader):
    assert "unit" in errors(add(trader, unit="斗"))


# Without one


@pytest.mark.requirement("H-098", "H-097")
def test_goods_without_a_barcode_get_a_code_of_their_own(trader, seller):
    assert trader.post(ADD, RAW).status_code == 302
    product = Product.objects.get(name="本地白菜")
    assert (product.kind, product.owner) == ("raw", seller)
    assert product.self_code == f"Z{seller.pk}-0001"
    assert next_self_code(seller) == f"Z{seller.pk}-0002"
    assert look_up(trader, f" z{seller.pk}-0001")["found"]["name"] == "本地白菜"


@pytest.mark.requirement("H-097", "H-155")
def test_raw_material_without_a_barcode_names_its_origin(trader):
    assert "origin" in errors(trader.post(ADD, {**RAW, "origin": ""}))


@pytest.mark.requirement("H-098")
@pytest.mark.parametrize("kind", ["raw", "additive"])
def test_materials_are_told_apart_by_kind(trader, kind):
    trader.post(ADD, {**RAW, "kind": kind})
    assert trader.get(LIST, {"kind": kind}).context["page"].paginator.count == 1
    assert trader.get(LIST, {"kind": "bulk"}).context["page"].paginator.count == 0


def test_a_self_made_code_is_nobody_else_s(trader, buyer_clerk):
    trader.post(ADD, {**RAW, "self_code": "BC-1"})
    trader.force_login(buyer_clerk)
    assert look_up(trader, "BC-1")["found"] is None
    assert trader.post(ADD, {**RAW, "self_code": "BC-1"}).status_code == 302
    assert Product.objects.filter(self_code="BC-1").count() == 2


def test_the_same_self_made_code_is_the_same_goods(trader):
    trader.post(ADD, {**RAW, "self_code": "BC-1"})
    trader.post(ADD, {**RAW, "self_code": "ＢＣ-1 ", "name": "大白菜"})
    assert [product.name for product in Product.objects.filter(owner__isnull=False)] == ["大白菜"]


def test_a_barcode_and_a_self_made_code_are_one_too_many(trader):
    assert "self_code" in errors(add(trader, self_code="BC-1"))


# Whose word counts


def test_a_second_opinion_fills_gaps_and_changes_nothing(trader, buyer_clerk):
    add(trader)
    trader.force_login(buyer_clerk)
    add(trader, name="改成别的", brand="补上的牌子")
    product = Product.objects.get(codes__gtin=f"0{a_barcode(1)}")
    assert (product.name, product.brand) == ("示例大酱", "补上的牌子")
    assert Contribution.objects.filter(product=product).count() == 2


def test_the_maker_s_word_changes_it(trader):
    add(trader, is_maker="on")
    add(trader, name="正式名称", item_number="2")
    assert Product.objects.get(codes__gtin=f"0{a_barcode(1)}").name == "正式名称"


def test_to_say_that_one_makes_it_later_makes_nobody_the_maker(trader, buyer_clerk, buyer):
    add(trader)
    trader.force_login(buyer_clerk)
    add(trader, is_maker="on", name="抢来的")
    product = Product.objects.get(codes__gtin=f"0{a_barcode(1)}")
    assert (product.name, product.maker) == ("示例大酱", None)


@pytest.mark.parametrize(
    "statement", ["UPDATE catalog_contribution SET facts = '{}'", "DELETE FROM catalog_contribution"]
)
def test_what_was_said_is_never_changed(trader, statement):
    add(trader)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


# The list


@pytest.mark.requirement("H-085", "H-116", "H-142")
def test_a_listing_is_found_changed_and_taken_off(trader, seller):
    add(trader, item_number="D-1", price="3")
    row = Listing.objects.get(item_number="D-1")
    for words in ("大酱", "sldj", "示例 酱", "shilidajiang", a_barcode(1), f"0{a_barcode(1)}", "d-1"):
        assert trader.get(LIST, {"q": words}).context["page"].paginator.count == 1, words
    trader.post(
        reverse("catalog:listing-edit", args=[row.pk]), {"item_number": "D-2", "price": "4", "kind": "prepacked"}
    )
    row.refresh_from_db()
    assert (row.item_number, row.price, row.product.name) == ("D-2", Decimal(4), "示例大酱")
    trader.post(reverse("catalog:listing-delete", args=[row.pk]))
    assert not Listing.objects.filter(pk=row.pk).exists()
    assert Product.objects.filter(name="示例大酱").exists()


def test_goods_with_two_barcodes_stand_in_the_list_once(trader, peanuts):
    ProductCode.objects.create(product=peanuts, gtin=f"0{a_barcode(2)}", factor=12)
    assert trader.get(LIST, {"q": "9520"}).context["page"].paginator.count == 1


def test_an_item_number_is_used_once_by_each_enterprise(trader, buyer_clerk, peanuts):
    assert errors(add(trader, item_number="H-1"))
    trader.force_login(buyer_clerk)
    assert add(trader, item_number="H-1").status_code == 302


@pytest.mark.parametrize(
    ("typed", "price"), [("1.50", "1.50"), ("１２", "12.00"), ("0", "0.00"), ("", None), ("99999999.99", "99999999.99")]
)
def test_a_plain_price_is_understood(trader, typed, price):
    add(trader, price=typed, item_number="P")
    kept = Listing.objects.get(item_number="P").price
    assert (None if kept is None else str(kept)) == price


@pytest.mark.parametrize(
    "typed", ["-1", "1E3", "1e13", "NaN", "Infinity", "0.0001", "0.001", "100000000", "十二", "1 2"]
)
def test_what_is_no_plain_price_is_refused(trader, typed):
    assert "price" in errors(add(trader, price=typed))


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("product_is_listed_once", {}),
        ("price_is_not_negative", {"price": -1}),
        ("item_number_is_unique", {"item_number": "H-1"}),
    ],
)
def test_the_database_refuses_a_wrong_listing(seller, peanuts, name, row):
    product = peanuts if name == "product_is_listed_once" else Product.objects.create(name="另一种", unit=peanuts.unit)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Listing.objects.create(enterprise=seller, product=product, **row)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("self_code_is_unique", lambda seller: [product(seller, "S-1"), product(seller, "S-1")]),
        ("self_code_has_an_owner", lambda seller: product(seller, "")),
        ("self_code_has_an_owner", lambda seller: product(None, "S-1")),
        ("gtin_has_14_digits", lambda seller: code(seller, "123", 1)),
        ("code_stands_for_something", lambda seller: code(seller, "0" * 14, 0)),
    ],
)
def test_the_database_refuses_a_wrong_product(seller, name, make):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make(seller)


def product(owner, self_code: str) -> Product:
    return Product.objects.create(name="某货", unit=Unit.objects.get(code="bag"), owner=owner, self_code=self_code)


def code(owner, gtin: str, factor: int) -> ProductCode:
    return ProductCode.objects.create(product=product(owner, "S-2"), gtin=gtin, factor=factor)


def test_who_keeps_no_books_lists_no_goods(client, laboratory, officer):
    for somebody in (laboratory, officer):
        client.force_login(somebody)
        assert client.post(ADD, NEW).status_code == 403


@pytest.mark.parametrize("asked", ["", "\0", "%", "a" * 5_000, "‮"])
def test_no_code_breaks_the_look_up(trader, asked):
    assert look_up(trader, asked)["found"] is None
