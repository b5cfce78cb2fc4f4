"""What the law says in numbers, version by version, and which days are worked in China."""

from __future__ import annotations

import datetime
from typing import Any, Self

import pghistory
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Floor
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.scope import SharedQuerySet

a_key = RegexValidator(
    r"\A[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*\Z", _("A key is letters, digits and underscores, its parts joined by dots.")
)


class RuleParameterQuerySet(SharedQuerySet):
    def dated(self) -> Self:
        """With `replaced_on`: the day on which the next version of the same rule begins, None for the last."""
        later = self.model._base_manager.filter(key=OuterRef("key"), valid_from__gt=OuterRef("valid_from"))
        return self.annotate(replaced_on=Subquery(later.order_by("valid_from").values("valid_from")[:1]))

    def in_force(self, day: datetime.date) -> Self:
        return self.dated().filter(Q(replaced_on=None) | Q(replaced_on__gt=day), valid_from__lte=day)

    def replaced(self, day: datetime.date) -> Self:
        return self.dated().filter(replaced_on__lte=day)

    def coming(self, day: datetime.date) -> Self:
        """Those that do not hold yet: the only ones that may still be changed."""
        return self.filter(valid_from__gt=day)


@pghistory.track()
class RuleParameter(models.Model):
    """One number of the law in one version. A change is a new row with a later first day, never an edit of the past."""

    class Unit(models.TextChoices):
        DAYS = "d", _("Calendar days")
        WORKING_DAYS = "wd", _("Working days")
        HOURS = "h", _("Hours")
        MONTHS = "m", _("Months")
        YEARS = "y", _("Years")
        NUMBER = "n", _("Number")
        PERCENT = "pct", _("Percent")

    key = models.CharField(
        _("Key"), max_length=60, validators=[a_key],
        help_text=_("The name by which the platform asks for the rule, such as recall.L1.start."),
    )  # fmt: skip
    value = models.DecimalField(_("Value"), max_digits=10, decimal_places=2)
    unit = models.CharField(_("Unit"), max_length=3, choices=Unit)
    source = models.CharField(_("Source"), max_length=200, help_text=_("The law and its article."))
    valid_from = models.DateField(
        _("Valid from"), help_text=_("The first day of this version. Until then the version before it holds.")
    )
    note = models.CharField(_("Note"), max_length=200, blank=True)

    objects = RuleParameterQuerySet.as_manager()

    class Meta:
        verbose_name = _("Rule parameter")
        verbose_name_plural = _("Rule parameters")
        ordering = ["key", "-valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(
                "key", "valid_from", name="rule_parameter_has_one_version_a_day",
                violation_error_message=_("A version of this rule begins on that day already."),
            ),
            models.CheckConstraint(
                name="rule_parameter_is_not_negative",
                condition=Q(value__gte=0),
                violation_error_message=_("A value is not below zero."),
            ),
            models.CheckConstraint(
                name="rule_parameter_counts_whole_days",
                condition=Q(unit__in=["h", "n", "pct"]) | Q(value=Floor(F("value"))),
                violation_error_message=_("Days, months and years are whole numbers."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.key} · {self.valid_from}"

    def clean(self) -> None:
        """What held on days gone by stays: only a rule that is new may begin in the past."""
        others = type(self)._base_manager.filter(key=self.key).exclude(pk=self.pk)
        if self.valid_from and self.valid_from < timezone.localdate() and others.exists():
            sentence = _("A new version begins today or later: what was in force before stays.")
            raise ValidationError({"valid_from": sentence})

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._refuse_if_it_holds()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._refuse_if_it_holds()
        return super().delete(*args, **kwargs)

    def _refuse_if_it_holds(self) -> None:
        """By what is on record, not by what this object says of itself."""
        holding = type(self)._base_manager.filter(pk=self.pk, valid_from__lte=timezone.localdate())
        if not self._state.adding and holding.exists():
            refusal = gettext("%(rule)s is or was in force and stays as it is. Add a version with a later first day.")
            raise ValidationError(refusal % {"rule": self}, code="in_force")


@pghistory.track()
class CalendarDay(models.Model):
    """A day that is unlike its weekday: a holiday, or a weekend day that is worked to make up for one."""

    day = models.DateField(_("Day"), unique=True)
    is_working = models.BooleanField(
        _("Is worked"), default=False, help_text=_("Ticked: a weekend day that is worked. Not ticked: a holiday.")
    )
    note = models.CharField(_("Note"), max_length=60, blank=True)

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name = _("Holiday or make-up workday")
        verbose_name_plural = _("Working calendar")
        ordering = ["-day"]

    def __str__(self) -> str:
        return str(self.day)

    @property
    def weekday(self) -> Any:
        """Its name, in the language of whoever reads."""
        return WEEKDAYS[self.day.weekday()]
