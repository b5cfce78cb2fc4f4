"""Which files the pages of certificates open for whom."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from accounts.scope import Scope
from certificates.models import Certificate, CertificatePage


def pages_in_sight(scope: Scope) -> QuerySet[CertificatePage, Any]:
    """The attachments of the certificates that whoever has this scope sees."""
    seen = Certificate.objects.visible_to(scope).order_by().values("pk")
    return CertificatePage.objects.filter(certificate__in=seen).values_list("attachment_id")
