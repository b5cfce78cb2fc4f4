"""What the public may read: rows that an explicit publishing step wrote, nothing private behind them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PublishedVoucher(models.Model):
    """The public face of a confirmed invoice: enough to see that a printed voucher is genuine, and no price."""

    token = models.CharField(max_length=22, primary_key=True)
    invoice_id = models.BigIntegerField(unique=True)
    number = models.CharField(_("Number"), max_length=32)
    seller = models.CharField(_("Seller"), max_length=120)
    buyer = models.CharField(_("Buyer"), max_length=120)
    traded_on = models.DateField(_("Date"))
    lines = models.JSONField(default=list)
    reversed_by = models.CharField(_("Reversed by"), max_length=32, blank=True)
    published_at = models.DateTimeField(_("Published"), auto_now=True)

    class Meta:
        verbose_name = _("Published voucher")
        verbose_name_plural = _("Published vouchers")
        ordering = ["-traded_on", "number"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.number
