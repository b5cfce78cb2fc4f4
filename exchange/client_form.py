"""What the administrator types of a program that is to ask the JSON API."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises.identifiers import normalise
from enterprises.models import Enterprise
from exchange.models import ApiClient, ApiScope
from registers.forms import HouseForm


class ApiClientForm(HouseForm):
    enterprise = forms.CharField(
        label=gettext_lazy("Enterprise"), required=False, max_length=30,
        help_text=gettext_lazy("Its unified social credit code; left empty for an authority or a public service."),
    )  # fmt: skip
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"), choices=ApiScope, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ApiClient
        fields = ["name", "enterprise", "authority", "scopes", "limit_per_minute", "expires_on"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["expires_on"].help_text = _("Left empty, the token works until it is withdrawn.")

    def clean_enterprise(self) -> Enterprise | None:
        number = normalise(self.cleaned_data["enterprise"])
        found = Enterprise.objects.filter(uscc=number, merged_into=None).first() if number else None
        if number and found is None:
            raise ValidationError(_("No enterprise has this number. Check it, or leave it empty."))
        return found
