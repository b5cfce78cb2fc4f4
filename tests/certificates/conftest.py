"""Papers that the tests of certificates speak of."""

from __future__ import annotations

import datetime

import pytest
from django.utils import translation

from certificates.models import CertificatePage, ConformityDocument, Licence
from enterprises.models import Partnership
from tests.attachments.samples import as_file, phone_photo


@pytest.fixture(autouse=True)
def in_english(client):
    """Sentences are compared in English."""
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def photo():
    """A new upload of a telephone's photo."""
    return lambda: as_file(phone_photo())


@pytest.fixture
def knows_seller(seller, buyer):
    """The seller stands on the buyer's list of suppliers."""
    return Partnership.objects.create(owner=buyer, partner=seller, role="supplier")


def public_licence(holder, photo) -> Licence:
    """A checked food licence of somebody in business, with this picture."""
    licence = Licence.objects.create(
        holder=holder, kind_id="food_business", number="JY12301030000016", state="verified", valid_from="2026-01-01",
        valid_until="2030-12-31", uploaded_for=holder,
    )  # fmt: skip
    CertificatePage.objects.create(certificate=licence, attachment=photo)
    return licence


def report(product, holder, *, issued: datetime.date, lot: str = "", **fields) -> ConformityDocument:
    """A test report of `holder`'s own about these goods."""
    facts = {"kind_id": "self_test", "number": "R-1", "uploaded_for": holder} | fields
    return ConformityDocument.objects.create(
        product=product, holder=holder, lot_code=lot, valid_from=issued, issued_on=issued, **facts
    )
