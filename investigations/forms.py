"""What officers type into a case."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.scope import Scope
from catalog.models import Lot
from enterprises.models import Enterprise
from investigations.models import Case
from ledgers.chain.finding import ENTERPRISES_MAX, Found, find
from registers.forms import HouseForm

LOTS_OFFERED = 10


class CaseForm(HouseForm):
    class Meta:
        model = Case
        fields = ["title", "reason"]


class PlaceField(forms.CharField):
    """An enterprise by its number, or by a name that only one has."""

    def clean(self, value: Any) -> Enterprise:
        text = super().clean(value)
        known = Enterprise.objects.in_registry().filter(is_person=False)
        by_number = Enterprise.objects.by_number(text)
        found = list((by_number if by_number.exists() else known.filter(name=text))[:2])
        found = found or list(known.filter(name__icontains=text)[:2])
        if len(found) != 1:
            raise ValidationError(_("Type the licence number, or the whole name, of one enterprise."))
        return found[0]


class SubjectForm(forms.Form):
    """`what` is a number or name, or the choice `e-12` (enterprise) or `l-34` (lot) out of several that fit."""

    what = forms.CharField(
        label=gettext_lazy("Enterprise or lot"), max_length=200,
        help_text=gettext_lazy("Licence number, name, barcode, lot number, number of a voucher."),
    )  # fmt: skip
    weight = forms.DecimalField(
        label=gettext_lazy("Weight"), min_value=0, max_digits=8, decimal_places=2, initial=1,
        help_text=gettext_lazy("How much was seen there: sick people, failed samples. 0 for a place without any."),
    )  # fmt: skip

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scope = scope
        self.choices: list[tuple[str, Enterprise | Lot]] = []

    def clean_what(self) -> Enterprise | Lot:
        text = str(self.cleaned_data["what"])
        if chosen := _chosen(text):
            return chosen
        self.choices = _offered(find(text, self.scope, all_of_them=True))
        if not self.choices:
            raise ValidationError(_("Nothing is called that. Type a number or a part of the name."))
        if len(self.choices) > 1:
            raise ValidationError(_("Several fit. Choose one below."))
        return self.choices[0][1]


def _chosen(text: str) -> Enterprise | Lot | None:
    kind, _dash, number = text.partition("-")
    if kind not in ("e", "l") or not number.isdecimal() or len(number) > 17:
        return None
    if kind == "e":
        return Enterprise.objects.in_registry().filter(pk=int(number)).first()
    return Lot.objects.filter(pk=int(number)).first()


def _offered(found: Found) -> list[tuple[str, Enterprise | Lot]]:
    on_papers = [lot for _paper, lots in found.papers for lot in lots]
    lots = dict.fromkeys([*on_papers, *found.lots[:LOTS_OFFERED]])
    return [
        *((f"e-{row.pk}", row) for row in found.enterprises[:ENTERPRISES_MAX]), *((f"l-{lot.pk}", lot) for lot in lots)
    ]  # fmt: skip


class ChangeForm(forms.Form):
    weight = forms.DecimalField(label=gettext_lazy("Weight"), min_value=0, max_digits=8, decimal_places=2)
    mixes = forms.BooleanField(label=gettext_lazy("Goods may have mixed here"), required=False)
    ends = forms.BooleanField(label=gettext_lazy("The hazard ends here"), required=False)


class MergeForm(forms.Form):
    one = PlaceField(label=gettext_lazy("One enterprise"), max_length=120)
    other = PlaceField(label=gettext_lazy("The same place as"), max_length=120)


class ShareForm(forms.Form):
    username = forms.CharField(label=gettext_lazy("Sign-in name of an officer"), max_length=150)

    def clean_username(self) -> User:
        user = User.objects.filter(username=self.cleaned_data["username"].strip(), is_active=True).first()
        if user is None:
            raise ValidationError(_("A case is shared with other officers. Type the sign-in name of one."))
        return user


class NoteForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Note"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3, "maxlength": 2000})
    )


class CloseForm(forms.Form):
    conclusion = forms.CharField(
        label=gettext_lazy("Conclusion"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3, "maxlength": 2000})
    )
