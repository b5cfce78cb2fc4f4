"""Doors: every address asks for a permission or is listed as open, and every list has one order."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.urls import URLPattern, URLResolver, get_resolver

from tests.registers.test_every_register import REGISTERS

OPEN_TO_ALL = {
    "portal:search", "portal:product", "portal:lot", "portal:voucher", "healthz", "readyz", "set_language",
    "portal:opendata", "portal:opendata-file", "portal:report", "portal:picture", "portal:licence",
    "portal:licence-picture",
    "api-v1:openapi-json", "api-v1:api-root", "api-v1:product", "api-v1:products",  # their key is a token
    "account_login", "account_logout", "account_inactive",
}  # fmt: skip
OPEN_TO_WHO_SIGNED_IN = {
    "home", "find", "account_change_password", "enterprises:act-for",
    "attachments:attachment-download", "attachments:attachment-thumbnail",  # what they open is asked row by row
}  # fmt: skip


def doors(patterns: Any = None, namespace: str = "") -> Iterator[tuple[str, Any]]:
    """Every address with its view."""
    for pattern in patterns or get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            yield from doors(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else namespace)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", pattern.callback


DOORS = dict(doors())
INNER = sorted({*DOORS} - OPEN_TO_ALL - OPEN_TO_WHO_SIGNED_IN)


@pytest.mark.parametrize("name", INNER)
def test_every_inner_door_asks_for_a_permission(name):
    view = DOORS[name]
    if hasattr(view, "view_class"):
        assert issubclass(view.view_class, PermissionRequiredMixin)
        assert view.view_class.raise_exception
    else:
        assert "@permission_required(" in inspect.getsource(inspect.unwrap(view))
    assert getattr(view, "login_required", True)


@pytest.mark.parametrize("name", sorted(OPEN_TO_ALL | OPEN_TO_WHO_SIGNED_IN))
def test_what_is_listed_as_open_is_there_and_as_open_as_listed(name):
    assert getattr(DOORS[name], "login_required", True) is (name not in OPEN_TO_ALL)


@pytest.mark.parametrize("name", REGISTERS)
def test_every_list_has_one_order(name):
    """Rows that are equal in all that is sorted by would change places from page to page."""
    model = REGISTERS[name].model
    last = model._meta.ordering[-1].lstrip("-")
    assert last == "pk" or model._meta.get_field(last).unique
