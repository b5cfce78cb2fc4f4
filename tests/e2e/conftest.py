"""A browser, a server whose transactions really commit, and the cast who sits in front of it."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connections
from django.test import Client
from django.test.testcases import QuietWSGIRequestHandler
from django.utils import timezone

from accounts.models import Region, User
from accounts.roles import Role
from catalog.barcodes import check_digit
from catalog.models import Listing, Product, ProductCode, Unit
from certificates.models import Licence
from config.wsgi import application
from enterprises.models import Partnership
from ledgers.models import Invoice
from ledgers.services import confirm_invoice
from ledgers.typed import LINE_FIELDS
from tests import databases
from tests.conftest import make_clerk, make_draft, make_enterprise, make_officer

try:
    from axe_playwright_python.base import AXE_SCRIPT
    from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
except ImportError:  # the journeys say so themselves
    AXE_SCRIPT = expect = sync_playwright = None

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 10_000  # milliseconds a page may take before a test gives up
GOODS = 20


# The browser


def why_no_browser() -> str:
    """Why journeys cannot be made here; empty where they can."""
    if sync_playwright is None:
        return "Playwright is not installed: browser journeys are left out."
    return (
        "" if Path(CHROMIUM).exists() else f"No Chromium on the path or at {CHROMIUM}: browser journeys are left out."
    )


@pytest.fixture(scope="package")
def browser(live_database) -> Iterator[Browser]:
    """One Chromium for all journeys. While it runs, this thread has an event loop, and connections of its own."""
    if reason := why_no_browser():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    with sync_playwright() as playwright, loop_tolerated():
        expect.set_options(timeout=PATIENCE)
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()
        connections.close_all()


@contextmanager
def loop_tolerated() -> Iterator[None]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        yield
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


# The server


@pytest.fixture(scope="package")
def live_database(django_db_setup, django_db_blocker) -> Iterator[None]:
    """A clone for all journeys, open to the tests' own thread as well."""
    with django_db_blocker.unblock(), databases.clone():
        yield


@pytest.fixture(scope="package")
def address(live_database) -> Iterator[str]:
    """Where the project is served, static files and Content Security Policy included."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.daemon_threads = True
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


# The cast


def barcode(n: int) -> str:
    body = f"952000{n:06d}"
    return body + check_digit(body)


def make_goods(n: int, *, owner: Any, **fields: Any) -> Product:
    """Prepackaged goods on the owner's list."""
    product = Product.objects.create(
        name=f"示例米粉{n}号", pack_size="335g", unit=Unit.objects.get(code="bag"), shelf_life_days=180, **fields
    )
    ProductCode.objects.create(product=product, gtin=barcode(n).zfill(14))
    Listing.objects.create(enterprise=owner, product=product, price=Decimal("8.80"))
    return product


def make_regions() -> None:
    for code, name in (
        ("23", "黑龙江省"), ("2301", "哈尔滨市"), ("230103", "南岗区"), ("230103001", "花园街道"),
        ("45", "广西壮族自治区"), ("4502", "柳州市"), ("450203", "鱼峰区"),
    ):  # fmt: skip
        Region.objects.get_or_create(code=code, defaults={"name": name})


def make_person(username: str, role: Role) -> User:
    user = User.objects.create_user(username, "pass")
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture(scope="package")
def cast(live_database) -> SimpleNamespace:
    """A wholesaler with twenty kinds of goods, its customer, their officer, and a paper between them."""
    make_regions()
    seller = make_enterprise("北谷示例粮油", "91230110DEMH0001XB", "230103", roles=["WHOLESALER"])
    buyer = make_enterprise("小街示例便利店", "92230103DEMH00036Y", "230103001", roles=["RETAILER"])
    maker = make_enterprise("鱼峰示例螺蛳粉", "91450203DEML000139", "450203", roles=["PRODUCER"])
    goods = [make_goods(n, owner=seller, maker=maker, brand="示例牌") for n in range(1, GOODS + 2)]
    partnership = Partnership.objects.create(owner=seller, partner=buyer, role="customer")
    Partnership.objects.create(owner=buyer, partner=seller, role="supplier")
    clerk = make_clerk("clerk", seller)
    day = timezone.localdate()
    licence = Licence.objects.create(
        holder=seller, kind_id="food_business", number="JY12301030000019", valid_from=day - timedelta(days=30),
        valid_until=day + timedelta(days=300), uploaded_for=seller,
    )  # fmt: skip
    confirm_invoice(make_draft(maker, seller, goods[GOODS], quantity="1000", author=seller), actor=clerk)
    return SimpleNamespace(
        seller=seller, buyer=buyer, maker=maker, goods=goods, clerk=clerk, buyer_clerk=make_clerk("buyer", buyer),
        officer=make_officer("nangang", "230103"), administrator=make_person("admin", Role.ADMINISTRATOR),
        laboratory=make_person("lab", Role.LABORATORY), partnership=partnership, licence=licence,
        paper=confirm_invoice(make_draft(seller, buyer, goods[GOODS], lot="PN-20260905"), actor=clerk),
    )  # fmt: skip


@pytest.fixture
def draft(cast) -> Invoice:
    """A sale that is complete but not confirmed."""
    return make_written_draft(cast)


def make_written_draft(cast: Any, *, day: date | None = None) -> Invoice:
    """A draft as the form keeps it: what was typed, and the line that it makes."""
    draft = make_draft(cast.seller, cast.buyer, cast.goods[GOODS], day=day)
    goods = {"code": barcode(GOODS + 1), "lot": "PN-1", "quantity": "10", "price": "12.50"}
    line = dict.fromkeys(LINE_FIELDS, "") | goods
    typed = {"partner": cast.buyer.name, "traded_on": str(draft.traded_on), "paper_number": "", "note": ""}
    Invoice.objects.filter(pk=draft.pk).update(typed={**typed, "lines": [line]}, version=1)
    draft.refresh_from_db()
    return draft


# In front of the screen


def session_of(user: User, address: str) -> dict[str, str]:
    """The cookie of somebody who is signed in."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": address}


Visit = Callable[..., "Page"]


@pytest.fixture(scope="package")
def context_of(browser, address) -> Callable[..., BrowserContext]:
    """Opens a window for somebody: signed in by cookie, reading English unless told otherwise."""

    def open_window(user: User | None = None, *, language: str = "en", **options: Any) -> BrowserContext:
        options = {"locale": language, "base_url": address, "viewport": {"width": 1280, "height": 900}} | options
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE)
        if user:
            context.add_cookies([session_of(user, address)])
        return context

    return open_window


@pytest.fixture
def visit(context_of) -> Iterator[Visit]:
    """`visit(path, user)` opens a page in a window of its own; all are closed after the test."""
    windows = []

    def open_page(path: str, user: User | None = None, **options: Any) -> Page:
        windows.append(context_of(user, **options))
        page = windows[-1].new_page()
        page.goto(path)
        return page

    yield open_page
    for window in windows:
        window.close()


def heading(page: Page) -> str:
    return page.locator("h1").inner_text()


def focused(page: Page) -> str:
    """The id of what the keyboard speaks to."""
    return page.evaluate("document.activeElement.id || document.activeElement.textContent")


def typed_rows(invoice: Invoice) -> list[dict[str, str]]:
    """The lines of a draft as they are kept."""
    return Invoice.objects.get(pk=invoice.pk).typed["lines"]
