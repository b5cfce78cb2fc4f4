"""That an officer opened a trace, and why: what lies beyond the own area is seen inside an opened trace only."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from catalog.models import Lot
from enterprises.models import Enterprise


class TraceOpeningQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """One's own; all of them for who looks after the platform."""
        return self if scope.everything else self.filter(user=scope.user_id)


class TraceOpening(models.Model):
    """Who opened which trace, when and for what reason: of a lot, or of all that an enterprise handled in a time.

    Only ever added.
    """

    class Why(models.TextChoices):
        FAILED_TEST = "failed_test", _("A sample failed")
        ILLNESS = "illness", _("People fell ill")
        COMPLAINT = "complaint", _("A complaint or a tip")
        RECALL = "recall", _("A recall")
        INSPECTION = "inspection", _("An inspection on site")
        BOOKS = "books", _("Checking the books")
        DRILL = "drill", _("A drill")
        OTHER = "other", _("Another reason")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+", verbose_name=_("Opened by")
    )  # fmt: skip
    lot = models.ForeignKey(
        Lot, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name=_("Lot")
    )  # fmt: skip
    enterprise = models.ForeignKey(
        Enterprise,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("Enterprise"),
    )
    since = models.DateField(_("From"), null=True, blank=True)
    until = models.DateField(_("To"), null=True, blank=True)
    why = models.CharField(_("Reason"), max_length=12, choices=Why)
    note = models.CharField(_("Case number or remark"), max_length=200, blank=True)
    opened_at = models.DateTimeField(_("At"), auto_now_add=True)

    objects = TraceOpeningQuerySet.as_manager()

    class Meta:
        verbose_name = _("Opened trace")
        verbose_name_plural = _("Opened traces")
        ordering = ["-opened_at", "-pk"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["user", "-opened_at"], name="openings_of_one_person")]
        constraints = [
            models.CheckConstraint(
                name="opening_is_of_a_lot_or_of_a_time",
                condition=Q(lot__isnull=False, enterprise=None, since=None, until=None)
                | Q(
                    lot=None, enterprise__isnull=False, since__isnull=False, until__isnull=False, until__gte=F("since")
                ),
            ),
            models.CheckConstraint(
                name="another_reason_is_told",
                condition=~Q(why="other") | ~Q(note=""),
                violation_error_message=_("Say in a few words why you open this trace."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.lot) if self.lot else f"{self.enterprise} {self.since} – {self.until}"
