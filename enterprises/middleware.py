"""Hangs on each request who is asking and for which enterprise."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from enterprises.models import Enterprise
from enterprises.scoping import Scope

SESSION_KEY = "enterprise"


class ScopeMiddleware:
    """`request.scope` and `request.enterprise`, worked out only if someone asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.scope = SimpleLazyObject(lambda: Scope.of(request.user))  # type: ignore[attr-defined,misc]
        request.enterprise = SimpleLazyObject(lambda: acting_for(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def acting_for(request: HttpRequest) -> Enterprise | None:
    """The enterprise this person acts for now: the one chosen in the header, else the first of theirs."""
    mine = Enterprise.objects.filter(pk__in=request.scope.enterprise_ids, merged_into=None)  # type: ignore[attr-defined]
    chosen = request.session.get(SESSION_KEY)
    return mine.filter(pk=chosen).first() or mine.order_by(F("headquarters").asc(nulls_first=True), "pk").first()
