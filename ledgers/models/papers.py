"""Papers of trade and of production: invoices, runs, and what stands on them."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from catalog.models import Lot, Product, Unit
from documents.models import Document, DocumentQuerySet, Status
from enterprises.models import Enterprise


class InvoiceQuerySet(DocumentQuerySet):
    def visible_to(self, scope: Scope) -> Self:
        """Its author sees a draft; both parties and their supervisors see the paper once it is confirmed."""
        return self.filter(scope.as_q("author", officers=False) | (scope.as_q("seller", "buyer") & ~Q(number=None)))

    def written_by(self, scope: Scope) -> Self:
        return self.filter(scope.as_q("author", officers=False))


class Invoice(Document):
    """Goods handed over by a seller to a buyer. Either of the two wrote it: `author`.

    `typed` keeps a draft exactly as it stands in the form, mistakes included, so that nothing is ever lost; the lines
    exist once everything typed makes sense. `printed` keeps the parties as they were on the day of confirmation.
    A RETURN goes the other way than the paper it `returns`. A reversal names with `same_as` the paper of the same
    delivery that stays.
    """

    class Kind(models.TextChoices):
        SALE = "sale", _("Sale")
        RETURN = "return", _("Return")

    kind = models.CharField(_("Kind"), max_length=10, choices=Kind, default=Kind.SALE)
    author = models.ForeignKey(
        Enterprise, models.PROTECT, db_index=False, related_name="papers", verbose_name=_("Written by")
    )
    seller = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, db_index=False, related_name="sales",
        verbose_name=_("Seller"),
    )  # fmt: skip
    buyer = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, db_index=False, related_name="purchases",
        verbose_name=_("Buyer"),
    )  # fmt: skip
    traded_on = models.DateField(_("Date"))
    paper_number = models.CharField(_("Number on the partner's paper"), max_length=40, blank=True)
    note = models.CharField(_("Note"), max_length=200, blank=True)
    adjusts = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, db_index=False, related_name="adjusted_by",
        verbose_name=_("Corrects"),
    )  # fmt: skip
    returns = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, db_index=False, related_name="returned_by",
        verbose_name=_("Returns"),
    )  # fmt: skip
    same_as = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, db_index=False, related_name="twins",
        verbose_name=_("Same delivery as"),
    )  # fmt: skip
    typed = models.JSONField(default=dict, editable=False)
    printed = models.JSONField(default=dict, editable=False)
    voucher_token = models.CharField(max_length=22, null=True, editable=False)

    objects = InvoiceQuerySet.as_manager()

    class Meta(Document.Meta):
        verbose_name = _("Invoice")
        verbose_name_plural = _("Invoices")
        ordering = ["-traded_on", "-pk"]
        permissions = [("confirm_invoice", _("May confirm invoices")), ("reverse_invoice", _("May reverse invoices"))]
        constraints = [
            *Document.Meta.constraints,
            models.UniqueConstraint("voucher_token", name="voucher_token_is_unique"),
            models.CheckConstraint(
                name="invoice_has_two_parties",
                condition=~Q(seller=F("buyer")),
                violation_error_message=_("Seller and buyer are the same enterprise. Choose another partner."),
            ),
            models.CheckConstraint(
                name="invoice_is_written_by_a_party",
                condition=Q(author=F("seller")) | Q(author=F("buyer")),
                violation_error_message=_("Only the seller or the buyer writes an invoice."),
            ),
            models.CheckConstraint(
                name="confirmed_invoice_names_both_parties",
                condition=Q(number=None) | Q(seller__isnull=False, buyer__isnull=False, voucher_token__isnull=False),
                violation_error_message=_("Choose the partner before you confirm."),
            ),
        ]
        indexes = [
            models.Index(fields=["seller", "-traded_on", "-id"], name="invoice_of_seller"),
            models.Index(fields=["buyer", "-traded_on", "-id"], name="invoice_of_buyer"),
            models.Index(fields=["author"], name="invoice_draft", condition=Q(status=Status.DRAFT)),
            models.Index(fields=["author", "paper_number"], name="invoice_paper_number", condition=~Q(paper_number="")),
            models.Index(fields=["adjusts"], name="invoice_adjusted", condition=Q(adjusts__isnull=False)),
            models.Index(fields=["returns"], name="invoice_returned", condition=Q(returns__isnull=False)),
            models.Index(fields=["same_as"], name="invoice_twin", condition=Q(same_as__isnull=False)),
            BrinIndex(fields=["confirmed_at"], name="invoice_confirmed_lately", autosummarize=True),
        ]

    @property
    def is_purchase(self) -> bool:
        """Written by the buyer."""
        return self.author_id == self.buyer_id


class InvoiceLine(models.Model):
    """Some goods of one lot on an invoice, as typed: a quantity in a unit, which is `factor` base units each.

    `known_lot` is set where the draft means a certain lot, as a reversal does; else `lot_code` is looked up, or the lot
    is made, when the paper is confirmed. What the line became then stands in its `entry`.
    """

    invoice = models.ForeignKey(
        Invoice, models.CASCADE, db_index=False, related_name="lines", verbose_name=_("Invoice")
    )
    position = models.PositiveSmallIntegerField(_("Line"))
    product = models.ForeignKey(Product, models.PROTECT, db_index=False, related_name="+", verbose_name=_("Product"))
    known_lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="+", verbose_name=_("Lot"))
    lot_code = models.CharField(_("Lot number"), max_length=40)
    lot_is_generated = models.BooleanField(default=False)
    produced_on = models.DateField(_("Made on"), null=True)
    expires_on = models.DateField(_("Best before"), null=True)
    quantity = models.DecimalField(_("Quantity"), max_digits=14, decimal_places=3)
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name=_("Unit"))
    factor = models.DecimalField(max_digits=10, decimal_places=3, default=1)
    price = models.DecimalField(_("Unit price in yuan"), max_digits=10, decimal_places=2, null=True)
    settles = models.ForeignKey(
        "ledgers.ReceiptClaim", models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("Settles")
    )

    class Meta:
        verbose_name = _("Invoice line")
        verbose_name_plural = _("Invoice lines")
        ordering = ["position"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint("invoice", "position", name="line_has_its_place"),
            models.CheckConstraint(
                name="line_moves_something",
                condition=~Q(quantity=0) & Q(factor__gt=0),
                violation_error_message=_("A quantity is more than zero."),
            ),
            models.CheckConstraint(
                name="line_expires_after_it_is_made",
                condition=Q(produced_on=None) | Q(expires_on=None) | Q(expires_on__gte=F("produced_on")),
                violation_error_message=_("Best before is earlier than the production date."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.lot_code}"

    @property
    def unit_words(self) -> str:
        """The unit as it was typed, with what one of it holds: `case (24 bag)`; a case's barcode counts `bag × 24`."""
        each = f"{self.factor.normalize():f}"
        if self.factor == 1:
            return str(self.unit)
        is_base = self.unit_id == self.product.unit_id
        return f"{self.unit} × {each}" if is_base else f"{self.unit} ({each} {self.product.unit})"


class ProductionRunQuerySet(DocumentQuerySet):
    def visible_to(self, scope: Scope) -> Self:
        """A draft is its enterprise's own business; supervisors see the run once it is confirmed."""
        return self.filter(scope.as_q("enterprise", officers=False) | (scope.as_q("enterprise") & ~Q(number=None)))

    def written_by(self, scope: Scope) -> Self:
        return self.filter(scope.as_q("enterprise", officers=False))


class ProductionRun(Document):
    """Lots that went in and lots that came out, on one day in one place (投料记录).

    `typed` keeps a draft as it stands in the form; inputs and outputs exist once everything typed makes sense. The run
    that `reverses` another has its quantities negative.
    """

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="runs", verbose_name=_("Enterprise"))
    produced_on = models.DateField(_("Made on"))
    note = models.CharField(_("Note"), max_length=200, blank=True)
    typed = models.JSONField(default=dict, editable=False)

    objects = ProductionRunQuerySet.as_manager()

    class Meta(Document.Meta):
        verbose_name = _("Production run")
        verbose_name_plural = _("Production runs")
        ordering = ["-produced_on", "-pk"]
        permissions = [
            ("confirm_productionrun", _("May confirm production runs")),
            ("reverse_productionrun", _("May reverse production runs")),
        ]


class RunInput(models.Model):
    """A lot that a run used up some of."""

    run = models.ForeignKey(
        ProductionRun, models.CASCADE, db_index=False, related_name="inputs", verbose_name=_("Production run")
    )
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", verbose_name=_("Lot"))
    quantity = models.DecimalField(_("Quantity"), max_digits=14, decimal_places=3)

    class Meta:
        verbose_name = _("Input")
        verbose_name_plural = _("Inputs")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint("run", "lot", name="input_lot_stands_once"),
            models.CheckConstraint(name="input_is_used", condition=~Q(quantity=0)),
        ]

    def __str__(self) -> str:
        return str(self.lot)


class RunOutput(models.Model):
    """A lot that a run made."""

    run = models.ForeignKey(
        ProductionRun, models.CASCADE, db_index=False, related_name="outputs", verbose_name=_("Production run")
    )
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("Product"))
    lot_code = models.CharField(_("Lot number"), max_length=40)
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="+", verbose_name=_("Lot"))
    expires_on = models.DateField(_("Best before"), null=True)
    quantity = models.DecimalField(_("Quantity"), max_digits=14, decimal_places=3)

    class Meta:
        verbose_name = _("Output")
        verbose_name_plural = _("Outputs")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint("run", "product", "lot_code", name="output_lot_stands_once"),
            models.CheckConstraint(name="output_is_made", condition=~Q(quantity=0)),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.lot_code}"
