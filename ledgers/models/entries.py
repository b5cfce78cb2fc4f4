"""The books: one entry per confirmed line, read from both sides, and the seller's yes to what a buyer wrote."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from catalog.models import Lot, Product
from enterprises.models import Enterprise
from ledgers.models.papers import Invoice, InvoiceLine


class LedgerEntryQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        return self.filter(scope.as_q("seller", "buyer"))

    def in_purchase_book(self, scope: Scope) -> Self:
        """The purchase ledgers of everybody in this scope."""
        return self.filter(scope.as_q("buyer"))

    def in_sales_book(self, scope: Scope) -> Self:
        """Their sales ledgers: what a buyer wrote counts only once the seller has acknowledged it."""
        return self.filter(scope.as_q("seller")).acknowledged()

    def acknowledged(self) -> Self:
        """All but what a buyer wrote of a seller that is active here and has not said yes to it."""
        by_seller = Exists(Acknowledgement.objects.filter(invoice=OuterRef("invoice")))
        return self.filter(Q(needs_acknowledgement=False) | by_seller)

    def in_force(self) -> Self:
        """Neither a reversal nor reversed."""
        return self.filter(reverses=None, reversed_by=None)


class LedgerEntry(models.Model):
    """One confirmed line. Read from the seller it is the sales ledger, from the buyer the purchase ledger.

    Quantity is in the lot's unit; a reversal's is negative. `goods` is the product as it was called on the day.
    Written only by the SQL function of a service: the application's database login cannot insert, change or delete an
    entry. Its line is frozen; the parties and the product are those of that line and its invoice, which have foreign
    keys; the lot has a balance, which has one. So an entry needs none of its own but to what it reverses.
    """

    line = models.OneToOneField(
        InvoiceLine, models.PROTECT, db_constraint=False, related_name="entry", verbose_name=_("Invoice line")
    )
    invoice = models.ForeignKey(
        Invoice, models.PROTECT, db_constraint=False, related_name="entries", verbose_name=_("Invoice")
    )
    seller = models.ForeignKey(
        Enterprise, models.PROTECT, db_index=False, db_constraint=False, related_name="sold", verbose_name=_("Seller")
    )
    buyer = models.ForeignKey(
        Enterprise, models.PROTECT, db_index=False, db_constraint=False, related_name="bought", verbose_name=_("Buyer")
    )
    author = models.ForeignKey(
        Enterprise, models.PROTECT, db_index=False, db_constraint=False, related_name="+", verbose_name=_("Written by")
    )
    product = models.ForeignKey(
        Product, models.PROTECT, db_index=False, db_constraint=False, related_name="+", verbose_name=_("Product")
    )
    lot = models.ForeignKey(
        Lot, models.PROTECT, db_index=False, db_constraint=False, related_name="entries", verbose_name=_("Lot")
    )
    goods = models.CharField(_("Goods"), max_length=200)
    goods_code = models.CharField(_("Code"), max_length=20, blank=True)
    quantity = models.DecimalField(_("Quantity"), max_digits=14, decimal_places=3)
    traded_on = models.DateField(_("Date"))
    recorded_at = models.DateTimeField(_("Recorded"))
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="reversed_by", verbose_name=_("Reverses")
    )
    needs_acknowledgement = models.BooleanField(default=False)

    objects = LedgerEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("Ledger entry")
        verbose_name_plural = _("Ledger entries")
        ordering = ["-traded_on", "-pk"]
        default_permissions = ("view",)
        constraints = [models.CheckConstraint(name="entry_moves_something", condition=~Q(quantity=0))]
        indexes = [
            models.Index(
                fields=["lot", "seller"], include=["buyer", "quantity", "traded_on", "id"], name="trace_down",
                condition=Q(reverses=None),
            ),
            models.Index(
                fields=["lot", "buyer"], include=["seller", "quantity", "traded_on", "id"], name="trace_up",
                condition=Q(reverses=None),
            ),
            models.Index(fields=["seller", "-traded_on", "-id"], name="sales_ledger"),
            models.Index(fields=["buyer", "-traded_on", "-id"], name="purchase_ledger"),
            models.Index(fields=["invoice"], name="entry_waits_for_yes", condition=Q(needs_acknowledgement=True)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.invoice} {self.lot}"


def purchases_of(enterprise: Enterprise) -> models.QuerySet[LedgerEntry]:
    """The purchase ledger (进货台账) of one enterprise."""
    return LedgerEntry.objects.filter(buyer=enterprise)


def sales_of(enterprise: Enterprise) -> models.QuerySet[LedgerEntry]:
    """The sales ledger (销货台账) of one enterprise: without what buyers say of it and it has not acknowledged."""
    return LedgerEntry.objects.filter(seller=enterprise).acknowledged()


class Acknowledgement(models.Model):
    """The seller says: this purchase that the buyer wrote down is ours. From then on it is in both books."""

    invoice = models.OneToOneField(Invoice, models.PROTECT, related_name="acknowledgement", verbose_name=_("Invoice"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("By"))
    recorded_at = models.DateTimeField(_("At"))

    class Meta:
        verbose_name = _("Acknowledgement")
        verbose_name_plural = _("Acknowledgements")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return str(self.invoice)
