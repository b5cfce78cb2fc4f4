"""Files that somebody gave as evidence: checked, drawn anew, hashed, and never changed afterwards."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from attachments import access

SHOWN_DIGITS = 12


class AttachmentQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """One's own, and what the rules of upper apps open. A union: asked for one row, each part looks up one row."""
        own = self.model._base_manager.filter(uploaded_by=scope.user_id).values_list("pk")
        opened = [rule(scope).order_by() for rule in access.rules]
        return self.filter(pk__in=own.union(*opened, all=True) if opened else own)


class Attachment(models.Model):
    """One file as one person gave it. Append-only.

    `sha256` is that of the stored content, which lies in a place named after it: the same content is stored once,
    however many rows tell of it. Size is in bytes, width and height in pixels.
    """

    class Kind(models.TextChoices):
        IMAGE = "image", _("Photo")
        PDF = "pdf", _("PDF document")

    name = models.CharField(_("File name"), max_length=200)
    kind = models.CharField(_("Kind of file"), max_length=10, choices=Kind)
    content_type = models.CharField(max_length=50)
    sha256 = models.CharField(_("Fingerprint (SHA-256)"), max_length=64)
    size = models.PositiveIntegerField(_("Size"))
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="attachments", verbose_name=_("Uploaded by")
    )
    uploaded_at = models.DateTimeField(_("Uploaded at"), auto_now_add=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("Attachment")
        verbose_name_plural = _("Attachments")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="attachment_is_a_photo_or_a_pdf",
                condition=Q(
                    kind="image", content_type="image/jpeg", width__isnull=False, width__gt=0, height__isnull=False,
                    height__gt=0,
                ) | Q(kind="pdf", content_type="application/pdf", width=None, height=None),
                violation_error_message=_("An attachment is a JPEG photo with its size, or a PDF."),
            ),
            models.CheckConstraint(
                name="attachment_has_content_and_its_hash",
                condition=Q(size__gt=0, sha256__regex=r"^[0-9a-f]{64}$"),
                violation_error_message=_("An attachment is never empty, and has the SHA-256 of its content."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        return self.kind == self.Kind.IMAGE

    @property
    def saved_as(self) -> str:
        """The name under which a browser keeps it: as uploaded, with the ending of what it is now."""
        ending = ".jpg" if self.is_image else ".pdf"
        return self.name if self.name.lower().endswith(ending) else f"{PurePath(self.name).stem}{ending}"

    @property
    def fingerprint(self) -> str:
        """The first digits of the hash, for people to compare."""
        return self.sha256[:SHOWN_DIGITS]
