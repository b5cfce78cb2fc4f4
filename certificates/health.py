"""What happens to health certificates: they are kept, corrected, and their identity numbers read with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User, record_access
from accounts.scope import Scope
from accounts.sealing import fingerprint, seal, unseal
from alerts.raising import look_again
from attachments.models import Attachment
from certificates.models import HealthCertificate, HealthPage, IdentityReading
from enterprises.identifiers import normalise, validate_resident_number
from enterprises.services import require_keeper
from laws.parameters import in_force

READINGS_A_DAY = "reveal.daily"
REVEAL = "certificates.reveal_healthcertificate"


@transaction.atomic
def keep(row: HealthCertificate, *, identity: str, pages: Iterable[Attachment], actor: User) -> HealthCertificate:
    """Write down a health certificate; an empty `identity` leaves that of a known row as it is.

    PermissionDenied for whoever keeps no books of the place; ValidationError for a number that GB 11643 refuses.
    """
    require_keeper(actor, row.enterprise)
    if identity or not row.pk:
        number = normalise(identity)
        validate_resident_number(number)
        row.identity_sealed, row.identity_hash, row.identity_last4 = seal(number), fingerprint(number), number[-4:]
    row.full_clean(exclude=["identity_sealed"])
    row.save()
    HealthPage.objects.bulk_create(
        (HealthPage(certificate=row, attachment=page) for page in pages), ignore_conflicts=True
    )
    transaction.on_commit(lambda: look_again("HEALTH_EXPIRY", about=[row.pk]))
    return row


@transaction.atomic
def read_identity(row: HealthCertificate, *, reason: str, actor: User) -> str:
    """The whole identity number, for a reason that is kept with the name of the reader and in the access log.

    ValidationError without a reason, and after `reveal.daily` readings in 24 hours; PermissionDenied without the right.
    """
    if not actor.has_perm(REVEAL):
        raise PermissionDenied
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)  # two readings at once are counted one by one
    if not reason.strip():
        raise ValidationError({"reason": _("Say why you need the whole number.")})
    most = int(in_force(READINGS_A_DAY).value)
    lately = IdentityReading.objects.filter(reader=actor, read_at__gt=timezone.now() - timedelta(days=1))
    if lately.count() >= most:
        raise ValidationError(_("You have read %(n)s identity numbers in 24 hours. Go on tomorrow.") % {"n": most})
    IdentityReading.objects.create(certificate=row, reader=actor, reason=reason.strip()[:200])
    record_access(actor, "identity number read", f"health certificate {row.pk}: {reason.strip()}")
    return unseal(row.identity_sealed)


def health_pages_in_sight(scope: Scope) -> QuerySet[HealthPage, Any]:
    """The attachments of the health certificates that whoever has this scope sees."""
    seen = HealthCertificate.objects.visible_to(scope).order_by().values("pk")
    return HealthPage.objects.filter(certificate__in=seen).values_list("attachment_id")
