"""The registry of enterprises, and the days on which a place is closed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Self

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Greatest, TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Region
from accounts.scope import Scope
from enterprises.identifiers import normalise, validate_legacy_number, validate_uscc
from enterprises.spelling import pinyin
from laws.parameters import midnight


class EnterpriseRole(models.TextChoices):
    PRODUCER = "PRODUCER", _("Producer")
    WHOLESALER = "WHOLESALER", _("Wholesaler")
    RETAILER = "RETAILER", _("Retailer")
    CATERER = "CATERER", _("Caterer")
    MARKET_OPERATOR = "MARKET_OPERATOR", _("Market operator")
    LABORATORY = "LABORATORY", _("Laboratory")


class EnterpriseQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        return self.filter(scope.as_q("pk"))

    def in_registry(self) -> Self:
        """Those that anybody may find by their number: no natural persons, nothing merged away."""
        return self.filter(is_person=False, merged_into=None)

    def active(self) -> Self:
        return self.filter(status=Enterprise.Status.ACTIVE)

    def in_region(self, code: str) -> Self:
        """Everything whose place lies in the region `code`."""
        return self.filter(region__code__startswith=code)

    def silent_since(self, days: int) -> Self:
        """Active traders whose last trade is at least `days` days ago, or who never traded."""
        quiet = Q(last_trade_at=None) | Q(last_trade_at__lt=timezone.now() - timedelta(days=days))
        return self.traders().filter(quiet)

    def traders(self) -> Self:
        """Those in business that buy or sell food themselves."""
        idle = Q(roles__contains=[EnterpriseRole.LABORATORY]) | Q(roles=[EnterpriseRole.MARKET_OPERATOR])
        return self.active().filter(is_person=False, merged_into=None).exclude(idle)

    def quiet_from(self, today: date) -> Self:
        """With `quiet_from`: the day of the last trade, or the last day of a closure after it, or of the entry here.

        Who is closed today by its own declaration is left out.
        """
        ended = Closure.objects.filter(enterprise=OuterRef("pk"), until__lt=today).order_by("-until")
        traded = Coalesce(TruncDate("last_trade_at"), TruncDate("created_at"))
        rows = self.annotate(quiet_from=Greatest(traded, Subquery(ended.values("until")[:1])))
        return rows.exclude(Exists(Closure.objects.on(today).filter(enterprise=OuterRef("pk"))))

    def quiet_since(self, day: date, *, today: date) -> Self:
        """Those that have been quiet since that day at least; who traded later is not looked at any closer."""
        rows = self.filter(Q(last_trade_at=None) | Q(last_trade_at__lt=midnight(day + timedelta(days=1))))
        return rows.quiet_from(today).filter(quiet_from__lte=day)

    def by_number(self, number: str) -> Self:
        """The places of the firm with this code, or with this old licence number."""
        number = normalise(number)
        return self.in_registry().filter(Q(uscc=number) | Q(legacy_number=number)) if number else self.none()


@pghistory.track(exclude=["last_trade_at"])
class Enterprise(models.Model):
    """One licensed place of a food business; several places of one firm share its code and point to its headquarters.

    A STUB is known only because somebody traded with it: it has no people here, and becomes ACTIVE when its station
    approves a claim. A natural person (an outside farmer) belongs to the enterprise that typed it and is found by no
    one else.
    """

    class Status(models.TextChoices):
        STUB = "stub", _("Not on the platform")
        ACTIVE = "active", _("In business")
        SUSPENDED = "suspended", _("Suspended")
        CLOSED = "closed", _("Closed")

    name = models.CharField(_("Name"), max_length=120)
    name_pinyin = models.CharField(max_length=400, editable=False)
    name_initials = models.CharField(max_length=120, editable=False)
    uscc = models.CharField(_("Unified social credit code"), max_length=18, blank=True, validators=[validate_uscc])
    place = models.CharField(
        _("Place number"), max_length=20, blank=True, help_text=_("Only where one code has several places or stalls.")
    )
    legacy_number = models.CharField(
        _("Old licence number"), max_length=15, blank=True, validators=[validate_legacy_number]
    )
    roles = ArrayField(
        models.CharField(max_length=20, choices=EnterpriseRole), verbose_name=_("Kind of business"), default=list
    )
    status = models.CharField(_("State"), max_length=12, choices=Status, default=Status.ACTIVE)
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, db_column="region_code", related_name="enterprises",
        verbose_name=_("Region"),
    )  # fmt: skip
    region_as_given = models.CharField(max_length=15, blank=True, editable=False)
    address = models.CharField(_("Address"), max_length=200, blank=True)
    legal_representative = models.CharField(_("Legal representative"), max_length=60, blank=True)
    contact_name = models.CharField(_("Contact"), max_length=60, blank=True)
    telephone = models.CharField(_("Telephone"), max_length=30, blank=True)
    unit_type = models.CharField(_("Unit type"), max_length=40, blank=True)
    economic_type = models.CharField(_("Economic type"), max_length=60, blank=True)
    business_scope = models.TextField(_("Business scope"), max_length=2000, blank=True)
    registered_on = models.DateField(_("Registered on"), null=True, blank=True)
    headquarters = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="places", verbose_name=_("Headquarters")
    )
    market = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="stalls", verbose_name=_("Market")
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="merged_from"
    )
    is_person = models.BooleanField(_("Natural person"), default=False, editable=False)
    kept_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="people_kept"
    )
    identity_hash = models.CharField(max_length=64, blank=True, editable=False)
    identity_last4 = models.CharField(max_length=4, blank=True, editable=False)
    last_trade_at = models.DateTimeField(_("Last trade"), null=True, editable=False)
    created_at = models.DateTimeField(_("Entered"), auto_now_add=True)

    objects = EnterpriseQuerySet.as_manager()

    class Meta:
        verbose_name = _("Enterprise")
        verbose_name_plural = _("Enterprises")
        ordering = ["name_pinyin", "pk"]
        permissions = [
            ("keep_books", _("May keep the books of this enterprise")),
            ("manage_members", _("May decide who works for this enterprise")),
            ("manage_members_of_enterprise", _("May give any enterprise its people")),
        ]
        constraints = [
            models.UniqueConstraint(
                "uscc",
                "place",
                name="one_row_per_place",
                condition=~Q(uscc="") & Q(merged_into=None),
                violation_error_message=_("This code is registered already. Search for it, or give a place number."),
            ),
            models.UniqueConstraint(
                "legacy_number",
                name="one_row_per_legacy_number",
                condition=~Q(legacy_number="") & Q(uscc=""),
                violation_error_message=_("This old licence number is registered already. Search for it."),
            ),
            models.CheckConstraint(
                name="person_is_kept_by_somebody",
                condition=Q(is_person=False, kept_by=None) | Q(is_person=True, kept_by__isnull=False, uscc=""),
                violation_error_message=_("A natural person belongs to the enterprise that entered it."),
            ),
            models.CheckConstraint(
                name="uscc_is_upper_case",
                condition=Q(uscc="") | Q(uscc__regex=r"^[0-9A-Z]{18}$"),
                violation_error_message=_("A unified social credit code has 18 digits and capital letters."),
            ),
            models.CheckConstraint(
                name="enterprise_is_not_its_own_headquarters",
                condition=Q(headquarters=None) | ~Q(headquarters=F("id")),
                violation_error_message=_("A place cannot be its own headquarters."),
            ),
        ]
        indexes = [
            GinIndex(OpClass("name", name="gin_trgm_ops"), name="enterprise_name_trgm"),
            GinIndex(OpClass("name_initials", name="gin_trgm_ops"), name="enterprise_initials_trgm"),
            GinIndex(fields=["roles"], name="enterprise_roles"),
            models.Index(fields=["legacy_number"], name="enterprise_legacy_number"),
            models.Index(fields=["region", "last_trade_at"], name="enterprise_last_trade"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE

    @property
    def firm(self) -> Enterprise:
        """The row that holds partners, products and evidence: the headquarters, or itself."""
        return self.headquarters or self

    @property
    def licence_number(self) -> str:
        """What stands on the business licence: the code, or the old number."""
        return self.uscc or self.legacy_number

    def clean(self) -> None:
        self.uscc, self.legacy_number = normalise(self.uscc), normalise(self.legacy_number)

    def get_roles_display(self) -> str:
        """The kinds of business in words."""
        return "、".join(str(EnterpriseRole(role).label) for role in self.roles)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_pinyin, self.name_initials = pinyin(self.name)
        super().save(*args, **kwargs)


class ClosureQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        return self.filter(scope.as_q("enterprise"))

    def on(self, day: date) -> Self:
        """Those that hold on this day."""
        return self.filter(since__lte=day, until__gte=day)


@pghistory.track()
class Closure(models.Model):
    """Days on which a place is closed by its own word: a holiday, a renovation, the season in which it does not work.

    While it lasts nobody is reminded that nothing is traded.
    """

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="closures", verbose_name=_("Enterprise"))
    since = models.DateField(_("Closed from"))
    until = models.DateField(_("Last day closed"))
    reason = models.CharField(
        _("Reason"), max_length=120, help_text=_("A holiday, a renovation, out of season: your station reads it.")
    )

    objects = ClosureQuerySet.as_manager()

    class Meta:
        verbose_name = _("Declared closure")
        verbose_name_plural = _("Declared closures")
        ordering = ["-since", "pk"]
        constraints = [
            models.CheckConstraint(
                name="closure_is_ordered",
                condition=Q(since__lte=F("until")),
                violation_error_message=_("The last day is not before the first."),
            ),
            models.CheckConstraint(
                name="closure_ends_within_a_year",
                condition=Q(until__lte=F("since") + timedelta(days=366)),
                violation_error_message=_("A closure is declared for a year at most. Declare it again when it lasts."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.since} – {self.until}"
