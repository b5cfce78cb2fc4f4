"""What happens to the programs that ask the JSON API: they get a token, are recognised by it, lose it."""

from __future__ import annotations

import hashlib
import secrets

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from exchange.models import ApiClient

MARK = "ft_"  # by it scanners of published code know a token that got lost there
PREFIX = 9  # characters that are kept to tell tokens apart


@transaction.atomic
def make_client(client: ApiClient, *, actor: User) -> str:
    """Save a new client and return its token: the only time that anybody sees it. Raises ValidationError."""
    if not actor.has_perm("exchange.add_apiclient"):
        raise PermissionDenied
    if client.expires_on and client.expires_on < timezone.localdate():
        raise ValidationError({"expires_on": _("This day is over. Choose a later one, or leave it empty.")})
    token = MARK + secrets.token_urlsafe(32)
    client.author, client.token_hash, client.prefix = actor, _hashed(token), token[:PREFIX]
    client.full_clean()
    client.save()
    return token


@transaction.atomic
def revoke_client(client: ApiClient, *, actor: User) -> ApiClient:
    """From now on the token is refused. A second time changes nothing: who withdrew it first stays on record."""
    if not actor.has_perm("exchange.change_apiclient"):
        raise PermissionDenied
    locked: ApiClient = ApiClient.objects.select_for_update().get(pk=client.pk)
    if locked.revoked_at is None:
        locked.revoked_at, locked.revoked_by = timezone.now(), actor
        locked.save(update_fields=["revoked_at", "revoked_by"])
    return locked


def client_behind(token: str) -> ApiClient | None:
    """The client with this token, if it works. Its last use is written once a day."""
    client: ApiClient | None = ApiClient.objects.working().filter(token_hash=_hashed(token)).first()
    today = timezone.localdate()
    if client and client.last_used_on != today:
        ApiClient.objects.filter(pk=client.pk).update(last_used_on=today)
    return client


def _hashed(token: str) -> str:
    """A token is 256 random bits: nobody guesses it from its hash, so the hash need not be slow."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
