"""Confirming as people do it: warned first, with a reason where a rule asks for one, and both kept for the officer."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from ledgers.models import Invoice, InvoiceWarning
from ledgers.services import confirm_invoice
from ledgers.warning_rules import REFUSED, WITH_REASON, warnings_of
from ledgers.warning_words import refusal_of

REASON_MAX = 200


class ReasonMissing(ValidationError):
    """A warning stands on the sheet that nobody has answered."""

    def __init__(self) -> None:
        super().__init__(_("Say why you go on all the same: your station will read it."), code="reason")


@transaction.atomic
def confirm_with_reason(
    invoice: Invoice, *, reason: str, actor: User, token: UUID | None = None, version: int | None = None
) -> Invoice:
    """`confirm_invoice` with the warnings of the day, which are kept beside the paper with the reason for going on.

    Raises ReasonMissing where a warning asks for a reason, ValidationError where the authority has made a rule a stop.
    """
    reason = reason.strip()[:REASON_MAX]
    found = warnings_of(invoice) if invoice.is_draft else []
    confirmed = confirm_invoice(invoice, actor=actor, token=token, version=version)
    if refusals := [refusal_of(warning) for warning in found if warning.level >= REFUSED]:
        raise ValidationError(refusals)
    if not reason and any(warning.level >= WITH_REASON for warning in found):
        raise ReasonMissing
    InvoiceWarning.objects.bulk_create(
        (
            InvoiceWarning(
                invoice=confirmed,
                position=warning.position,
                rule=warning.rule,
                facts=dict(warning.facts),
                reason=reason,
            )
            for warning in found
        ),
        ignore_conflicts=True,
    )
    return confirmed
