"""Licences: whose they are, how their numbers look, and when they run out."""

from __future__ import annotations

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from certificates.models import Licence

LIST, ADD = reverse("certificates:licence-list"), reverse("certificates:licence-add")


def typed(owner, **changes: str) -> dict[str, str]:
    return {
        "holder": owner.uscc, "kind": "business", "number": "L-1", "valid_from": "2026-01-01",
        "valid_until": "2036-01-01", **changes,
    }  # fmt: skip


def make(holder, *, number="L-1", ends: datetime.date, begins: datetime.date | None = None) -> Licence:
    begins = begins or ends - datetime.timedelta(days=1800)
    return Licence.objects.create(holder=holder, kind_id="business", number=number, valid_from=begins, valid_until=ends)


@pytest.fixture
def trader(client, clerk):
    client.force_login(clerk)
    return client


@pytest.fixture
def on_duty(client, officer):
    client.force_login(officer)
    return client


# Whose


@pytest.mark.requirement("H-021")
def test_a_licence_is_entered_by_its_holder_s_number(trader, seller):
    number = f" {seller.uscc[:8].lower()} {seller.uscc[8:]}"
    assert trader.post(ADD, typed(seller, holder=number)).status_code == 302
    assert Licence.objects.get().holder == seller


def test_an_officer_enters_it_for_the_enterprises_of_the_area(on_duty, seller):
    assert on_duty.post(ADD, typed(seller)).status_code == 302


@pytest.mark.parametrize("who", ["clerk", "officer"])
def test_nobody_enters_one_for_a_stranger(client, request, stranger, who):
    client.force_login(request.getfixturevalue(who))
    page = client.post(ADD, typed(stranger))
    assert page.status_code == 422
    assert "holder" in page.context["form"].errors
    assert not Licence.objects.exists()


def test_a_licence_is_not_moved_to_a_stranger(trader, seller, stranger, today):
    row = make(seller, ends=today + datetime.timedelta(days=300))
    Licence.objects.update(uploaded_for=seller)
    assert trader.post(reverse("certificates:licence-edit", args=[row.pk]), typed(stranger)).status_code == 422
    row.refresh_from_db()
    assert row.holder == seller


def test_an_unknown_holder_is_told(trader):
    page = trader.post(ADD, {"holder": "x", "kind": "business", "number": "1", "valid_from": "", "valid_until": ""})
    assert {"holder", "valid_from"} <= set(page.context["form"].errors)


def test_a_licence_is_never_deleted(trader, seller, today):
    row = make(seller, ends=today)
    assert trader.post(f"{LIST}{row.pk}/delete/").status_code == 404
    assert Licence.objects.exists()


# What is written on it


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("food_business", "JY12301030000017"), ("filing", "yb12301030000017"),
        ("food_production", "SC10323010000001"), ("production_qs", "QS230101010001"),
        ("food_production", " SC103 2301 0000 001"), ("business", "91230110DEMH0001XB"),
    ],
)  # fmt: skip
def test_a_number_of_the_right_shape_is_taken_and_tidied(trader, seller, kind, number):
    assert trader.post(ADD, typed(seller, kind=kind, number=number, valid_until="2030-12-31")).status_code == 302
    assert Licence.objects.get().number == number.replace(" ", "").upper()


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("food_business", "JY1230103000001"), ("food_business", "SC10323010000001"), ("food_production", "SC1"),
        ("food_production", "JY12301030000017"), ("diploma", "L-1"), ("business", ""), ("business", "L" * 41),
    ],
)  # fmt: skip
def test_a_number_of_the_wrong_shape_is_refused(trader, seller, kind, number):
    page = trader.post(ADD, typed(seller, kind=kind, number=number))
    assert page.status_code == 422
    assert {"number", "kind"} & set(page.context["form"].errors)


def test_a_number_is_registered_once(trader, seller):
    trader.post(ADD, typed(seller))
    assert trader.post(ADD, typed(seller)).status_code == 422
    with pytest.raises(IntegrityError, match="licence_number_is_unique"), transaction.atomic():
        make(seller, ends=datetime.date(2030, 1, 1))


def test_a_licence_does_not_end_before_it_begins(trader, seller):
    assert trader.post(ADD, typed(seller, valid_until="2025-12-31")).status_code == 422
    with pytest.raises(IntegrityError, match="licence_period_is_ordered"), transaction.atomic():
        make(seller, begins=datetime.date(2030, 1, 2), ends=datetime.date(2030, 1, 1))


def test_a_licence_of_one_day_is_one(seller, today):
    make(seller, begins=today, ends=today).full_clean()


@pytest.mark.parametrize("day", ["2026-02-30", "0000-00-00", "99999-01-01", "明天", "2026-13-01", "\0"])
def test_what_is_no_day_is_refused(trader, seller, day):
    page = trader.post(ADD, typed(seller, valid_until=day))
    assert page.status_code == 422
    assert "valid_until" in page.context["form"].errors


def test_the_shape_holds_for_code_too(seller, today):
    with pytest.raises(ValidationError):
        Licence(holder=seller, kind_id="food_business", number="1", valid_from=today, valid_until=today).full_clean()


# When it ends


@pytest.mark.parametrize(
    ("days", "state"), [(-1, "expired"), (0, "expiring"), (29, "expiring"), (30, "valid"), (400, "valid")]
)
def test_a_licence_says_how_it_stands_today(seller, today, days, state):
    assert make(seller, ends=today + datetime.timedelta(days=days)).validity == state


def test_one_that_begins_tomorrow_is_not_valid_yet(seller, today):
    tomorrow = today + datetime.timedelta(days=1)
    row = make(seller, begins=tomorrow, ends=tomorrow)
    assert row.validity == "early"
    assert not Licence.objects.valid_on(today).exists()
    assert Licence.objects.valid_on(tomorrow).get() == row


def test_the_list_shows_what_ends_soon_and_what_has_ended(trader, seller, today):
    for days in (-1, 5, 400):
        make(seller, number=f"ends {days}", ends=today + datetime.timedelta(days=days))
    make(seller, number="begins 3", begins=today + datetime.timedelta(days=3), ends=today + datetime.timedelta(days=9))
    found = {
        state: [(row.number, row.validity) for row in trader.get(LIST, {"state": state}).context["page"]]
        for state in ("valid", "expiring", "expired", "early")
    }
    assert found == {
        "valid": [("ends 400", "valid")], "expiring": [("ends 5", "expiring")], "expired": [("ends -1", "expired")],
        "early": [("begins 3", "early")],
    }  # fmt: skip


def test_what_ends_first_stands_first(trader, seller, today):
    for days in (400, 5, 90):
        make(seller, number=f"ends {days}", ends=today + datetime.timedelta(days=days))
    assert [row.number for row in trader.get(LIST).context["page"]] == ["ends 5", "ends 90", "ends 400"]


def test_a_licence_is_found_by_number_or_holder(on_duty, seller, today):
    make(seller, number="JY12301030000017", ends=today)
    for words in ("JY1230", seller.name, seller.uscc, "bgsl"):
        assert on_duty.get(LIST, {"q": words}).context["page"].paginator.count == 1, words
