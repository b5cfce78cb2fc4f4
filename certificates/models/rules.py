"""Which papers goods must have, by category: dated rows, as the law and the authority say."""

from __future__ import annotations

from datetime import date
from typing import Self

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.languages import reads_english
from accounts.scope import SharedQuerySet
from catalog.models import FoodCategory, Product
from certificates.models.kinds import CertificateKind, a_key


class EvidenceRuleQuerySet(SharedQuerySet):
    def in_force(self, day: date) -> Self:
        """The version of each rule that holds on that day; one that asks for nothing any more is not among them."""
        later = self.model._base_manager.filter(
            key=OuterRef("key"), valid_from__gt=OuterRef("valid_from"), valid_from__lte=day
        )
        newest = self.annotate(later=Subquery(later.values("pk")[:1])).filter(later=None, valid_from__lte=day)
        return newest.exclude(kinds=[])


@pghistory.track()
class EvidenceRule(models.Model):
    """One version of one rule: goods like these need one of these papers, for each lot or for the product.

    A change is a new row of the same key with a later first day; one without kinds ends the rule. `months` is how old a
    paper for the product may be on the day of the trade. `level` is what happens to a sale without it.
    """

    class Per(models.TextChoices):
        LOT = "lot", _("For each lot")
        PRODUCT = "product", _("For the product")

    class Level(models.IntegerChoices):
        SHOWN = 1, _("It is shown")
        WITH_REASON = 2, _("Confirmed with a reason")
        STOP = 3, _("Not confirmed")

    key = models.CharField(_("Rule"), max_length=40, validators=[a_key])
    name_zh = models.CharField(_("Chinese name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=60)
    category = models.ForeignKey(
        FoodCategory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Food category"),
        help_text=_("Empty: goods of every category."),
    )  # fmt: skip
    goods = models.CharField(_("Kind of goods"), max_length=10, choices=Product.Kind, blank=True)
    origins = models.CharField(
        _("Origins"), max_length=400, blank=True,
        help_text=_("Words, parted by blanks; the rule is for goods whose origin holds one of them. Empty: for all."),
    )  # fmt: skip
    kinds = ArrayField(models.CharField(max_length=24), verbose_name=_("One of these papers"), blank=True, default=list)
    per = models.CharField(_("Needed"), max_length=8, choices=Per)
    months = models.PositiveSmallIntegerField(_("Not older than months"), null=True, blank=True)
    level = models.PositiveSmallIntegerField(_("Without it"), choices=Level, default=Level.SHOWN)
    source = models.CharField(_("Source"), max_length=200, help_text=_("The law and its article."))
    valid_from = models.DateField(
        _("Valid from"), help_text=_("The first day of this version. Until then the version before it holds.")
    )

    objects = EvidenceRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("Evidence rule")
        verbose_name_plural = _("Evidence rules")
        ordering = ["key", "-valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(
                "key", "valid_from", name="evidence_rule_has_one_version_a_day",
                violation_error_message=_("A version of this rule begins on that day already."),
            ),
            models.CheckConstraint(
                name="only_papers_for_a_product_grow_old",
                condition=Q(months=None) | Q(per="product", months__gt=0),
                violation_error_message=_("Months are for papers that are needed for the product."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name_en if reads_english() else self.name_zh

    def clean(self) -> None:
        known = set(CertificateKind.objects.about("goods").values_list("key", flat=True))
        if unknown := sorted(set(self.kinds) - known):
            raise ValidationError(
                {"kinds": gettext("No kind of paper about goods: %(keys)s") % {"keys": ", ".join(unknown)}}
            )
