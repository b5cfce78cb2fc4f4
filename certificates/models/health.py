"""Health certificates of those who work with food. Their identity numbers are sealed; who reads one says why."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from accounts.sealing import masked
from attachments.models import Attachment
from enterprises.models import Enterprise
from laws.parameters import days_soon


class HealthCertificateQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """The enterprise's own people, and the officers of its region; nobody it deals with."""
        return self.filter(scope.as_q("enterprise"))

    def of_staff(self) -> Self:
        """Of those who have not left, the latest of each person."""
        later = self.model._base_manager.filter(
            enterprise=models.OuterRef("enterprise"), identity_hash=models.OuterRef("identity_hash"),
            valid_until__gt=models.OuterRef("valid_until"),
        )  # fmt: skip
        return self.filter(left_on=None).exclude(models.Exists(later))


@pghistory.track(exclude=["identity_sealed", "identity_hash"])
class HealthCertificate(models.Model):
    """One health certificate of one person at one place: valid for a year (Food Safety Law, article 45).

    The identity number is kept sealed, as a keyed hash (the same person is known again) and by its last four signs.
    """

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="health_certificates", verbose_name=_("Enterprise")
    )
    person = models.CharField(_("Name of the person"), max_length=60)
    job = models.CharField(_("Job"), max_length=60, blank=True)
    identity_sealed = models.TextField(editable=False)
    identity_hash = models.CharField(max_length=64, editable=False)
    identity_last4 = models.CharField(max_length=4, editable=False)
    number = models.CharField(_("Number of the paper"), max_length=40)
    issued_on = models.DateField(_("Issued on"))
    valid_until = models.DateField(_("Valid until"), help_text=_("Empty: a year after it was issued."))
    left_on = models.DateField(_("Left on"), null=True, blank=True, help_text=_("The last day at work here."))

    objects = HealthCertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("Health certificate")
        verbose_name_plural = _("Health certificates")
        ordering = ["valid_until", "pk"]
        permissions = [("reveal_healthcertificate", _("May read identity numbers"))]
        constraints = [
            models.UniqueConstraint(
                "enterprise", "identity_hash", "issued_on", name="health_certificate_stands_once",
                violation_error_message=_("A certificate of this person of that day is here already."),
            ),
            models.CheckConstraint(
                name="health_certificate_is_ordered", condition=Q(valid_until__gt=F("issued_on")),
                violation_error_message=_("A certificate cannot end before it begins."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.person} {self.number}"

    @property
    def identity(self) -> str:
        """The identity number as everybody may see it."""
        return masked(self.identity_last4)

    def state_on(self, day: date) -> str:
        """`left`, `expired`, `expiring` (within `health.expiring`) or `valid`."""
        if self.left_on and self.left_on < day:
            return "left"
        if self.valid_until < day:
            return "expired"
        return "expiring" if self.valid_until < day + days_soon("health.expiring", day) else "valid"

    @property
    def state(self) -> str:
        return self.state_on(timezone.localdate())


class HealthPage(models.Model):
    """A photo of a health certificate. Only ever added."""

    certificate = models.ForeignKey(HealthCertificate, models.PROTECT, related_name="pages")
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name=_("Page"))

    class Meta:
        verbose_name = _("Page of a health certificate")
        verbose_name_plural = _("Pages of health certificates")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [models.UniqueConstraint("certificate", "attachment", name="health_page_stands_once")]

    def __str__(self) -> str:
        return str(self.attachment)


class IdentityReading(models.Model):
    """That somebody read an identity number, and why. Only ever added."""

    certificate = models.ForeignKey(HealthCertificate, models.PROTECT, related_name="readings")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Read by"))
    reason = models.CharField(_("Reason"), max_length=200)
    read_at = models.DateTimeField(_("At"), auto_now_add=True)

    class Meta:
        verbose_name = _("Reading of an identity number")
        verbose_name_plural = _("Readings of identity numbers")
        ordering = ["-pk"]
        default_permissions = ()
        constraints = [models.CheckConstraint(name="reading_has_a_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return self.reason
