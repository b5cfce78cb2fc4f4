"""What papers are written from: a customer on the list, and a browser that reads English."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from enterprises.models import Partnership


@pytest.fixture
def customer(seller, buyer) -> Partnership:
    """The buyer stands on the seller's list."""
    return Partnership.objects.create(owner=seller, partner=buyer, role="customer")


@pytest.fixture
def supplier(seller, buyer) -> Partnership:
    """The seller stands on the buyer's list."""
    return Partnership.objects.create(owner=buyer, partner=seller, role="supplier")


@pytest.fixture
def signed_in(database) -> Callable[[User], Client]:
    def browser(user: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        return client

    return browser
