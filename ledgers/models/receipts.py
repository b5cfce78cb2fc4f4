"""The buyer's answer to a delivery: rows of their own beside the paper, which never changes."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from attachments.models import Attachment
from enterprises.models import Enterprise
from ledgers.models.papers import Invoice, InvoiceLine


class ReceiptQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        return self.filter(scope.as_q("buyer", "invoice__seller"))

    def of_buyers(self, scope: Scope) -> Self:
        """The deliveries to the enterprises of this scope."""
        return self.filter(scope.as_q("buyer", officers=False))

    def in_region(self, code: str) -> Self:
        """With the buyer or the seller in the region of this code."""
        buyer, seller = (f"{party}__region__code__startswith" for party in ("buyer", "invoice__seller"))
        return self.filter(Q(**{buyer: code}) | Q(**{seller: code}))

    def waiting(self) -> Self:
        """Not answered yet, and of a paper that nobody has taken back."""
        return self.filter(state=Receipt.State.PENDING, invoice__reversed_by=None)

    def claimed(self) -> Self:
        """With something in dispute that nobody has settled."""
        return self.filter(Exists(ReceiptClaim.objects.open().filter(receipt=OuterRef("pk"))))


class Receipt(models.Model):
    """What the buyer says of a delivery. Written only by the SQL functions of `receiving.py`.

    pending -> accepted, partial, rejected, or auto_accepted by silence; accepted -> disputed; what is claimed and not
    settled -> escalated; everything claimed settled, withdrawn or dismissed -> settled.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for the buyer")
        ACCEPTED = "accepted", _("Accepted")
        AUTO_ACCEPTED = "auto_accepted", _("Accepted by silence")
        PARTIAL = "partial", _("Accepted with differences")
        REJECTED = "rejected", _("Rejected")
        DISPUTED = "disputed", _("Disputed")
        ESCALATED = "escalated", _("With the station")
        SETTLED = "settled", _("Settled")

    invoice = models.OneToOneField(Invoice, models.PROTECT, related_name="receipt", verbose_name=_("Invoice"))
    buyer = models.ForeignKey(Enterprise, models.PROTECT, related_name="receipts", verbose_name=_("Buyer"))
    state = models.CharField(_("State"), max_length=16, choices=State, default=State.PENDING)
    opened_at = models.DateTimeField(_("Opened"))
    answered_at = models.DateTimeField(_("Answered"), null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("By")
    )
    remark = models.CharField(_("Remark"), max_length=200, blank=True)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("Receipt")
        verbose_name_plural = _("Receipts")
        ordering = ["-opened_at", "-pk"]
        default_permissions = ("view",)
        permissions = [
            ("answer_receipt", _("May answer deliveries")),
            ("decide_receipt", _("May decide disputes about deliveries")),
        ]
        indexes = [
            models.Index(fields=["opened_at"], name="receipt_waits", condition=Q(state="pending")),
        ]
        constraints = [
            models.CheckConstraint(
                name="answered_receipt_has_its_time", condition=Q(state="pending") | Q(answered_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return str(self.invoice)


class ReceiptPhoto(models.Model):
    """What the buyer photographed of a delivery; only ever added. Whoever sees the delivery sees its photos."""

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="photos", verbose_name=_("Receipt"))
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name=_("Photo"))

    class Meta:
        verbose_name = _("Photo of a delivery")
        verbose_name_plural = _("Photos of deliveries")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [models.UniqueConstraint("receipt", "attachment", name="photo_of_a_delivery_stands_once")]

    def __str__(self) -> str:
        return str(self.attachment)


class ReceiptClaimQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        """Neither settled by a paper, nor withdrawn, nor dismissed."""
        return self.filter(settlement=None)

    def of_line(self, line: str) -> Subquery:
        """The quantity in dispute of the line that `line` leads to, for a list of lines or entries."""
        return Subquery(self.open().filter(line=OuterRef(line)).values("quantity")[:1])


class ReceiptClaim(models.Model):
    """The buyer says that some of a line did not come, or not as it should. Only ever added.

    `quantity` is in the lot's unit; from the claim on it stands as disputed in the buyer's stock.
    """

    class Cause(models.TextChoices):
        SHORT = "short", _("Less came")
        DAMAGED = "damaged", _("Damaged")
        EXPIRED = "expired", _("Expired or about to")
        QUALITY = "quality", _("Quality, smell or temperature")
        WRONG = "wrong", _("Not what was ordered")
        PAPERS = "papers", _("Papers missing")

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="claims", verbose_name=_("Receipt"))
    line = models.ForeignKey(InvoiceLine, models.PROTECT, related_name="claims", verbose_name=_("Invoice line"))
    quantity = models.DecimalField(_("Quantity"), max_digits=14, decimal_places=3)
    cause = models.CharField(_("Cause"), max_length=10, choices=Cause)
    reason = models.CharField(_("Reason"), max_length=200, blank=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+", verbose_name=_("By")
    )
    claimed_at = models.DateTimeField(_("At"))

    objects = ReceiptClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("Objection to a delivery")
        verbose_name_plural = _("Objections to deliveries")
        ordering = ["pk"]
        default_permissions = ("view",)
        constraints = [models.CheckConstraint(name="claim_is_of_something", condition=Q(quantity__gt=0))]

    def __str__(self) -> str:
        return f"{self.line} {self.quantity.normalize():f}"


class ClaimSettlement(models.Model):
    """How a claim ended: by a paper's line, withdrawn by the buyer, or dismissed by the station. Only ever added."""

    class Outcome(models.TextChoices):
        PAPER = "paper", _("Settled by a paper")
        WITHDRAWN = "withdrawn", _("Withdrawn by the buyer")
        DISMISSED = "dismissed", _("Dismissed by the station")

    claim = models.OneToOneField(ReceiptClaim, models.PROTECT, related_name="settlement", verbose_name=_("Objection"))
    outcome = models.CharField(_("Outcome"), max_length=10, choices=Outcome)
    line = models.OneToOneField(InvoiceLine, models.PROTECT, null=True, related_name="settlement")
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+", verbose_name=_("By")
    )
    settled_at = models.DateTimeField(_("At"))

    class Meta:
        verbose_name = _("End of an objection")
        verbose_name_plural = _("Ends of objections")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="only_a_paper_settles_by_its_line",
                condition=Q(outcome="paper", line__isnull=False) | (~Q(outcome="paper") & Q(line=None)),
            ),
        ]

    def __str__(self) -> str:
        return str(self.claim)
