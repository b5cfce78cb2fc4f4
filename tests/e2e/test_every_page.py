"""Every page of the house as it is seen: wide and narrow, light and dark, on paper, and by those who cannot see."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from accounts.models import Authority, Region
from catalog.models import FoodCategory, Listing, Unit
from enterprises.models import Claim, Proposal
from ledgers.models import LedgerEntry
from tests.e2e.conftest import make_written_draft
from tests.security.test_every_address import addresses, parameters, table

ROLES = ("anonymous", "clerk", "officer", "administrator")
NO_PAGE = re.compile(r"-export$|lookup$|healthz|readyz|voucher$(?<!portal:voucher)")
WIDTHS = (320, 390, 1280)
FRAME = ".house-header, .house-navigation, .house-tabs, .portal-header form"


def pages():
    """Every address that shows a page, once, with the first role that may open it; the start page for each role."""
    rows = {name: row for (name, method), row in table().items() if method == "get"}
    for name, names in addresses():
        if name in rows and not NO_PAGE.search(name):
            allowed = [role for role in ROLES if rows[name][role] == "200"]
            for role in allowed if name == "account_logout" else allowed[:1]:
                yield pytest.param(role, name, names, id=name)
    for role in ("buyer_clerk", "officer", "administrator", "laboratory"):
        yield pytest.param(role, "home", (), id=f"home of {role}")


@pytest.fixture(scope="package")
def objects(cast):
    """One row of everything, by the name under which addresses speak of it."""
    entry = LedgerEntry.objects.get(invoice=cast.paper)
    claim = Claim.objects.create(enterprise=cast.seller, evidence="示例", author=cast.clerk)
    proposal = Proposal.objects.create(enterprise=cast.seller, author=cast.clerk, changes={"address": "新址"})
    listing = Listing.objects.get(product=cast.goods[-1])
    return {
        "region": Region.objects.get(code="230103").pk, "authority": Authority.objects.get().pk, "user": cast.clerk.pk,
        "enterprise": cast.seller.pk, "partnership": cast.partnership.pk, "licence": cast.licence.pk,
        "listing": listing.pk, "product": listing.product_id, "invoice": cast.paper.pk, "claim": claim.pk,
        "unit": Unit.objects.get(code="bag").pk, "foodcategory": FoodCategory.objects.first().pk,
        "proposal": proposal.pk, "draft": make_written_draft(cast).pk, "purchases": entry.pk, "sales": entry.pk,
        "lot": entry.lot_id, "token": cast.paper.voucher_token, "code": entry.lot.code,
    }  # fmt: skip


def violations(page):
    """What axe finds, a line for each: no rule is left out."""
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


def overflows(page):
    """The widths at which the page is wider than its window."""
    wide = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(width)
    return wide


class Watched:
    """A page with what it asked for and complained of."""

    def __init__(self, context, address):
        self.page = context.new_page()
        self.address = address
        self.complaints, self.hosts = [], set()
        self.page.on("console", lambda line: line.type == "error" and self.complaints.append(line.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))


@pytest.fixture(scope="package")
def windows(context_of, cast):
    """One window for each role, in Chinese."""
    opened = {}

    def window(role):
        if role not in opened:
            opened[role] = context_of(getattr(cast, role, None), language="zh-CN")
        return opened[role]

    yield window
    for context in opened.values():
        context.close()


@pytest.fixture
def watched(windows, address, request):
    role = request.node.callspec.params["role"]
    watched = Watched(windows(role), address)
    yield watched
    watched.page.close()


@pytest.mark.parametrize(("role", "name", "names"), list(pages()))
def test_a_page_can_be_read_by_everyone_everywhere(watched, objects, role, name, names):
    page = watched.page
    page.emulate_media(color_scheme="light")
    assert page.goto(reverse(name, kwargs=parameters(name, names, objects))).status == 200
    assert overflows(page) == []
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page) == []
    page.emulate_media(media="print", color_scheme="light")
    assert [part for part in page.locator(FRAME).all() if part.is_visible()] == []
    assert watched.complaints == []
    assert watched.hosts == {urlsplit(watched.address).netloc}
