"""Two rows that are one trade item become one: everything follows, nothing booked changes, and it can be undone."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import translation

from catalog.duplicates import likely_duplicates
from catalog.lookup import by_barcode
from catalog.merging import merge_products, undo_merge
from catalog.models import Component, Listing, Lot, LotAlias, Product, ProductCode, ProductMerge, Unit
from catalog.search import find
from ledgers.models import LedgerEntry, StockBalance
from ledgers.own_lots import lots_known
from ledgers.services import confirm_invoice
from ledgers.tracing import downstream
from ledgers.typed import read
from ledgers.verifying import STATEMENTS
from tests.conftest import make_draft

OTHER = "6901234567892"


@pytest.fixture
def twin(peanuts, seller, buyer):
    """The same goods once more under another barcode, on two lists."""
    product = Product.objects.create(name=peanuts.name, pack_size=peanuts.pack_size, brand="双胞胎", unit=peanuts.unit)
    ProductCode.objects.create(product=product, gtin=OTHER.zfill(14))
    for firm in (seller, buyer):
        Listing.objects.create(enterprise=firm, product=product, item_number=f"T{firm.pk}", price=Decimal("9.90"))
    return product


@pytest.fixture
def merge(peanuts, twin, steward):
    def merged(**changes):
        given = {"values": {}, "reason": "同一商品换了条码", "actor": steward} | changes
        return merge_products(peanuts, twin, **given)

    return merged


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def wrong_in_the_books():
    with connection.cursor() as cursor:
        return [row for statement in STATEMENTS.values() for row in _all(cursor, statement)]


def _all(cursor, statement):
    cursor.execute(statement)
    return cursor.fetchall()


def references():
    """Everything that speaks of a product, as it stands."""
    tables = (
        (ProductCode, "gtin", "product"), (Listing, "enterprise", "product"), (Listing, "item_number", "price"),
        (Lot, "pk", "product"), (Component, "product", "part"), (Product, "pk", "merged_into"),
    )  # fmt: skip
    return [sorted(map(str, model.objects.values_list(*names))) for model, *names in tables]


def test_both_barcodes_mean_the_one_that_stays(merge, peanuts, twin):
    code = peanuts.code
    merge()
    assert by_barcode(code) == by_barcode(OTHER) == peanuts
    twin.refresh_from_db()
    assert twin.merged_into == peanuts


def test_who_listed_both_keeps_one_and_its_item_number(merge, peanuts, twin, seller, buyer):
    Listing.objects.filter(product=peanuts).update(item_number="")
    merge()
    assert not Listing.objects.filter(product=twin).exists()
    assert Listing.objects.get(product=peanuts, enterprise=buyer).item_number == f"T{buyer.pk}"
    assert Listing.objects.filter(product=peanuts, enterprise=seller).count() == 1


def test_lots_follow_with_their_stock_and_what_is_booked_stays(merge, draft, buyer, twin, clerk, seller):
    paper = confirm_invoice(make_draft(seller, buyer, twin, lot="TW-1"), actor=clerk)
    before = list(LedgerEntry.objects.values())
    merge()
    lot = Lot.objects.get(code="TW-1")
    assert (lot.product.name, StockBalance.objects.get(lot=lot, enterprise=buyer).quantity) == (twin.name, 10)
    assert (lot.product == twin, paper.entries.get().product) == (False, twin)
    assert list(LedgerEntry.objects.values()) == before
    assert wrong_in_the_books() == []


def test_a_lot_bought_under_one_barcode_is_sold_under_the_other(
    merge, seller, buyer, stranger, twin, peanuts, clerk, buyer_clerk
):
    confirm_invoice(make_draft(seller, buyer, twin, lot="TW-1"), actor=clerk)
    merge()
    typed = {"partner": stranger.name, "lines": [{"code": OTHER, "lot": "TW-1", "quantity": "4"}]}
    (line,) = read(typed, author=buyer, role="customer").lines
    assert line.product == peanuts
    sale = make_draft(buyer, stranger, peanuts, lot="TW-1", quantity="4")
    sale.lines.update(known_lot=lots_known([line], enterprise=buyer)[peanuts.pk, "TW-1"])
    confirm_invoice(sale, actor=buyer_clerk)
    assert len(downstream(Lot.objects.get(code="TW-1")).movements) == 2


def test_a_lot_number_that_both_have_is_one_lot_by_its_alias(merge, seller, buyer, twin, peanuts, clerk):
    for product in (twin, peanuts):
        confirm_invoice(make_draft(seller, buyer, product, lot="SAME"), actor=clerk)
    merge()
    assert LotAlias.objects.count() == 1
    assert len(downstream(Lot.objects.get(product=peanuts)).movements) == 2
    assert StockBalance.objects.of_goods([peanuts.pk]).filter(enterprise=buyer).count() == 2
    assert wrong_in_the_books() == []


def test_a_draft_speaks_of_what_stays(merge, seller, buyer, twin, peanuts):
    waiting = make_draft(seller, buyer, twin)
    merge()
    assert waiting.lines.get().product == peanuts


def test_recipes_follow_and_none_makes_goods_of_themselves(merge, seller, twin, peanuts):
    bag = Product.objects.create(name="礼盒", unit=peanuts.unit, owner=seller, self_code="B")
    Component.objects.create(owner=seller, product=bag, part=twin, quantity=2)
    Component.objects.create(owner=seller, product=peanuts, part=twin, quantity=1)
    merge()
    assert [(row.product, row.part) for row in Component.objects.all()] == [(bag, peanuts)]


def test_what_was_merged_is_found_and_listed_no_more_but_its_page_leads_on(merge, client, steward, twin, peanuts):
    merge()
    assert [hit.product for hit in find("双胞胎")] == []
    client.force_login(steward)
    page = client.get(reverse("catalog:product-list"), {"q": peanuts.name}).context["page"]
    assert [row.pk for row in page] == [peanuts.pk]
    assert reverse("catalog:product-detail", args=[peanuts.pk]) in client.get(
        reverse("catalog:product-detail", args=[twin.pk])
    ).content.decode()  # fmt: skip


def test_undone_everything_is_as_before(merge, seller, buyer, twin, peanuts, clerk, steward):
    confirm_invoice(make_draft(seller, buyer, twin, lot="TW-1"), actor=clerk)
    Component.objects.create(owner=seller, product=peanuts, part=twin, quantity=1)
    before = references()
    undo_merge(merge(), reason="口味不同", actor=steward)
    assert references() == before
    assert [hit.product for hit in find("双胞胎")] == [twin]
    assert wrong_in_the_books() == []


def test_what_came_since_stays_with_what_stayed(merge, stranger, twin, peanuts, steward):
    done = merge()
    Listing.objects.create(enterprise=stranger, product=peanuts)
    undo_merge(done, reason="口味不同", actor=steward)
    assert Listing.objects.get(enterprise=stranger).product == peanuts


def test_a_merge_is_undone_once_and_not_when_it_was_merged_on(merge, peanuts, steward):
    done = merge()
    third = Product.objects.create(name="第三个", unit=peanuts.unit)
    ProductCode.objects.create(product=third, gtin="06901234567885")
    merge_products(third, peanuts, values={}, reason="x", actor=steward)
    assert Product.objects.filter(merged_into=third).count() == 2
    with pytest.raises(ValidationError, match="merged on"):
        undo_merge(done, reason="x", actor=steward)


def test_a_value_of_the_other_is_taken_over_as_a_decision(merge, peanuts):
    merge(values={"brand": "双胞胎"})
    peanuts.refresh_from_db()
    assert peanuts.brand == "双胞胎"


@pytest.mark.parametrize(
    "spoil",
    [lambda one, two, firm: Product.objects.filter(pk=two.pk).update(owner=firm, self_code="X"),
     lambda one, two, firm: two.codes.all().delete(),
     lambda one, two, firm: Product.objects.filter(pk=two.pk).update(merged_into=one)],
)  # fmt: skip
def test_what_is_not_one_item_is_refused(merge, peanuts, twin, seller, spoil):
    spoil(peanuts, twin, seller)
    with pytest.raises(ValidationError):
        merge()


def test_two_makers_and_two_units_are_refused(merge, peanuts, twin, seller, buyer, draft, clerk):
    Product.objects.filter(pk=peanuts.pk).update(maker=seller)
    Product.objects.filter(pk=twin.pk).update(maker=buyer)
    with pytest.raises(ValidationError, match="makers"):
        merge()
    Product.objects.filter(pk=twin.pk).update(maker=None, unit=Unit.objects.exclude(pk=twin.unit_id).first())
    confirm_invoice(draft, actor=clerk)
    with pytest.raises(ValidationError, match="units"):
        merge()


def test_nobody_else_merges_and_a_reason_is_given(merge, clerk):
    with pytest.raises(PermissionDenied):
        merge(actor=clerk)
    with pytest.raises(ValidationError, match="Say why"):
        merge(reason=" ")


@pytest.mark.parametrize(
    "statement",
    ["UPDATE catalog_productmerge SET reason = 'x'", "DELETE FROM catalog_productmerge"],
)
def test_merges_are_kept_for_ever(merge, statement):
    merge()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("way", ["into merged", "of a survivor", "itself"])
def test_the_database_keeps_merges_flat(merge, peanuts, twin, way):
    merge()
    third = Product.objects.create(name="第三个", unit=peanuts.unit)
    who, into = {"into merged": (third, twin), "of a survivor": (peanuts, third), "itself": (third, third)}[way]
    with pytest.raises(DatabaseError), transaction.atomic():
        Product.objects.filter(pk=who.pk).update(merged_into=into)


def test_likely_duplicates_are_proposed(peanuts, twin):
    assert likely_duplicates() == []
    Product.objects.filter(pk=twin.pk).update(
        brand=peanuts.brand, maker_name=peanuts.maker_name, maker=peanuts.maker, name=f"{peanuts.name} "
    )
    (pair,) = likely_duplicates()
    assert {pair.product, pair.other} == {peanuts, twin}


# The screens


@pytest.fixture
def desk(client, steward):
    client.force_login(steward)
    return client


def test_a_steward_compares_merges_and_undoes(desk, peanuts, twin):
    page = reverse("catalog:product-merge", args=[peanuts.pk])
    assert "双胞胎" in desk.get(page, {"with": OTHER}).content.decode()
    answer = desk.post(f"{page}?with={OTHER}", {"brand": "theirs", "reason": "换了条码"})
    assert answer.status_code == 302
    peanuts.refresh_from_db()
    assert peanuts.brand == "双胞胎"
    merge = ProductMerge.objects.get()
    assert "换了条码" in desk.get(reverse("catalog:productmerge-list")).content.decode()
    desk.post(reverse("catalog:productmerge-undo", args=[merge.pk]), {"reason": "口味不同"})
    assert Product.objects.get(pk=twin.pk).merged_into is None


@pytest.mark.parametrize("code", ["", "123", OTHER])
def test_a_barcode_that_is_none_and_a_form_without_a_reason_are_told(desk, peanuts, twin, code):
    answer = desk.post(f"{reverse('catalog:product-merge', args=[peanuts.pk])}?with={code}", {"brand": "theirs"})
    assert answer.status_code == 422
    assert not ProductMerge.objects.exists()


def test_an_undo_that_comes_too_late_is_told(desk, merge, steward):
    done = merge()
    undo_merge(done, reason="x", actor=steward)
    answer = desk.post(reverse("catalog:productmerge-undo", args=[done.pk]), {"reason": "x"}, follow=True)
    assert "undone already" in answer.content.decode() or "已" in answer.content.decode()


def test_stewards_see_the_pairs(desk, peanuts, twin):
    Product.objects.filter(pk=twin.pk).update(brand=peanuts.brand, maker_name=peanuts.maker_name, maker=peanuts.maker)
    assert OTHER in desk.get(reverse("catalog:duplicates")).content.decode()
