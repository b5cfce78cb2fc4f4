"""What goods are made of: the recipes of an enterprise, and how much of an additive the law lets in."""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import Any, Self

import pghistory
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope, SharedQuerySet
from catalog.models.goods import FoodCategory, Product
from enterprises.models import Enterprise


class AdditiveLimitQuerySet(SharedQuerySet):
    def in_force(self, day: datetime.date) -> Self:
        """Of each additive and category the version that holds on this day."""
        begun = self.filter(valid_from__lte=day)
        return begun.order_by("additive", "category_id", "-valid_from").distinct("additive", "category_id")


@pghistory.track()
class AdditiveLimit(models.Model):
    """How much of an additive goods of one category may hold, from a day on. A change is a new row with a later day."""

    additive = models.CharField(
        _("Additive"), max_length=60,
        help_text=_("The name as the standard writes it; goods whose name holds it are this additive."),
    )  # fmt: skip
    category = models.ForeignKey(
        FoodCategory, models.PROTECT, related_name="additive_limits", verbose_name=_("Food category")
    )
    max_grams_per_kg = models.DecimalField(_("At most, in g per kg"), max_digits=10, decimal_places=5)
    source = models.CharField(_("Source"), max_length=200, help_text=_("The standard and its clause."))
    valid_from = models.DateField(_("Valid from"))

    objects = AdditiveLimitQuerySet.as_manager()

    class Meta:
        verbose_name = _("Limit of an additive")
        verbose_name_plural = _("Limits of additives")
        ordering = ["additive", "category", "-valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(
                "additive", "category", "valid_from", name="additive_limit_has_one_version_a_day",
                violation_error_message=_("A limit of this additive for this category begins on that day already."),
            ),
            models.CheckConstraint(
                name="additive_limit_is_not_negative",
                condition=Q(max_grams_per_kg__gte=0),
                violation_error_message=_("A limit is not below zero; zero says that none may be used."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.additive} · {self.category}"


class ComponentQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """What goods are made of is their maker's own business; a firm's places share it."""
        return self.filter(scope.as_q("owner", officers=False, shared=True))


@pghistory.track()
class Component(models.Model):
    """A line of a recipe: how much of a part goes into one base unit of what is made, in the part's base unit."""

    owner = models.ForeignKey(Enterprise, models.PROTECT, related_name="recipes", verbose_name=_("Enterprise"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="components", verbose_name=_("What is made"))
    part = models.ForeignKey(Product, models.PROTECT, related_name="part_of", verbose_name=_("Part"))
    quantity = models.DecimalField(_("Quantity in one unit"), max_digits=14, decimal_places=6)

    objects = ComponentQuerySet.as_manager()

    class Meta:
        verbose_name = _("Line of a recipe")
        verbose_name_plural = _("Recipes")
        ordering = ["product__name_pinyin", "product", "pk"]
        constraints = [
            models.UniqueConstraint(
                "owner", "product", "part", name="part_stands_once_in_a_recipe",
                violation_error_message=_("This part stands in the recipe already. Change its quantity there."),
            ),
            models.CheckConstraint(
                name="part_is_something_else",
                condition=~Q(product=F("part")),
                violation_error_message=_("Goods are not a part of themselves."),
            ),
            models.CheckConstraint(
                name="part_is_used",
                condition=Q(quantity__gt=0),
                violation_error_message=_("A quantity is more than zero."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.part)

    def clean(self) -> None:
        """No recipe leads back to what it makes, over however many others."""
        if self.part_id != self.product_id and self.product_id in self._parts_below():
            raise ValidationError(
                {"part": _("%(part)s is itself made with %(product)s. Put one of the two recipes right.")
                 % {"part": self.part, "product": self.product}}
            )  # fmt: skip

    def _parts_below(self) -> set[int]:
        """The part, and whatever it is made of by the owner's other recipes."""
        rows = type(self)._base_manager.filter(owner=self.owner_id).exclude(pk=self.pk)
        parts = defaultdict(list)
        for product, part in rows.values_list("product", "part"):
            parts[product].append(part)
        found, waiting = set(), [self.part_id]
        while waiting:
            part = waiting.pop()
            if part not in found:
                found.add(part)
                waiting += parts[part]
        return found
