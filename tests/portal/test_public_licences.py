"""Licences for everybody: those that somebody has checked, and nothing that was taken back."""

from __future__ import annotations

import datetime

import pytest
from django.urls import reverse

from attachments.services import store
from certificates.models import CertificateKind, Licence
from certificates.services import withdraw
from enterprises.models import Enterprise
from tests.attachments.samples import as_file, phone_photo
from tests.certificates.conftest import public_licence

pytestmark = pytest.mark.requirement("H-150")


@pytest.fixture
def licence(seller, clerk) -> Licence:
    """The seller's, checked, with a photo."""
    return public_licence(seller, store(as_file(phone_photo()), actor=clerk))


def picture(licence: Licence) -> str:
    return reverse("portal:licence-picture", args=[licence.pk, licence.pages.get().attachment_id])


def page(licence: Licence) -> str:
    return reverse("portal:licence", args=[licence.pk])


def test_whoever_looks_for_a_shop_reads_its_licence_with_its_picture(visitor, licence, seller):
    assert page(licence) in visitor.get("/", {"q": seller.name}).text
    shown = visitor.get(page(licence)).text
    assert all(words in shown for words in ("In force until", licence.number, seller.name, picture(licence)))
    whole, small = visitor.get(picture(licence)), visitor.get(picture(licence), {"small": ""})
    assert (whole.status_code, small.status_code, whole["Content-Type"]) == (200, 200, "image/jpeg")
    assert small["ETag"] != whole["ETag"]
    assert not whole.cookies


def test_one_that_has_ended_says_so(visitor, licence, today):
    Licence.objects.filter(pk=licence.pk).update(valid_until=today - datetime.timedelta(days=1))
    assert "Not in force today" in visitor.get(page(licence)).text


@pytest.mark.parametrize("why", ["unchecked", "private"])
def test_what_nobody_has_checked_or_is_not_for_the_public_is_not_shown(visitor, licence, why):
    if why == "private":
        CertificateKind.objects.filter(pk=licence.kind_id).update(is_public=False)
    else:
        Licence.objects.filter(pk=licence.pk).update(state="pending")
    assert {visitor.get(address).status_code for address in (page(licence), picture(licence))} == {404}


def test_what_was_taken_back_is_gone(visitor, licence, clerk):
    withdraw(licence, reason="证照已注销", enterprise=licence.holder, actor=clerk)
    assert {visitor.get(address).status_code for address in (page(licence), picture(licence))} == {404}


def test_the_licence_of_nobody_in_business_is_not_shown(visitor, licence, seller):
    Enterprise.objects.filter(pk=seller.pk).update(status="closed")
    assert {visitor.get(address).status_code for address in (page(licence), picture(licence))} == {404}


def test_a_file_of_another_paper_is_not_reached_through_it(visitor, licence, seller, clerk):
    other = store(as_file(phone_photo()), actor=clerk)
    assert visitor.get(reverse("portal:licence-picture", args=[licence.pk, other.pk + 1])).status_code == 404
