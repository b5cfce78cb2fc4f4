"""Programs that may ask the JSON API: for whom, what for, how often, until when."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Authority
from accounts.scope import Scope
from enterprises.models import Enterprise

LIMIT_MAX = 60_000  # a thousand a second is more than one server answers


class ApiScope(models.TextChoices):
    """What a program may do; a scope is added with the addresses that ask for it."""

    PRODUCTS_READ = "products:read", _("Read the shared catalogue")


class ApiClientQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """Clients are the administrator's business: a name alone says who exchanges data with whom."""
        return self if scope.everything else self.none()

    def working(self) -> Self:
        """Neither withdrawn nor expired."""
        return self.filter(Q(expires_on=None) | Q(expires_on__gte=timezone.localdate()), revoked_at=None)


class ApiClient(models.Model):
    """A program with a token of its own. Of the token only its hash and its first letters are kept."""

    name = models.CharField(_("Name"), max_length=80, unique=True)
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Enterprise")
    )
    authority = models.ForeignKey(
        Authority, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Authority")
    )
    scopes = ArrayField(models.CharField(max_length=30, choices=ApiScope), verbose_name=_("What it may do"))
    limit_per_minute = models.PositiveIntegerField(_("Requests per minute"), default=600)
    expires_on = models.DateField(_("Valid until"), null=True, blank=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(_("Token begins with"), max_length=12, editable=False)
    last_used_on = models.DateField(_("Last used"), null=True, editable=False)  # a day says enough, and is written once
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name=_("By")
    )
    created_at = models.DateTimeField(_("Made at"), auto_now_add=True)
    revoked_at = models.DateTimeField(_("Withdrawn at"), null=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False,
        verbose_name=_("Withdrawn by"),
    )  # fmt: skip

    objects = ApiClientQuerySet.as_manager()

    class Meta:
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")
        ordering = ["name", "pk"]
        default_permissions = ("view", "add", "change")
        constraints = [
            models.CheckConstraint(
                name="client_belongs_to_one_at_most",
                condition=Q(enterprise=None) | Q(authority=None),
                violation_error_message=_("Choose the enterprise or the authority, not both."),
            ),
            models.CheckConstraint(
                name="client_may_ask_something",
                condition=Q(limit_per_minute__range=(1, LIMIT_MAX)),
                violation_error_message=_("A client may ask between 1 and 60,000 times a minute."),
            ),
            models.CheckConstraint(
                name="client_may_do_something",
                condition=Q(scopes__len__gt=0),
                violation_error_message=_("Choose at least one thing that the client may do."),
            ),
            models.CheckConstraint(
                name="withdrawal_names_who_did_it", condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def is_expired(self) -> bool:
        return self.expires_on is not None and self.expires_on < timezone.localdate()

    @property
    def is_working(self) -> bool:
        return self.revoked_at is None and not self.is_expired

    @property
    def state_label(self) -> str:
        if self.is_working:
            return str(_("Valid"))
        return str(_("Withdrawn")) if self.revoked_at else str(_("Expired"))
