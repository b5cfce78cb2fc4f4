"""Whom officers write to: everybody of an area who is in business, narrowed by what was chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Region
from accounts.scope import Scope
from enterprises.models import Enterprise


@dataclass(frozen=True)
class Narrowing:
    """A choice that an upper app offers, such as: only those whose licence has expired."""

    key: str
    label: Any
    narrow: Callable[[QuerySet[Enterprise]], QuerySet[Enterprise]]


narrowings: dict[str, Narrowing] = {}


def offer(*offered: Narrowing) -> None:
    """Make choices known to whoever writes a message. For `AppConfig.ready()`."""
    narrowings.update({narrowing.key: narrowing for narrowing in offered})


def regions_to_choose(scope: Scope) -> QuerySet[Region]:
    """The region of an officer, and two levels of those inside it."""
    regions = Region.objects.none()
    for code in scope.region_codes:
        regions = regions | Region.objects.within(code).filter(code__length__lte=len(code) + 5)
    return regions


@dataclass(frozen=True)
class Choice:
    """A region, kinds of business, single licence numbers, the key of a narrowing; what is given narrows."""

    region: Region | None = None
    roles: Sequence[str] = ()
    numbers: Sequence[str] = ()
    only: str = ""

    def of(self, scope: Scope) -> QuerySet[Enterprise]:
        """The chosen enterprises in business among those this scope sees; everybody there where nothing is given."""
        rows = Enterprise.objects.visible_to(scope).in_registry().active()
        if self.region:
            rows = rows.in_region(self.region.pk)
        if self.roles:
            rows = rows.filter(roles__overlap=list(self.roles))
        if self.numbers:
            rows = rows.filter(Q(uscc__in=self.numbers) | Q(legacy_number__in=self.numbers))
        return narrowings[self.only].narrow(rows) if self.only else rows
