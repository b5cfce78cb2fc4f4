"""What people type into the registry: an enterprise, a partner, a correction, a claim, a colleague."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Region, User
from enterprises.identifiers import normalise, validate_legacy_number, validate_resident_number, validate_uscc
from enterprises.models import Closure, Enterprise, EnterpriseRole, Partnership, Proposal
from enterprises.request import EnterpriseRequest
from enterprises.services import PartnerFacts, add_partner, find_or_enter
from registers.forms import HouseForm


class CodeField(forms.CharField):
    """A field for a licence number: full-width, small letters and blanks are put right before it is checked."""

    def to_python(self, value: Any) -> str:
        return normalise(super().to_python(value) or "")


class EnterpriseForm(HouseForm):
    uscc = CodeField(
        label=gettext_lazy("Unified social credit code"), required=False, max_length=30, validators=[validate_uscc]
    )
    legacy_number = CodeField(
        label=gettext_lazy("Old licence number"), required=False, max_length=20, validators=[validate_legacy_number],
        help_text=gettext_lazy("15 digits; only where there is no unified code."),
    )  # fmt: skip
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Kind of business"), choices=EnterpriseRole, widget=forms.CheckboxSelectMultiple
    )
    region = forms.CharField(
        label=gettext_lazy("Region code"), max_length=15,
        help_text=gettext_lazy("2, 4, 6, 9, 12 or 15 digits; the longest known part of it is kept."),
    )  # fmt: skip

    class Meta:
        model = Enterprise
        fields = [
            "name", "uscc", "place", "legacy_number", "roles", "region", "address", "legal_representative",
            "contact_name", "telephone", "unit_type", "economic_type", "business_scope", "registered_on",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["business_scope"].widget = forms.Textarea(attrs={"rows": 3})
        if not self.request.user.has_perm("enterprises.add_enterprise"):
            for field in ("uscc", "place", "legacy_number", "roles", "region"):
                del self.fields[field]  # a trader's licence and place are the authority's business

    def clean_region(self) -> Region:
        written = normalise(self.cleaned_data["region"])
        region = Region.objects.nearest(written)
        if region is None:
            raise ValidationError(_("No region has this code. Look it up in the list of regions."))
        scope = self.request.scope
        if not scope.everything and not any(region.code.startswith(code) for code in scope.region_codes):
            raise ValidationError(_("This region is outside your jurisdiction. Enter enterprises of your own area."))
        self.instance.region_as_given = written
        return region

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        numbers = ("uscc", "legacy_number")
        is_missing = not any(typed.get(name) for name in numbers) and not set(numbers) & {*self.errors}
        if "uscc" in self.fields and is_missing:
            self.add_error("uscc", _("Type the unified social credit code, or the old licence number."))
        return typed


class PartnerForm(HouseForm):
    """A partner: its number finds the shared record, or makes a stub; the rest is known to one's own people only."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Partnership.Role)
    number = CodeField(
        label=gettext_lazy("Licence number"), required=False, max_length=30,
        help_text=gettext_lazy("Unified social credit code or old 15-digit number: it fills in the rest."),
    )  # fmt: skip
    place = forms.CharField(label=gettext_lazy("Place number"), required=False, max_length=20)
    name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=120)
    address = forms.CharField(label=gettext_lazy("Address"), required=False, max_length=200)
    legal_representative = forms.CharField(label=gettext_lazy("Legal representative"), required=False, max_length=60)
    is_person = forms.BooleanField(
        label=gettext_lazy("A person without a licence, for example a farmer"), required=False
    )
    resident_number = CodeField(
        label=gettext_lazy("Identity card number"), required=False, max_length=20,
        validators=[validate_resident_number],
        help_text=gettext_lazy("Only for a person. Kept as a fingerprint and its last four characters."),
    )  # fmt: skip
    shared = ("number", "place", "name", "address", "legal_representative", "is_person", "resident_number")

    class Meta:
        model = Partnership
        fields = ["role", "contact_name", "telephone", "agreed_price"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        order = ["role", "number", "name", "address", "telephone", "contact_name", "legal_representative", "place"]
        self.order_fields(order)
        if self.instance.pk:
            for field in (*self.shared, "role"):
                del self.fields[field]

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        if number:
            (validate_legacy_number if number.isdigit() and len(number) == 15 else validate_uscc)(number)
        return number

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if self.instance.pk:
            return typed
        if not typed.get("number") and not typed.get("is_person") and "number" not in self.errors:
            self.add_error("number", _("Type the licence number, or say that the partner is a person without one."))
        known = typed.get("number") and Enterprise.objects.by_number(typed["number"]).exists()
        if not known and not typed.get("name"):
            self.add_error("name", _("Nobody has entered this number yet: type the name, the next user will find it."))
        return typed

    def save(self, commit: bool = True) -> Partnership:
        if self.instance.pk:
            return cast("Partnership", super().save(commit))
        owner = cast("EnterpriseRequest", self.request).enterprise
        assert owner is not None
        typed, actor = self.cleaned_data, self.request.user
        number = typed["number"]
        facts = PartnerFacts(
            name=typed["name"], place=typed["place"], address=typed["address"], telephone=typed["telephone"],
            uscc=number if len(number) == 18 else "", legacy_number=number if len(number) == 15 else "",
            legal_representative=typed["legal_representative"], resident_number=typed["resident_number"],
            is_person=typed["is_person"],
        )  # fmt: skip
        partner = find_or_enter(facts, owner=owner.firm, actor=actor)
        details = {field: typed[field] for field in ("contact_name", "telephone", "agreed_price")}
        return add_partner(partner, owner=owner, role=typed["role"], details=details, actor=actor)


class ProposalForm(forms.ModelForm):  # type: ignore[type-arg]
    """A correction of somebody's record, as it would be."""

    class Meta:
        model = Enterprise
        fields = Proposal.FIELDS


class ClaimForm(forms.Form):
    number = CodeField(label=gettext_lazy("Licence number"), max_length=30)
    evidence = forms.CharField(
        label=gettext_lazy("How the station can check it"), max_length=200,
        help_text=gettext_lazy("For example the name on the licence and a telephone number for a call back."),
    )  # fmt: skip

    def clean_number(self) -> Enterprise:
        """The enterprise with this number. Whether it is claimed already is said by the service."""
        found = Enterprise.objects.by_number(self.cleaned_data["number"]).order_by("place", "pk").first()
        if found is None:
            raise ValidationError(_("Nobody has entered this number yet. Ask your station to register the enterprise."))
        return found


class MemberForm(forms.Form):
    username = forms.CharField(label=gettext_lazy("User name"), max_length=60)
    keeps_books = forms.BooleanField(label=gettext_lazy("Keeps the books"), required=False)
    manages_members = forms.BooleanField(label=gettext_lazy("Decides who works here"), required=False)

    def clean_username(self) -> User:
        user = User.objects.filter(username=self.cleaned_data["username"], is_active=True, authority=None).first()
        if user is None:
            raise ValidationError(_("No person of an enterprise signs in with this name. Ask the administrator."))
        return user


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(choices=[("accept", ""), ("refuse", "")])
    answer = forms.CharField(label=gettext_lazy("Answer"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if typed.get("decision") == "refuse" and not typed.get("answer"):
            self.add_error("answer", _("Say why it is refused."))
        return typed


class ClosureForm(HouseForm):
    class Meta:
        model = Closure
        fields = ["since", "until", "reason"]

    def _post_clean(self) -> None:
        if not self.instance.pk:
            self.instance.enterprise = cast("EnterpriseRequest", self.request).enterprise
        super()._post_clean()  # type: ignore[misc]
