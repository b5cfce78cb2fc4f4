"""What goods weigh, what they are made of, and how much of an additive they may hold."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from catalog.models import AdditiveLimit, Component, FoodCategory, Listing, Product, Unit
from catalog.reference import load_reference
from catalog.weights import grams_of, grams_on_package
from enterprises.scoping import Scope
from registers.models import Upload

ADD, LIST = reverse("catalog:component-add"), reverse("catalog:component-list")

# Weights


@pytest.mark.parametrize(
    ("specification", "grams"),
    [("335g", 335), ("0.5 kg", 500), ("500克", 500), ("24×335g", 8040), ("335g*24袋", 8040), ("25kg/袋", 25_000),
     ("２斤", 1000), ("15 MG", "0.015"), ("1.5吨", 1_500_000)],
)  # fmt: skip
def test_a_specification_that_is_a_weight_is_read(specification, grams):
    assert grams_on_package(specification) == Decimal(grams)


@pytest.mark.parametrize("words", ["", "200ml", "约500g", "5g×20g", "500g(5袋×100g)", "2×3g×4", "0g", "g", "1e3g"])
def test_a_weight_is_never_guessed(words):
    assert grams_on_package(words) is None


def test_a_unit_that_is_a_weight_goes_before_the_specification(db):
    jin = Product(name="示例花生仁", pack_size="25kg/袋", unit=Unit.objects.get(code="jin"))
    bag = Product(name="示例花生", pack_size="500g", unit=Unit.objects.get(code="bag"))
    assert (grams_of(jin, jin.unit), grams_of(bag, bag.unit)) == (500, 500)


def test_the_units_of_weight_say_what_they_weigh(db):
    Unit.objects.update(grams=None)
    load_reference()
    weights = dict(Unit.objects.exclude(grams=None).values_list("code", "grams"))
    assert weights == {"kg": 1000, "g": 1, "t": 1_000_000, "jin": 500}


# Limits of additives


def limit(grams, day, **fields):
    facts = {"additive": "示例剂", "category_id": "07", "source": "示例标准 1.2"}
    return AdditiveLimit.objects.create(max_grams_per_kg=grams, valid_from=day, **facts | fields)


def test_of_each_additive_and_category_the_last_version_begun_holds(db):
    limit(1, "2026-01-01")
    newer = limit(2, "2026-06-01")
    other = limit(3, "2026-01-01", category_id="03")
    limit(4, "2027-01-01")
    assert set(AdditiveLimit.objects.in_force(date(2026, 6, 1))) == {newer, other}


BROKEN_LIMITS = {
    "additive_limit_has_one_version_a_day": lambda: limit(2, "2026-01-01"),
    "additive_limit_is_not_negative": lambda: limit(-1, "2026-02-01"),
    "unit_weighs_something": lambda: Unit.objects.update(grams=0),
}


@pytest.mark.parametrize(("name", "change"), BROKEN_LIMITS.items())
def test_the_database_refuses_limits_that_cannot_be(db, name, change):
    limit(1, "2026-01-01")
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        change()


def test_an_officer_reads_the_limits_and_writes_none(client, officer):
    row = limit(1, "2026-01-01")
    client.force_login(officer)
    assert "示例剂" in client.get(reverse("catalog:additivelimit-list")).text
    assert client.post(reverse("catalog:additivelimit-edit", args=[row.pk])).status_code == 403


def test_the_table_of_a_standard_comes_in_as_a_file(client, administrator):
    """A class is written as people call it, and a new version of a limit is a row of its own."""
    client.force_login(administrator)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    words = FoodCategory.objects.get(pk="07").name_zh
    rows = [f"示例剂,{words},0.00005,示例标准,2026-01-01", f"示例剂,{words},0.1,示例标准,2026-06-01"]
    table = "\n".join(["additive,食品类别,max_grams_per_kg,依据,有效期起", *rows])
    where = reverse("catalog:additivelimit-import")
    client.post(where, {"step": "look", "file": SimpleUploadedFile("表.csv", table.encode())})
    client.post(where, {"step": "import", "upload": Upload.objects.get().pk})
    found = AdditiveLimit.objects.values_list("category", "max_grams_per_kg")
    assert set(found) == {("07", Decimal("0.00005")), ("07", Decimal("0.1"))}


# Recipes


@pytest.fixture
def sachet(seller):
    return own(seller, "示例酸笋包", "B-1")


@pytest.fixture
def bamboo(seller):
    return own(seller, "示例酸笋", "B-2")


def own(firm, name, number):
    product = Product.objects.create(name=name, unit_id="bag", owner=firm, self_code=number)
    Listing.objects.create(enterprise=firm, product=product, item_number=number)
    return product


def line(owner, product, part, quantity=1):
    return Component.objects.create(owner=owner, product=product, part=part, quantity=quantity)


@pytest.fixture
def cook(client, clerk):
    """A browser of the seller's clerk."""
    client.force_login(clerk)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def test_a_line_of_a_recipe_is_told_by_barcode_number_or_name(cook, seller, peanuts, sachet):
    assert cook.post(ADD, {"product": "9520004000017", "part": "示例酸笋包", "quantity": "0.0005"}).status_code == 302
    row = Component.objects.get()
    assert (row.owner, row.product, row.part, row.quantity) == (seller, peanuts, sachet, Decimal("0.0005"))
    page = cook.get(reverse("catalog:component-edit", args=[row.pk])).text
    assert 'value="0.0005"' in page


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"part": "nothing"}, "part"), ({"product": "Z-9"}, "product"), ({"quantity": "0"}, "quantity"),
     ({"quantity": "-1"}, "quantity"), ({"quantity": "1e3"}, "quantity"), ({"quantity": "0.0000001"}, "quantity"),
     ({"part": "H-1"}, ""), ({"product": ""}, "product")],
)  # fmt: skip
def test_a_line_that_makes_no_sense_is_told_beside_its_field(cook, peanuts, sachet, typed, field):
    page = cook.post(ADD, {"product": "H-1", "part": "B-1", "quantity": "1"} | typed)
    assert page.status_code == 422
    assert not Component.objects.exists()
    form = page.context["form"]
    assert field in form.errors if field else form.non_field_errors()


def test_a_part_stands_once_in_a_recipe(cook, seller, peanuts, sachet):
    line(seller, peanuts, sachet)
    page = cook.post(ADD, {"product": "H-1", "part": "B-1", "quantity": "2"})
    assert "stands in the recipe already" in page.text


def test_no_recipe_leads_back_to_what_it_makes(cook, seller, peanuts, sachet, bamboo):
    line(seller, peanuts, sachet)
    line(seller, sachet, bamboo)
    page = cook.post(ADD, {"product": "B-2", "part": "H-1", "quantity": "1"})
    assert "is itself made with" in page.context["form"].errors["part"][0]


def test_the_recipe_of_another_firm_makes_no_circle(seller, buyer, peanuts, sachet):
    line(buyer, peanuts, sachet)
    Component(owner=seller, product=sachet, part=peanuts, quantity=1).full_clean()
    with pytest.raises(ValidationError):
        Component(owner=buyer, product=sachet, part=peanuts, quantity=1).full_clean()


def test_a_recipe_is_its_makers_own_business(seller, peanuts, sachet, clerk, stranger_clerk, officer, administrator):
    line(seller, peanuts, sachet)
    seen = {user.username: Component.objects.visible_to(Scope.of(user)).count()
            for user in (clerk, stranger_clerk, officer, administrator)}  # fmt: skip
    assert seen == {"clerk": 1, "stranger": 0, "nangang": 0, "admin": 0}


BROKEN_LINES = {
    "part_stands_once_in_a_recipe": lambda row: line(row.owner, row.product, row.part),
    "part_is_something_else": lambda row: line(row.owner, row.part, row.part),
    "part_is_used": lambda row: Component.objects.update(quantity=0),
}


@pytest.mark.parametrize(("name", "change"), BROKEN_LINES.items())
def test_the_database_refuses_a_recipe_that_cannot_be(seller, peanuts, sachet, name, change):
    row = line(seller, peanuts, sachet)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        change(row)
