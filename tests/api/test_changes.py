"""The catalogue in the order of its changes: pages that nothing shifts, and nothing that is missed."""

from __future__ import annotations

from datetime import timedelta

import psycopg2
import pytest
from django.db import connection
from django.utils.http import parse_http_date

from catalog.models import FoodCategory, Product, ProductCode
from config.benches.place import address
from tests.api.conftest import GTIN, make_product
from tests.registers.test_every_register import a_barcode


def names(answer):
    return [product["name"] for product in answer.json()["products"]]


def ids(products):
    return [product.name for product in products]


@pytest.fixture
def biscuits(db):
    """Five products, changed in the order of their numbers, after everything else in the catalogue."""
    return [make_product(n) for n in range(5)]


@pytest.fixture
def since(db):
    """The moment before the biscuits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0].isoformat()


@pytest.fixture
def told(ask, since, biscuits):
    """Asks for the biscuits only."""
    return lambda headers=None, **asked: ask("products", {"updated_since": since} | asked, **(headers or {}))


@pytest.mark.requirement("H-192")
def test_pages_follow_one_another_in_the_order_of_changes(told, biscuits):
    first = told(limit=3)
    assert (names(first), first.json()["has_more"]) == (ids(biscuits[:3]), True)
    second = told(limit=3, cursor=first.json()["next_cursor"])
    assert (names(second), second.json()["has_more"]) == (ids(biscuits[3:]), False)


def test_what_is_added_meanwhile_shifts_no_page(told, biscuits):
    first = told(limit=3)
    new = make_product(9)
    Product.objects.filter(pk=biscuits[0].pk).update(brand="新牌")
    assert names(told(cursor=first.json()["next_cursor"])) == ids([*biscuits[3:], new, biscuits[0]])


def test_the_last_cursor_serves_tomorrow(told, biscuits):
    last = told().json()["next_cursor"]
    assert told(cursor=last).json() == {"products": [], "next_cursor": last, "has_more": False}
    new = make_product(9)
    assert names(told(cursor=last)) == [new.name]


def test_products_changed_in_one_moment_are_told_by_their_key(ask, since):
    twins = [make_product(n, updated_at=since) for n in range(3)]
    found, cursor = [], ""
    for _ in twins:
        answer = ask("products", {"limit": 1, "cursor": cursor, "updated_since": since})
        found, cursor = found + names(answer), answer.json()["next_cursor"]
    assert found == ids(twins)


def test_words_and_categories_narrow_the_list(told, biscuits):
    category = FoodCategory.objects.first()
    Product.objects.filter(pk=biscuits[2].pk).update(category=category)
    assert names(told(category=category.code)) == [biscuits[2].name]
    assert names(told(q="饼干3")) == [biscuits[3].name]
    assert names(told(q=a_barcode(4))) == [biscuits[4].name]


def test_a_list_costs_the_same_for_one_product_and_for_many(told, django_assert_max_num_queries):
    for limit in (1, 5):
        with django_assert_max_num_queries(6):
            told(limit=limit)


def test_who_has_the_page_already_gets_nothing_again(told):
    assert told(headers={"if_none_match": told()["ETag"]}).status_code == 304


def test_every_page_is_as_new_as_the_last_change_anywhere(told, biscuits, time_machine_later):
    """A product that moves to the end leaves its page without anything newer on it."""
    with time_machine_later(5):
        first = told(limit=1)
        assert parse_http_date(first["Last-Modified"]) == int(changed_at(biscuits[-1]).timestamp())
        assert told(limit=1, headers={"if_modified_since": first["Last-Modified"]}).status_code == 304


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [({"limit": "0"}, "limit"), ({"limit": "501"}, "limit"), ({"limit": "many"}, "limit"), ({"q": "名" * 101}, "q"),
     ({"category": "\0"}, "category"), ({"category": "nosuch"}, "category"), ({"cursor": "1-2"}, "cursor"),
     ({"cursor": "1-2.forged"}, "cursor"), ({"cursor": "\0" * 9}, "cursor"),
     ({"updated_since": "yesterday"}, "updated_since"), ({"updated_since": "2026-01-05T08:00:00"}, "updated_since"),
     ({"updated_since": "2026-02-30T08:00:00Z"}, "updated_since")],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_refused_by_name(ask, db, asked, parameter):
    answer = ask("products", asked)
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "moment", ["2026-01-05T08:00:00 08:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_any_moment_may_be_asked_for_even_where_the_plus_got_lost(ask, db, moment):
    assert ask("products", {"updated_since": moment}).status_code == 200


def test_an_unknown_address_is_a_problem_document(ask, db):
    answer = ask("nothing")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


# When a product counts as changed


def changed_at(product):
    return Product.objects.values_list("updated_at", flat=True).get(pk=product.pk)


@pytest.mark.parametrize(
    "change",
    [
        lambda peanuts: Product.objects.filter(pk=peanuts.pk).update(brand="新牌"),
        lambda peanuts: ProductCode.objects.create(product=peanuts, gtin="19520004000014", factor=12),
        lambda peanuts: peanuts.codes.update(factor=2),
        lambda peanuts: peanuts.codes.all().delete(),
    ],
    ids=["a fact", "a new barcode", "a changed barcode", "a lost barcode"],
)
def test_every_change_dates_the_product(real_database, peanuts, change):
    before = changed_at(peanuts)
    change(peanuts)
    assert changed_at(peanuts) > before


def test_a_barcode_that_moves_dates_both_products(real_database, peanuts):
    other = make_product(1)
    before = changed_at(peanuts), changed_at(other)
    ProductCode.objects.filter(gtin=f"0{GTIN}").update(product=other)
    assert all(now > then for now, then in zip((changed_at(peanuts), changed_at(other)), before, strict=True))


def test_a_maker_that_is_renamed_dates_its_products(db, peanuts, stranger):
    Product.objects.filter(pk=peanuts.pk).update(maker=stranger)
    before = changed_at(peanuts)
    stranger.name = "新名示例"
    stranger.save()
    assert changed_at(peanuts) > before


def test_writing_the_same_again_is_no_change(real_database, peanuts):
    before = changed_at(peanuts)
    Product.objects.get(pk=peanuts.pk).save()
    Product.objects.filter(pk=peanuts.pk).update(brand=peanuts.brand)
    assert changed_at(peanuts) == before


def test_nobody_dates_a_change_otherwise(db, peanuts):
    Product.objects.filter(pk=peanuts.pk).update(updated_at="2099-01-01T00:00Z")
    assert changed_at(peanuts).year < 2099


def test_what_another_writer_has_not_finished_holds_later_changes_back(real_database, ask, peanuts):
    """Otherwise a reader would go past the time of the slow one, and never see what it wrote."""
    asked = {"updated_since": (changed_at(peanuts) - timedelta(seconds=1)).isoformat()}
    slow = psycopg2.connect(**address("default"))
    try:
        slow.cursor().execute("UPDATE catalog_product SET brand = 'slow' WHERE id = %s", [peanuts.pk])
        later = make_product(1)
        assert later.name not in names(ask("products", asked))
        slow.commit()
        assert names(ask("products", asked)) == ["示例花生", later.name]
    finally:
        slow.close()
