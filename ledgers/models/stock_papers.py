"""Papers about stock alone, between nobody: what was there at the beginning, what a count found, what was disposed."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from attachments.models import Attachment
from catalog.models import Lot, Product
from documents.models import Document, DocumentQuerySet
from enterprises.models import Enterprise


class StockPaperQuerySet(DocumentQuerySet):
    def visible_to(self, scope: Scope) -> Self:
        """A draft is its enterprise's own business; supervisors see the paper once it is confirmed."""
        return self.filter(scope.as_q("enterprise", officers=False) | (scope.as_q("enterprise") & ~Q(number=None)))

    def written_by(self, scope: Scope) -> Self:
        return self.filter(scope.as_q("enterprise", officers=False))


class StockPaper(Document):
    """What one enterprise says of its stock on one day (库存单据).

    `typed` keeps a draft as it stands in the form; lines exist once everything typed makes sense. With
    `missing_is_sold` a count takes what is missing as sold to consumers: retailers and caterers need no entry for
    that. The paper that `reverses` another has its quantities the other way round.
    """

    class Kind(models.TextChoices):
        OPENING = "opening", _("Opening stock")
        COUNT = "count", _("Stock count")
        WRITE_OFF = "write_off", _("Write-off")
        DESTRUCTION = "destruction", _("Destruction")
        OWN_USE = "own_use", _("Own use")

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="stock_papers", verbose_name=_("Enterprise")
    )
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind)
    happened_on = models.DateField(_("Date"))
    note = models.CharField(_("Reason"), max_length=200, blank=True)
    method = models.CharField(_("How it was destroyed"), max_length=200, blank=True)
    witness = models.CharField(_("Who saw it"), max_length=100, blank=True)
    missing_is_sold = models.BooleanField(default=False, editable=False)
    typed = models.JSONField(default=dict, editable=False)

    objects = StockPaperQuerySet.as_manager()

    class Meta(Document.Meta):
        verbose_name = _("Stock paper")
        verbose_name_plural = _("Stock papers")
        ordering = ["-happened_on", "-pk"]
        permissions = [
            ("confirm_stockpaper", _("May confirm stock papers")),
            ("reverse_stockpaper", _("May reverse stock papers")),
        ]
        constraints = [
            *Document.Meta.constraints,
            models.CheckConstraint(
                name="what_leaves_stock_has_a_reason",
                condition=Q(number=None) | Q(kind__in=["opening", "count"]) | ~Q(note=""),
                violation_error_message=_("Say why the goods leave your stock."),
            ),
            models.CheckConstraint(
                name="destruction_says_how_and_who_saw_it",
                condition=Q(number=None) | ~Q(kind="destruction") | (~Q(method="") & ~Q(witness="")),
                violation_error_message=_("Say how the goods were destroyed, and who saw it."),
            ),
            models.CheckConstraint(
                name="only_a_count_finds_goods_sold", condition=Q(missing_is_sold=False) | Q(kind="count")
            ),
        ]


class StockPaperLineQuerySet(models.QuerySet[Any]):
    def in_force(self) -> Self:
        """Those that moved something, of papers that are confirmed, no reversal and not reversed."""
        return self.filter(paper__in=StockPaper.objects.in_force()).exclude(quantity=0)

    def counts(self) -> Self:
        """Lots that were counted, whatever was found, by papers in force."""
        return self.filter(paper__in=StockPaper.objects.in_force(), counted__isnull=False)


class StockPaperLine(models.Model):
    """One lot on a stock paper; `quantity` is how much more there is of it afterwards, in the lot's unit.

    So it is negative for what leaves. A count says in `counted` what is there and in `booked` what the books had at
    that moment; the quantity is what the two differ by. An opening stock makes its lot when it is confirmed, and
    `supplier` is from whom the goods are said to have come.
    """

    paper = models.ForeignKey(
        StockPaper, models.CASCADE, db_index=False, related_name="lines", verbose_name=_("Stock paper")
    )
    position = models.PositiveSmallIntegerField(_("Line"))
    product = models.ForeignKey(Product, models.PROTECT, db_index=False, related_name="+", verbose_name=_("Product"))
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="stock_lines", verbose_name=_("Lot"))
    lot_code = models.CharField(_("Lot number"), max_length=40)
    lot_is_generated = models.BooleanField(default=False)
    produced_on = models.DateField(_("Made on"), null=True)
    expires_on = models.DateField(_("Best before"), null=True)
    supplier = models.CharField(_("Supplier"), max_length=120, blank=True)
    quantity = models.DecimalField(_("Quantity"), max_digits=14, decimal_places=3)
    counted = models.DecimalField(_("Counted"), max_digits=14, decimal_places=3, null=True)
    booked = models.DecimalField(_("In the books"), max_digits=14, decimal_places=3, null=True)

    objects = StockPaperLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("Line of a stock paper")
        verbose_name_plural = _("Lines of stock papers")
        ordering = ["position"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint("paper", "position", name="stock_line_has_its_place"),
            models.UniqueConstraint(
                "paper", "lot", name="lot_stands_once_on_a_stock_paper",
                violation_error_message=_("This lot stands in another row already. Put both quantities into one row."),
            ),
            models.CheckConstraint(
                name="stock_line_moves_or_counts",
                condition=~Q(quantity=0) | Q(counted__isnull=False),
                violation_error_message=_("A quantity is more than zero."),
            ),
            models.CheckConstraint(
                name="count_is_what_differs_from_the_books",
                condition=Q(counted=None, booked=None)
                | Q(counted__gte=0, booked__isnull=False, quantity=F("counted") - F("booked")),
            ),
            models.CheckConstraint(
                name="opening_lot_expires_after_it_is_made",
                condition=Q(produced_on=None) | Q(expires_on=None) | Q(expires_on__gte=F("produced_on")),
                violation_error_message=_("Best before is earlier than the production date."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.product} {self.lot_code}"

    @property
    def what(self) -> Any:
        """In words what happened to the lot here."""
        if self.paper.kind != StockPaper.Kind.COUNT or self.quantity == 0:
            return self.paper.get_kind_display()
        if self.quantity > 0:
            return _("Found by a count beyond the books")
        return _("Sold to consumers, by a count") if self.paper.missing_is_sold else _("Missing at a count")


class StockPaperPhoto(models.Model):
    """What was photographed of a write-off or a destruction; only ever added. Who sees the paper sees its photos."""

    paper = models.ForeignKey(StockPaper, models.PROTECT, related_name="photos", verbose_name=_("Stock paper"))
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name=_("Photo"))

    class Meta:
        verbose_name = _("Photo of a stock paper")
        verbose_name_plural = _("Photos of stock papers")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [models.UniqueConstraint("paper", "attachment", name="photo_of_a_stock_paper_stands_once")]

    def __str__(self) -> str:
        return str(self.attachment)
