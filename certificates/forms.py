"""What people type of licences."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certificates.models import Licence
from enterprises.forms import CodeField
from enterprises.models import Enterprise
from registers.forms import HouseForm


class LicenceForm(HouseForm):
    holder = CodeField(
        label=gettext_lazy("Holder's licence number"), max_length=30,
        help_text=gettext_lazy("The unified social credit code of the holder."),
    )  # fmt: skip

    class Meta:
        model = Licence
        fields = ["holder", "kind", "number", "valid_from", "valid_until"]
        widgets = {"kind": forms.Select}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["holder"] = self.instance.holder.licence_number

    def clean_holder(self) -> Enterprise:
        mine = Enterprise.objects.visible_to(self.request.scope)
        found = mine.by_number(self.cleaned_data["holder"]).order_by("place", "pk").first()
        if found is None:
            raise ValidationError(_("No enterprise you look after has this number."))
        return found
