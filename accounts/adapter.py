"""The house's answer to allauth: nobody signs up by themselves."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter


class ClosedDoorAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator; enterprises are claimed, not registered by strangers."""

    def is_open_for_signup(self, request: Any) -> bool:
        return False
