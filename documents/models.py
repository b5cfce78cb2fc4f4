"""Papers that are written, then confirmed, then never change again."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from documents.errors import DocumentIsConfirmed


class Status(models.TextChoices):
    DRAFT = "draft", _("Draft")
    CONFIRMED = "confirmed", _("Confirmed")


class DocumentQuerySet(models.QuerySet[Any]):
    def drafts(self) -> Self:
        return self.filter(status=Status.DRAFT)

    def confirmed(self) -> Self:
        return self.filter(status=Status.CONFIRMED)

    def in_force(self) -> Self:
        """Confirmed, not a reversal, and not reversed by another."""
        reversal = self.model._base_manager.filter(reverses=OuterRef("pk"), status=Status.CONFIRMED)
        return self.confirmed().filter(~Exists(reversal), reverses=None)


class Document(models.Model):
    """What every paper has: a number and a signature once it is confirmed, and maybe a paper that it reverses.

    `token` is made when the confirming form is rendered: the same token twice is one confirmation, so an answer that
    got lost can be asked for again. `version` counts the saves of a draft: a form with an older one is refused.
    """

    number = models.CharField(_("Number"), max_length=32, null=True, editable=False)
    status = models.CharField(_("State"), max_length=12, choices=Status, default=Status.DRAFT, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    token = models.UUIDField(null=True, unique=True, editable=False)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, editable=False, related_name="reversed_by", verbose_name=_("Reverses")
    )
    reason = models.CharField(_("Reason"), max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(_("Written"), auto_now_add=True)
    confirmed_at = models.DateTimeField(_("Confirmed at"), null=True, editable=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, db_index=False, related_name="+",
        verbose_name=_("Confirmed by"),
    )  # fmt: skip

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint("number", name="%(app_label)s_%(class)s_number_is_unique"),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_confirmed_is_signed",
                condition=Q(status=Status.DRAFT, number=None, confirmed_at=None, confirmed_by=None)
                | Q(
                    status=Status.CONFIRMED,
                    number__isnull=False,
                    confirmed_at__isnull=False,
                    confirmed_by__isnull=False,
                ),
                violation_error_message=_("A confirmed paper has a number, a time and a person; a draft has none."),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_reversal_has_a_reason",
                condition=Q(reverses=None) | ~Q(reason=""),
                violation_error_message=_("Say why the paper is reversed."),
            ),
        ]

    def __str__(self) -> str:
        return self.number or gettext("Draft %(pk)s") % {"pk": self.pk}

    @property
    def is_draft(self) -> bool:
        return self.status == Status.DRAFT

    def save(self, *args: Any, **kwargs: Any) -> None:
        confirmed = type(self)._base_manager.filter(pk=self.pk, status=Status.CONFIRMED)
        if not self._state.adding and confirmed.exists():
            raise DocumentIsConfirmed(self)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if not self.is_draft:
            raise DocumentIsConfirmed(self)
        return super().delete(*args, **kwargs)


def new_token() -> uuid.UUID:
    """A fresh token for a form that confirms something."""
    return uuid.uuid4()
