"""How many products a second the JSON API tells, beside an answer of nothing behind the same middleware and token."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory, override_settings

from accounts.models import User
from catalog.barcodes import Barcode
from catalog.models import Product, ProductCode, Unit
from config.benches import crowd
from config.benches.foods import names
from config.benches.measures import Measure, Report, in_turns
from config.benches.place import vacuum
from exchange.clients import make_client
from exchange.models import ApiClient, ApiScope

PER_MINUTE = 60_000


@dataclass(frozen=True)
class Size:
    products: int = 20_000
    rounds: int = 5
    seconds: int = 2
    asked: int = 20_000  # at most in a round


class Refused(Exception):
    """An answer was not the one that is measured."""


def run(size: Size) -> Report:
    """Ask for products and for nothing in turns, each time by a crowd with tokens of its own."""
    codes, tokens = _products(size), _tokens()
    with override_settings(ROOT_URLCONF="config.benches.api_urls", ALLOWED_HOSTS=["testserver"]):
        ways = [partial(_rate, address, codes, tokens, size) for address in (_product, _nothing)]
        in_turns(*ways, rounds=1)  # caches have their size now
        ours, nothing = in_turns(*ways, rounds=size.rounds)
    return Report("api", [Measure("product_of_nothing", ours, nothing, "rps")], {"products": size.products}, [])


def _product(code: str) -> str:
    return f"/api/v1/products/{code}"


def _nothing(_code: str) -> str:
    return "/api/bench/nothing"


def _rate(address: Callable[[str], str], codes: Sequence[str], tokens: Sequence[str], size: Size) -> float:
    def begin() -> crowd.Step:
        handler, factory = WSGIHandler(), RequestFactory()
        headers = {"authorization": f"Bearer {tokens[os.getpid() % len(tokens)]}", "accept": "application/json"}

        def ask(code: str) -> None:
            request = factory.get(address(code), headers=headers)
            response = handler(request.environ, _started)
            b"".join(response)
            response.close()

        return ask

    return crowd.per_second(begin, random.choices(codes, k=size.asked), seconds=size.seconds)


def _started(status: str, *_more: Any) -> Callable[[bytes], object]:
    if not status.startswith(str(HTTPStatus.OK.value)):
        raise Refused(status)
    return lambda _body: None


def _products(size: Size) -> list[str]:
    """Shared goods with a barcode each; returns the barcodes as printed."""
    unit = Unit.objects.get(code="bag")
    goods = Product.objects.bulk_create(
        Product(name=name, unit=unit, maker_name="示例厂", brand="示例") for name in names(size.products)
    )
    codes = [Barcode(gtin, gtin) for gtin in (_gtin(place) for place in range(size.products))]
    ProductCode.objects.bulk_create(
        ProductCode(product=product, gtin=code.gtin) for product, code in zip(goods, codes, strict=True)
    )
    vacuum("catalog_product", "catalog_productcode")
    return [code.shown for code in codes]


def _gtin(place: int) -> str:
    body = f"0952{place:09d}"
    total = sum(int(digit) * (3 if n % 2 == 0 else 1) for n, digit in enumerate(body))
    return f"{body}{-total % 10}"


def _tokens() -> list[str]:
    """A token for each of the crowd: none of them may ask without end."""
    administrator = User.objects.create_superuser("bench")
    return [
        make_client(
            ApiClient(name=f"程序 {n}", scopes=[ApiScope.PRODUCTS_READ], limit_per_minute=PER_MINUTE),
            actor=administrator,
        )
        for n in range(crowd.CLIENTS)
    ]
