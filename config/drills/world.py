"""The traders of the drills: some enterprises that all deal with each other in the same few lots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from catalog.models import Listing, Lot, Product, Unit
from enterprises.models import Enterprise, Partnership
from enterprises.services import appoint
from ledgers.models import Invoice, InvoiceLine
from ledgers.services import confirm_invoice

PASSWORD = "drill"
PLENTY = Decimal(100_000)


@dataclass(frozen=True)
class World:
    """Traders, the clerk of each by its id, an officer, and the lots that every trader has plenty of."""

    traders: Sequence[Enterprise]
    clerks: dict[int, User]
    officer: User
    lots: Sequence[Lot]

    @property
    def products(self) -> list[Product]:
        return [lot.product for lot in self.lots]


def make_world(*, traders: int, lots: int) -> World:
    """Enter everybody, and buy the lots for everybody from a supplier outside."""
    enterprises = [Enterprise.objects.create(name=f"演练示例商行 {n}", roles=["PRODUCER"]) for n in range(traders)]
    clerks = {enterprise.pk: _clerk(n, enterprise) for n, enterprise in enumerate(enterprises)}
    officer = User.objects.create_user("drill-officer")
    officer.groups.add(Group.objects.get(name=Role.OFFICER))
    unit = Unit.objects.get(code="bag")
    products = [
        Product.objects.create(name=f"演练示例食品 {n}", unit=unit, maker=None if n else enterprises[0])
        for n in range(lots)
    ]
    Listing.objects.bulk_create(
        Listing(enterprise=enterprise, product=product, item_number=f"D-{n}")
        for enterprise in enterprises
        for n, product in enumerate(products)
    )
    Partnership.objects.bulk_create(
        Partnership(owner=owner, partner=partner, role=role)
        for owner in enterprises
        for partner in enterprises
        for role in (Partnership.Role.CUSTOMER, Partnership.Role.SUPPLIER)
        if owner != partner
    )
    _buy(products, enterprises, clerks)
    return World(enterprises, clerks, officer, list(Lot.objects.select_related("product").order_by("pk")))


def _clerk(number: int, enterprise: Enterprise) -> User:
    clerk = User.objects.create_user(f"drill-{number}", PASSWORD)
    appoint(clerk, enterprise=enterprise, keeps_books=True, manages_members=False, actor=clerk)
    return clerk


def _buy(products: Sequence[Product], buyers: Sequence[Enterprise], clerks: dict[int, User]) -> None:
    outside = Enterprise.objects.create(name="演练示例外地供货商", status=Enterprise.Status.STUB)
    for buyer in buyers:
        paper = Invoice.objects.create(author=buyer, seller=outside, buyer=buyer, traded_on=timezone.localdate())
        InvoiceLine.objects.bulk_create(
            InvoiceLine(
                invoice=paper, position=n + 1, product=product, lot_code=f"L{n}", quantity=PLENTY, unit=product.unit
            )
            for n, product in enumerate(products)
        )
        confirm_invoice(paper, actor=clerks[buyer.pk])
