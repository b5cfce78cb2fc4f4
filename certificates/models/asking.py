"""Requests for papers: a customer asks, the supplier uploads, and everybody has it."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from catalog.models import Product
from certificates.models.certificates import Certificate
from enterprises.models import Enterprise


class CertificateRequestQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """Both sides, and the officers of whoever was asked."""
        return self.filter(scope.as_q("requester", officers=False, shared=True) | scope.as_q("asked", shared=True))

    def open(self) -> Self:
        """Not answered and not taken back."""
        return self.filter(closed_at=None)


class CertificateRequest(models.Model):
    """One paper that `requester` asks of `asked`: its food licence, or with a product a paper of these goods.

    It ends with the paper, `certificate`, whoever uploads it, or taken back without one.
    """

    requester = models.ForeignKey(
        Enterprise, models.PROTECT, db_index=False, related_name="certificate_requests", verbose_name=_("Asked by")
    )
    asked = models.ForeignKey(Enterprise, models.PROTECT, related_name="+", verbose_name=_("Supplier"))
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name=_("Product")
    )
    lot_code = models.CharField(_("Lot number"), max_length=60, blank=True)
    lot_key = models.CharField(max_length=60, blank=True, editable=False)
    words = models.CharField(_("Message"), max_length=200, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+")
    asked_at = models.DateTimeField(_("Asked at"), auto_now_add=True)
    certificate = models.ForeignKey(
        Certificate, models.PROTECT, null=True, blank=True, related_name="answers", verbose_name=_("Paper")
    )
    closed_at = models.DateTimeField(_("Answered at"), null=True, blank=True)

    objects = CertificateRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("Request for a paper")
        verbose_name_plural = _("Requests for papers")
        ordering = [models.F("closed_at").desc(nulls_first=True), "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["requester", "asked", "product", "lot_key"], name="paper_is_asked_for_once",
                condition=Q(closed_at=None), nulls_distinct=False,
                violation_error_message=_("You have asked for this already; the supplier is reminded by itself."),
            ),
            models.CheckConstraint(
                name="request_is_of_somebody_else", condition=~Q(requester=models.F("asked")),
                violation_error_message=_("Nobody asks itself: upload the paper."),
            ),
            models.CheckConstraint(
                name="answered_request_is_closed", condition=Q(certificate=None) | Q(closed_at__isnull=False)
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        words = f"{self.product} {self.lot_code}".strip() if self.product_id else str(_("Food licence"))
        return f"{self.asked}: {words}"

    @property
    def state(self) -> str:
        """`open`, `answered` or `withdrawn`."""
        return "open" if self.closed_at is None else "answered" if self.certificate_id else "withdrawn"
