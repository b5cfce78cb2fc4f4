"""What one side asks the other to correct once both have taken a paper in, and prices put right afterwards."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from enterprises.models import Decision, DecisionQuerySet, Enterprise
from ledgers.models.papers import Invoice, InvoiceLine


class CorrectionProposalQuerySet(DecisionQuerySet):
    def visible_to(self, scope: Scope) -> Self:
        return self.filter(scope.as_q("invoice__seller", "invoice__buyer"))

    def in_force(self) -> Self:
        """Of papers that nobody has taken back meanwhile."""
        return self.filter(invoice__reversed_by=None)


class CorrectionProposal(Decision):
    """One side asks to reverse or correct a paper that the other has accepted; nothing moves until that one agrees.

    `differences` is {line position: difference, in the line's unit}; empty means the whole paper. `paper` is the
    reversal or difference paper that came of it, by consent or by order of the station.
    """

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="proposals", verbose_name=_("Invoice"))
    asked = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="corrections_asked", verbose_name=_("Who is asked")
    )
    differences = models.JSONField(_("Differences"), default=dict, blank=True)
    reason = models.CharField(_("Reason"), max_length=200)
    paper = models.OneToOneField(
        Invoice, models.PROTECT, null=True, editable=False, related_name="proposed_as", verbose_name=_("Paper")
    )

    objects = CorrectionProposalQuerySet.as_manager()

    class Meta(Decision.Meta):
        verbose_name = _("Proposed correction of a paper")
        verbose_name_plural = _("Proposed corrections of papers")
        ordering = ["-created_at", "-pk"]
        default_permissions = ("view",)
        constraints = [
            *Decision.Meta.constraints,
            models.UniqueConstraint(
                "invoice", name="one_correction_waits", condition=Q(accepted=None),
                violation_error_message=_("A correction of this paper waits for its answer already."),
            ),
            models.CheckConstraint(
                name="correction_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message=_("Say why: the other side will read it."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.invoice)


class PriceCorrectionQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """Prices never leave the two parties."""
        return self.filter(scope.as_q("line__invoice__seller", "line__invoice__buyer", officers=False))


class PriceCorrection(models.Model):
    """The price of a confirmed line was wrong: the last of these counts, and no goods move. Only ever added."""

    line = models.ForeignKey(
        InvoiceLine, models.PROTECT, related_name="price_corrections", verbose_name=_("Invoice line")
    )
    price = models.DecimalField(_("Unit price in yuan"), max_digits=10, decimal_places=2)
    reason = models.CharField(_("Reason"), max_length=200)
    corrected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+", verbose_name=_("By")
    )
    corrected_at = models.DateTimeField(_("At"), auto_now_add=True)

    objects = PriceCorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("Correction of a price")
        verbose_name_plural = _("Corrections of prices")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="price_correction_is_whole",
                condition=~Q(reason="") & Q(price__gte=0),
                violation_error_message=_("A price is not below zero, and its correction has a reason."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.price}"


def corrected_price() -> Coalesce:
    """The price of an invoice line that counts now, for a list of lines."""
    last = PriceCorrection.objects.filter(line=models.OuterRef("pk")).order_by("-pk")
    return Coalesce(models.Subquery(last.values("price")[:1]), F("price"))
