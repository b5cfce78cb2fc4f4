"""A paper taken up to be changed: locked, as it is now, and only while it may be changed."""

from __future__ import annotations

from typing import TypeVar, cast
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from documents.errors import DocumentIsConfirmed, SavedBySomebodyElse
from documents.models import Document, DocumentQuerySet

Paper = TypeVar("Paper", bound=Document)


def locked(paper: Paper, *related: str) -> Paper:
    """The paper as it is now, with these related rows, locked until the transaction ends.

    Raises ValidationError where it is gone.
    """
    rows = type(paper)._base_manager.select_for_update(of=("self",))
    found = (rows.select_related(*related) if related else rows).filter(pk=paper.pk).first()
    if found is None:
        raise ValidationError(_("The draft is gone."))
    return found


def opened(paper: Paper, version: int, *related: str) -> Paper:
    """A locked draft to be written on. Raises DocumentIsConfirmed, and SavedBySomebodyElse for another `version`."""
    found = locked(paper, *related)
    if not found.is_draft:
        raise DocumentIsConfirmed(found)
    if found.version != version:
        raise SavedBySomebodyElse
    return found


def is_confirmed_by(paper: Document, *, token: UUID | None, version: int | None) -> bool:
    """Whether this very form has confirmed the locked paper already; a refusal where it may not confirm it at all."""
    if not paper.is_draft:
        if token is not None and paper.token == token:
            return True
        raise DocumentIsConfirmed(paper)
    if version is not None and version != paper.version:
        raise ValidationError(_("The draft was changed after you looked it over. Look again, then confirm."))
    return False


def require_in_force(paper: Document, sentence: str) -> None:
    """A refusal in this sentence where the paper is a draft, a reversal, or reversed."""
    papers = cast("DocumentQuerySet", type(paper)._default_manager.all())
    if not papers.in_force().filter(pk=paper.pk).exists():
        raise ValidationError(sentence)
