"""What follows from papers for a lot: balances, holds, links between lots, and the day figures."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from catalog.models import Lot, Product
from enterprises.models import Enterprise
from ledgers.models.papers import ProductionRun


class StockBalanceQuerySet(models.QuerySet[Any]):
    def of_goods(self, products: Collection[int]) -> Self:
        """Of these products, and of what was merged into them: a lot number that both had stays where it was."""
        same = Product.objects.filter(Q(pk__in=products) | Q(merged_into__in=products))
        return self.filter(lot__product__in=same.values("pk"))

    def visible_to(self, scope: Scope) -> Self:
        return self.filter(scope.as_q("enterprise"))

    def in_stock(self) -> Self:
        """What is there, in dispute included, or is short: everything but what came and went."""
        return self.exclude(quantity=0, disputed=0)

    def with_state(self, day: date, *, expiring_within: int) -> Self:
        """Each with its `state` on this day; a lot is expiring that is good for at most so many days more."""
        has_some, soon = Q(quantity__gt=0), day + timedelta(days=expiring_within)
        return self.annotate(
            state=Case(
                When(quantity__lt=0, then=Value(StockState.OVERSOLD)),
                When(has_some, lot__expires_on__lt=day, then=Value(StockState.EXPIRED)),
                When(disputed__gt=0, then=Value(StockState.DISPUTED)),
                When(has_some, lot__expires_on__lte=soon, then=Value(StockState.EXPIRING)),
                default=Value(StockState.GOOD),
            )
        )


class StockState(models.TextChoices):
    """What needs somebody's eye about a balance; the first that fits, in this order."""

    OVERSOLD = "oversold", _("More went out than came in")
    EXPIRED = "expired", _("Expired")
    DISPUTED = "disputed", _("In dispute")
    EXPIRING = "expiring", _("Expires soon")
    GOOD = "good", _("In order")


class StockBalance(models.Model):
    """What the books say an enterprise has of a lot, in the lot's unit; below zero is more sold than came in."""

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, db_constraint=False, related_name="stock", verbose_name=_("Enterprise")
    )
    lot = models.ForeignKey(
        Lot, models.PROTECT, db_constraint=False, db_index=False, related_name="stock", verbose_name=_("Lot")
    )
    quantity = models.DecimalField(_("Quantity"), max_digits=14, decimal_places=3, default=0)
    disputed = models.DecimalField(_("In dispute"), max_digits=14, decimal_places=3, default=0)

    objects = StockBalanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("Stock")
        verbose_name_plural = _("Stock")
        ordering = [F("lot__expires_on").asc(nulls_last=True), "pk"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["lot", "enterprise"], include=["quantity", "disputed"], name="one_balance_per_lot"
            )
        ]
        indexes = [models.Index(fields=["enterprise"], name="stock_below_zero", condition=Q(quantity__lt=0))]

    def __str__(self) -> str:
        return f"{self.lot}: {self.quantity}"


class LotHold(models.Model):
    """A lot that may not be sold: not released yet by its maker, or held by an authority."""

    class Cause(models.TextChoices):
        RELEASE = "release", _("Not released by the maker yet")
        AUTHORITY = "authority", _("Held by an authority")

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="holds", verbose_name=_("Lot"))
    cause = models.CharField(_("Cause"), max_length=10, choices=Cause)
    reason = models.CharField(_("Reason"), max_length=200)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Held by"))
    placed_at = models.DateTimeField(_("Held since"))
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("Released by")
    )
    released_at = models.DateTimeField(_("Released"), null=True)
    release_note = models.CharField(_("Why it was released"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("Lot hold")
        verbose_name_plural = _("Lot holds")
        ordering = ["-placed_at", "-pk"]
        default_permissions = ("view", "add", "change")
        constraints = [
            models.UniqueConstraint("lot", "cause", name="lot_is_held_once", condition=Q(released_at=None)),
            models.CheckConstraint(
                name="release_is_signed",
                condition=Q(released_at=None, released_by=None)
                | Q(released_at__isnull=False, released_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lot}: {self.get_cause_display()}"


class LotLink(models.Model):
    """One lot went into another: the only thing that gives a trace depth. Append-only and narrow."""

    class Kind(models.TextChoices):
        TRANSFORMATION = "transformation", _("Made from")

    run = models.ForeignKey(
        ProductionRun, models.PROTECT, db_index=False, related_name="links", verbose_name=_("Production run")
    )
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, db_index=False, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.TRANSFORMATION)
    from_lot = models.ForeignKey(Lot, models.PROTECT, db_index=False, related_name="went_into")
    to_lot = models.ForeignKey(Lot, models.PROTECT, db_index=False, related_name="made_from")

    class Meta:
        verbose_name = _("Lot link")
        verbose_name_plural = _("Lot links")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint("run", "from_lot", "to_lot", name="lots_are_linked_once_per_run"),
            models.CheckConstraint(name="lot_is_not_made_of_itself", condition=~Q(from_lot=F("to_lot"))),
        ]
        indexes = [
            models.Index(fields=["from_lot"], include=["to_lot", "run", "enterprise"], name="link_down"),
            models.Index(fields=["to_lot"], include=["from_lot", "run", "enterprise"], name="link_up"),
        ]

    def __str__(self) -> str:
        return f"{self.from_lot} → {self.to_lot}"


class TradeDelta(models.Model):
    """What one confirmation adds to the day's figures, waiting to be folded into EnterpriseDay."""

    enterprise_id = models.BigIntegerField()
    day = models.DateField()
    purchase_lines = models.IntegerField(default=0)
    sale_lines = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("Trade delta")
        verbose_name_plural = _("Trade deltas")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.day}"


class EnterpriseDay(models.Model):
    """How many ledger lines an enterprise has of one day; with the deltas not folded yet it is exact."""

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, db_index=False, related_name="days")
    day = models.DateField()
    purchase_lines = models.IntegerField(default=0)
    sale_lines = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("Day of an enterprise")
        verbose_name_plural = _("Days of enterprises")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["day", "enterprise"], include=["purchase_lines", "sale_lines"], name="one_row_per_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.day}"
