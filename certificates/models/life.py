"""What belongs to a certificate: its pages, and what happened to it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from attachments.models import Attachment
from certificates.models.certificates import Certificate
from enterprises.models import Enterprise


class CertificatePage(models.Model):
    """A photo or a PDF of a certificate. Append-only: a better picture is a further page or a new version."""

    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="pages", verbose_name=_("Certificate"))
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name=_("Page"))

    class Meta:
        verbose_name = _("Page of a certificate")
        verbose_name_plural = _("Pages of certificates")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [models.UniqueConstraint("certificate", "attachment", name="page_of_a_certificate_stands_once")]

    def __str__(self) -> str:
        return str(self.attachment)


class CertificateStep(models.Model):
    """What somebody did to a certificate, and why. Append-only; `enterprise` is None where an authority did it."""

    class Kind(models.TextChoices):
        SUBMITTED = "submitted", _("Uploaded")
        APPROVED = "approved", _("Checked and approved")
        RETURNED = "returned", _("Sent back")
        RESUBMITTED = "resubmitted", _("Corrected and sent again")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        REVOKED = "revoked", _("Revoked")

    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="steps", verbose_name=_("Certificate"))
    kind = models.CharField(_("What"), max_length=12, choices=Kind)
    reason = models.CharField(_("Reason"), max_length=200, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+", verbose_name=_("By")
    )
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("For")
    )
    taken_at = models.DateTimeField(_("At"), auto_now_add=True)

    class Meta:
        verbose_name = _("Step of a certificate")
        verbose_name_plural = _("Steps of certificates")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="ending_a_certificate_has_a_reason",
                condition=Q(kind__in=["submitted", "approved", "resubmitted"]) | ~Q(reason=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reason}".strip()
