"""What the public may know of a product and its lots: whitelisted facts, and the answer that stands above them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.barcodes import Barcode, is_barcode
from catalog.models import Lot, LotAlias, Product, ProductCode, ProductImage, lot_key
from catalog.nutrition import Nutrition, panel_of
from certificates.models import Licence
from certificates.models.kinds import FOOD_PRODUCTION
from enterprises.models import Enterprise
from ledgers.models import LotHold
from ledgers.services import with_aliases

LOTS_SHOWN, PICTURES_SHOWN = 10, 6


class Answer(models.TextChoices):
    """The first thing that the page says."""

    FINE = "no_problem_known", _("No problem known")
    SOME_HELD = "some_lots_held", _("Some lots are held back: compare the lot number on your package")
    HELD = "held", _("On hold: do not sell or eat until it is released")
    UNRELEASED = "not_released", _("Not released by its maker yet")
    EXPIRED = "past_best_before", _("Past its best-before date: do not sell or eat")

    @property
    def tone(self) -> str:
        """The colour of the band; the words say the same."""
        return {"FINE": "green", "HELD": "red", "UNRELEASED": "grey"}.get(self.name, "amber")


@dataclass(frozen=True)
class LicenceFacts:
    """A licence number; `is_valid` is None where only the package says it and no licence is on file, else `address` is
    its page."""

    number: str
    is_valid: bool | None = None
    valid_until: date | None = None
    address: str = ""

    @classmethod
    def of(cls, row: Licence, today: date) -> LicenceFacts:
        """What is known of a licence on file."""
        return cls(row.number, row.covers(today), row.valid_until, reverse("portal:licence", args=[row.pk]))


@dataclass(frozen=True)
class LotFacts:
    code: str
    answer: Answer
    held_since: date | None
    made_on: date | None
    best_before: date | None
    maker: str
    licence: LicenceFacts | None
    is_stated_by_maker: bool


@dataclass(frozen=True)
class ProductFacts:
    gtin: str
    pieces: str
    name: str
    answer: Answer
    brand: str
    specification: str
    kind: str
    category: str
    shelf_life_days: int | None
    origin: str
    maker: str
    licence: LicenceFacts | None
    storage: str
    ingredients: str
    nutrition: Nutrition | None
    pictures: tuple[int, ...]
    lots: tuple[LotFacts, ...]


def address_of(barcode: Barcode) -> str:
    """The one way a barcode is written in an address: as printed, or with all 14 digits where that would be refused."""
    return barcode.shown if is_barcode(barcode.shown) else barcode.gtin


def product_behind(barcode: Barcode) -> ProductCode | None:
    """The barcode's row, if its goods are shared ones: self-made codes are their enterprise's own business."""
    codes = ProductCode.objects.select_related("product__category", "product__maker")
    return codes.filter(gtin=barcode.gtin, product__owner=None).first()


def product_facts(code: ProductCode, *, with_lots: bool = True) -> ProductFacts:
    """What the public may know of the goods, with the latest of their lots, those on hold first."""
    product = code.product
    held = LotHold.objects.filter(lot__product=product, cause=LotHold.Cause.AUTHORITY, released_at=None)
    latest = _lots_of(product).annotate(is_held=Exists(held.filter(lot=OuterRef("pk"))))
    latest = latest.order_by("-is_held", F("produced_on").desc(nulls_last=True), "-pk")[:LOTS_SHOWN]
    lots = _described(latest, product) if with_lots else ()
    is_held = any(lot.answer is Answer.HELD for lot in lots) or held.exists()
    return ProductFacts(
        gtin=address_of(Barcode(code.gtin, code.gtin)),
        pieces=f"{code.factor.normalize():f}",
        name=product.name,
        answer=Answer.SOME_HELD if is_held else Answer.FINE,
        brand=product.brand,
        specification=product.pack_size,
        kind=product.get_kind_display(),
        category=str(product.category or ""),
        shelf_life_days=product.shelf_life_days,
        origin=product.origin,
        maker=product.maker.name if product.maker else product.maker_name,
        licence=_licence(product.maker, product.maker_licence),
        storage=product.storage,
        ingredients=product.ingredients,
        nutrition=panel_of(product.nutrition),
        pictures=tuple(pictures_of(product).values_list("pk", flat=True)[:PICTURES_SHOWN]),
        lots=lots,
    )


def pictures_of(product: Product) -> QuerySet[ProductImage]:
    """The pictures of shared goods, the maker's own first."""
    rows: QuerySet[ProductImage] = ProductImage.objects.standing().filter(product__owner=None).of(product)
    return rows


def lots_behind(product: Product, code: str) -> tuple[LotFacts, ...]:
    """The lots of shared goods with this number as printed: none, one, or one for each maker."""
    key = lot_key(code)
    return _described(_lots_of(product).filter(code_key=key).order_by("pk"), product) if key else ()


def _lots_of(product: Product) -> QuerySet[Lot]:
    """Without the lots that the platform numbered by their trader: nobody reads such a number on a package."""
    return product.lots.select_related("producer").exclude(is_generated=True, produced_on=None)


def _described(lots: Iterable[Lot], product: Product) -> tuple[LotFacts, ...]:
    lots = list(lots)
    holds = _holds(lots)
    licences = {product.maker_id: _licence(product.maker, product.maker_licence)} if lots else {}
    return tuple(_lot_facts(lot, product, holds[lot.pk], licences) for lot in lots)


def _lot_facts(
    lot: Lot, product: Product, holds: dict[str, date], licences: dict[int | None, LicenceFacts | None]
) -> LotFacts:
    maker = lot.producer or product.maker
    maker_id = maker.pk if maker else None
    if maker_id not in licences:
        licences[maker_id] = _licence(maker, "")
    return LotFacts(
        code=lot.code,
        answer=_answer(lot, holds),
        held_since=holds.get(LotHold.Cause.AUTHORITY),
        made_on=lot.produced_on,
        best_before=lot.expires_on,
        maker=maker.name if maker else product.maker_name,
        licence=licences[maker_id],
        is_stated_by_maker=lot.is_confirmed_by_maker,
    )


def _answer(lot: Lot, holds: dict[str, date]) -> Answer:
    """The gravest thing known comes first."""
    if LotHold.Cause.AUTHORITY in holds:
        return Answer.HELD
    if LotHold.Cause.RELEASE in holds:
        return Answer.UNRELEASED
    if lot.expires_on and lot.expires_on < timezone.localdate():
        return Answer.EXPIRED
    return Answer.FINE


def _holds(lots: list[Lot]) -> dict[int, dict[str, date]]:
    """For each lot the causes of holds in force and since when; a lot of the same goods under another code counts.

    Never the reason, nor who placed it: those are for the parties.
    """
    if not lots:
        return {}
    same = {lot.pk: with_aliases([lot]) for lot in lots} if _any_alias(lots) else {lot.pk: {lot.pk} for lot in lots}
    everywhere = set().union(*same.values())
    found = LotHold.objects.filter(lot__in=everywhere, released_at=None).values_list("lot_id", "cause", "placed_at")
    holds: dict[int, dict[str, date]] = {}
    for pk, group in same.items():
        placed = [(cause, timezone.localdate(at)) for lot_id, cause, at in found if lot_id in group]
        holds[pk] = {cause: min(day for other, day in placed if other == cause) for cause, _day in placed}
    return holds


def _any_alias(lots: list[Lot]) -> bool:
    """Most lots go by one code only: then one query serves the whole list."""
    ids = [lot.pk for lot in lots]
    return LotAlias.objects.filter(Q(lot__in=ids) | Q(same_as__in=ids)).exists()


def _licence(maker: Enterprise | None, printed: str) -> LicenceFacts | None:
    """The maker's production licence on file, the one on the package or else the longest valid; else as printed."""
    on_file = _on_file(maker, printed) if maker else None
    if on_file is None:
        return LicenceFacts(printed) if printed else None
    return LicenceFacts.of(on_file, timezone.localdate())


def _on_file(maker: Enterprise, printed: str) -> Licence | None:
    holders = {maker.pk, maker.headquarters_id} - {None}
    theirs = Licence.objects.public().filter(holder__in=holders, kind=FOOD_PRODUCTION).order_by("-valid_until")
    licence: Licence | None = theirs.filter(number=printed).first() or theirs.first()
    return licence
