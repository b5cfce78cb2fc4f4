"""Who deals with whom."""

from __future__ import annotations

from typing import Any, Self

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from enterprises.models.registry import Enterprise


class PartnershipQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """Whom one deals with, and at what price, is one's own business; a firm's places share it."""
        return self.filter(scope.as_q("owner", officers=False, shared=True))

    def current(self) -> Self:
        return self.filter(ended_on=None)

    def suppliers(self) -> Self:
        return self.filter(role=Partnership.Role.SUPPLIER)

    def customers(self) -> Self:
        return self.filter(role=Partnership.Role.CUSTOMER)


@pghistory.track()
class Partnership(models.Model):
    """One line of an enterprise's list of suppliers or customers, with what only that enterprise knows of them."""

    class Role(models.TextChoices):
        SUPPLIER = "supplier", _("Supplier")
        CUSTOMER = "customer", _("Customer")

    owner = models.ForeignKey(Enterprise, models.PROTECT, related_name="partnerships", verbose_name=_("Enterprise"))
    partner = models.ForeignKey(Enterprise, models.PROTECT, related_name="known_as", verbose_name=_("Partner"))
    role = models.CharField(_("Role"), max_length=10, choices=Role)
    contact_name = models.CharField(_("Our contact there"), max_length=60, blank=True)
    telephone = models.CharField(_("Telephone of our contact"), max_length=30, blank=True)
    agreed_price = models.CharField(
        _("Agreed prices"), max_length=200, blank=True, help_text=_("Seen by your own people only.")
    )
    ended_on = models.DateField(_("Ended on"), null=True, blank=True)

    objects = PartnershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("Partner")
        verbose_name_plural = _("Partners")
        ordering = ["partner__name_pinyin", "pk"]
        constraints = [
            models.UniqueConstraint(
                "owner", "partner", "role", name="partner_is_listed_once",
                violation_error_message=_("This partner is on your list already."),
            ),
            models.CheckConstraint(
                name="partner_is_somebody_else",
                condition=~Q(owner=F("partner")),
                violation_error_message=_("An enterprise cannot be its own supplier or customer."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.partner)
