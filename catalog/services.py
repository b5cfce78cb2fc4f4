"""What happens to the catalogue: goods are listed, what is said of them is remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.barcodes import own_code, parse
from catalog.lookup import produce_called
from catalog.models import Contribution, Listing, Product, ProductCode
from catalog.resolving import take_in, weight_of
from enterprises.models import Enterprise

SHARED_FACTS = (
    "name", "kind", "brand", "pack_size", "unit", "category", "shelf_life_days", "origin", "maker_name",
    "maker_licence", "storage", "ingredients", "nutrition",
)  # fmt: skip


@dataclass(frozen=True)
class ListingFacts:
    """What an enterprise types of its goods: a barcode or, where there is none, a self-made code."""

    barcode: str
    self_code: str
    product: Mapping[str, object]
    item_number: str = ""
    price: Decimal | None = None
    is_maker: bool = False


@transaction.atomic
def list_product(facts: ListingFacts, *, enterprise: Enterprise, actor: User) -> Listing:
    """Put goods on the enterprise's list; a barcode nobody knew yet enters the shared catalogue (3.3-1.3.4)."""
    firm = enterprise.firm
    generic = None if facts.self_code else produce_called(str(facts.product.get("name", "")))
    product = _shared_product(facts, firm=firm) if facts.barcode else generic or _own_product(facts, firm=firm)
    listing = Listing.objects.filter(enterprise=firm, product=product).first()
    listing = listing or Listing(enterprise=firm, product=product)
    listing.item_number, listing.price = facts.item_number, facts.price
    listing.full_clean()
    listing.save()
    if product.owner_id is None:
        contribute(product, facts.product, enterprise=firm, actor=actor, is_maker=facts.is_maker)
    return listing


def _shared_product(facts: ListingFacts, *, firm: Enterprise) -> Product:
    gtin = parse(facts.barcode).gtin
    if known := ProductCode.objects.select_related("product").filter(gtin=gtin).first():
        return known.product
    product = Product(**facts.product, maker=firm if facts.is_maker else None)
    product.full_clean()
    product.save()
    ProductCode.objects.create(product=product, gtin=gtin)
    return product


def _own_product(facts: ListingFacts, *, firm: Enterprise) -> Product:
    self_code = own_code(facts.self_code) or next_self_code(firm)
    product = Product.objects.filter(owner=firm, self_code=self_code).first()
    product = product or Product(owner=firm, self_code=self_code, maker=firm if facts.is_maker else None)
    _refuse_another_unit(product, facts.product.get("unit"))
    for field, value in facts.product.items():
        setattr(product, field, value)
    product.full_clean()
    product.save()
    return product


def _refuse_another_unit(product: Product, unit: object) -> None:
    """Entries and stock are in the unit of the first lot; it is fixed from then on."""
    if unit not in (None, "") and product.pk and unit != product.unit and product.lots.exists():
        raise ValidationError(
            _("Lots of these goods are counted in %(unit)s already. Enter other goods for another unit.")
            % {"unit": product.unit}
        )


def contribute(
    product: Product, facts: Mapping[str, object], *, enterprise: Enterprise, actor: User, is_maker: bool = False
) -> Contribution:
    """Remember what an enterprise says of a shared product, and let the product follow (`resolving.py`).

    `is_maker` is its claim to make the goods: counted where nobody else does, else a steward decides. ValidationError
    where the maker names another unit than its lots are counted in.
    """
    Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    if product.maker_id == enterprise.pk:
        _refuse_another_unit(product, facts.get("unit"))
    said = {field: _plain(value) for field, value in facts.items() if value not in (None, "")}
    contribution = Contribution.objects.create(
        product=product, enterprise=enterprise, author=actor, weight=weight_of(enterprise, product),
        facts=said | ({"maker": str(enterprise.pk)} if is_maker else {}),
    )  # fmt: skip
    if take_in(contribution):
        product.refresh_from_db()
    return contribution


def next_self_code(firm: Enterprise) -> str:
    """A free self-made code of this enterprise: Z, its id and a running number; letters never meet a barcode."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('self_code', %s))", [firm.pk])
    return f"Z{firm.pk}-{firm.self_coded.count() + 1:04d}"


def _plain(value: object) -> object:
    """A value as JSON keeps it: rows by their key."""
    return str(getattr(value, "pk", value)) if not isinstance(value, int | float | bool) else value
