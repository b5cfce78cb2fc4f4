"""Two rows of the shared catalogue that are one trade item: which was merged into which, and what moved with it."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope, SharedQuerySet
from catalog.models.goods import Product


class ProductMergeQuerySet(SharedQuerySet):
    def visible_to(self, scope: Scope) -> Self:
        """What stewards did to the shared catalogue; who may see it at all is said by its permission."""
        return self

    def in_force(self) -> Self:
        """Merges that nobody has undone."""
        return self.filter(undoes=None, undone_by=None)


class ProductMerge(models.Model):
    """A merge, or, where it `undoes` one, the taking apart of what was merged. Append-only.

    `moved` names the rows that followed to the survivor, and what of them was put aside, by kind.
    """

    survivor = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("Stays"))
    merged = models.ForeignKey(Product, models.PROTECT, related_name="merges", verbose_name=_("Merged into it"))
    moved = models.JSONField(default=dict)
    reason = models.CharField(_("Reason"), max_length=200)
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, editable=False, related_name="undone_by", verbose_name=_("Undoes")
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("By"))
    created_at = models.DateTimeField(_("At"), auto_now_add=True)

    objects = ProductMergeQuerySet.as_manager()

    class Meta:
        verbose_name = _("Merge of products")
        verbose_name_plural = _("Merges of products")
        ordering = ["-pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(name="merge_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(name="merge_joins_two_products", condition=~Q(survivor=F("merged"))),
        ]

    def __str__(self) -> str:
        return f"{self.merged} → {self.survivor}"

    @property
    def is_in_force(self) -> bool:
        """Neither undone nor the undoing of another."""
        return self.undoes_id is None and not hasattr(self, "undone_by")
