"""Who is asking, and what they may see. The rule for business rows lives in enterprises.scoping."""

from __future__ import annotations

from typing import Any, Protocol, Self

from django.db.models import Q, QuerySet


class Scope(Protocol):
    """What one person may see, worked out once per request."""

    @property
    def user_id(self) -> int | None: ...

    @property
    def everything(self) -> bool: ...

    @property
    def enterprise_ids(self) -> frozenset[int]: ...

    @property
    def region_codes(self) -> tuple[str, ...]: ...

    def as_q(self, *paths: str, officers: bool = True, shared: bool = False) -> Q:
        """A row is visible when any of these paths leads to an enterprise of this scope.

        With `officers=False` jurisdiction does not open the row: it is the enterprise's own business. With `shared`
        the headquarters' rows are open to its places, too.
        """


class SharedQuerySet(QuerySet[Any]):
    """Rows that belong to nobody and are open to every signed-in person: regions, units, categories."""

    def visible_to(self, scope: Scope) -> Self:
        return self
