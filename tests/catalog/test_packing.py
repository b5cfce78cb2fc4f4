"""Goods written in cases, boxes and other weights: the line keeps what was typed, the books count base units."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from catalog.lookup import goods_meant
from catalog.merging import merge_products, undo_merge
from catalog.models import Listing, Packing, Product, ProductCode, Unit
from catalog.packing import Measures
from enterprises.models import Partnership
from enterprises.services import add_partner
from ledgers.drafts import save_draft
from ledgers.models import LedgerEntry
from ledgers.repeating import repeat_invoice
from ledgers.services import confirm_invoice
from ledgers.typed import read

GTIN = "9520004000017"


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def case(seller, peanuts):
    return Packing.objects.create(owner=seller, product=peanuts, unit_id="case", quantity=24)


@pytest.fixture
def loose(peanuts, seller):
    """Peanuts by the kilogram."""
    product = Product.objects.create(name="散装花生", unit_id="kg", kind="bulk")
    Listing.objects.create(enterprise=seller, product=product, item_number="H-9")
    return product


@pytest.fixture
def partner(seller, buyer, clerk):
    return add_partner(buyer, owner=seller, role=Partnership.Role.CUSTOMER, details={}, actor=clerk)


def typed(buyer, today, **line):
    row = {"code": GTIN, "lot": "L1", "made": "", "until": "", "quantity": "3", "unit": "", "price": ""} | line
    return {"partner": buyer.name, "traded_on": today.isoformat(), "paper_number": "", "note": "", "lines": [row]}


def read_line(seller, buyer, today, **line):
    reading = read(typed(buyer, today, **line), author=seller, role=Partnership.Role.CUSTOMER)
    return reading.lines[0] if reading.lines else reading.line_errors[0]


@pytest.mark.parametrize("word", ["case", "箱"])
def test_three_cases_are_seventy_two_bags(case, seller, buyer, partner, clerk, today, word):
    paper = typed(buyer, today, unit=word, price="240")
    draft, reading = save_draft(None, paper, author=seller, is_purchase=False, version=0, actor=clerk)
    assert reading.is_complete
    confirmed = confirm_invoice(draft, actor=clerk)
    line, entry = confirmed.lines.get(), LedgerEntry.objects.get()
    assert (line.quantity, line.factor, line.unit_words) == (3, 24, "case (24 bag)")
    assert (entry.quantity, entry.lot.unit_id) == (72, "bag")


def test_a_repeated_paper_is_in_cases_again(case, seller, buyer, partner, clerk, today):
    draft, _reading = save_draft(
        None, typed(buyer, today, unit="case"), author=seller, is_purchase=False, version=0, actor=clerk
    )
    again = repeat_invoice(confirm_invoice(draft, actor=clerk), actor=clerk)
    assert (again.typed["lines"][0]["code"], again.typed["lines"][0]["unit"]) == (GTIN, "case")
    assert again.typed["lines"][0]["quantity"] == "3"


def test_what_nobody_has_said_is_refused_and_says_where_to_enter_it(seller, buyer, partner, peanuts, today):
    errors = read_line(seller, buyer, today, unit="箱")
    assert errors["unit"].startswith("These goods are counted in bag, and how many are in one 箱 is not known.")


def test_one_s_own_packing_stands_before_the_maker_s(seller, buyer, stranger, peanuts):
    Product.objects.filter(pk=peanuts.pk).update(maker=stranger)
    Packing.objects.create(owner=stranger, product=peanuts, unit_id="case", quantity=12)

    def holds(enterprise):
        goods = goods_meant([GTIN], enterprise=enterprise)[GTIN]
        counted = Measures(enterprise).goods_in(goods, "case")
        return counted and counted.factor

    assert holds(seller) == holds(buyer) == 12
    Packing.objects.create(owner=seller, product=peanuts, unit_id="case", quantity=24)
    assert (holds(seller), holds(buyer)) == (24, 12)


def test_what_somebody_else_says_of_others_goods_counts_for_nobody(stranger, seller, buyer, partner, peanuts, today):
    Packing.objects.create(owner=stranger, product=peanuts, unit_id="case", quantity=12)
    assert "unit" in read_line(seller, buyer, today, unit="case")


@pytest.mark.parametrize(
    ("quantity", "unit", "base"), [("500", "克", "0.5"), ("3", "斤", "1.5"), ("2", "吨", "2000"), ("7", "kg", "7")]
)
def test_weights_are_counted_by_what_they_weigh(seller, buyer, partner, loose, today, quantity, unit, base):
    line = read_line(seller, buyer, today, code="散装花生", quantity=quantity, unit=unit)
    assert line.quantity * line.factor == Decimal(base)


def test_a_weight_finer_than_the_books_is_refused(seller, buyer, partner, loose, today):
    errors = read_line(seller, buyer, today, code="散装花生", quantity="0.5", unit="克")
    assert errors["quantity"] == "In kilogram this has more than three decimals. Type it in kilogram."
    Product.objects.filter(pk=loose.pk).update(unit="t")
    assert "unit" in read_line(seller, buyer, today, code="散装花生", unit="克")  # a millionth of a tonne


def test_the_barcode_of_a_case_is_a_case(case, seller, buyer, partner, peanuts, today):
    ProductCode.objects.create(product=peanuts, gtin="19520004000014", factor=24)
    for unit, words in (("", "bag × 24"), ("袋", "bag × 24"), ("case", "case (24 bag)")):
        line = read_line(seller, buyer, today, code="19520004000014", unit=unit)
        assert line.factor == 24
        assert str(line.unit) == words.split()[0]
    Packing.objects.update(quantity=12)
    assert "unit" in read_line(seller, buyer, today, code="19520004000014", unit="case")


def test_many_lines_ask_once(case, seller, peanuts, django_assert_num_queries):
    goods, measures = goods_meant([GTIN], enterprise=seller)[GTIN], Measures(seller)
    measures.learn([peanuts])
    with django_assert_num_queries(0):
        for _time in range(50):
            assert measures.goods_in(goods, "case").factor == 24


@pytest.mark.parametrize("wrong", [{"quantity": 0}, {"unit_id": "case"}])
def test_the_database_refuses_nonsense(case, seller, peanuts, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Packing.objects.create(**{"owner": seller, "product": peanuts, "unit_id": "box", "quantity": 6} | wrong)


def test_it_is_entered_on_its_own_page_and_no_one_else_sees_it(client, clerk, stranger_clerk, peanuts):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(clerk)
    typed = {"product": GTIN, "unit": "case", "quantity": "24"}
    assert client.post(reverse("catalog:packing-add"), typed).status_code == 302
    packing = Packing.objects.get()
    with translation.override("en"):
        assert str(packing) == "示例花生: 1 case = 24 bag"
    (listing,) = Listing.objects.filter(enterprise=packing.owner, product=peanuts)
    assert "1 case = 24 bag" in client.get(reverse("catalog:listing-detail", args=[listing.pk])).text
    same_unit = client.post(reverse("catalog:packing-add"), typed | {"unit": "bag"})
    assert (same_unit.status_code, "Choose a larger package" in same_unit.text) == (422, True)
    assert client.post(reverse("catalog:packing-add"), typed).status_code == 422  # said already
    client.force_login(stranger_clerk)
    assert client.get(reverse("catalog:packing-detail", args=[packing.pk])).status_code == 404


def test_it_follows_a_merge_and_comes_back(case, seller, buyer, peanuts, steward):
    survivor = Product.objects.create(name="示例花生", unit=Unit.objects.get(code="bag"))
    ProductCode.objects.create(product=survivor, gtin="06901234567892")
    for firm in (seller, buyer):
        Packing.objects.create(owner=firm, product=survivor, unit_id="box", quantity=6)
        Packing.objects.create(owner=firm, product=peanuts, unit_id="box", quantity=8)
    merge = merge_products(survivor, peanuts, values={}, reason="同一商品", actor=steward)
    assert sorted(row.quantity for row in Packing.objects.filter(product=survivor)) == [6, 6, 24]
    undo_merge(merge, reason="不是", actor=steward)
    assert sorted(row.quantity for row in Packing.objects.filter(product=survivor)) == [6, 6]
