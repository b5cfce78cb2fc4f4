"""What else a package says: storage, ingredients and the nutrition panel, entered once and seen everywhere."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from catalog.models import Listing, Product
from catalog.provenance import facts_of
from catalog.services import contribute
from catalog.stewarding import correct_product, take_back

GTIN = "9520004000017"
KEPT = "100g energy=1850 protein=24.5 fat=44 carbohydrate=20 sodium=10"
PRINTED = "每100克：能量1850千焦，蛋白质24.5克，脂肪44克，碳水化合物20克，钠10毫克"
LABEL = {"storage": "阴凉干燥处，开封后冷藏", "ingredients": "花生仁、食用盐、植物油", "nutrition": KEPT}


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def trader(client, clerk):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(clerk)
    return client


def test_a_clerk_types_it_as_printed_and_everybody_reads_it(trader, peanuts, seller):
    typed = {"barcode": GTIN, "kind": "prepacked"} | LABEL | {"nutrition": PRINTED}
    assert trader.post(reverse("catalog:listing-add"), typed).status_code == 302
    peanuts.refresh_from_db()
    assert {field: getattr(peanuts, field) for field in LABEL} == LABEL
    words = "per 100 g · energy 1850 kJ · protein 24.5 g"
    listing = Listing.objects.get(product=peanuts, enterprise=seller)
    for address in (
        reverse("catalog:listing-detail", args=[listing.pk]), reverse("catalog:product-detail", args=[peanuts.pk]),
        reverse("catalog:listing-edit", args=[listing.pk]),
    ):  # fmt: skip
        page = trader.get(address).text
        assert words in page
        assert LABEL["ingredients"] in page
    visitor = Client(headers={"accept-language": "en"})
    shown = visitor.get(reverse("portal:product", args=[GTIN])).text
    assert all(word in shown for word in ("per 100 g", "1850 kJ", LABEL["storage"], LABEL["ingredients"]))
    told = visitor.get(reverse("portal:product", args=[GTIN]), headers={"accept": "application/json"}).json()
    assert told["nutrition"]["per"] == "100g"
    assert told["nutrition"]["amounts"][0] == {"nutrient": "energy", "amount": "1850", "unit": "kJ"}


def test_a_panel_that_cannot_be_is_told_beside_the_field_and_stays_typed(trader, peanuts):
    typed = {"barcode": GTIN, "kind": "prepacked", "nutrition": "每100克：能量1850千焦 钙 5 毫克"}
    page = trader.post(reverse("catalog:listing-add"), typed)
    assert page.status_code == 422
    assert "every panel names it: protein, fat" in page.text
    assert "钙 5 毫克" in page.text


def test_it_is_resolved_like_every_other_field(peanuts, seller, buyer, clerk, buyer_clerk, steward):
    contribute(peanuts, LABEL, enterprise=seller, actor=clerk)
    other = KEPT.replace("44", "45")
    contribute(peanuts, {"nutrition": other}, enterprise=buyer, actor=buyer_clerk)
    assert Product.objects.get(pk=peanuts.pk).nutrition == KEPT  # one voice against one
    correct_product(peanuts, field="nutrition", value=other, reason="以包装为准", actor=steward)
    assert Product.objects.get(pk=peanuts.pk).nutrition == other
    take_back(peanuts, field="nutrition", reason="看错了", actor=steward)
    fact = next(fact for fact in facts_of(Product.objects.get(pk=peanuts.pk)) if fact.field == "nutrition")
    assert fact.value == KEPT
    assert [said.words.split(" · ")[3] for said in fact.said] == ["fat 44 g", "fat 45 g"]


def test_a_steward_types_another_panel_as_printed(client, peanuts, seller, clerk, steward):
    contribute(peanuts, LABEL, enterprise=seller, actor=clerk)
    client.force_login(steward)
    address = reverse("catalog:product-decide", args=[peanuts.pk, "nutrition"])
    typed = {"pick": "…", "other": PRINTED.replace("44", "45"), "reason": "以包装为准"}
    assert client.post(address, typed).status_code == 302
    assert Product.objects.get(pk=peanuts.pk).nutrition == KEPT.replace("44", "45")
