"""The shape of a signed-in request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

from accounts.models import User
from accounts.scope import Scope

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser  # noqa: F401


class HouseRequest(HttpRequest):
    """What every signed-in request carries; see enterprises.middleware."""

    user: User
    scope: Scope
