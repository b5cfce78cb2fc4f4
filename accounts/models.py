"""Who is asking: regions of the country, the authorities that supervise them, and the people who sign in."""

from __future__ import annotations

from itertools import groupby
from typing import Any, ClassVar, Self

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import F, ProtectedError, Q
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope, SharedQuerySet

CODE_LENGTHS = (2, 4, 6, 9, 12, 15)


class RegionQuerySet(SharedQuerySet):
    def containing(self, code: str) -> Self:
        """The regions that hold the place `code`, from the province down, itself included."""
        return self.filter(code__in=[code[:length] for length in CODE_LENGTHS if length <= len(code)])

    def within(self, code: str) -> Self:
        """The region `code` and everything below it."""
        return self.filter(code__startswith=code)

    def children_of(self, code: str) -> Self:
        """One level below `code`; a city without districts has its streets as children."""
        below = self.within(code).exclude(code=code)
        shortest = below.annotate(length=models.functions.Length("code")).aggregate(n=models.Min("length"))["n"]
        return below.filter(code__length=shortest or 0)

    def nearest(self, code: str) -> Region | None:
        """The smallest known region that holds `code`, or None where not even the province is known."""
        region: Region | None = self.containing(code).order_by("-code").first()
        return region


models.CharField.register_lookup(models.functions.Length)


class Region(models.Model):
    """A place of the administrative tree (GB/T 2260 and its statistical extensions); a parent's code is a prefix."""

    code = models.CharField(_("Region code"), max_length=15, primary_key=True)
    name = models.CharField(_("Name"), max_length=80)
    full_name = models.CharField(_("Full name"), max_length=200, blank=True, editable=False)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="predecessors", verbose_name=_("Replaced by")
    )
    latitude = models.DecimalField(
        _("Latitude"), max_digits=7, decimal_places=4, null=True, blank=True,
        help_text=_("In degrees, of the middle of the place; where it stands on maps."),
    )  # fmt: skip
    longitude = models.DecimalField(_("Longitude"), max_digits=7, decimal_places=4, null=True, blank=True)

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = _("Region")
        verbose_name_plural = _("Regions")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="region_code_has_a_level",
                condition=Q(code__regex=r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12}|\d{15})$"),
                violation_error_message=_("A region code has 2, 4, 6, 9, 12 or 15 digits (GB/T 2260)."),
            ),
            models.CheckConstraint(
                name="region_is_not_its_own_successor",
                condition=~Q(code=F("successor")),
                violation_error_message=_("A region cannot be replaced by itself."),
            ),
            models.CheckConstraint(
                name="region_is_somewhere_on_earth",
                condition=Q(latitude=None, longitude=None) | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                violation_error_message=_("Give latitude and longitude in degrees, or neither."),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.name

    @property
    def level(self) -> str:
        """Province, city, district, station or grid, by the length of the code."""
        return str(LEVELS[len(self.code)])

    def save(self, *args: Any, **kwargs: Any) -> None:
        above = Region.objects.containing(self.code).exclude(code=self.code).order_by("code")
        names = [*above.exclude(name="市辖区").values_list("name", flat=True), self.name]
        self.full_name = "".join(name for name, _same in groupby(names))[:200]  # 东莞市 stands on two levels
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refused while an authority answers for it: what it sees would shrink without a word."""
        if authorities := set(self.authorities.all()):
            raise ProtectedError("This region is the jurisdiction of an authority.", authorities)
        return super().delete(*args, **kwargs)


LEVELS = {
    2: _("Province"),
    4: _("City"),
    6: _("District or county"),
    9: _("Street or station"),
    12: _("Community or grid"),
    15: _("Grid"),
}


class AuthorityQuerySet(SharedQuerySet):
    pass


@pghistory.track()
class Authority(models.Model):
    """A supervising office and the regions it answers for."""

    name = models.CharField(_("Name"), max_length=120, unique=True)
    regions = models.ManyToManyField(Region, related_name="authorities", verbose_name=_("Jurisdiction"))
    telephone = models.CharField(_("Duty telephone"), max_length=30, blank=True)

    objects = AuthorityQuerySet.as_manager()

    class Meta:
        verbose_name = _("Authority")
        verbose_name_plural = _("Authorities")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class UserQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """Accounts are the administrator's business alone."""
        return self if scope.everything else self.none()


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """Make an account with a hashed password; without one nobody can sign in with it."""
        user: User = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> User:
        """An account that may do everything: for setting up a new installation."""
        return self.create_user(username, password, is_superuser=True, **fields)


@pghistory.track(exclude=["password", "last_login"])
class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in: an officer of an authority, someone of an enterprise, or an administrator."""

    username = models.CharField(
        _("User name"),
        max_length=60,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": _("This user name is taken. Choose another.")},
    )
    display_name = models.CharField(_("Name"), max_length=60, blank=True)
    authority = models.ForeignKey(
        Authority, models.PROTECT, null=True, blank=True, related_name="officers", verbose_name=_("Authority")
    )
    is_active = models.BooleanField(_("May sign in"), default=True)
    created_at = models.DateTimeField(_("Created"), auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("User")
        verbose_name_plural = _("Users")
        ordering = ["username"]

    def __str__(self) -> str:
        return self.display_name or self.username


class AccessRecord(models.Model):
    """One look at something that is not one's own: who, what, when. Append-only."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("User"))
    action = models.CharField(_("Action"), max_length=60)
    subject = models.CharField(_("Subject"), max_length=200)
    occurred_at = models.DateTimeField(_("At"), auto_now_add=True)

    class Meta:
        verbose_name = _("Access record")
        verbose_name_plural = _("Access log")
        ordering = ["-occurred_at", "-pk"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"


def record_access(user: User, action: str, subject: str) -> None:
    """Write down that `user` looked at `subject`; the access log is the one thing a GET may write."""
    AccessRecord.objects.create(user=user, action=action, subject=subject[:200])
