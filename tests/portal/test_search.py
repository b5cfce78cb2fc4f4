"""The one box of the portal."""

from __future__ import annotations

import pytest

from certificates.models import Licence
from enterprises.models import Enterprise
from tests.portal.conftest import GTIN, text


def search(visitor, words, **kwargs):
    return visitor.get("/", {"q": words}, **kwargs)


@pytest.mark.parametrize("written", [GTIN, "0952000400001 7", "９５２０００４００００１７", f"{GTIN}.0"])
def test_a_barcode_in_any_form_leads_to_its_product(visitor, product, written):
    assert search(visitor, written).url == f"/01/{GTIN}"


@pytest.mark.parametrize("words", ["花生", "slhs", "示例 花生", "示例牌"])
def test_a_name_or_its_initials_list_the_product(visitor, product, words):
    assert f'href="/01/{GTIN}"' in text(search(visitor, words))


def test_a_wrong_check_digit_is_explained_on_the_page(visitor, product):
    response = search(visitor, "9520004000018")
    assert response.status_code == 200
    assert "9520004000017 would be right" in text(response)


def test_a_barcode_nobody_entered_is_said_to_be_unknown(visitor, database):
    assert "Nobody has entered goods with this barcode" in text(search(visitor, "6901234567892"))


def test_nothing_found_says_what_to_try(visitor, database):
    page = text(search(visitor, "<b>没有的东西"))
    assert "Type the digits under the bars" in page
    assert "<b>没有" not in page


def test_an_enterprise_shows_what_hangs_on_its_wall_only(visitor, seller, today):
    Licence.objects.create(
        state="verified",
        holder=seller,
        kind_id="food_business",
        number="JY12301030000019",
        valid_from=today,
        valid_until=today,
    )
    page = text(search(visitor, "北谷"))
    for fact in ("北谷示例粮油", "Wholesaler", "南岗区", "JY12301030000019", "valid until"):
        assert fact in page
    for secret in ("13800001234", "路 1 号"):
        assert secret not in page


@pytest.mark.parametrize("fields", [{"status": "closed"}, {"status": "stub"}])
def test_only_enterprises_in_business_are_found(visitor, seller, fields):
    Enterprise.objects.filter(pk=seller.pk).update(**fields)
    assert "北谷示例粮油" not in text(search(visitor, "北谷"))


def test_natural_persons_are_never_found(visitor, seller):
    Enterprise.objects.create(name="李四示例农户", is_person=True, kept_by=seller)
    assert "示例农户" not in text(search(visitor, "李四示"))


def test_a_voucher_code_leads_to_the_voucher(visitor, published):
    address = f"/v/{published.voucher_token}"
    assert search(visitor, published.voucher_token).url == address
    assert search(visitor, f"https://trace.example{address}").url == address


@pytest.mark.parametrize(
    "words", ["\0", "x" * 5000, "%", "_", "\\", "花" * 101, "1E+12", "' OR 1=1 --", "\ud83c\udf5c"]
)
def test_odd_input_is_only_odd(visitor, product, words):
    words = words.encode("utf-16", "surrogatepass").decode("utf-16")
    assert search(visitor, words).status_code == 200


def test_a_search_lists_at_most_twenty_rows(visitor, product):
    for number in range(25):
        product.pk, product.name = None, f"示例花生 {number}"
        product.save()
    assert text(search(visitor, "花生")).count("<li>") == 20
