"""Who trades: the registry of enterprises, who deals with whom, and how the shared record is changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Self

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Region
from accounts.scope import Scope
from enterprises.identifiers import normalise, validate_legacy_number, validate_uscc
from enterprises.spelling import pinyin


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
        return self.active().filter(quiet).exclude(roles__contains=[EnterpriseRole.LABORATORY])

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


class PartnershipQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """Whom one deals with, and at what price, is one's own business; a firm's places share it."""
        return self.filter(scope.as_q("owner", officers=False, shared=True))

    def current(self) -> Self:
        return self.filter(ended_on=None)

    def suppliers(self) -> Self:
        return self.filter(role=Partnership.Role.SUPPLIER)

    def customers(self) -> Self:
        return self.filter(role=Partnership.Role.CUSTOMER)


@pghistory.track()
class Partnership(models.Model):
    """One line of an enterprise's list of suppliers or customers, with what only that enterprise knows of them."""

    class Role(models.TextChoices):
        SUPPLIER = "supplier", _("Supplier")
        CUSTOMER = "customer", _("Customer")

    owner = models.ForeignKey(Enterprise, models.PROTECT, related_name="partnerships", verbose_name=_("Enterprise"))
    partner = models.ForeignKey(Enterprise, models.PROTECT, related_name="known_as", verbose_name=_("Partner"))
    role = models.CharField(_("Role"), max_length=10, choices=Role)
    contact_name = models.CharField(_("Our contact there"), max_length=60, blank=True)
    telephone = models.CharField(_("Telephone of our contact"), max_length=30, blank=True)
    agreed_price = models.CharField(
        _("Agreed prices"), max_length=200, blank=True, help_text=_("Seen by your own people only.")
    )
    ended_on = models.DateField(_("Ended on"), null=True, blank=True)

    objects = PartnershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("Partner")
        verbose_name_plural = _("Partners")
        ordering = ["partner__name_pinyin", "pk"]
        constraints = [
            models.UniqueConstraint(
                "owner", "partner", "role", name="partner_is_listed_once",
                violation_error_message=_("This partner is on your list already."),
            ),
            models.CheckConstraint(
                name="partner_is_somebody_else",
                condition=~Q(owner=F("partner")),
                violation_error_message=_("An enterprise cannot be its own supplier or customer."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.partner)


class DecisionQuerySet(models.QuerySet[Any]):
    def waiting(self) -> Self:
        return self.filter(decided_at=None)


class ProposalQuerySet(DecisionQuerySet):
    def visible_to(self, scope: Scope) -> Self:
        return self.filter(scope.as_q("enterprise") | scope.as_q("proposed_by", officers=False))


class Decision(models.Model):
    """What proposals and claims share: somebody asked, and somebody else decided, with a reason."""

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+", verbose_name=_("Asked by")
    )
    created_at = models.DateTimeField(_("Asked at"), auto_now_add=True)
    accepted = models.BooleanField(_("Accepted"), null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+",
        verbose_name=_("Decided by"),
    )  # fmt: skip
    decided_at = models.DateTimeField(_("Decided at"), null=True, editable=False)
    answer = models.CharField(_("Answer"), max_length=200, blank=True, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_decision_is_signed",
                condition=Q(accepted=None, decided_by=None, decided_at=None)
                | Q(accepted__isnull=False, decided_by__isnull=False, decided_at__isnull=False),
            ),
        ]

    @property
    def state(self) -> str:
        """`waiting`, `accepted` or `refused`."""
        return {None: "waiting", True: "accepted", False: "refused"}[self.accepted]


class Proposal(Decision):
    """A partner's correction of another's record: it changes nothing until the owner or an authority accepts it."""

    FIELDS = ("name", "address", "legal_representative", "contact_name", "telephone", "unit_type")

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="proposals", verbose_name=_("Enterprise"))
    proposed_by = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, related_name="+", verbose_name=_("Proposed by")
    )
    changes = models.JSONField(_("Changes"), default=dict)

    objects = ProposalQuerySet.as_manager()

    class Meta(Decision.Meta):
        verbose_name = _("Proposed correction")
        verbose_name_plural = _("Proposed corrections")
        ordering = ["-created_at", "-pk"]
        permissions = [("decide_proposal", _("May decide proposed corrections"))]

    def __str__(self) -> str:
        return str(self.enterprise)


class ClaimQuerySet(DecisionQuerySet):
    def visible_to(self, scope: Scope) -> Self:
        return self.filter(scope.as_q("enterprise"))


class Claim(Decision):
    """Somebody says: this enterprise is mine. Until its station approves, the claimant sees nothing of it."""

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="claims", verbose_name=_("Enterprise"))
    evidence = models.CharField(
        _("How the station can check it"), max_length=200,
        help_text=_("For example the name on the licence and a telephone number for a call back."),
    )  # fmt: skip

    objects = ClaimQuerySet.as_manager()

    class Meta(Decision.Meta):
        verbose_name = _("Claim")
        verbose_name_plural = _("Claims")
        ordering = ["-created_at", "-pk"]
        permissions = [("decide_claim", _("May decide claims"))]
        constraints = [
            *Decision.Meta.constraints,
            models.UniqueConstraint(
                "enterprise", "author", name="claim_waits_once", condition=Q(decided_at=None),
                violation_error_message=_("Your claim of this enterprise is waiting for the station already."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.enterprise)
