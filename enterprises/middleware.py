"""Hangs on each request who is asking and for which enterprise."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.db.models import F
from django.http import HttpRequest, HttpResponse

from enterprises.models import Enterprise
from enterprises.request import EnterpriseRequest
from enterprises.scoping import Scope

SESSION_KEY = "enterprise"


class ScopeMiddleware:
    """`request.scope` and `request.enterprise`: worked out once, and never changed while the request lasts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = cast("EnterpriseRequest", request)
        known.scope = Scope.of(request.user)
        known.enterprise = acting_for(known) if known.scope.enterprise_ids else None
        return self.get_response(request)


def acting_for(request: EnterpriseRequest) -> Enterprise | None:
    """The enterprise this person acts for now: the one chosen in the header, else the first of theirs."""
    mine = Enterprise.objects.filter(pk__in=request.scope.enterprise_ids, merged_into=None)
    chosen = request.session.get(SESSION_KEY)
    first = mine.order_by(F("headquarters").asc(nulls_first=True), "pk")
    return (mine.filter(pk=chosen).first() if chosen else None) or first.first()
