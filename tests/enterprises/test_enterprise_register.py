"""Officers register, search and edit the enterprises of their area; traders look after their own record."""

from __future__ import annotations

import pytest
from django.urls import reverse

from certificates.models import Licence
from enterprises.models import Enterprise

LIST, ADD = "/enterprises/enterprise/", "/enterprises/enterprise/add/"
NEW = {
    "name": "道外示例红肠", "uscc": "91230104demh000601 ", "roles": ["PRODUCER"], "region": "230103001",
    "address": "示例街 6 号", "business_scope": "肉制品",
}  # fmt: skip


@pytest.fixture
def on_duty(client, officer):
    client.force_login(officer)
    return client


@pytest.mark.requirement("H-004", "H-005", "H-021", "H-036")
def test_an_officer_registers_an_enterprise_with_its_kind_of_business(on_duty):
    assert on_duty.post(ADD, NEW).status_code == 302
    row = Enterprise.objects.get(uscc="91230104DEMH000601")
    assert (row.roles, row.region_id, row.status) == (["PRODUCER"], "230103001", "active")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("uscc", "91230104DEMH000602"), ("uscc", ""), ("region", "4502"), ("region", "99"), ("region", "x"),
        ("roles", []), ("roles", ["KING"]), ("name", ""), ("name", "长" * 121), ("legacy_number", "123"),
    ],
)  # fmt: skip
def test_bad_input_is_told_beside_its_field_and_nothing_is_written(on_duty, field, value):
    page = on_duty.post(ADD, {**NEW, field: value})
    assert page.status_code == 422
    assert page.context["form"].errors[field]
    assert not Enterprise.objects.exists()


def test_the_longest_known_part_of_a_region_code_is_kept_with_the_original(on_duty):
    on_duty.post(ADD, {**NEW, "region": "230103999888"})
    row = Enterprise.objects.get()
    assert (row.region_id, row.region_as_given) == ("230103", "230103999888")


def test_the_same_code_twice_needs_a_place_number(on_duty):
    on_duty.post(ADD, NEW)
    assert on_duty.post(ADD, NEW).status_code == 422
    assert on_duty.post(ADD, {**NEW, "place": "2"}).status_code == 302


@pytest.mark.requirement("H-005", "H-170")
@pytest.mark.parametrize(
    "words", ["北谷", "bgsl", "BGSL", "91230110DEMH0001XB", "JY12301109000014", "南岗区", "粮油 bgsl"]
)
def test_an_enterprise_is_found_by_name_initials_number_licence_or_area(on_duty, seller, stranger, words):
    Licence.objects.create(
        holder=seller,
        kind_id="food_business",
        number="JY12301109000014",
        valid_from="2026-01-01",
        valid_until="2031-01-01",
    )
    assert list(on_duty.get(LIST, {"q": words}).context["page"]) == [seller]


def test_the_list_narrows_by_kind_state_area_and_silence(on_duty, seller, buyer):
    for query, expected in (
        ({"role": "RETAILER"}, [buyer]), ({"status": "closed"}, []), ({"region": "230103001"}, [buyer]),
        ({"silent": "7"}, [seller, buyer]), ({"silent": "nonsense", "role": "KING", "page": "x"}, [seller, buyer]),
    ):  # fmt: skip
        assert set(on_duty.get(LIST, query).context["page"]) == set(expected)


def test_every_change_is_remembered_with_its_author(on_duty, seller, officer):
    edit = reverse("enterprises:enterprise-edit", args=[seller.pk])
    typed = {**NEW, "name": "北谷新名", "uscc": seller.uscc, "region": "230103"}
    assert on_duty.post(edit, typed).status_code == 302
    page = on_duty.get(reverse("enterprises:enterprise-detail", args=[seller.pk]))
    assert page.context["events"][0].who == str(officer)


def test_a_manager_edits_the_own_record_but_not_what_the_authority_says(client, clerk, seller):
    client.force_login(clerk)
    edit = reverse("enterprises:enterprise-edit", args=[seller.pk])
    client.post(
        edit, {"name": seller.name, "telephone": "13811112222", "uscc": "X", "region": "45", "roles": ["PRODUCER"]}
    )
    seller.refresh_from_db()
    assert (seller.telephone, seller.region_id, seller.roles) == ("13811112222", "230103", ["WHOLESALER"])
