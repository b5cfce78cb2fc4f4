"""What all papers of one enterprise alone have in common: locked, opened by who keeps its books, and in force."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from documents.errors import DocumentIsConfirmed
from enterprises.models import Enterprise
from enterprises.services import keeps_books
from ledgers.drafts import SavedBySomebodyElse
from ledgers.models import ProductionRun, StockPaper

OwnPaper = TypeVar("OwnPaper", ProductionRun, StockPaper)


def locked(paper: OwnPaper) -> OwnPaper:
    """The paper as it is now, locked until the transaction ends; ValidationError where it is gone."""
    rows = type(paper).objects.select_for_update(of=("self",)).select_related("enterprise")
    found: OwnPaper | None = rows.filter(pk=paper.pk).first()
    if found is None:
        raise ValidationError(_("The draft is gone."))
    return found


def opened(paper: OwnPaper, version: int) -> OwnPaper:
    """A draft to be written on. Raises DocumentIsConfirmed, and SavedBySomebodyElse where `version` is not its own."""
    found = locked(paper)
    if not found.is_draft:
        raise DocumentIsConfirmed(found)
    if found.version != version:
        raise SavedBySomebodyElse
    return found


def is_confirmed_by(paper: OwnPaper, *, token: UUID | None, version: int | None) -> bool:
    """Whether this very form has confirmed the locked paper already; a refusal where it may not confirm it at all."""
    if not paper.is_draft:
        if token is not None and paper.token == token:
            return True
        raise DocumentIsConfirmed(paper)
    if version is not None and version != paper.version:
        raise ValidationError(_("The draft was changed after you looked it over. Look again, then confirm."))
    return False


def require_keeper(actor: User, enterprise: Enterprise) -> None:
    """PermissionDenied where `actor` does not keep the books of `enterprise`."""
    if not keeps_books(actor, enterprise):
        raise PermissionDenied


def require_in_force(paper: OwnPaper, sentence: str) -> None:
    """A refusal in this sentence where the paper is a draft, a reversal, or reversed."""
    if not type(paper).objects.in_force().filter(pk=paper.pk).exists():
        raise ValidationError(sentence)
