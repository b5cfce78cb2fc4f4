"""How many papers of each year must be kept, and how many need not be kept any more."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.scope import SharedQuerySet


class RetentionYear(models.Model):
    """The confirmed papers of one year of trade, as the last count found them. Written by `retention.py` alone."""

    year = models.PositiveSmallIntegerField(_("Year of trade"), unique=True)
    papers = models.PositiveIntegerField(_("Papers"))
    free = models.PositiveIntegerField(_("Need not be kept any more"))
    kept_until = models.DateField(_("All of them may go after"), null=True)
    counted_on = models.DateField(_("Counted on"))

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name = _("Retention of a year")
        verbose_name_plural = _("Retention of papers")
        ordering = ["-year"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return str(self.year)
