"""Product and lot pages: the answer first, true, and nothing that is not for everybody."""

from __future__ import annotations

import datetime

import pytest
from django.urls import reverse

from catalog.models import Lot, LotAlias, Product, ProductCode, Unit
from certificates.models import Licence
from ledgers.models import LotHold
from ledgers.services import hold_lots, release_lots
from tests.portal.conftest import GTIN, text

PAGES = [f"/01/{GTIN}", f"/01/{GTIN}/10/PN-1"]
JSON = {"accept": "application/json"}


def test_a_product_page_says_what_it_is_and_who_made_it(visitor, lot):
    page = text(visitor.get(f"/01/{GTIN}"))
    for fact in ("No problem known", "示例花生", "示例牌", "500g", "180 days", "广西柳州", "鱼峰示例螺蛳粉", "PN-1"):
        assert fact in page


def test_the_makers_licence_is_said_to_be_valid(visitor, product):
    page = text(visitor.get(f"/01/{GTIN}"))
    assert "SC10145020300019" in page
    assert "valid until" in page


def test_an_expired_licence_is_said_to_be_so(visitor, product, today):
    Licence.objects.update(valid_until=today - datetime.timedelta(days=1))
    assert "not valid today" in text(visitor.get(f"/01/{GTIN}"))


def test_of_a_maker_outside_the_licence_is_told_as_printed(visitor, product):
    Product.objects.update(maker=None, maker_name="外地示例厂", maker_licence="SC10199999900019")
    page = text(visitor.get(f"/01/{GTIN}"))
    assert "外地示例厂" in page
    assert "as printed on the package, not checked" in page


@pytest.mark.parametrize(
    "written", ["952000400001-7", "09520004000017", "９５２０００４００００１７", "9520004000017.0"]
)
def test_any_written_form_of_the_barcode_leads_to_one_page(visitor, product, written):
    assert visitor.get(reverse("portal:product", args=[written])).url == f"/01/{GTIN}"
    assert visitor.get(reverse("portal:lot", args=[written, "A/B 1"])).url == f"/01/{GTIN}/10/A/B%201"


@pytest.mark.parametrize(
    ("gtin", "address"),
    [
        ("00000069012341", "69012341"), ("00012345678905", "012345678905"), ("06901234567892", "6901234567892"),
        ("16901234567899", "16901234567899"), ("00000096385074", "00000096385074"),
    ],
)  # fmt: skip
def test_every_length_of_gtin_has_its_page(visitor, product, gtin, address):
    ProductCode.objects.create(product=product, gtin=gtin)
    assert visitor.get(f"/01/{gtin}", follow=True).request["PATH_INFO"] == f"/01/{address}"
    assert visitor.get(f"/01/{address}").status_code == 200


def test_a_case_says_how_many_pieces_it_holds(visitor, product):
    ProductCode.objects.create(product=product, gtin="16901234567899", factor=24)
    assert "a case of 24" in text(visitor.get("/01/16901234567899"))


@pytest.mark.parametrize(
    "address", ["/01/6901234567892", "/01/9520004000018", "/01/%00", "/01/abc", f"/01/{GTIN}/10/X%00"]
)
def test_what_nobody_entered_is_a_helpful_404(visitor, product, address):
    response = visitor.get(address)
    assert response.status_code == 404
    assert 'name="q"' in text(response) or 'name="lot"' in text(response)


def test_a_wrong_digit_is_named(visitor, product):
    assert "9520004000017 would be right" in text(visitor.get("/01/9520004000018"))


def test_self_made_codes_are_nobodys_business(visitor, seller):
    own = Product.objects.create(name="示例自制", unit=Unit.objects.get(code="bag"), owner=seller, self_code="Z1")
    ProductCode.objects.create(product=own, gtin="06901234567892")
    assert visitor.get("/01/6901234567892").status_code == 404
    assert "示例自制" not in text(visitor.get("/", {"q": "自制"}))


def test_a_lot_page_says_when_it_was_made_and_who_says_so(visitor, lot, today):
    page = text(visitor.get(f"/01/{GTIN}/10/pn-1"))
    assert "No problem known" in page
    assert str((today - datetime.timedelta(days=5)).year) in page
    assert "Stated by a trader, not confirmed by the maker" in page


def test_what_the_maker_declared_is_stated_by_the_maker(visitor, lot, stranger):
    Lot.objects.update(declared_by=stranger)
    assert "Stated by the maker" in text(visitor.get(f"/01/{GTIN}/10/PN-1"))


def test_a_hold_is_the_first_thing_said_and_its_reason_is_not(visitor, lot, officer):
    hold_lots([lot], reason="疑似黄曲霉毒素", actor=officer)
    lot_page, product_page = (text(visitor.get(address)) for address in reversed(PAGES))
    assert "On hold: do not sell or eat" in lot_page
    assert "Some lots are held back" in product_page
    assert "No problem known" not in lot_page + product_page
    assert "黄曲霉" not in lot_page + product_page


def test_a_released_lot_is_green_again(visitor, lot, officer):
    hold_lots([lot], reason="x", actor=officer)
    release_lots([lot], reason="y", actor=officer)
    assert "No problem known" in text(visitor.get(f"/01/{GTIN}/10/PN-1"))


def test_a_lot_that_its_maker_has_not_released_says_so(visitor, lot, clerk):
    hold_lots([lot], reason="x", actor=clerk, cause=LotHold.Cause.RELEASE)
    assert "Not released by its maker yet" in text(visitor.get(f"/01/{GTIN}/10/PN-1"))
    assert "Some lots are held back" not in text(visitor.get(f"/01/{GTIN}"))


def test_a_hold_counts_for_the_same_lot_under_another_code(visitor, lot, officer):
    hold_lots([lot], reason="x", actor=officer)
    twin = Lot.objects.create(
        product=lot.product, producer=lot.producer, code="PN1", code_key="PN1", unit=lot.unit,
        declared_by=lot.declared_by,
    )  # fmt: skip
    LotAlias.objects.create(lot=twin, same_as=lot, reason="x", author=officer)
    assert "On hold" in text(visitor.get(f"/01/{GTIN}/10/PN1"))


def test_a_lot_past_its_date_says_so(visitor, lot, today):
    Lot.objects.update(expires_on=today - datetime.timedelta(days=1))
    assert "Past its best-before date" in text(visitor.get(f"/01/{GTIN}/10/PN-1"))


def test_the_last_day_is_not_past(visitor, lot, today):
    Lot.objects.update(expires_on=today)
    assert "No problem known" in text(visitor.get(f"/01/{GTIN}/10/PN-1"))


def test_the_same_number_of_two_makers_shows_both(visitor, lot, buyer):
    lot.pk, lot.producer = None, buyer
    lot.save()
    assert text(visitor.get(f"/01/{GTIN}/10/PN-1")).count("<section") == 2


def test_an_unknown_lot_is_an_honest_404_with_the_goods_below(visitor, lot):
    response = visitor.get(f"/01/{GTIN}/10/PN-2")
    assert response.status_code == 404
    assert "No data of this lot" in text(response)
    assert "鱼峰示例螺蛳粉" in text(response)


def test_numbers_that_the_platform_made_of_a_trader_stay_inside(visitor, lot):
    Lot.objects.update(is_generated=True, produced_on=None)
    assert "PN-1" not in text(visitor.get(f"/01/{GTIN}"))
    assert visitor.get(f"/01/{GTIN}/10/PN-1").status_code == 404


def test_the_lot_box_leads_to_the_lot(visitor, product):
    assert visitor.get(f"/01/{GTIN}", {"lot": " L 1/2\n"}).url == f"/01/{GTIN}/10/L%201/2"


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("headers", [{}, JSON], ids=["page", "json"])
def test_no_trader_quantity_price_or_telephone_is_ever_shown(visitor, lot, address, headers):
    sent = text(visitor.get(address, headers=headers))
    assert "示例花生" in sent
    for secret in ("北谷", "小街", "7331", "12.5", "13800001234"):
        assert secret not in sent


@pytest.mark.parametrize("address", PAGES)
def test_pages_of_facts_may_be_kept_for_a_minute(visitor, lot, address):
    response = visitor.get(address)
    assert response["Cache-Control"] == "public, max-age=60"
    assert {"Accept", "Accept-Language", "Cookie"} <= set(response["Vary"].split(", "))
    assert visitor.get(address, headers={"if-none-match": response["ETag"]}).status_code == 304


@pytest.mark.parametrize("address", [*PAGES, "/", "/?q=x", "/v/nope"])
def test_nobody_is_given_a_cookie_or_a_session(visitor, lot, address):
    assert not visitor.get(address).cookies
    assert visitor.post(address).status_code == 405


def test_a_signed_in_person_sees_the_same_page(visitor, lot, clerk):
    before = visitor.get(PAGES[1]).content
    visitor.force_login(clerk)
    assert visitor.get(PAGES[1]).content == before


def test_machines_get_the_same_facts(visitor, lot):
    product, lots = (visitor.get(address, headers=JSON).json() for address in PAGES)
    assert (product["gtin"], product["answer"], product["licence"]["is_valid"]) == (GTIN, "no_problem_known", True)
    assert lots["lots"][0]["code"] == "PN-1"
    assert lots["product"]["name"] == "示例花生"


@pytest.mark.parametrize("address", ["/01/6901234567892", "/01/12", f"/01/{GTIN}/10/none"])
def test_machines_get_a_problem_document(visitor, lot, address):
    response = visitor.get(address, headers=JSON)
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert response.json()["status"] == 404


@pytest.mark.parametrize("address", PAGES)
def test_the_number_of_queries_does_not_grow_with_the_lots(visitor, lot, django_assert_max_num_queries, address):
    for number in range(12):
        lot.pk, lot.code, lot.code_key = None, f"L{number}", f"L{number}"
        lot.save()
    with django_assert_max_num_queries(8):
        visitor.get(address)
