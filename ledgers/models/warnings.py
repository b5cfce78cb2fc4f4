"""What somebody was warned of when a paper was confirmed, and the reason given for going on."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from ledgers.models.papers import Invoice


class InvoiceWarningQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """Its author and its author's supervisors: what a seller has in stock is not its customer's business."""
        return self.filter(scope.as_q("invoice__author"))


class InvoiceWarning(models.Model):
    """One warning that stood on the sheet when the paper was confirmed. Only ever added.

    `position` is the line, None for the paper as a whole; `facts` are the figures of its sentence, `reason` the words
    of whoever confirmed, one for all the warnings of a paper.
    """

    class Rule(models.TextChoices):
        CLOSED = "closed", _("A party has closed")
        LATE = "late", _("Late entry")
        LICENCE_EXPIRED = "licence_expired", _("Supplier's licence not valid")
        LICENCE_MISSING = "licence_missing", _("Supplier's licence not on file")
        LOT_TWICE = "lot_twice", _("One lot twice")
        OVERSOLD = "oversold", _("More than the stock")
        OWN_LICENCE = "own_licence", _("Own licence not valid")
        PAPER_MISSING = "paper_missing", _("A paper of the goods is missing")
        SHELF_LIFE = "shelf_life", _("Unusual shelf life")
        SHORT_LIFE = "short_life", _("Little shelf life left")
        SOLD_BEFORE_RECEIVED = "sold_before_received", _("Sold before it came")
        TWIN = "twin", _("Perhaps written twice")
        UNUSUAL = "unusual", _("Unusual quantity")

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="warnings", verbose_name=_("Invoice"))
    position = models.PositiveSmallIntegerField(_("Line"), null=True)
    rule = models.CharField(_("Warning"), max_length=24, choices=Rule)
    facts = models.JSONField(default=dict)
    reason = models.CharField(_("Reason"), max_length=200, blank=True)

    objects = InvoiceWarningQuerySet.as_manager()

    class Meta:
        verbose_name = _("Warning on a paper")
        verbose_name_plural = _("Warnings on papers")
        ordering = ["-pk"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "rule", "position"], name="one_warning_of_a_kind_on_a_line", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.invoice}: {self.get_rule_display()}"
