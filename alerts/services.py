"""What people do about an alert: see it, give it to somebody, remark on it, close it, dismiss it."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from alerts.models import Alert, AlertNote, Audience
from enterprises.scoping import Scope
from enterprises.services import keeps_books

WORDS_MAX = 500
Kind = AlertNote.Kind


@transaction.atomic
def acknowledge(alert: Alert, *, actor: User) -> Alert:
    """Say: I have seen it. The first who says so is kept; from then on it is not counted as waiting."""
    alert = _taken(alert, actor)
    if alert.acknowledged_at is None:
        alert.acknowledged_by, alert.acknowledged_at = actor, timezone.now()
        alert.save(update_fields=["acknowledged_by", "acknowledged_at"])
        _note(alert, Kind.ACKNOWLEDGED, actor)
    return alert


@transaction.atomic
def assign(alert: Alert, *, to: User, actor: User) -> Alert:
    """Give it to somebody who may take care of it; ValidationError for anybody else."""
    alert = _taken(alert, actor)
    if not may_handle(alert, to):
        raise ValidationError({"to": _("Choose somebody who may take care of this alert.")})
    alert.assigned_to = to
    alert.save(update_fields=["assigned_to"])
    _note(alert, Kind.ASSIGNED, actor, str(to))
    return alert


@transaction.atomic
def comment(alert: Alert, *, words: str, actor: User) -> AlertNote:
    """Remark on it, also when it is closed."""
    if not may_handle(alert, actor):
        raise PermissionDenied
    return _note(alert, Kind.COMMENT, actor, _said(words, _("Type what you want to remark.")))


@transaction.atomic
def close(alert: Alert, *, note: str, actor: User) -> Alert:
    """Say what was done about it; it stays closed while the same cause lasts."""
    return _ended(alert, Alert.Outcome.DONE, _said(note, _("Say what was done.")), actor)


@transaction.atomic
def dismiss(alert: Alert, *, reason: str, actor: User) -> Alert:
    """Say why nothing needs to be done; it stays closed while the same cause lasts."""
    return _ended(alert, Alert.Outcome.DISMISSED, _said(reason, _("Say why nothing needs to be done.")), actor)


def may_handle(alert: Alert, user: User) -> bool:
    """Whether `user` may take care of it: a keeper of the enterprise's books, or an officer of its region."""
    if not (user.is_active and user.has_perm("alerts.handle_alert")):
        return False
    if alert.audience == Audience.ENTERPRISE:
        return keeps_books(user, alert.enterprise)
    scope = Scope.of(user)
    return (scope.everything or scope.is_officer) and scope.covers(alert.enterprise)


def _taken(alert: Alert, actor: User) -> Alert:
    """The alert as it is now, locked; refused where it is closed or not this person's."""
    locked: Alert = Alert.objects.select_for_update(of=("self",)).select_related("enterprise").get(pk=alert.pk)
    if not may_handle(locked, actor):
        raise PermissionDenied
    if not locked.is_open:
        raise ValidationError(_("This alert is closed already. Nothing needs to be done about it."), code="closed")
    return locked


def _ended(alert: Alert, outcome: str, words: str, actor: User) -> Alert:
    alert = _taken(alert, actor)
    alert.outcome, alert.closed_by, alert.closed_at = outcome, actor, timezone.now()
    alert.save(update_fields=["outcome", "closed_by", "closed_at"])
    _note(alert, outcome, actor, words)
    return alert


def _said(words: str, sentence: str) -> str:
    if not words.strip():
        raise ValidationError({"words": sentence})
    return words.strip()[:WORDS_MAX]


def _note(alert: Alert, kind: str, actor: User, words: str = "") -> AlertNote:
    return AlertNote.objects.create(alert=alert, kind=kind, author=actor, words=words, written_at=timezone.now())
