"""The door of the JSON API: a token, what it may do, and how often."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from accounts.problems import Problem
from exchange.clients import client_behind
from exchange.limits import Allowance, take
from exchange.models import ApiClient, ApiScope


class ApiRequest(HttpRequest):
    """What a request carries once its token is known: the middleware tells the client what is left to it."""

    allowance: Allowance


class Bearer(HttpBearer):
    """Lets a working token with this scope in, as often as its client may ask. Raises Problem."""

    def __init__(self, scope: ApiScope) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> ApiClient:
        kind, _space, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise _unknown(_("Send the header “Authorization: Bearer” with the token of your program."), "")
        return self.authenticate(request, token.strip())

    def authenticate(self, request: HttpRequest, token: str) -> ApiClient:
        client = client_behind(token)
        if client is None:
            detail = _("This token is not known, has expired or was withdrawn. Ask the administrator for a new one.")
            raise _unknown(detail, ', error="invalid_token"')
        allowance = take(client.pk, limit=client.limit_per_minute)
        request.allowance = allowance  # type: ignore[attr-defined]
        if allowance.is_exceeded:
            raise _too_many(allowance)
        if self.scope not in client.scopes:
            raise _not_allowed(self.scope)
        return client


def _unknown(detail: str, error: str) -> Problem:
    headers = {"WWW-Authenticate": f'Bearer realm="FoodTrace"{error}'}
    return Problem(401, _("Who is asking?"), detail, headers=headers)


def _not_allowed(scope: ApiScope) -> Problem:
    challenge = f'Bearer realm="FoodTrace", error="insufficient_scope", scope="{scope}"'
    detail = _("This token lacks the scope %(scope)s. Ask the administrator for one that has it.") % {"scope": scope}
    return Problem(403, _("Not allowed"), detail, headers={"WWW-Authenticate": challenge})


def _too_many(allowance: Allowance) -> Problem:
    detail = _("This program may ask %(limit)s times a minute. Ask again in %(seconds)s seconds.")
    detail %= {"limit": allowance.limit, "seconds": allowance.reset}
    return Problem(429, _("Too many requests"), detail, headers={"Retry-After": str(allowance.reset)})
