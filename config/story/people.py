"""Who signs in to the demo, and the authorities that its officers work for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.contrib.auth.models import Group

from accounts.models import Authority, Region, User
from accounts.roles import Role
from config.story.rows import rows
from enterprises.models import Enterprise
from enterprises.services import appoint

PASSWORD = "demo"
LOADER = "demo-loader"
SIGN_INS: list[tuple[str, str]] = [(row["username"], row["description"]) for row in rows("users")]


@contextmanager
def loading() -> Iterator[User]:
    """The account that signs every paper of the story: it has no password, and afterwards no rights."""
    actor = User.objects.create_superuser(LOADER, display_name="演示装载")
    yield actor
    actor.is_active = actor.is_superuser = False
    actor.save()


def load_authorities() -> dict[str, Authority]:
    """Enter the authorities with the regions they answer for; returns them by the key of their table."""
    authorities = {}
    for row in rows("authorities"):
        authority = Authority.objects.create(name=row["name"], telephone=row["telephone"])
        authority.regions.set(Region.objects.filter(code__in=row["regions"].split()))
        authorities[row["key"]] = authority
    return authorities


def load_people(cast: Mapping[str, Enterprise], authorities: Mapping[str, Authority], *, actor: User) -> None:
    """Make one account per sign-in; who works for an enterprise keeps its books and decides who else does."""
    for row in rows("users"):
        user = User.objects.create_user(
            row["username"],
            PASSWORD,
            display_name=row["display_name"],
            authority=authorities.get(row["authority"]),
        )
        user.groups.add(Group.objects.get(name=Role(row["role"])))
        if row["enterprise"]:
            appoint(user, enterprise=cast[row["enterprise"]], keeps_books=True, manages_members=True, actor=actor)
