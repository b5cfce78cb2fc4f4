"""What the public looks at: goods with a maker, a lot of them that was traded, and a visitor who is nobody."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client

from catalog.models import Lot
from certificates.models import Licence
from ledgers.models import Invoice
from ledgers.services import confirm_invoice
from tests.conftest import make_draft

GTIN = "9520004000017"


@pytest.fixture
def visitor(database) -> Client:
    """Not signed in, reads English."""
    return Client(headers={"accept-language": "en"})


@pytest.fixture
def product(peanuts, stranger, today):
    """The peanuts with everything that a package says, made by an enterprise of the platform with a valid licence."""
    peanuts.brand, peanuts.origin, peanuts.maker = "示例牌", "广西柳州", stranger
    peanuts.maker_name, peanuts.maker_licence = stranger.name, "SC10145020300019"
    peanuts.save()
    year = datetime.timedelta(days=365)
    Licence.objects.create(
        state="verified", holder=stranger, kind_id="food_production", number="SC10145020300019",
        valid_from=today - year, valid_until=today + year,
    )  # fmt: skip
    return peanuts


@pytest.fixture
def invoice(seller, buyer, product, clerk) -> Invoice:
    """A trader's sale of 7331 bags of the lot PN-1."""
    return confirm_invoice(make_draft(seller, buyer, product, quantity="7331"), actor=clerk)


@pytest.fixture
def lot(invoice) -> Lot:
    return invoice.entries.get().lot


@pytest.fixture
def published(invoice) -> Invoice:
    return invoice


def text(response) -> str:
    """The page as it was sent."""
    return response.content.decode()
