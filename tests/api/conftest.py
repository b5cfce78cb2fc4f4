"""A program with a token, and some goods that it may ask for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from catalog.models import Product, ProductCode, Unit
from exchange.clients import make_client
from exchange.models import ApiClient
from tests.registers.test_every_register import a_barcode

GTIN = "9520004000017"


@pytest.fixture
def token(administrator) -> str:
    """The token of a program that may read products."""
    return make_client(
        ApiClient(name="示例程序", scopes=["products:read"], limit_per_minute=1_000), actor=administrator
    )


Ask = Callable[..., Any]


@pytest.fixture
def ask(token) -> Ask:
    """Asks an address of the API as that program, in English."""
    client = Client(headers={"authorization": f"Bearer {token}", "accept-language": "en"})

    def ask(path: str, asked: dict[str, Any] | None = None, **headers: str) -> Any:
        return client.get(f"/api/v1/{path}", asked, headers={k.replace("_", "-"): v for k, v in headers.items()})

    return ask


def make_product(n: int, **fields: Any) -> Product:
    """Shared goods with a barcode."""
    product = Product.objects.create(**{"name": f"示例饼干{n}", "unit": Unit.objects.get(code="bag")} | fields)
    ProductCode.objects.create(product=product, gtin=a_barcode(n).zfill(14))
    return product


@pytest.fixture
def time_machine_later() -> Callable[[float], Any]:
    """The clock of Python some seconds ahead of that of the database."""
    return lambda seconds: time_machine.travel(timezone.now() + timedelta(seconds=seconds))
