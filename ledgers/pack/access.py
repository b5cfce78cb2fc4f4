"""Who may take the pack of an enterprise away."""

from __future__ import annotations

from accounts.models import User
from accounts.scope import Scope
from enterprises.models import Enterprise
from enterprises.services import keeps_books


def may_take_pack(user: User, scope: Scope, enterprise: Enterprise) -> bool:
    """Of those who see the enterprise: the officers of its area, and who keeps its books; not all who work there."""
    return enterprise.pk not in scope.enterprise_ids or keeps_books(user, enterprise)
