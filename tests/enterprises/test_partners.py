"""Suppliers and customers: found by number, made as stubs, kept to oneself."""

from __future__ import annotations

import pytest
from django.urls import reverse

from enterprises.models import Enterprise, Partnership

ADD = "/enterprises/partnership/add/"
KNOWN, UNKNOWN, OLD = "92230103DEMH00036Y", "91230108DEMH00079P", "320404000009558"


@pytest.fixture
def trader(client, clerk):
    client.force_login(clerk)
    return client


def add(client, **typed):
    return client.post(ADD, {"role": "supplier", **typed})


@pytest.mark.requirement("H-083", "H-086", "H-115", "H-117", "H-094")
def test_a_known_number_fills_the_rest(trader, seller, buyer):
    facts = trader.get(reverse("enterprises:lookup"), {"number": f" {KNOWN.lower()} "}).json()["found"]
    assert facts[0]["name"] == buyer.name
    assert "telephone" not in facts[0]
    assert add(trader, number=KNOWN).status_code == 302
    assert Partnership.objects.get(owner=seller).partner == buyer
    assert Enterprise.objects.filter(uscc=KNOWN).count() == 1


@pytest.mark.requirement("H-095")
def test_an_unknown_partner_becomes_a_stub_that_the_next_user_finds(client, trader, buyer_clerk):
    add(trader, number=UNKNOWN, name="平房示例副食", address="示例路 7 号", telephone="13800001007")
    stub = Enterprise.objects.get(uscc=UNKNOWN)
    assert stub.status == "stub"
    client.force_login(buyer_clerk)
    assert client.get(reverse("enterprises:lookup"), {"number": UNKNOWN}).json()["found"][0]["name"] == stub.name
    add(client, number=UNKNOWN)
    assert Enterprise.objects.filter(uscc=UNKNOWN).count() == 1
    assert stub.known_as.count() == 2


def test_an_old_number_serves_as_well(trader):
    assert add(trader, number=OLD, name="老字号示例").status_code == 302
    assert Enterprise.objects.get(legacy_number=OLD).uscc == ""


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("92230103DEMH00036X", "36Y"),
        ("92230103DEMH0003", "18"),
        ("320404000009559", "15|位"),
        ("", "号|number"),
        ("胡说八道", "18"),
    ],
)
def test_a_wrong_number_is_refused_beside_its_field(trader, number, words):
    page = add(trader, number=number, name="示例")
    assert page.status_code == 422
    assert page.context["form"].errors["number"]
    assert not Partnership.objects.exists()


def test_an_unknown_number_needs_a_name(trader):
    page = add(trader, number=UNKNOWN)
    assert "name" in page.context["form"].errors
    assert not Enterprise.objects.filter(uscc=UNKNOWN).exists()


def test_a_partner_is_listed_once(trader, buyer):
    add(trader, number=KNOWN)
    assert add(trader, number=KNOWN).status_code == 422
    assert add(trader, number=KNOWN, role="customer").status_code == 302


def test_nobody_is_its_own_partner(trader, seller):
    assert add(trader, number=seller.uscc).status_code == 422


FARMER = {"is_person": "on", "name": "张示例", "telephone": "13800001111", "resident_number": "11010519491231002X"}


def test_a_farmer_is_known_to_nobody_else_and_only_as_a_fingerprint(client, trader, seller, buyer_clerk, officer):
    assert add(trader, **FARMER).status_code == 302
    farmer = Enterprise.objects.get(is_person=True)
    assert (farmer.kept_by, farmer.identity_last4) == (seller, "002X")
    assert "11010519491231002X" not in str(Enterprise.objects.filter(pk=farmer.pk).values().get())
    client.force_login(buyer_clerk)
    assert client.get(reverse("enterprises:lookup"), {"number": "11010519491231002X"}).json() == {"found": []}
    add(client, **FARMER)
    assert Enterprise.objects.filter(is_person=True).count() == 2


def test_the_same_farmer_is_entered_once(trader):
    add(trader, **FARMER)
    assert add(trader, **FARMER).status_code == 422
    assert Enterprise.objects.filter(is_person=True).count() == 1


def test_a_wrong_identity_number_is_refused(trader):
    page = add(trader, **{**FARMER, "resident_number": "110105194912310021"})
    assert "resident_number" in page.context["form"].errors


@pytest.mark.requirement("H-093")
def test_the_list_is_found_and_edited_by_its_owner_alone(client, trader, buyer, stranger_clerk):
    add(trader, number=KNOWN, contact_name="王示例", agreed_price="九五折")
    row = Partnership.objects.get()
    edit = reverse("enterprises:partnership-edit", args=[row.pk])
    assert trader.post(edit, {"contact_name": "李示例", "telephone": "", "agreed_price": "九折"}).status_code == 302
    assert "李示例" in trader.get(reverse("enterprises:partnership-list"), {"q": "xjslbld"}).text
    client.force_login(stranger_clerk)
    assert client.get(edit).status_code == 404
    assert "九折" not in client.get(reverse("enterprises:partnership-list")).text


def test_places_share_the_partners_of_their_headquarters(client, seller, buyer, clerk):
    place = Enterprise.objects.create(
        name="分店", uscc=seller.uscc, place="2", headquarters=seller, region=seller.region
    )
    client.force_login(clerk)
    client.post(reverse("enterprises:act-for"), {"enterprise": place.pk})
    add(client, number=KNOWN)
    assert Partnership.objects.get().owner == seller
