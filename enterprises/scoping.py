"""Who may see which enterprises. Decided once per request, carried as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from guardian.models import UserObjectPermission

from accounts.roles import Role
from enterprises.models import Enterprise

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


@dataclass(frozen=True)
class Scope:
    """Who it is, the enterprises this person works for, and the region codes an officer's authority answers for.

    `firm_ids` are the headquarters of these enterprises: whose partners, goods and licences they share.
    """

    enterprise_ids: frozenset[int] = frozenset()
    firm_ids: frozenset[int] = frozenset()
    region_codes: tuple[str, ...] = ()
    everything: bool = False
    user_id: int | None = None

    @classmethod
    def of(cls, user: User | AnonymousUser) -> Scope:
        if user.is_anonymous or not user.is_active:
            return cls()
        if user.is_superuser or user.groups.filter(name=Role.ADMINISTRATOR).exists():
            return cls(everything=True, user_id=user.pk)
        codes = user.authority.regions.values_list("code", flat=True) if user.authority else []
        own, firms = _enterprises_of(user)
        return cls(enterprise_ids=own, firm_ids=firms, region_codes=tuple(codes), user_id=user.pk)

    def as_q(self, *paths: str, officers: bool = True, shared: bool = False) -> Q:
        """A row is visible when any of these paths leads to an enterprise of ours or, for officers, of our regions.

        A path is `pk` on Enterprise itself, or the name of a foreign key to it. With `officers=False` jurisdiction
        does not open the row: it is the enterprise's own business. With `shared` a headquarters' rows are open to
        those who work for one of its places, too.
        """
        if self.everything:
            return Q() if officers else Q(pk__in=[])
        condition = Q(pk__in=[])
        own = self.enterprise_ids | self.firm_ids if shared else self.enterprise_ids
        for path in paths:
            if own:
                condition |= Q(**{f"{path}__in": own})
            for code in self.region_codes if officers else ():
                region = "region" if path == "pk" else f"{path}__region"
                condition |= Q(**{f"{region}__code__startswith": code})
        return condition

    def covers(self, enterprise: Enterprise) -> bool:
        """Whether this one enterprise is ours or lies in our regions; no query."""
        in_area = any((enterprise.region_id or "").startswith(code) for code in self.region_codes)
        return self.everything or enterprise.pk in self.enterprise_ids or in_area

    @property
    def is_officer(self) -> bool:
        return bool(self.region_codes)


def _enterprises_of(user: User) -> tuple[frozenset[int], frozenset[int]]:
    """The enterprises with any object permission for `user`, their places, and what was merged; their headquarters."""
    granted = UserObjectPermission.objects.filter(
        user=user, content_type=ContentType.objects.get_for_model(Enterprise)
    ).values_list("object_pk", flat=True)
    own = {int(pk) for pk in granted}
    if not own:
        return frozenset(), frozenset()
    found = Enterprise.objects.filter(
        Q(pk__in=own) | Q(headquarters__in=own) | Q(merged_into__in=own) | Q(merged_into__headquarters__in=own)
    )
    above = dict(found.values_list("pk", "headquarters"))
    return frozenset(above), frozenset(filter(None, above.values()))
