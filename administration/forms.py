"""What an administrator types: regions, authorities, users."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Authority, Region, User
from accounts.roles import Role
from registers.forms import HouseForm


class RegionForm(HouseForm):
    successor = forms.CharField(label=gettext_lazy("Replaced by (code)"), required=False, max_length=15)

    class Meta:
        model = Region
        fields = ["code", "name", "successor"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.instance._state.adding:
            self.fields["code"].disabled = True  # a code is what everything else points to

    def clean_successor(self) -> Region | None:
        code = self.cleaned_data["successor"].strip()
        region = Region.objects.filter(code=code).first()
        if code and region is None:
            raise ValidationError(_("No region has this code. Enter the new region first."))
        return region


class AuthorityForm(HouseForm):
    regions = forms.CharField(
        label=gettext_lazy("Jurisdiction"), max_length=500,
        help_text=gettext_lazy("Region codes, separated by commas; a station may answer for several streets."),
    )  # fmt: skip

    class Meta:
        model = Authority
        fields = ["name", "regions", "telephone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["regions"] = ", ".join(self.instance.regions.values_list("code", flat=True))

    def clean_regions(self) -> list[Region]:
        codes = self.cleaned_data["regions"].replace("，", ",").replace("、", ",").split(",")
        wanted = {code.strip() for code in codes if code.strip()}
        if not wanted:
            raise ValidationError(self.fields["regions"].error_messages["required"])
        found = list(Region.objects.filter(code__in=wanted))
        if missing := sorted(wanted - {region.code for region in found}):
            raise ValidationError(_("No region has the code %(codes)s.") % {"codes": ", ".join(missing)})
        return found


class UserForm(HouseForm):
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role)
    password = forms.CharField(
        label=gettext_lazy("New password"), required=False, max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Leave it empty to keep the present one."),
    )  # fmt: skip

    class Meta:
        model = User
        fields = ["username", "display_name", "role", "authority", "is_active", "password"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.pop("password", None)
        if self.instance.pk:
            group = self.instance.groups.first()
            self.initial["role"] = group.name if group else ""

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        is_officer = typed.get("role") == Role.OFFICER
        if is_officer and not typed.get("authority"):
            self.add_error("authority", _("An officer belongs to an authority. Choose it."))
        if not is_officer and typed.get("authority"):
            self.add_error("authority", _("Only officers belong to an authority. Leave it empty."))
        if not self.instance.pk and not typed.get("password"):
            self.add_error("password", _("Give the new person a first password."))
        return typed

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if password:
            validate_password(password, self.instance)
        return password

    def save(self, commit: bool = True) -> User:
        kept = User.objects.get(pk=self.instance.pk).password if self.instance.pk else ""
        user: User = super().save(commit=False)
        user.password = kept
        if self.cleaned_data["password"]:
            user.set_password(self.cleaned_data["password"])
        user.save()
        user.groups.set([Group.objects.get(name=self.cleaned_data["role"])])
        return user
