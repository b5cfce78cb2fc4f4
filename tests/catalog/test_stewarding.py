"""Data stewards decide what a field of the shared catalogue says; everybody sees why, and it can be taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from alerts.models import Alert
from alerts.raising import run_rules
from alerts.reference import load_alert_rules
from catalog.models import FieldConflict, FieldDecision, Lot
from catalog.services import contribute
from catalog.stewarding import correct_product, take_back
from enterprises.models import Enterprise
from laws.reference import load_laws


@pytest.fixture
def disputed(peanuts, clerk):
    for n, brand in enumerate(["甲", "甲", "乙", "乙"]):
        firm = Enterprise.objects.create(name=f"示例商户{n}", status="active")
        contribute(peanuts, {"brand": brand}, enterprise=firm, actor=clerk)
    peanuts.refresh_from_db()
    return peanuts


def decide(product, steward, **changes):
    given = {"field": "brand", "value": "乙", "reason": "包装照片如此", "actor": steward} | changes
    correct_product(product, **given)
    product.refresh_from_db()
    return product


@pytest.fixture
def desk(client, steward):
    client.force_login(steward)
    return client


def address(product, field="brand"):
    return reverse("catalog:product-decide", args=[product.pk, field])


def test_a_decision_ends_the_dispute_and_holds_against_any_number(disputed, steward, seller, clerk):
    assert decide(disputed, steward).brand == "乙"
    assert not FieldConflict.objects.exists()
    contribute(disputed, {"brand": "甲"}, enterprise=seller, actor=clerk)
    disputed.refresh_from_db()
    assert disputed.brand == "乙"


def test_what_is_taken_back_is_as_it_was(disputed, steward):
    decide(disputed, steward)
    take_back(disputed, field="brand", reason="看错了", actor=steward)
    disputed.refresh_from_db()
    assert disputed.brand == "甲"
    assert FieldConflict.objects.get().field == "brand"


def test_two_decisions_taken_back_are_as_before_the_first(disputed, steward):
    decide(disputed, steward)
    decide(disputed, steward, value="丙")
    take_back(disputed, field="brand", reason="看错了", actor=steward)
    disputed.refresh_from_db()
    assert disputed.brand == "甲"


def test_a_new_maker_s_own_words_hold_at_once(disputed, steward, clerk):
    maker = Enterprise.objects.create(name="示例工厂", status="active")
    contribute(disputed, {"brand": "正牌"}, enterprise=maker, actor=clerk, is_maker=True)
    decide(disputed, steward, field="maker", value=str(maker.pk))
    assert (disputed.maker, disputed.brand) == (maker, "正牌")


@pytest.mark.parametrize(
    "changes",
    [{"reason": " "}, {"value": " "}, {"field": "owner"}, {"field": "maker", "value": "0"}],
)
def test_half_a_decision_is_refused(disputed, steward, changes):
    with pytest.raises(ValidationError):
        decide(disputed, steward, **changes)
    assert not FieldDecision.objects.exists()


def test_the_unit_of_goods_that_have_lots_is_not_decided(disputed, steward, seller):
    Lot.objects.create(product=disputed, code="L", code_key="L", unit=disputed.unit, declared_by=seller)
    with pytest.raises(ValidationError):
        decide(disputed, steward, field="unit", value="kg")


def test_what_was_not_decided_is_not_taken_back(disputed, steward):
    with pytest.raises(ValidationError):
        take_back(disputed, field="brand", reason="x", actor=steward)


@pytest.mark.parametrize("who", ["clerk", "officer", "laboratory"])
def test_only_stewards_decide(disputed, who, request, client):
    somebody = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        decide(disputed, somebody)
    client.force_login(somebody)
    assert client.get(address(disputed)).status_code == 403


@pytest.mark.parametrize(
    "statement", ["UPDATE catalog_fielddecision SET value = 'x'", "DELETE FROM catalog_fielddecision"]
)
def test_decisions_stay(disputed, steward, statement):
    decide(disputed, steward)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


# On the screen


def test_the_queue_leads_to_the_decision_and_the_page_shows_it(desk, disputed):
    queue = desk.get(reverse("catalog:conflict-list"))
    assert address(disputed) in queue.text
    answer = desk.post(address(disputed), {"pick": "乙", "reason": "包装照片如此"}, follow=True)
    for words in ("包装照片如此", "乙", "甲 (2)"):
        assert words in answer.text
    assert address(disputed) not in desk.get(reverse("catalog:conflict-list")).text


def test_something_else_is_typed_in_the_field_s_own_form(desk, disputed):
    desk.post(address(disputed, "category"), {"pick": "…", "other": disputed.category_id or "01", "reason": "x"})
    desk.post(address(disputed), {"pick": "…", "other": "丙", "reason": "x"})
    disputed.refresh_from_db()
    assert (disputed.brand, disputed.category_id) == ("丙", disputed.category_id)
    assert FieldDecision.objects.count() == 2


@pytest.mark.parametrize(
    "typed",
    [{}, {"pick": "乙"}, {"pick": "没人说过", "reason": "x"}, {"pick": "…", "other": "", "reason": "x"},
     {"pick": "…", "other": "长" * 500, "reason": "x"}, {"take_back": "1", "reason": "x"}],
)  # fmt: skip
def test_what_is_missing_is_said_and_nothing_is_written(desk, disputed, typed):
    answer = desk.post(address(disputed), typed)
    assert answer.status_code == 422
    assert not FieldDecision.objects.exists()


def test_a_decision_is_taken_back_on_the_same_page(desk, disputed, steward):
    decide(disputed, steward)
    desk.post(address(disputed), {"take_back": "1", "reason": "看错了"})
    disputed.refresh_from_db()
    assert disputed.brand == "甲"


def test_traders_see_where_a_value_comes_from_but_not_who(client, disputed, clerk, steward):
    decide(disputed, steward)
    client.force_login(clerk)
    page = client.get(reverse("catalog:product-detail", args=[disputed.pk])).text
    assert "包装照片如此" in page
    assert "示例商户0" not in page
    assert address(disputed) not in page


# Those who had said something else


@pytest.fixture
def told(disputed, steward):
    load_laws()
    load_alert_rules()
    decide(disputed, steward)
    run_rules()
    return Alert.objects.open()


def test_who_had_said_something_else_is_told_and_nobody_else(told):
    assert {alert.enterprise.name for alert in told} == {"示例商户0", "示例商户1"}
    assert "“乙”" in told[0].sentence


def test_who_agrees_now_is_told_no_more(told, disputed, clerk):
    contribute(disputed, {"brand": "乙"}, enterprise=told[0].enterprise, actor=clerk)
    run_rules()
    assert {alert.enterprise.name for alert in told.all()} == {"示例商户1"}


def test_a_decision_taken_back_is_told_to_the_others(told, disputed, steward):
    take_back(disputed, field="brand", reason="看错了", actor=steward)
    run_rules()
    assert {alert.enterprise.name for alert in told.all()} == {"示例商户2", "示例商户3"}


def test_after_a_month_nobody_is_told_any_more(told, time_machine):
    time_machine.move_to(timezone.now() + timedelta(days=31))
    run_rules()
    assert not told.filter(rule="CATALOGUE_CHANGED")
