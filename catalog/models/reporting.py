"""What people say is wrong with a shared product, and what came of it."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.scope import Scope
from attachments.models import Attachment
from catalog.models.goods import Product
from catalog.models.sayings import FIELD_MAX, FieldDecision
from enterprises.models import Enterprise

OTHER_FIELDS = {"barcode": _("Barcode"), "other": _("Something else")}  # that are wrong, and no field of a product


def _is_steward(scope: Scope) -> bool:
    return User.objects.filter(pk=scope.user_id, groups__permissions__codename="steward_product").exists()


class ProductReportQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """All for data stewards; others see what they or their enterprise said, and what is said of goods they make."""
        if scope.everything or _is_steward(scope):
            return self
        return self.filter(Q(author=scope.user_id) | scope.as_q("enterprise", "product__maker", officers=False))

    def open(self) -> Self:
        """Those that nobody has answered."""
        return self.filter(state=ProductReport.State.OPEN)


class ProductReport(models.Model):
    """One field of a shared product that somebody says is wrong; `author` is empty where the public said so.

    What was said never changes, and an answered report does not change any more: the database sees to both. The public
    saying the same again counts in `times`.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ACCEPTED = "accepted", _("Put right")
        REJECTED = "rejected", _("Not so")

    product = models.ForeignKey(Product, models.PROTECT, related_name="reports", verbose_name=_("Product"))
    field = models.CharField(_("What is wrong"), max_length=FIELD_MAX)
    says = models.CharField(_("What the package says"), max_length=200)
    note = models.CharField(_("Note"), max_length=500, blank=True)
    times = models.PositiveIntegerField(_("Said how often"), default=1)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("Reported by")
    )
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, related_name="+", verbose_name=_("Enterprise")
    )
    created_at = models.DateTimeField(_("Reported at"), auto_now_add=True)
    state = models.CharField(_("State"), max_length=8, choices=State, default=State.OPEN)
    answer = models.CharField(_("Answer"), max_length=200, blank=True)
    decision = models.ForeignKey(FieldDecision, models.PROTECT, null=True, related_name="+")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("Answered by")
    )
    answered_at = models.DateTimeField(_("Answered at"), null=True)

    objects = ProductReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("Report of wrong data")
        verbose_name_plural = _("Reports of wrong data")
        ordering = [F("answered_at").desc(nulls_first=True), "pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(name="report_says_something", condition=~Q(says="")),
            models.CheckConstraint(
                name="answered_report_has_its_answer",
                condition=Q(state="open", answer="", answered_by=None, answered_at=None, decision=None)
                | ~Q(state="open") & ~Q(answer="") & Q(answered_by__isnull=False, answered_at__isnull=False),
            ),
            models.UniqueConstraint(
                "product", "field", "says", name="public_report_stands_once", condition=Q(author=None, state="open")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product}: {self.says}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def field_words(self) -> str:
        """The field as forms name it."""
        if self.field in OTHER_FIELDS:
            return str(OTHER_FIELDS[self.field])
        return str(Product._meta.get_field(self.field).verbose_name)  # type: ignore[union-attr]

    @property
    def files(self) -> list[Attachment]:
        """The photos, in the order in which they came."""
        return [photo.attachment for photo in self.photos.select_related("attachment")]


class ReportPhoto(models.Model):
    """What a signed-in person photographed of the package; only ever added."""

    report = models.ForeignKey(ProductReport, models.PROTECT, related_name="photos", verbose_name=_("Report"))
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name=_("Photo"))

    class Meta:
        verbose_name = _("Photo of a report")
        verbose_name_plural = _("Photos of reports")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [models.UniqueConstraint("report", "attachment", name="photo_of_a_report_stands_once")]

    def __str__(self) -> str:
        return str(self.attachment)
