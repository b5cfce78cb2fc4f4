"""What entitles an enterprise to trade: its licences and permits."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any, Self

import pghistory
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from enterprises.models import Enterprise

EXPIRING_WITHIN = timedelta(days=30)
SHAPES = {
    "food_production": (re.compile(r"SC\d{14}|QS\d{12}"), _("A food production licence is SC and 14 digits.")),
    "food_business": (re.compile(r"(JY|YB)\d{14}"), _("A food business licence is JY (or a filing YB) and 14 digits.")),
}


class LicenceQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        return self.filter(scope.as_q("holder", shared=True))

    def valid_on(self, day: date) -> Self:
        return self.filter(valid_from__lte=day, valid_until__gte=day)

    def expiring_on(self, day: date) -> Self:
        return self.valid_on(day).filter(valid_until__lt=day + EXPIRING_WITHIN)

    def in_state(self, state: str, day: date) -> Self:
        """Those whose `Licence.state` is this on that day."""
        return {
            "expired": lambda: self.filter(valid_until__lt=day),
            "early": lambda: self.filter(valid_from__gt=day),
            "expiring": lambda: self.expiring_on(day),
            "valid": lambda: self.valid_on(day).filter(valid_until__gte=day + EXPIRING_WITHIN),
        }[state]()


@pghistory.track()
class Licence(models.Model):
    """A licence of one enterprise, with its number and the days it is good for."""

    class Kind(models.TextChoices):
        BUSINESS = "business", _("Business licence")
        FOOD_BUSINESS = "food_business", _("Food business licence")
        FOOD_PRODUCTION = "food_production", _("Food production licence")

    holder = models.ForeignKey(Enterprise, models.PROTECT, related_name="licences", verbose_name=_("Holder"))
    kind = models.CharField(_("Kind of licence"), max_length=20, choices=Kind)
    number = models.CharField(_("Licence number"), max_length=30)
    valid_from = models.DateField(_("Valid from"))
    valid_until = models.DateField(_("Valid until"))

    objects = LicenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("Licence")
        verbose_name_plural = _("Licences")
        ordering = ["valid_until", "pk"]
        constraints = [
            models.UniqueConstraint(
                "kind", "number", name="licence_number_is_unique",
                violation_error_message=_("A licence of this kind with this number is registered already."),
            ),
            models.CheckConstraint(
                name="licence_period_is_ordered",
                condition=Q(valid_from__lte=F("valid_until")),
                violation_error_message=_("A licence cannot end before it begins."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    def clean(self) -> None:
        """The shape of the number is a hard rule; its check digit is not: real licences break it."""
        self.number = re.sub(r"\s", "", self.number).upper()
        shape, sentence = SHAPES.get(self.kind, (None, ""))
        if shape and not shape.fullmatch(self.number):
            raise ValidationError({"number": sentence})

    @property
    def state(self) -> str:
        """`valid`, `expiring` (within 30 days), `expired` or `early` today."""
        today = timezone.localdate()
        if today > self.valid_until:
            return "expired"
        if today < self.valid_from:
            return "early"
        return "expiring" if self.valid_until < today + EXPIRING_WITHIN else "valid"
