"""Cases: what several officers find out together about one outbreak or failure, and the evidence as it stood."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Authority
from accounts.scope import Scope
from catalog.models import Lot
from enterprises.models import Enterprise
from ledgers.models import LedgerEntry


class CaseQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """For who opened it, and those it is shared with by name."""
        shared = CaseParticipant.objects.filter(user=scope.user_id).values("case")
        return self.filter(Q(opened_by=scope.user_id) | Q(pk__in=shared))


class Case(models.Model):
    """One investigation: whose weights and suppositions are kept, whose evidence is frozen when somebody says so."""

    title = models.CharField(_("What it is about"), max_length=120)
    reason = models.CharField(_("Reason"), max_length=400)
    authority = models.ForeignKey(
        Authority, models.PROTECT, null=True, blank=True, db_index=False, editable=False, related_name="+",
        verbose_name=_("Authority"),
    )  # fmt: skip
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+", verbose_name=_("Opened by")
    )
    opened_at = models.DateTimeField(_("Opened at"), auto_now_add=True)
    closed_at = models.DateTimeField(_("Closed at"), null=True, editable=False)
    conclusion = models.TextField(_("Conclusion"), max_length=2000, blank=True, editable=False)
    in_time = models.BooleanField(_("Only what left after it arrived"), default=False, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("Case")
        verbose_name_plural = _("Cases")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="closed_case_has_a_conclusion",
                condition=Q(closed_at=None, conclusion="") | (Q(closed_at__isnull=False) & ~Q(conclusion="")),
                violation_error_message=_("Say what the investigation found before you close it."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} (#{self.pk})"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class CaseParticipant(models.Model):
    """An officer with whom a case is shared."""

    case = models.ForeignKey(Case, models.CASCADE, db_index=False, related_name="participants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("User"))
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+")
    invited_at = models.DateTimeField(_("At"), auto_now_add=True)

    class Meta:
        verbose_name = _("Participant of a case")
        verbose_name_plural = _("Participants of cases")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                "case", "user", name="case_is_shared_once",
                violation_error_message=_("The case is shared with this person already."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.user)


class CaseNote(models.Model):
    """What somebody found out or did. Only ever added."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+")
    text = models.TextField(_("Note"), max_length=2000)
    written_at = models.DateTimeField(_("At"), auto_now_add=True)

    class Meta:
        verbose_name = _("Note of a case")
        verbose_name_plural = _("Notes of cases")
        ordering = ["-pk"]
        default_permissions = ()
        constraints = [models.CheckConstraint(name="case_note_says_something", condition=~Q(text=""))]

    def __str__(self) -> str:
        return self.text[:80]


class CaseSubject(models.Model):
    """An enterprise or a lot of a case: what it weighs, and what is supposed of the enterprise.

    A weight is the share of the outbreak seen there, in whatever unit: sick people, failed samples. `mixes`: everything
    that was there together may have been mixed. `ends`: the hazard ends there, by heat or because goods went back.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="subjects")
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, db_index=False, related_name="+",
        verbose_name=_("Enterprise"),
    )  # fmt: skip
    lot = models.ForeignKey(
        Lot, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name=_("Lot")
    )
    weight = models.DecimalField(_("Weight"), max_digits=8, decimal_places=2, default=0)
    mixes = models.BooleanField(_("Goods may have mixed here"), default=False)
    ends = models.BooleanField(_("The hazard ends here"), default=False)
    note = models.CharField(_("Remark"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("Subject of a case")
        verbose_name_plural = _("Subjects of cases")
        ordering = ["-weight", "pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="subject_is_an_enterprise_or_a_lot",
                condition=Q(enterprise=None, lot__isnull=False) | Q(enterprise__isnull=False, lot=None),
            ),
            models.CheckConstraint(
                name="weight_is_not_negative", condition=Q(weight__gte=0),
                violation_error_message=_("A weight is zero or more."),
            ),
            models.CheckConstraint(
                name="only_places_mix_or_end", condition=Q(lot=None) | Q(mixes=False, ends=False)
            ),
            models.UniqueConstraint(
                "case", "enterprise", "lot", name="subject_stands_once", nulls_distinct=False,
                violation_error_message=_("This is in the case already. Change its weight there."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.enterprise or self.lot)


class CaseMerge(models.Model):
    """Two enterprises that are taken for one place: what came to one may have left from the other."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="merges")
    one = models.ForeignKey(Enterprise, models.PROTECT, db_index=False, related_name="+")
    other = models.ForeignKey(Enterprise, models.PROTECT, db_index=False, related_name="+")

    class Meta:
        verbose_name = _("Merged places of a case")
        verbose_name_plural = _("Merged places of cases")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="merge_joins_two_places", condition=Q(one__lt=F("other")),
                violation_error_message=_("Name two different enterprises."),
            ),
            models.UniqueConstraint(
                "case", "one", "other", name="places_are_merged_once",
                violation_error_message=_("These two are taken for one place already."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.one} = {self.other}"


class IgnoredEntry(models.Model):
    """A hand-over that is left out of the analysis, and why."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="ignored")
    entry = models.ForeignKey(LedgerEntry, models.PROTECT, db_index=False, related_name="+")
    reason = models.CharField(_("Reason"), max_length=200)

    class Meta:
        verbose_name = _("Ignored hand-over")
        verbose_name_plural = _("Ignored hand-overs")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="ignoring_has_a_reason", condition=~Q(reason=""),
                violation_error_message=_("Say why this hand-over is left out."),
            ),
            models.UniqueConstraint(
                "case", "entry", name="entry_is_ignored_once",
                violation_error_message=_("This hand-over is left out already."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.reason


class CaseSnapshot(models.Model):
    """The evidence of a case as it stood: facts in a fixed order and their SHA-256. Only ever added."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="snapshots")
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+")
    taken_at = models.DateTimeField(_("At"), auto_now_add=True)
    evidence = models.JSONField()
    digest = models.CharField(_("Fingerprint (SHA-256)"), max_length=64)

    class Meta:
        verbose_name = _("Snapshot of a case")
        verbose_name_plural = _("Snapshots of cases")
        ordering = ["-pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.digest[:12]
