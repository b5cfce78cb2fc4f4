"""Goods are found by whatever people type, best first, and never otherwise than by looking at every one of them."""

from __future__ import annotations

import random

import pghistory
import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import translation
from psycopg2.extras import execute_values

from catalog import search
from catalog.models import Listing, Product, ProductCode, ProductSearch, Unit
from catalog.search import find, matched, matching, refresh_search, words_of
from config.benches.foods import names
from config.benches.search import FILL
from enterprises.models import Enterprise

GTIN = "09520004000017"


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def goods(peanuts):
    bag = Unit.objects.get(code="bag")
    facts = {"brand": "北谷", "maker_name": "吉林示例合作社", "maker_licence": "SC10723010000001", "unit": bag}
    return Product.objects.create(name="示例香辣花生 AD型", **facts)


def names_of(text, **options):
    return [hit.product.name for hit in find(text, **options)]


@pytest.mark.parametrize(
    "written",
    ["9520004000017", "09520004000017", " 952 0004 000017 ", "９５２０００４００００１７", "9.520004000017E+12",
     "(01)09520004000017(10)L1", "https://id.gs1.org/01/09520004000017/10/L1", "]C1010952000400001710L1"],
)  # fmt: skip
def test_a_barcode_is_found_however_it_is_written(peanuts, goods, written):
    assert [(hit.product, hit.matched) for hit in find(written)] == [(peanuts, ("Barcode",))]


@pytest.mark.parametrize(
    ("text", "field"),
    [("型", "Name"), ("香辣", "Name"), ("花生 香辣", "Name"), ("ad型", "Name"), ("ＡＤ型", "Name"), ("北谷", "Brand"),
     ("示例合作社", "Maker"), ("sc10723010000001", "Maker's production licence"), ("xianglahuasheng", "Pinyin"),
     ("xiangla huasheng", "Pinyin"), ("slxlhs", "Pinyin initials")],
)  # fmt: skip
def test_goods_are_found_by_what_people_remember_of_them(goods, text, field):
    (hit,) = find(text)
    assert hit.product == goods
    assert field in hit.matched


@pytest.mark.parametrize(
    "text", ["", "  ", "没有的", "%", "_", "\\", "'", "\x00\x01", "香%辣", "🥜", "花生 没有的", "辣" * 1000]
)
def test_what_is_not_there_is_calmly_not_found(goods, text):
    assert find(text) == []


def test_exactly_this_name_comes_first_then_what_more_enterprises_list_then_the_shorter(peanuts, seller, buyer):
    Listing.objects.all().delete()
    rows = {
        name: Product.objects.create(name=name, unit=peanuts.unit)
        for name in ("酱花生酱", "花生酱大桶", "花生酱", "老花生酱")
    }
    for firm in (seller, buyer):
        Listing.objects.create(enterprise=firm, product=rows["花生酱大桶"])
    refresh_search()
    assert names_of("花生酱") == ["花生酱", "花生酱大桶", "酱花生酱", "老花生酱"]


def test_self_made_goods_are_their_owner_s_and_not_the_public_s(seller, clerk, buyer_clerk, client):
    Product.objects.create(name="自家腌菜", unit_id="bag", owner=seller, self_code="Z1")
    assert find("自家腌菜") == find("Z1") == []
    for somebody, count in ((clerk, 1), (buyer_clerk, 0)):
        client.force_login(somebody)
        page = client.get(reverse("catalog:product-list"), {"q": "自家腌菜"}).context["page"]
        assert page.paginator.count == count


def test_the_text_follows_the_goods_whoever_writes_them(goods):
    Product.objects.filter(pk=goods.pk).update(brand="新牌子")
    assert find("新牌子")[0].product == goods
    assert find("北谷") == []
    Product.objects.filter(pk=goods.pk).delete()
    assert not ProductSearch.objects.filter(product=goods.pk).exists()


def test_the_text_is_the_database_s_own(goods):
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE catalog_productsearch SET text = ''")


def test_the_register_finds_the_same(goods):
    for text in ("辣", "slxlhs", "北谷 花生"):
        assert [row.pk for row in matching(text, Product.objects.shared())] == [hit.product.pk for hit in find(text)]


# Against looking at each; with 400,000 of them it is `bench search` that compares


@pytest.fixture
def many(peanuts, monkeypatch):
    monkeypatch.setattr(search, "FREQUENT", 60)
    dice = random.Random(7)
    with connection.cursor() as cursor, pghistory.context(reason="many"):
        given = ((name, "", "", "prepacked", "", "", "bag", "", "", "", "") for name in names(6_000))
        execute_values(cursor.cursor, FILL, given, page_size=6_000)
    rows = list(Product.objects.filter(name_pinyin=""))
    firms = Enterprise.objects.bulk_create(
        Enterprise(name=f"示例{n}", name_pinyin="", name_initials="") for n in range(9)
    )
    Listing.objects.bulk_create(
        Listing(enterprise=firm, product=row) for firm in firms for row in dice.sample(rows, 150)
    )
    refresh_search()
    return [(*row, text.split("\x1f")[0]) for *row, text in ranked()]


def ranked():
    rows = ProductSearch.objects.filter(popularity__gte=0).order_by("-popularity", "length", "product")
    return rows.values_list("product", "text")


def by_looking_at_each(text, rows):
    words = words_of(text)
    found = [
        (name != " ".join(words), place, pk) for place, (pk, name) in enumerate(rows) if all(w in name for w in words)
    ]
    return [pk for _other, _place, pk in sorted(found)[:20]]


def questions(rows):
    dice = random.Random(3)
    for length in (1, 2, 2, 2, 3, 4, 6):
        for _ in range(12):
            name = dice.choice(rows)[1]
            start = dice.randrange(max(1, len(name) - length))
            yield name[start : start + length].strip() or "花"
    for _ in range(12):
        name = dice.choice(rows)[1]
        yield f"{name[:2]} {name[3:5]}"
        yield name


def test_the_first_twenty_are_those_of_looking_at_each(many, django_assert_num_queries):
    for text in questions(many):
        assert [hit.product.pk for hit in find(text)] == by_looking_at_each(text, many), text
    with django_assert_num_queries(3):  # a frequent sign is walked to; the products, their barcodes
        assert len(find("花")) == 20


def test_of_what_was_found_the_fields_are_told(goods):
    assert matched(goods, ["花生", "北谷"]) == ("Name", "Brand")


def test_a_case_s_barcode_finds_its_goods(peanuts):
    ProductCode.objects.create(product=peanuts, gtin="19520004000014", factor=12)
    assert find("19520004000014")[0].product == peanuts
