"""One product as JSON: found by any written form of its barcode, or refused with what to do."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.models import Product, ProductCode
from tests.api.conftest import GTIN

FACTS = {
    "name", "codes", "kind", "brand", "specification", "unit", "category", "shelf_life_days", "origin", "maker",
    "maker_licence", "maker_address", "maker_telephone", "storage", "ingredients",
    "nutrition", "updated_at",
}  # fmt: skip


@pytest.mark.requirement("H-192")
@pytest.mark.parametrize("written", [GTIN, f"0{GTIN}", "9 520004-000017", "９５２０００４００００１７"])
def test_a_product_is_found_by_any_written_form(ask, peanuts, written):
    answer = ask(f"products/{written}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer.json()["name"] == "示例花生"


def test_exactly_the_documented_facts_are_told(ask, peanuts):
    facts = ask(f"products/{GTIN}").json()
    assert set(facts) == FACTS
    assert facts["codes"] == [{"gtin": f"0{GTIN}", "printed": GTIN, "pieces": "1"}]
    assert facts["unit"] == {"code": "bag", "name_zh": "袋", "name_en": "bag"}


def test_a_case_leads_to_the_goods_in_it(ask, peanuts):
    ProductCode.objects.create(product=peanuts, gtin="19520004000014", factor=12)
    facts = ask("products/19520004000014").json()
    assert [code["pieces"] for code in facts["codes"]] == ["1", "12"]


def test_a_maker_on_the_platform_is_told_by_its_name(ask, peanuts, stranger):
    Product.objects.filter(pk=peanuts.pk).update(maker=stranger, maker_name="旧名")
    facts = ask(f"products/{GTIN}").json()
    assert (facts["maker"], facts["maker_telephone"]) == (stranger.name, stranger.telephone)


@pytest.mark.requirement("H-192")
def test_self_made_goods_are_nobody_else_s_business(ask, peanuts, seller):
    Product.objects.filter(pk=peanuts.pk).update(owner=seller, self_code="Z-1")
    assert ask(f"products/{GTIN}").status_code == 404


def test_a_wrong_check_digit_is_refused_with_the_right_one(ask, db):
    answer = ask("products/9520004000018")
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["proposal"] == GTIN


def test_an_unknown_product_is_a_problem_in_the_reader_s_language(ask, db):
    problem = ask("products/9520009999996").json()
    assert (problem["status"], problem["title"]) == (404, "Not found")
    assert ask("products/9520009999996", accept_language="zh-CN")["Content-Language"] == "zh-hans"


@pytest.mark.parametrize("written", ["%00", "a", "2" * 13, "9" * 201, "1.23E+12", "‮９²", "<script>"])
def test_what_is_no_barcode_is_refused_in_words(ask, db, written):
    answer = ask(f"products/{written}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["detail"]


# What the asker has already


def test_who_has_it_already_gets_nothing_again(ask, peanuts):
    first = ask(f"products/{GTIN}")
    again = ask(f"products/{GTIN}", if_none_match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again["RateLimit-Remaining"]


def test_a_change_is_seen_by_who_had_it_before(ask, peanuts):
    first = ask(f"products/{GTIN}")
    Product.objects.filter(pk=peanuts.pk).update(brand="新牌")
    assert ask(f"products/{GTIN}", if_none_match=first["ETag"]).json()["brand"] == "新牌"


def test_the_date_of_the_change_serves_once_its_second_is_over(ask, peanuts, time_machine_later):
    assert not ask(f"products/{GTIN}").has_header("Last-Modified")
    with time_machine_later(5):
        first = ask(f"products/{GTIN}")
        assert ask(f"products/{GTIN}", if_modified_since=first["Last-Modified"]).status_code == 304


def test_the_head_of_an_answer_comes_without_its_body(token, peanuts):
    headers = {"authorization": f"Bearer {token}"}
    head = Client().head(f"/api/v1/products/{GTIN}", headers=headers)
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Length"] == str(len(Client().get(f"/api/v1/products/{GTIN}", headers=headers).content))
