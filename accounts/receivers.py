"""What accounts does when something happened elsewhere."""

from typing import Any

from accounts.roles import sync_roles


def give_roles_their_permissions(*, using: str, **kwargs: Any) -> None:
    """After every migration the groups of the database are what `accounts/roles.py` says."""
    sync_roles(using=using)
