"""Alerts, the rules that raise them, and what people did about them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope, SharedQuerySet
from alerts import wording
from alerts.rules import watches
from enterprises.models import Enterprise


class Severity(models.IntegerChoices):
    NOTICE = 1, _("Notice")
    WARNING = 2, _("Warning")
    URGENT = 3, _("Urgent")


class Audience(models.TextChoices):
    ENTERPRISE = "enterprise", _("The enterprise")
    OFFICERS = "officers", _("Its officers")


class Reach(models.IntegerChoices):
    """How many digits the region of the officers has who are told: the nearest where there are any."""

    ALL = 0, _("All of the region")
    CITY = 4, _("City")
    DISTRICT = 6, _("District or county")
    STATION = 9, _("Street or station")
    GRID = 12, _("Community or grid")


class AlertRule(models.Model):
    """Whom a rule tells, how urgent it is, how often it is run, and the rule parameters it goes by.

    `limit` is the time or number after which it speaks, `keep` how long an alert stands whose cause cannot go away.
    How the cause is found, and the words, stand in code: `rules.Watch` of the same key.
    """

    class Tells(models.TextChoices):
        ENTERPRISE = Audience.ENTERPRISE.value, Audience.ENTERPRISE.label
        OFFICERS = Audience.OFFICERS.value, Audience.OFFICERS.label
        BOTH = "both", _("Both")

    class Rhythm(models.TextChoices):
        OFTEN = "often", _("Every few minutes")
        NIGHTLY = "nightly", _("Every night")

    key = models.CharField(_("Rule"), max_length=40, primary_key=True)
    audience = models.CharField(_("Tells"), max_length=10, choices=Tells)
    severity = models.PositiveSmallIntegerField(_("Urgency"), choices=Severity)
    rhythm = models.CharField(_("Runs"), max_length=10, choices=Rhythm)
    limit = models.CharField(_("Rule parameter"), max_length=60, blank=True)
    keep = models.CharField(_("Rule parameter for how long it stands"), max_length=60, blank=True)
    is_on = models.BooleanField(_("Switched on"), default=True, db_default=True)
    every = models.PositiveSmallIntegerField(
        _("Every so many minutes"), default=5, db_default=5, validators=[MinValueValidator(1), MaxValueValidator(1440)],
        help_text=_("For rules that run during the day."),
    )  # fmt: skip
    at = models.TimeField(
        _("At"), default=time(0, 10), db_default=time(0, 10), help_text=_("For rules that run every night.")
    )
    reach = models.PositiveSmallIntegerField(
        _("Officers told"), choices=Reach, default=Reach.ALL, db_default=Reach.ALL,
        help_text=_("Those of the smallest region that has any; higher ones see the figures."),
    )  # fmt: skip
    at_once = models.BooleanField(
        _("Sent at once, at any hour"), default=False, db_default=False,
        help_text=_("For recalls and failed tests: to every address, whatever its owner has chosen."),
    )  # fmt: skip

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name = _("Alert rule")
        verbose_name_plural = _("Alert rules")
        ordering = ["key"]
        default_permissions = ("view", "change")
        constraints = [
            models.CheckConstraint(
                name="alert_rule_runs_now_and_then",
                condition=Q(every__gte=1, every__lte=1440),
                violation_error_message=_("A rule runs every minute at most and every day at least."),
            )
        ]

    def __str__(self) -> str:
        return str(watches[self.key].title) if self.key in watches else self.key

    def period_of(self, now: datetime) -> datetime:
        """When the run that is due at this moment should have begun: the last of its times that has passed."""
        day = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        if self.rhythm == self.Rhythm.OFTEN:
            passed = int((timezone.localtime(now) - day).total_seconds() // 60)
            return day + timedelta(minutes=passed - passed % self.every)
        tonight = day.replace(hour=self.at.hour, minute=self.at.minute)
        return tonight if tonight <= now else tonight - timedelta(days=1)


class RuleRun(models.Model):
    """One run of one rule by its schedule: what it changed, how long it took, or why it failed.

    There is one for each period, whoever begins it; one that never ended is begun again.
    """

    rule = models.ForeignKey(AlertRule, models.CASCADE, db_index=False, related_name="runs", verbose_name=_("Rule"))
    period = models.DateTimeField(_("Due at"))
    started_at = models.DateTimeField(_("Started"))
    finished_at = models.DateTimeField(_("Finished"), null=True)
    raised = models.PositiveIntegerField(_("Raised"), default=0, db_default=0)
    closed = models.PositiveIntegerField(_("Closed"), default=0, db_default=0)
    error = models.CharField(_("Error"), max_length=200, blank=True, default="", db_default="")

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name = _("Run of a rule")
        verbose_name_plural = _("Runs of rules")
        ordering = ["-period", "-pk"]
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["rule", "period"], name="rule_runs_once_a_period")]

    def __str__(self) -> str:
        return f"{self.rule} {timezone.localtime(self.period):%Y-%m-%d %H:%M}"

    @property
    def seconds(self) -> Any:
        """How long it took; None while it runs."""
        took = (self.finished_at - self.started_at) if self.finished_at else None
        return None if took is None else round(took.total_seconds(), 2)

    @property
    def state(self) -> str:
        """`running`, `failed` or `done`."""
        return "running" if self.finished_at is None else "failed" if self.error else "done"


class AlertQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """What is told the enterprise is its own business; what is told officers is seen by those of its region."""
        own = Q(audience=Audience.ENTERPRISE) & scope.as_q("enterprise", officers=False)
        area = Q() if scope.everything else Q(pk__in=[])
        for code in scope.region_codes:
            area |= Q(enterprise__region__code__startswith=code)
        return self.filter(own | Q(audience=Audience.OFFICERS) & area)

    def telling(self, scope: Scope) -> Self:
        """Those of them that ask this person to act: officers above the region they have reached only look on."""
        if scope.everything:
            return self.visible_to(scope)
        told = Q(audience=Audience.ENTERPRISE)
        for code in scope.region_codes:
            told |= Q(enterprise__region__code__startswith=code, reach__lte=len(code))
        return self.visible_to(scope).filter(told)

    def overdue(self) -> Self:
        """Open, and their time is over."""
        return self.open().filter(due_at__lt=timezone.now())

    def open(self) -> Self:
        """Not closed, whoever has seen them."""
        return self.filter(closed_at=None)

    def waiting(self) -> Self:
        """Open, and nobody has said that they take care of it."""
        return self.open().filter(acknowledged_at=None)


class Alert(models.Model):
    """A fact that somebody must act on, told to one audience; told to two it is two alerts, each with its own end.

    Written by the services alone. The sentence is made for each reader from `facts`; never stored. `gone_at` is when
    the cause went away: the same cause afterwards raises the alert again, while a cause that lasts does not reopen
    what somebody closed.
    """

    class Outcome(models.TextChoices):
        GONE = "gone", _("The cause is gone")
        DONE = "done", _("Done")
        DISMISSED = "dismissed", _("Dismissed")
        EXPIRED = "expired", _("Over by time")

    rule = models.ForeignKey(AlertRule, models.PROTECT, db_index=False, related_name="alerts", verbose_name=_("Rule"))
    subject = models.CharField(max_length=80)
    period = models.CharField(max_length=20, blank=True)
    audience = models.CharField(max_length=10, choices=Audience)
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, db_index=False, related_name="alerts", verbose_name=_("Enterprise")
    )
    severity = models.PositiveSmallIntegerField(_("Urgency"), choices=Severity)
    reach = models.PositiveSmallIntegerField(choices=Reach, default=Reach.ALL, db_default=Reach.ALL)
    facts = models.JSONField(default=dict)
    link = models.JSONField(default=dict)
    raised_at = models.DateTimeField(_("Raised"))
    due_at = models.DateTimeField(_("Due"), null=True)
    lapses_at = models.DateTimeField(null=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("Taken care of by")
    )
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("Seen by")
    )
    acknowledged_at = models.DateTimeField(_("Seen"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+",
        verbose_name=_("Closed by"),
    )  # fmt: skip
    closed_at = models.DateTimeField(_("Closed"), null=True)
    outcome = models.CharField(_("How it ended"), max_length=10, choices=Outcome, blank=True)
    gone_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(_("Passed on"), null=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("Alert")
        verbose_name_plural = _("To do")
        ordering = ["-severity", F("due_at").asc(nulls_last=True), "pk"]
        default_permissions = ("view",)
        permissions = [("handle_alert", _("May take care of alerts"))]
        constraints = [
            models.UniqueConstraint(fields=["rule", "subject", "period", "audience"], name="alert_is_raised_once"),
            models.CheckConstraint(
                name="alert_is_closed_in_one_way",
                condition=Q(closed_at=None, closed_by=None, outcome="", gone_at=None)
                | Q(closed_at__isnull=False, closed_by=None, outcome__in=["gone", "expired"], gone_at__isnull=False)
                | Q(closed_at__isnull=False, closed_by__isnull=False, outcome__in=["done", "dismissed"]),
            ),
            models.CheckConstraint(
                name="alert_is_seen_by_somebody",
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["enterprise", "audience"], name="alert_waits", condition=Q(closed_at=None)),
            models.Index(fields=["rule", "subject"], name="alert_cause_lasts", condition=Q(gone_at=None)),
            models.Index(fields=["enterprise", "-raised_at"], name="alert_of_enterprise"),
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """What is the matter, in the reader's language."""
        return wording.sentence(self.rule_id, self.facts)

    @property
    def button(self) -> Any:
        """What its one button says."""
        return wording.button(self.rule_id)

    @property
    def time_left(self) -> str:
        """How long there is to settle it, in words; empty once it is closed."""
        return wording.time_left(self.due_at) if self.is_open else ""

    @property
    def tone(self) -> str:
        """The colour of its urgency."""
        return wording.TONES[self.severity]

    @property
    def state_words(self) -> Any:
        return wording.STATES[self.state][1]

    @property
    def url(self) -> str:
        """The page that settles it; empty where that page is no more."""
        try:
            url = reverse(self.link["name"], args=self.link.get("args", ()))
        except (KeyError, NoReverseMatch):
            return ""
        query = self.link.get("query")
        return f"{url}?{urlencode(query)}" if query else url

    @property
    def state(self) -> str:
        """`waiting`, `acknowledged`, or how it ended."""
        return self.outcome or ("acknowledged" if self.acknowledged_at else "waiting")

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class AlertNote(models.Model):
    """What was said or done about an alert, by a person or by the cause itself; only ever added."""

    class Kind(models.TextChoices):
        COMMENT = "comment", _("Remark")
        ACKNOWLEDGED = "acknowledged", _("Seen")
        ASSIGNED = "assigned", _("Given to")
        RAISED = "raised", _("Raised again")
        ESCALATED = "escalated", _("Passed on to the next higher authority")
        GONE = Alert.Outcome.GONE.value, Alert.Outcome.GONE.label
        DONE = Alert.Outcome.DONE.value, Alert.Outcome.DONE.label
        DISMISSED = Alert.Outcome.DISMISSED.value, Alert.Outcome.DISMISSED.label
        EXPIRED = Alert.Outcome.EXPIRED.value, Alert.Outcome.EXPIRED.label

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="notes", verbose_name=_("Alert"))
    kind = models.CharField(_("What"), max_length=12, choices=Kind)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("By")
    )
    words = models.CharField(_("Remark"), max_length=500, blank=True)
    written_at = models.DateTimeField(_("At"))

    class Meta:
        verbose_name = _("Note on an alert")
        verbose_name_plural = _("Notes on alerts")
        ordering = ["pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.words}".strip()
