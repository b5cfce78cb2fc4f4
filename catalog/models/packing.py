"""How many of its base units a case, a box or a bag of goods holds, as an enterprise packs or buys them."""

from __future__ import annotations

from typing import Any, Self

import pghistory
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from catalog.models.goods import Product, Unit
from enterprises.models import Enterprise


class PackingQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """An enterprise's own list; its places share it."""
        return self.filter(scope.as_q("owner", officers=False, shared=True))


@pghistory.track()
class Packing(models.Model):
    """One `unit` of these goods holds `quantity` base units. It counts for its owner and, where that makes the goods,
    for everybody who has entered nothing else."""

    owner = models.ForeignKey(Enterprise, models.PROTECT, related_name="packings", verbose_name=_("Enterprise"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="packings", verbose_name=_("Product"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("Package"))
    quantity = models.DecimalField(
        _("Holds"), max_digits=10, decimal_places=3,
        help_text=_("In the base unit of the goods: 24 where a case holds 24 bags."),
    )  # fmt: skip

    objects = PackingQuerySet.as_manager()

    class Meta:
        verbose_name = _("Packing")
        verbose_name_plural = _("Packings")
        ordering = ["product__name", "quantity", "pk"]
        constraints = [
            models.UniqueConstraint(
                "owner", "product", "unit", name="packing_is_said_once",
                violation_error_message=_("This package of these goods stands there already. Change that row."),
            ),
            models.CheckConstraint(
                name="package_holds_something",
                condition=Q(quantity__gt=0),
                violation_error_message=_("A package holds more than nothing."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.product}: {self.words}"

    @property
    def words(self) -> str:
        """What it says: 1 case = 24 bag."""
        return f"1 {self.unit} = {self.quantity.normalize():f} {self.product.unit}"

    def clean(self) -> None:
        if self.product_id and self.unit_id == self.product.unit_id:
            raise ValidationError({"unit": _("These goods are counted in this unit. Choose a larger package.")})
