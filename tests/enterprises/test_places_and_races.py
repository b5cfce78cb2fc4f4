"""What a firm's places share and what they do not, and what happens when two press at once."""

from __future__ import annotations

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from catalog.models import Listing
from certificates.models import Licence
from enterprises.models import Enterprise, Partnership
from enterprises.services import PartnerFacts, add_partner, appoint, find_or_enter, identity_hash
from tests.conftest import make_clerk, make_enterprise
from tests.registers.test_every_register import a_uscc

PARTNERS, ADD = reverse("enterprises:partnership-list"), reverse("enterprises:partnership-add")
RESIDENT = "11010519491231002X"


@pytest.fixture
def branch(seller) -> Enterprise:
    return make_enterprise("北谷示例粮油二店", seller.uscc, "230103", place="2", headquarters=seller)


@pytest.fixture
def branch_clerk(branch):
    """Keeps the books of the one place only."""
    return make_clerk("branch", branch)


# Places


def test_a_place_s_clerk_sees_the_partners_of_the_headquarters(client, branch_clerk, seller, buyer):
    Partnership.objects.create(owner=seller, partner=buyer, role="customer")
    client.force_login(branch_clerk)
    assert buyer.name in client.get(PARTNERS).text


def test_what_a_place_s_clerk_adds_everybody_of_the_firm_has(client, branch_clerk, clerk, seller, buyer):
    client.force_login(branch_clerk)
    saved = client.post(ADD, {"role": "supplier", "number": buyer.uscc})
    assert client.get(saved.url).status_code == 200
    assert Partnership.objects.get().owner == seller
    client.force_login(clerk)
    assert buyer.name in client.get(PARTNERS).text


def test_goods_and_licences_serve_the_places_too(client, branch_clerk, seller, peanuts):
    Licence.objects.create(
        holder=seller, kind_id="business", number="L1", valid_from="2026-01-01", valid_until="2036-01-01"
    )
    client.force_login(branch_clerk)
    assert "示例花生" in client.get(reverse("catalog:listing-list")).text
    assert "L1" in client.get(reverse("certificates:licence-list")).text


def test_papers_and_the_record_stay_with_their_place(client, branch_clerk, seller, draft):
    client.force_login(branch_clerk)
    assert client.get(reverse("ledgers:invoice-detail", args=[draft.pk])).status_code == 404
    assert client.get(reverse("enterprises:enterprise-detail", args=[seller.pk])).status_code == 404


def test_a_new_place_of_a_known_firm_is_entered_beside_it(client, clerk, buyer):
    client.force_login(clerk)
    assert client.post(ADD, {"role": "customer", "number": buyer.uscc, "place": "2"}).status_code == 422
    client.post(ADD, {"role": "customer", "number": buyer.uscc, "place": "2", "name": "小街示例便利店二店"})
    assert Partnership.objects.get().partner.place == "2"
    assert Enterprise.objects.by_number(buyer.uscc).count() == 2


def test_a_place_is_registered_once(buyer):
    with pytest.raises(IntegrityError, match="one_row_per_place"), transaction.atomic():
        Enterprise.objects.create(name="又一个", uscc=buyer.uscc)


def test_a_place_is_not_its_own_headquarters(seller):
    with pytest.raises(IntegrityError, match="enterprise_is_not_its_own_headquarters"), transaction.atomic():
        Enterprise.objects.filter(pk=seller.pk).update(headquarters=seller)


# Several enterprises of one person


def test_a_right_over_people_is_no_right_over_books(client, clerk, buyer, stranger):
    appoint(clerk, enterprise=buyer, keeps_books=False, manages_members=True, actor=clerk)
    row = Partnership.objects.create(owner=buyer, partner=stranger, role="supplier")
    client.force_login(clerk)
    for action in ("edit", "delete"):
        address = reverse(f"enterprises:partnership-{action}", args=[row.pk])
        assert client.post(address, {"telephone": "1"}).status_code == 404


def test_goods_of_the_other_enterprise_are_not_changed_from_here(client, clerk, buyer, peanuts):
    appoint(clerk, enterprise=buyer, keeps_books=False, manages_members=True, actor=clerk)
    row = Listing.objects.create(enterprise=buyer, product=peanuts)
    client.force_login(clerk)
    assert client.post(reverse("catalog:listing-delete", args=[row.pk])).status_code == 404


@pytest.mark.parametrize("chosen", ["²", "", "x", "999999", "9" * 40])
def test_one_acts_only_for_one_s_own(client, clerk, stranger, chosen):
    client.force_login(clerk)
    for enterprise in (chosen, str(stranger.pk)):
        client.post(reverse("enterprises:act-for"), {"enterprise": enterprise})
        assert stranger.name not in client.get(reverse("home")).text


# Numbers


def test_an_empty_number_is_nobody_s(buyer):
    assert not Enterprise.objects.by_number("").exists()
    assert not Enterprise.objects.by_number(" - ").exists()


def test_facts_without_a_number_meet_nobody(seller, buyer, clerk):
    with pytest.raises(ValidationError):
        find_or_enter(PartnerFacts(name="无号"), owner=seller, actor=clerk)


@pytest.mark.parametrize("number", ["", "\0", "%", "1", "9" * 500, "名"])
def test_what_is_no_number_finds_nobody(client, clerk, buyer, number):
    client.force_login(clerk)
    assert client.get(reverse("enterprises:lookup"), {"number": number}).json() == {"found": []}


def test_an_old_number_is_registered_once(db):
    Enterprise.objects.create(name="老字号", legacy_number="110108000000016")
    with pytest.raises(IntegrityError, match="one_row_per_legacy_number"), transaction.atomic():
        Enterprise.objects.create(name="又一个", legacy_number="110108000000016")


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("uscc_is_upper_case", {"uscc": "92230103demh00036y"}),
        ("person_is_kept_by_somebody", {"is_person": True}),
    ],
)
def test_the_database_refuses_a_wrong_record(db, name, fields):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Enterprise.objects.create(name="某店", **fields)


@pytest.mark.parametrize("name", ["partner_is_listed_once", "partner_is_somebody_else"])
def test_the_database_refuses_a_wrong_partner(seller, buyer, name):
    partner = buyer if name == "partner_is_listed_once" else seller
    Partnership.objects.create(owner=seller, partner=buyer, role="supplier")
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Partnership.objects.create(owner=seller, partner=partner, role="supplier")


def test_a_partner_who_left_comes_back_as_the_same_row(seller, buyer, clerk, today):
    row = Partnership.objects.create(owner=seller, partner=buyer, role="supplier", ended_on=today)
    assert add_partner(buyer, owner=seller, role="supplier", details={}, actor=clerk).pk == row.pk
    assert Partnership.objects.current().get() == row


def test_the_hash_of_an_identity_depends_on_the_secret(settings):
    before = identity_hash(RESIDENT)
    settings.SECRET_KEY = "another"
    assert identity_hash(RESIDENT) != before


# Two at once


def press_together(*pressing) -> None:
    def alone(press) -> None:
        try:
            press()
        finally:
            connection.close()

    threads = [threading.Thread(target=alone, args=[press]) for press in pressing]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_double_click_makes_one_partner(real_database, request):
    clerk, answers = request.getfixturevalue("clerk"), []

    def press() -> None:
        browser = Client(raise_request_exception=False)
        browser.force_login(clerk)
        typed = {"role": "supplier", "number": a_uscc(1), "name": "新户商贸"}
        answers.append(browser.post(ADD, typed).status_code)

    press_together(*[press] * 4)
    assert sorted(answers) == [302, 422, 422, 422]
    assert Enterprise.objects.filter(uscc=a_uscc(1)).count() == Partnership.objects.count() == 1


def test_two_firms_that_enter_the_same_number_at_once_share_one_row(real_database, request):
    found = []
    facts = PartnerFacts(name="新户商贸", uscc=a_uscc(1))
    pairs = [(request.getfixturevalue(who), request.getfixturevalue(firm)) for who, firm in
             (("clerk", "seller"), ("buyer_clerk", "buyer"), ("stranger_clerk", "stranger"))]  # fmt: skip
    press_together(
        *[
            lambda who=who, firm=firm: found.append(find_or_enter(facts, owner=firm, actor=who).pk)
            for who, firm in pairs
        ]
    )
    assert len(found) == 3
    assert len(set(found)) == 1
