"""What is traded: the shared catalogue, each enterprise's own list of goods, and lots."""

from __future__ import annotations

import unicodedata
from typing import Any, Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.languages import reads_english
from accounts.scope import Scope, SharedQuerySet
from catalog.barcodes import Barcode
from catalog.nutrition import HELP, NUTRITION_MAX
from enterprises.models import Enterprise
from enterprises.spelling import pinyin


class NamedInTwoLanguages(models.Model):
    """Reference rows whose Chinese and English names are data, not messages."""

    code = models.CharField(_("Code"), max_length=12, primary_key=True)
    name_zh = models.CharField(_("Chinese name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=60)

    objects = SharedQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name_en if reads_english() else self.name_zh


class Unit(NamedInTwoLanguages):
    grams = models.DecimalField(
        _("Grams"), max_digits=12, decimal_places=3, null=True, blank=True,
        help_text=_("What one of it weighs; left empty where the unit is no weight."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("Unit")
        verbose_name_plural = _("Units")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="unit_weighs_something",
                condition=Q(grams=None) | Q(grams__gt=0),
                violation_error_message=_("A weight is more than zero."),
            )
        ]


class FoodCategory(NamedInTwoLanguages):
    """A class of the food production licence (32 of them), or of farm produce, which needs none (41 to 46)."""

    class Meta:
        verbose_name = _("Food category")
        verbose_name_plural = _("Food categories")
        ordering = ["code"]


class ProductQuerySet(SharedQuerySet):
    def visible_to(self, scope: Scope) -> Self:
        """Goods with a barcode are everybody's; a self-made code is known to its enterprise and its supervisors."""
        return self.filter(Q(owner=None) | scope.as_q("owner", shared=True))

    def shared(self) -> Self:
        """Everybody's goods; what was merged into others is not among them."""
        return self.filter(owner=None, merged_into=None)

    def generic(self) -> Self:
        """Produce that everybody trades by name: without a barcode and without a maker."""
        return self.shared().filter(codes=None, kind=Product.Kind.RAW)


@pghistory.track(exclude=["updated_at"])
class Product(models.Model):
    """One trade item: a shared row with its barcodes, or an enterprise's own goods under a self-made code."""

    class Kind(models.TextChoices):
        PREPACKED = "prepacked", _("Prepackaged food")
        RAW = "raw", _("Main edible material")
        ADDITIVE = "additive", _("Auxiliary material or additive")
        BULK = "bulk", _("Bulk food")

    name = models.CharField(_("Name"), max_length=120)
    name_pinyin = models.CharField(max_length=400, editable=False)
    name_initials = models.CharField(max_length=120, editable=False)
    kind = models.CharField(_("Kind of goods"), max_length=10, choices=Kind, default=Kind.PREPACKED)
    brand = models.CharField(_("Brand"), max_length=60, blank=True)
    pack_size = models.CharField(_("Specification"), max_length=60, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("Base unit"))
    category = models.ForeignKey(
        FoodCategory, models.PROTECT, null=True, blank=True, related_name="products", verbose_name=_("Food category")
    )
    shelf_life_days = models.PositiveSmallIntegerField(_("Shelf life in days"), null=True, blank=True)
    origin = models.CharField(_("Origin"), max_length=120, blank=True)
    maker = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="makes", verbose_name=_("Maker on the platform")
    )
    maker_name = models.CharField(_("Maker"), max_length=120, blank=True)
    maker_licence = models.CharField(_("Maker's production licence"), max_length=20, blank=True)
    storage = models.CharField(_("Storage"), max_length=120, blank=True, default="", db_default="")
    ingredients = models.CharField(
        _("Ingredients"), max_length=600, blank=True, default="", db_default="",
        help_text=_("As printed on the package, in its order."),
    )  # fmt: skip
    nutrition = models.CharField(
        _("Nutrition facts"), max_length=NUTRITION_MAX, blank=True, default="", db_default="", help_text=HELP
    )
    owner = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, editable=False, related_name="self_coded"
    )
    self_code = models.CharField(_("Self-made code"), max_length=20, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, db_index=False, related_name="merged_here"
    )
    updated_at = models.DateTimeField(_("Changed"), db_default=Now(), editable=False)  # kept by triggers

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("Product")
        verbose_name_plural = _("Products")
        ordering = ["name_pinyin", "pk"]
        permissions = [("steward_product", _("May settle what the shared catalogue says"))]
        constraints = [
            models.UniqueConstraint(
                "owner",
                "self_code",
                name="self_code_is_unique",
                condition=~Q(self_code=""),
                violation_error_message=_("You use this self-made code for other goods already."),
            ),
            models.CheckConstraint(
                name="self_code_has_an_owner",
                condition=Q(self_code="", owner=None) | (~Q(self_code="") & Q(owner__isnull=False)),
                violation_error_message=_("A self-made code belongs to one enterprise."),
            ),
            models.CheckConstraint(
                name="merged_goods_are_shared",
                condition=Q(merged_into=None) | Q(owner=None) & ~Q(merged_into=F("pk")),
            ),
        ]
        indexes = [
            models.Index("updated_at", "id", name="product_by_change", condition=Q(owner=None)),
            models.Index("merged_into", name="product_merged", condition=Q(merged_into__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def code(self) -> str:
        """What identifies the goods on paper: the self-made code, else the barcode of one piece, else of a package."""
        codes = sorted(self.codes.all(), key=lambda code: (code.factor != 1, code.pk))
        return self.self_code or (codes[0].shown if codes else "")

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_pinyin, self.name_initials = pinyin(self.name)
        super().save(*args, **kwargs)


class ProductCode(models.Model):
    """A barcode of a product; a case has its own, with the number of pieces in it as factor."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="codes", verbose_name=_("Product"))
    gtin = models.CharField(_("Barcode"), max_length=14, unique=True)
    factor = models.DecimalField(_("Pieces"), max_digits=10, decimal_places=3, default=1)

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name = _("Barcode")
        verbose_name_plural = _("Barcodes")
        ordering = ["factor", "pk"]
        constraints = [
            models.CheckConstraint(name="gtin_has_14_digits", condition=Q(gtin__regex=r"^\d{14}$")),
            models.CheckConstraint(name="code_stands_for_something", condition=Q(factor__gt=0)),
        ]

    def __str__(self) -> str:
        return self.shown

    @property
    def shown(self) -> str:
        return Barcode(self.gtin, self.gtin).shown


class ListingQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """An enterprise's list of goods and prices is its own business; a firm's places share it."""
        return self.filter(scope.as_q("enterprise", officers=False, shared=True))


@pghistory.track()
class Listing(models.Model):
    """Goods on an enterprise's own list, with its own item number and price."""

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="listings", verbose_name=_("Enterprise"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="listings", verbose_name=_("Product"))
    item_number = models.CharField(_("Item number"), max_length=30, blank=True)
    price = models.DecimalField(_("Unit price in yuan"), max_digits=10, decimal_places=2, null=True, blank=True)

    objects = ListingQuerySet.as_manager()

    class Meta:
        verbose_name = _("Our product")
        verbose_name_plural = _("Our products")
        ordering = ["product__name_pinyin", "pk"]
        constraints = [
            models.UniqueConstraint(
                "enterprise", "product", name="product_is_listed_once",
                violation_error_message=_("These goods are on your list already."),
            ),
            models.UniqueConstraint(
                "enterprise", "item_number", name="item_number_is_unique", condition=~Q(item_number=""),
                violation_error_message=_("You use this item number for other goods already."),
            ),
            models.CheckConstraint(
                name="price_is_not_negative",
                condition=Q(price=None) | Q(price__gte=0),
                violation_error_message=_("A price is not negative."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.product)


class Contribution(models.Model):
    """What one enterprise said of a shared product, kept for ever. Append-only."""

    product = models.ForeignKey(
        Product, models.PROTECT, db_index=False, related_name="contributions", verbose_name=_("Product")
    )
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, related_name="+", verbose_name=_("Enterprise")
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    facts = models.JSONField(default=dict)
    weight = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField(_("At"), auto_now_add=True)

    class Meta:
        verbose_name = _("Contribution")
        verbose_name_plural = _("Contributions")
        ordering = ["-created_at", "-pk"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["product", "enterprise", "-id"], name="contribution_of_enterprise")]

    def __str__(self) -> str:
        return str(self.product)


class LotQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """An officer may look up any lot: tracing crosses districts. Others meet lots on their own papers."""
        return self if scope.everything or scope.region_codes else self.filter(scope.as_q("producer"))


class Lot(models.Model):
    """Goods of one product that were made together: the unit of tracing (GB/T 38155, EPCIS class and lot).

    The code stays as printed; it is unique by product, maker and `code_key`. Where the maker is not known, the lot is
    what its first seller said it is (`declared_by`), and shows as unconfirmed.
    """

    product = models.ForeignKey(Product, models.PROTECT, db_index=False, related_name="lots", verbose_name=_("Product"))
    producer = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, related_name="lots_made", verbose_name=_("Maker")
    )
    code = models.CharField(_("Lot number"), max_length=40)
    code_key = models.CharField(max_length=40, editable=False)
    produced_on = models.DateField(_("Made on"), null=True)
    expires_on = models.DateField(_("Best before"), null=True)
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name=_("Unit"))
    declared_by = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="lots_declared", verbose_name=_("Declared by")
    )
    is_generated = models.BooleanField(_("Code made by the platform"), default=False)

    objects = LotQuerySet.as_manager()

    class Meta:
        verbose_name = _("Lot")
        verbose_name_plural = _("Lots")
        ordering = ["-pk"]
        permissions = [("trace_lot", _("May trace lots across enterprises"))]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "producer", "code_key"], name="lot_code_is_unique", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="lot_expires_after_it_is_made",
                condition=Q(produced_on=None) | Q(expires_on=None) | Q(expires_on__gte=F("produced_on")),
                violation_error_message=_("A lot cannot expire before it is made."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.code}"

    @property
    def is_confirmed_by_maker(self) -> bool:
        return self.producer_id is not None and self.producer_id == self.declared_by_id


def lot_key(code: str) -> str:
    """What makes two written lot numbers the same: width, case and outer blanks only."""
    return unicodedata.normalize("NFKC", code).strip().upper()


class LotAlias(models.Model):
    """Two lot rows that are one lot in the world, because a code was mistyped; followed both ways. Append-only."""

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="aliases", verbose_name=_("Lot"))
    same_as = models.ForeignKey(Lot, models.PROTECT, related_name="+", verbose_name=_("Is the same as"))
    reason = models.CharField(_("Reason"), max_length=200)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("At"), auto_now_add=True)

    class Meta:
        verbose_name = _("Lot alias")
        verbose_name_plural = _("Lot aliases")
        default_permissions = ("view", "add")
        constraints = [
            models.UniqueConstraint("lot", "same_as", name="lots_are_joined_once"),
            models.CheckConstraint(name="alias_joins_two_lots", condition=~Q(lot=F("same_as"))),
        ]

    def __str__(self) -> str:
        return f"{self.lot} = {self.same_as}"
