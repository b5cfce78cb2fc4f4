"""Kinds of certificates: what each is about, how long it is good for, and how its number looks."""

from __future__ import annotations

import re

import pghistory
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.languages import reads_english
from accounts.scope import SharedQuerySet

BUSINESS, FOOD_PRODUCTION = "business", "food_production"  # kinds that code must tell apart
a_key = RegexValidator(r"\A[a-z0-9_]+\Z", _("A key is small letters, digits and underscores."))


class CertificateKindQuerySet(SharedQuerySet):
    def about(self, subject: str) -> CertificateKindQuerySet:
        """Those of an enterprise, or those of goods."""
        return self.filter(subject=subject)


@pghistory.track()
class CertificateKind(models.Model):
    """One kind of certificate. Rows of `data/certificate_kinds.csv`, and what an administrator adds.

    `years_max` is the longest time that such a paper can be good for; longer is a slip of the pen.
    """

    class Subject(models.TextChoices):
        ENTERPRISE = "enterprise", _("An enterprise")
        GOODS = "goods", _("Goods")

    class Validity(models.TextChoices):
        PERIOD = "period", _("From a day to a day")
        OPEN = "open", _("From a day, perhaps without end")
        ISSUED = "issued", _("From its date of issue")

    class CheckDigit(models.TextChoices):
        NONE = "", _("None")
        MOD_11_10 = "mod_11_10", _("Check digit by GB/T 17710 (MOD 11,10)")
        USCC = "uscc", _("Unified social credit code of the holder")

    key = models.CharField(_("Key"), max_length=24, primary_key=True, validators=[a_key])
    subject = models.CharField(_("Is about"), max_length=10, choices=Subject)
    name_zh = models.CharField(_("Chinese name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=60)
    validity = models.CharField(_("Validity"), max_length=8, choices=Validity)
    years_max = models.PositiveSmallIntegerField(_("Longest validity in years"))
    number_format = models.CharField(
        _("Format of the number"), max_length=80, blank=True,
        help_text=_("A regular expression; empty where every number will do."),
    )  # fmt: skip
    format_zh = models.CharField(_("The format in Chinese words"), max_length=120, blank=True)
    format_en = models.CharField(_("The format in English words"), max_length=120, blank=True)
    region_at = models.PositiveSmallIntegerField(
        _("Where the region begins in the number"), null=True, blank=True,
        help_text=_("How many signs stand before the six digits of the region; empty where it names none."),
    )  # fmt: skip
    check_digit = models.CharField(_("Check digit"), max_length=10, choices=CheckDigit, blank=True)
    needs_number = models.BooleanField(_("Has a number"), default=True)
    is_food_licence = models.BooleanField(_("Allows to deal in food"), default=False)
    is_report = models.BooleanField(_("Is a test report"), default=False)
    is_public = models.BooleanField(_("Is shown to the public"), default=False)
    is_legacy = models.BooleanField(_("Is not issued any more"), default=False)
    position = models.PositiveSmallIntegerField(_("Place in the list"), default=0)

    objects = CertificateKindQuerySet.as_manager()

    class Meta:
        verbose_name = _("Kind of certificate")
        verbose_name_plural = _("Kinds of certificates")
        ordering = ["position", "key"]
        constraints = [
            models.CheckConstraint(
                name="certificate_kind_lasts",
                condition=Q(years_max__gt=0, years_max__lte=100),
                violation_error_message=_("A certificate is good for one year at least and for 100 at most."),
            ),
            models.CheckConstraint(
                name="food_licence_is_of_an_enterprise",
                condition=Q(is_food_licence=False) | Q(subject="enterprise"),
                violation_error_message=_("What allows to deal in food is about an enterprise."),
            ),
            models.CheckConstraint(
                name="test_report_is_of_goods",
                condition=Q(is_report=False) | Q(subject="goods"),
                violation_error_message=_("A test report is about goods."),
            ),
        ]

    def __str__(self) -> str:
        return self.name_en if reads_english() else self.name_zh

    def clean(self) -> None:
        try:
            re.compile(self.number_format)
        except re.error as fault:
            raise ValidationError(
                {"number_format": gettext("This is no regular expression: %(fault)s") % {"fault": fault}}
            ) from None

    @property
    def format_words(self) -> str:
        """What a number of this kind looks like, for somebody whose number does not."""
        words = self.format_en if reads_english() else self.format_zh
        return words or gettext("The number does not look like one of this kind.")

    def fits(self, number: str) -> bool:
        """Whether the number has the form of this kind; says nothing of its check digit."""
        return not self.number_format or re.fullmatch(self.number_format, number) is not None
