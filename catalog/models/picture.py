"""Pictures of goods: who gave them, and which were taken away again."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from attachments.models import Attachment
from catalog.models.goods import Product
from enterprises.models import Enterprise


class ProductImageQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """Those that stand: of shared goods for everybody, of self-made codes for whoever sees these goods."""
        return self.standing().filter(Q(product__owner=None) | scope.as_q("product__owner", shared=True))

    def standing(self) -> Self:
        """Those that nobody has taken away."""
        return self.filter(removal=None)

    def of(self, product: Product) -> Self:
        """Of these goods and of what was merged into them: the maker's own first, then the latest."""
        rows = self.filter(Q(product=product) | Q(product__merged_into=product)).select_related("attachment")
        return rows.annotate(is_makers=Q(enterprise=F("product__maker"))).order_by("-is_makers", "-pk")


class ProductImage(models.Model):
    """A photo of goods as one enterprise, or a data steward, gave it. Append-only."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="images", verbose_name=_("Product"))
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name=_("Photo"))
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, related_name="+", verbose_name=_("Enterprise")
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Given by"))
    created_at = models.DateTimeField(_("At"), auto_now_add=True)

    objects = ProductImageQuerySet.as_manager()

    class Meta:
        verbose_name = _("Picture of goods")
        verbose_name_plural = _("Pictures of goods")
        ordering = ["-pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.product}: {self.attachment}"


class ImageRemoval(models.Model):
    """That a picture is shown no more, and why. Append-only."""

    image = models.OneToOneField(ProductImage, models.PROTECT, related_name="removal")
    reason = models.CharField(_("Reason"), max_length=200)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("At"), auto_now_add=True)

    class Meta:
        verbose_name = _("Removed picture")
        verbose_name_plural = _("Removed pictures")
        default_permissions = ()
        constraints = [models.CheckConstraint(name="removal_has_a_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return self.reason
