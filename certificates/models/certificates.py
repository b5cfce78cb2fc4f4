"""What entitles: licences of enterprises and papers about goods, with the days they are good for."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, ClassVar, Self

import pghistory
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from catalog.models import Listing, Product, lot_key
from certificates.models.kinds import CertificateKind
from certificates.sharing import goods_held, partners_of
from enterprises.models import Enterprise
from laws.parameters import add_months, days_soon

SOON = "licence.expiring"
STANDING = ("pending", "verified")


class CertificateQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """A certificate belongs to its subject, not to who uploaded it: whoever deals with the holder, or in the goods,
        sees it without asking. What somebody else uploaded is private until it was checked."""
        if scope.everything:
            return self
        own = self.model._base_manager.filter(
            scope.as_q("holder", shared=True) | scope.as_q("uploaded_for", shared=True)
        ).values("pk")
        return self.filter(Q(pk__in=own.order_by()) | self._shared() & self._concerns(scope))

    def _shared(self) -> Q:
        """Checked, or uploaded by the holder itself, and not taken back."""
        by_holder = Q(state="pending", uploaded_for=F("holder"))
        return Q(state="verified") | by_holder

    def _concerns(self, scope: Scope) -> Q:
        """Papers of one's partners, and of the goods that one lists or has held; officers see those of all goods."""
        if scope.region_codes:
            return Q(product__isnull=False) | Q(holder__in=partners_of(scope))
        listed = Listing.objects.visible_to(scope).order_by().values("product")
        goods = Q(product__in=listed)
        for held in goods_held:
            goods |= Q(product__in=held(scope))
        return goods | Q(product=None, holder__in=partners_of(scope))

    def standing(self) -> Self:
        """Not sent back, withdrawn or revoked."""
        return self.filter(state__in=STANDING)

    def verified(self) -> Self:
        """Checked against the paper by somebody else than who uploaded it."""
        return self.filter(state=Certificate.State.VERIFIED)

    def public(self) -> Self:
        """Checked, of a kind that the public may see, and the latest version."""
        return self.verified().current().filter(kind__is_public=True)

    def current(self) -> Self:
        """The latest version of each: not replaced by one that stands."""
        return self.exclude(replaced_by__state__in=STANDING)

    def valid_on(self, day: date) -> Self:
        return self.standing().filter(Q(valid_until=None) | Q(valid_until__gte=day), valid_from__lte=day)

    def expiring_on(self, day: date) -> Self:
        return self.valid_on(day).filter(valid_until__lt=day + days_soon(SOON, day))

    def expired_on(self, day: date) -> Self:
        return self.standing().filter(valid_until__lt=day)

    def in_state(self, state: str, day: date) -> Self:
        """Those whose `Certificate.validity` is this on that day."""
        lasting = Q(valid_until=None) | Q(valid_until__gte=day + days_soon(SOON, day))
        return {
            "expired": lambda: self.expired_on(day),
            "early": lambda: self.standing().filter(valid_from__gt=day),
            "expiring": lambda: self.expiring_on(day),
            "valid": lambda: self.valid_on(day).filter(lasting),
            "ended": lambda: self.exclude(state__in=STANDING),
        }[state]()


@pghistory.track()
class Certificate(models.Model):
    """One version of one paper: whose it is or whose goods, its number, and the days it is good for.

    Without a product it is about the holder itself (`Licence`); with one it is about these goods, all of them or one
    lot (`ConformityDocument`). It is never deleted: it ends withdrawn or revoked, or a new version `replaces` it and
    the old one stays for the days it covered. `uploaded_for` is the enterprise that gave it, None an authority.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Not checked yet")
        VERIFIED = "verified", _("Verified")
        RETURNED = "returned", _("Sent back")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        REVOKED = "revoked", _("Revoked")

    kind = models.ForeignKey(
        CertificateKind, models.PROTECT, db_index=False, related_name="certificates", verbose_name=_("Kind")
    )
    holder = models.ForeignKey(Enterprise, models.PROTECT, related_name="certificates", verbose_name=_("Holder"))
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, db_index=False, related_name="certificates",
        verbose_name=_("Product"),
    )  # fmt: skip
    lot_code = models.CharField(_("Lot number"), max_length=60, blank=True, default="", db_default="")
    lot_key = models.CharField(max_length=60, blank=True, default="", db_default="", editable=False)
    number = models.CharField(_("Number of the paper"), max_length=40, blank=True)
    holder_name = models.CharField(
        _("Name on the paper"), max_length=120, blank=True, default="", db_default="",
        help_text=_("As printed, where it differs from the name in the registry."),
    )  # fmt: skip
    issuer = models.CharField(_("Issued by"), max_length=120, blank=True, default="", db_default="")
    issued_on = models.DateField(_("Issued on"), null=True, blank=True)
    valid_from = models.DateField(_("Valid from"))
    valid_until = models.DateField(_("Valid until"), null=True, blank=True)
    conforms = models.BooleanField(_("The result conforms"), default=True, db_default=True)
    state = models.CharField(
        _("Checking"), max_length=10, choices=State, default=State.PENDING, db_default="verified", editable=False
    )
    ended_at = models.DateTimeField(_("Ended"), null=True, editable=False)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="replaced_by", verbose_name=_("Replaces")
    )
    uploaded_for = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, editable=False, related_name="uploaded_certificates",
        verbose_name=_("Given by"),
    )  # fmt: skip
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, db_index=False, related_name="+",
        verbose_name=_("Uploaded by"),
    )  # fmt: skip
    uploaded_at = models.DateTimeField(_("Uploaded"), default=timezone.now, db_default=Now(), editable=False)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("Certificate")
        verbose_name_plural = _("Certificates")
        ordering = ["valid_until", "pk"]
        permissions = [("verify_certificate", _("May check certificates"))]
        constraints = [
            models.UniqueConstraint(
                "kind", "number", name="licence_number_is_unique",
                condition=Q(product=None, replaces=None, state__in=STANDING),
                violation_error_message=_("A licence of this kind with this number is registered already."),
            ),
            models.UniqueConstraint(
                "product", "lot_key", "kind", "number", "holder", name="paper_about_goods_stands_once",
                condition=Q(product__isnull=False, replaces=None, state__in=STANDING),
                violation_error_message=_("This paper stands here already for these goods. Search for it."),
            ),
            models.CheckConstraint(
                name="licence_period_is_ordered",
                condition=Q(valid_until=None) | Q(valid_from__lte=F("valid_until")),
                violation_error_message=_("A certificate cannot end before it begins."),
            ),
            models.CheckConstraint(
                name="lot_is_of_goods",
                condition=Q(lot_key="") | Q(product__isnull=False),
                violation_error_message=_("Name the goods that the lot is of."),
            ),
            models.CheckConstraint(
                name="ended_certificate_says_when",
                condition=Q(state__in=STANDING, ended_at=None) | ~Q(state__in=STANDING) & Q(ended_at__isnull=False),
            ),
            models.UniqueConstraint(
                "replaces", name="certificate_is_replaced_once", condition=Q(state__in=STANDING),
                violation_error_message=_("A new version of this paper is here already."),
            ),
            models.CheckConstraint(
                name="certificate_replaces_another", condition=Q(replaces=None) | ~Q(replaces=F("id"))
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["product", "lot_key"], name="certificate_of_goods", condition=Q(product__isnull=False)
            ),
            models.Index(fields=["valid_until"], name="certificate_ends", condition=Q(state__in=STANDING)),
            models.Index(fields=["uploaded_at"], name="certificate_waits", condition=Q(state="pending")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}".strip()

    @property
    def ends_on(self) -> date:
        """Its last day; the end of time where it has none."""
        return self.valid_until or date.max

    def covers(self, day: date) -> bool:
        """Whether it is good on that day, by what is written on it."""
        return self.valid_from <= day <= self.ends_on

    @property
    def state_words(self) -> Any:
        return self.State(self.state).label

    @property
    def is_standing(self) -> bool:
        return self.state in STANDING

    @property
    def is_about_goods(self) -> bool:
        return self.product_id is not None

    @property
    def validity(self) -> str:
        """How it stands today: `valid`, `expiring` (within `licence.expiring`), `expired`, `early`, or `ended` where it
        was sent back, withdrawn or revoked."""
        today = timezone.localdate()
        if not self.is_standing:
            return "ended"
        if self.valid_until and today > self.valid_until:
            return "expired"
        if today < self.valid_from:
            return "early"
        is_soon = self.valid_until and self.valid_until < today + days_soon(SOON, today)
        return "expiring" if is_soon else "valid"

    def clean(self) -> None:
        """The form of the number is a hard rule; its check digit is not: real licences break it."""
        self.number = re.sub(r"\s", "", self.number).upper()
        self.lot_code, self.lot_key = self.lot_code.strip(), lot_key(self.lot_code)
        if self.kind_id is None:
            return
        refusals = dict(self._wrong_number()) | dict(self._wrong_days())
        if refusals:
            raise ValidationError(refusals)

    def _wrong_number(self) -> Any:
        if self.kind.needs_number and not self.number:
            yield "number", gettext("Type the number of the paper.")
        elif self.number and not self.kind.fits(self.number):
            yield "number", self.kind.format_words

    def _wrong_days(self) -> Any:
        """A day of the future, a period without end where there must be one, or one that is too long."""
        if self.issued_on and self.issued_on > timezone.localdate():
            yield "issued_on", gettext("The paper cannot be issued on a day to come.")
        if self.valid_from is None:
            return
        if self.valid_until is None:
            if self.kind.validity == CertificateKind.Validity.PERIOD:
                yield "valid_until", gettext("Type the last day on which it is good.")
        elif self.valid_until > add_months(self.valid_from, 12 * self.kind.years_max):
            yield (
                "valid_until",
                gettext("Such a paper is good for %(years)s years at most. Check both days.")
                % {"years": self.kind.years_max},
            )

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.lot_key = lot_key(self.lot_code)
        super().save(*args, **kwargs)


class LicenceManager(models.Manager.from_queryset(CertificateQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> CertificateQuerySet:
        rows: CertificateQuerySet = super().get_queryset().filter(product=None)
        return rows


class Licence(Certificate):
    """A certificate about an enterprise: what allows it to trade."""

    objects: ClassVar[LicenceManager] = LicenceManager()

    class Meta:
        proxy = True
        verbose_name = _("Licence")
        verbose_name_plural = _("Licences")


class ConformityDocumentManager(models.Manager.from_queryset(CertificateQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> CertificateQuerySet:
        rows: CertificateQuerySet = super().get_queryset().filter(product__isnull=False)
        return rows


class ConformityDocument(Certificate):
    """A certificate about goods: a test report or another paper of conformity, for all of them or for one lot."""

    objects: ClassVar[ConformityDocumentManager] = ConformityDocumentManager()

    class Meta:
        proxy = True
        verbose_name = _("Paper about goods")
        verbose_name_plural = _("Papers about goods")
