"""What enterprises say of shared goods: whose word changes a field, who is asked, and that one count equals all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from catalog.models import Contribution, FieldChange, FieldConflict, FieldValue, Lot, Product
from catalog.resolving import recount, weight_of
from catalog.services import contribute
from enterprises.models import Enterprise


@pytest.fixture
def firms(seller):
    return [Enterprise.objects.create(name=f"示例商户{n}", status="active", roles=["RETAILER"]) for n in range(5)]


@pytest.fixture
def say(peanuts, clerk):
    def said(firm, **facts):
        contribute(peanuts, facts, enterprise=firm, actor=clerk)
        peanuts.refresh_from_db()
        return peanuts

    return said


def conflicts():
    return set(FieldConflict.objects.values_list("field", flat=True))


@pytest.mark.requirement("H-191")
def test_an_empty_field_takes_the_first_word(say, firms):
    assert say(firms[0], brand="示例牌").brand == "示例牌"
    assert FieldChange.objects.get().cause == "filled"


@pytest.mark.requirement("H-191", "H-062", "H-066")
def test_two_who_agree_change_what_nobody_stands_behind(say, firms):
    before = say(firms[0], name="示例花生米").name
    after = say(firms[1], name="示例花生米").name
    assert (before, after) == ("示例花生", "示例花生米")
    assert Product.objects.get(name="示例花生米").name_initials == "slhsm"


def test_two_against_two_change_nothing_and_a_steward_is_asked(say, firms):
    for firm, brand in zip(firms, ["甲", "甲", "乙", "乙"], strict=False):
        product = say(firm, brand=brand)
    assert product.brand == "甲"
    assert conflicts() == {"brand"}


def test_the_dispute_is_over_when_one_side_gives_in(say, firms):
    for firm, brand in zip(firms, ["甲", "甲", "乙", "乙"], strict=False):
        say(firm, brand=brand)
    say(firms[3], brand="甲")
    assert conflicts() == set()


def test_one_firm_speaks_with_one_voice_however_often(say, firms):
    for _ in range(5):
        product = say(firms[0], name="别的名字")
    assert product.name == "示例花生"
    assert FieldValue.objects.get(field="name").voices == 1


def test_a_firm_that_changes_its_mind_takes_its_voice_along(say, firms):
    say(firms[0], brand="甲")
    say(firms[0], brand="乙")
    assert dict(FieldValue.objects.filter(field="brand").values_list("value", "voices")) == {"乙": 1}


def test_an_old_word_weighs_less_than_a_fresh_one(say, firms, peanuts, time_machine):
    for firm in firms[:2]:
        say(firm, brand="甲")
    time_machine.move_to(timezone.now() + timedelta(days=365 * 9))
    for firm in firms[2:]:
        product = say(firm, brand="乙")
    assert product.brand == "乙"


def test_the_maker_s_word_stands_against_any_number(say, firms, peanuts):
    Product.objects.filter(pk=peanuts.pk).update(maker=firms[4])
    peanuts.refresh_from_db()
    say(firms[4], brand="正牌")
    for firm in firms[:4]:
        product = say(firm, brand="别的")
    assert product.brand == "正牌"
    assert conflicts() == set()


def test_who_else_claims_to_make_it_is_a_steward_s_question(say, firms, peanuts, clerk):
    Product.objects.filter(pk=peanuts.pk).update(maker=firms[0])
    contribute(peanuts, {"name": "抢来的"}, enterprise=firms[1], actor=clerk, is_maker=True)
    peanuts.refresh_from_db()
    assert peanuts.maker == firms[0]
    assert conflicts() == {"maker"}


def test_goods_that_have_lots_keep_their_unit(say, firms, peanuts, seller):
    Lot.objects.create(product=peanuts, code="L", code_key="L", unit=peanuts.unit, declared_by=seller)
    for firm in firms:
        product = say(firm, unit="kg")
    assert product.unit_id == "bag"


@pytest.mark.parametrize(("status", "roles", "weight"), [("active", ["WHOLESALER"], 2), ("stub", ["WHOLESALER"], 1)])
def test_a_wholesaler_of_the_registry_weighs_more(peanuts, status, roles, weight):
    firm = Enterprise.objects.create(name="示例批发", status=status, roles=roles)
    assert weight_of(firm, peanuts) == weight


def test_the_maker_weighs_most(peanuts, firms):
    peanuts.maker = firms[0]
    assert weight_of(firms[0], peanuts) == 4


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=some.lists(some.tuples(some.integers(0, 4), some.sampled_from("甲乙丙"), some.booleans()), max_size=12))
def test_counted_one_by_one_is_counted_at_once(peanuts, firms, clerk, words):
    with transaction.atomic():
        for firm, value, is_name in words:
            contribute(peanuts, {"name" if is_name else "brand": value}, enterprise=firms[firm], actor=clerk)
        one_by_one = everything(peanuts)
        assert sum(recount()) == 0
        assert everything(peanuts) == one_by_one
        transaction.set_rollback(True)


def everything(product):
    counted = FieldValue.objects.order_by("product", "field", "value")
    return [
        list(counted.values_list("product", "field", "value", "score", "voices")),
        Product.objects.filter(pk=product.pk).values_list("name", "brand").get(),
        conflicts(),
    ]


def test_one_more_word_takes_as_many_statements_among_many(say, firms, django_assert_num_queries):
    say(firms[0], brand="甲")
    with django_assert_num_queries(4):
        say(firms[1], brand="甲")
    for _ in range(3):
        for firm in firms:
            say(firm, brand="甲")
    with django_assert_num_queries(4):
        say(firms[0], brand="甲")


@pytest.mark.parametrize("table", ["catalog_fieldvalue", "catalog_fieldchange", "catalog_fieldconflict"])
def test_the_count_is_the_database_s_own(say, firms, table):
    say(firms[0], brand="甲")
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")


def test_a_word_without_an_enterprise_is_kept_and_not_counted(peanuts, clerk):
    Contribution.objects.create(product=peanuts, author=clerk, facts={"brand": "甲"})
    assert sum(recount()) == 0
    assert not FieldValue.objects.exists()
