"""How the shared record is changed: corrections are proposed, enterprises claimed, and somebody else decides."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from enterprises.models.registry import Enterprise


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
