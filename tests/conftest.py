"""The cast every test may call on, and the databases they act in."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import Authority, Region, User
from accounts.roles import Role
from catalog.models import Listing, Product, ProductCode, Unit
from config import embedded
from enterprises.models import Enterprise
from enterprises.services import appoint
from ledgers.models import Invoice, InvoiceLine
from tests import databases


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker):
    with django_db_blocker.unblock():
        databases.make_template()
    yield
    with django_db_blocker.unblock():
        databases.point_at("postgres")
        databases.drop(databases.TEMPLATE)
        connection.close()


def pytest_unconfigure():
    embedded.stop(testing=True)


@pytest.fixture(scope="session", autouse=True)
def attachments_root(tmp_path_factory):
    """Files that tests store never meet those of the demo."""
    settings.ATTACHMENTS_ROOT = tmp_path_factory.mktemp("attachments")
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")


@pytest.fixture
def real_database(django_db_setup, django_db_blocker) -> Iterator[str]:
    """A clone where transactions really commit; use it in place of `db` for threads and races."""
    with django_db_blocker.unblock(), databases.clone() as name:
        yield name


@pytest.fixture
def database(request) -> None:
    """What the cast lives in: a transaction that is rolled back, or the clone where the test asks for one."""
    request.getfixturevalue("real_database" if "real_database" in request.fixturenames else "db")


@pytest.fixture
def today() -> datetime.date:
    return timezone.localdate()


# Places and authorities


@pytest.fixture
def nangang(database):
    """A district of Harbin, with its city and province above it and a street below."""
    for code, name in (
        ("23", "黑龙江省"), ("2301", "哈尔滨市"), ("230103", "南岗区"), ("230103001", "花园街道"),
        ("45", "广西壮族自治区"), ("4502", "柳州市"), ("450203", "鱼峰区"),
    ):  # fmt: skip
        Region.objects.get_or_create(code=code, defaults={"name": name})
    return Region.objects.get(code="230103")


def make_officer(username: str, code: str) -> User:
    authority = Authority.objects.create(name=f"{username} 市场监督管理局")
    authority.regions.set([code])
    officer = User.objects.create_user(username, "pass", authority=authority)
    officer.groups.add(Group.objects.get(name=Role.OFFICER))
    return officer


@pytest.fixture
def officer(nangang) -> User:
    """Supervises the district of the seller and the buyer."""
    return make_officer("nangang", "230103")


@pytest.fixture
def officer_elsewhere(nangang) -> User:
    """Supervises another city."""
    return make_officer("liuzhou", "4502")


@pytest.fixture
def administrator(database) -> User:
    user = User.objects.create_user("admin", "pass")
    user.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
    return user


@pytest.fixture
def steward(database) -> User:
    user = User.objects.create_user("steward", "pass")
    user.groups.add(Group.objects.get(name=Role.STEWARD))
    return user


@pytest.fixture
def laboratory(database) -> User:
    user = User.objects.create_user("lab", "pass")
    user.groups.add(Group.objects.get(name=Role.LABORATORY))
    return user


# Enterprises and their people


def make_enterprise(name: str, uscc: str, region: str, **fields) -> Enterprise:
    return Enterprise.objects.create(
        name=name, uscc=uscc, region_id=region, address=f"{name}路 1 号", telephone="13800001234", **fields
    )


def make_clerk(username: str, enterprise: Enterprise) -> User:
    clerk = User.objects.create_user(username, "pass")
    appoint(clerk, enterprise=enterprise, keeps_books=True, manages_members=True, actor=clerk)
    return clerk


@pytest.fixture
def seller(nangang) -> Enterprise:
    return make_enterprise("北谷示例粮油", "91230110DEMH0001XB", "230103", roles=["WHOLESALER"])


@pytest.fixture
def buyer(nangang) -> Enterprise:
    return make_enterprise("小街示例便利店", "92230103DEMH00036Y", "230103001", roles=["RETAILER"])


@pytest.fixture
def stranger(nangang) -> Enterprise:
    return make_enterprise("鱼峰示例螺蛳粉", "91450203DEML000139", "450203", roles=["PRODUCER"])


@pytest.fixture
def clerk(seller) -> User:
    """Keeps the seller's books."""
    return make_clerk("clerk", seller)


@pytest.fixture
def buyer_clerk(buyer) -> User:
    return make_clerk("buyer", buyer)


@pytest.fixture
def stranger_clerk(stranger) -> User:
    return make_clerk("stranger", stranger)


# Goods and papers


@pytest.fixture
def peanuts(seller) -> Product:
    """Prepackaged peanuts on the seller's list."""
    product = Product.objects.create(
        name="示例花生", pack_size="500g", unit=Unit.objects.get(code="bag"), shelf_life_days=180
    )
    ProductCode.objects.create(product=product, gtin="09520004000017")
    Listing.objects.create(enterprise=seller, product=product, item_number="H-1", price=Decimal("12.50"))
    return product


def make_draft(seller, buyer, product, *, quantity="10", lot="PN-1", day=None, author=None) -> Invoice:
    day = day or timezone.localdate()
    draft = Invoice.objects.create(author=author or seller, seller=seller, buyer=buyer, traded_on=day)
    InvoiceLine.objects.create(
        invoice=draft, position=1, product=product, lot_code=lot, quantity=Decimal(quantity), unit=product.unit,
        produced_on=day - datetime.timedelta(days=5), price=Decimal("12.50"),
    )  # fmt: skip
    return draft


def open_trace_of(browser, lot) -> None:
    """An officer says why the chain of a lot is looked at."""
    answer = browser.post(reverse("ledgers:trace-open", args=[lot.pk]), {"why": "drill"})
    assert answer.status_code == 302, answer.content.decode()


@pytest.fixture
def draft(seller, buyer, peanuts) -> Invoice:
    """A sale of ten bags, not confirmed yet."""
    return make_draft(seller, buyer, peanuts)
