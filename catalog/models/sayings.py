"""What is said of shared products, field by field: how many say what, what became of it, where they do not agree."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope, SharedQuerySet
from catalog.models.goods import Contribution, Product

FIELD_MAX, VALUE_MAX = 20, 600


class FieldValue(models.Model):
    """One value of one field, and who stands behind it now: each firm's latest word counts once. Kept by the database.

    `score` is the sum of the weights, each doubled for every three years that it is younger: scores of any age compare.
    """

    product = models.ForeignKey(
        Product, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="field_values"
    )
    field = models.CharField(max_length=FIELD_MAX)
    value = models.CharField(max_length=VALUE_MAX)
    score = models.DecimalField(max_digits=20, decimal_places=6)
    voices = models.PositiveIntegerField()

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name = _("Value of a field")
        verbose_name_plural = _("Values of fields")
        default_permissions = ()
        constraints = [models.UniqueConstraint("product", "field", "value", name="value_is_counted_once")]

    def __str__(self) -> str:
        return f"{self.field}: {self.value}"


class FieldDecision(models.Model):
    """A steward's word on a field: it stands until it is taken back by a later row without a value. Append-only.

    `instead_of` is what stood there before the decision, which taking it back brings back.
    """

    product = models.ForeignKey(Product, models.PROTECT, db_index=False, related_name="decisions")
    field = models.CharField(max_length=FIELD_MAX)
    value = models.CharField(max_length=VALUE_MAX, null=True)  # none: the decision before is taken back
    instead_of = models.CharField(max_length=VALUE_MAX, blank=True)
    reason = models.CharField(_("Reason"), max_length=200)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("At"), auto_now_add=True)

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name = _("Decision about a field")
        verbose_name_plural = _("Decisions about fields")
        default_permissions = ()
        indexes = [models.Index(fields=["product", "field", "-id"], name="decision_of_field")]
        constraints = [
            models.CheckConstraint(name="decision_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(name="decision_says_something", condition=Q(value=None) | ~Q(value="")),
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.value}"


class FieldChange(models.Model):
    """A field of a shared product that took another value, and why. Kept by the database; append-only."""

    class Cause(models.TextChoices):
        FILLED = "filled", _("Was empty")
        MAKER = "maker", _("The maker says so")
        AGREED = "agreed", _("Several enterprises agree")
        DECIDED = "decided", _("A data steward decided")
        UNDONE = "undone", _("A decision was taken back")

    product = models.ForeignKey(
        Product, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="field_changes"
    )
    field = models.CharField(max_length=FIELD_MAX)
    before = models.CharField(max_length=VALUE_MAX, blank=True)
    after = models.CharField(max_length=VALUE_MAX)
    cause = models.CharField(_("Why"), max_length=8, choices=Cause)
    contribution = models.ForeignKey(
        Contribution, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    decision = models.ForeignKey(
        FieldDecision, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    changed_at = models.DateTimeField(_("At"))

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name = _("Change of a field")
        verbose_name_plural = _("Changes of fields")
        default_permissions = ()
        indexes = [
            models.Index(fields=["product", "-id"], name="change_of_product"),
            models.Index(fields=["changed_at"], name="change_lately", condition=~Q(before="")),
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.before} → {self.after}"


class FieldConflictQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """Shared goods are everybody's; who may settle them is asked by permission."""
        return self.filter(product__in=Product.objects.visible_to(scope).shared())


class FieldConflict(models.Model):
    """A field about which enterprises do not agree and the count does not decide. Kept by the database."""

    product = models.ForeignKey(
        Product,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="conflicts",
        verbose_name=_("Product"),
    )
    field = models.CharField(_("Field"), max_length=FIELD_MAX)
    since = models.DateTimeField(_("Since"))

    objects = FieldConflictQuerySet.as_manager()

    class Meta:
        verbose_name = _("Disagreement")
        verbose_name_plural = _("Disagreements")
        ordering = ["since", "pk"]
        default_permissions = ()
        constraints = [models.UniqueConstraint("product", "field", name="field_is_disputed_once")]

    def __str__(self) -> str:
        return f"{self.product}: {self.field}"
