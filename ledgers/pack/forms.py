"""What is typed to ask for a pack: a period, and maybe one supplier or one product."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from laws.parameters import add_months
from ledgers.pack.contents import Wanted
from ledgers.typed import TypedDateField

MONTHS_USUAL, MONTHS_MAX = 6, 24  # no law's: what is usually asked for, and what one file bears


class PackForm(forms.Form):
    since = TypedDateField(label=gettext_lazy("From"))
    until = TypedDateField(label=gettext_lazy("To"))
    partner = forms.CharField(
        label=gettext_lazy("Supplier"), max_length=120, required=False, help_text=gettext_lazy("Name or number")
    )
    product = forms.CharField(
        label=gettext_lazy("Product"), max_length=200, required=False, help_text=gettext_lazy("Name or barcode")
    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        since, until = typed.get("since"), typed.get("until")
        if since and until:
            self._check(since, until)
        return typed

    def _check(self, since: date, until: date) -> None:
        if since > timezone.localdate():
            raise ValidationError({"since": _("The period has not begun yet. Type an earlier day.")})
        if until < since:
            raise ValidationError({"until": _("The period ends before it begins. Type a later day.")})
        if until >= add_months(since, MONTHS_MAX):
            sentence = _("A pack covers at most %(months)s months. Make a second one for the rest.")
            raise ValidationError({"until": sentence % {"months": MONTHS_MAX}})

    def wanted(self) -> Wanted:
        """What was asked for, once the form is valid."""
        return Wanted(**self.cleaned_data)


def usual_period() -> dict[str, str]:
    """The last months, as they stand in the form before anybody types."""
    today = timezone.localdate()
    return {"since": str(add_months(today, -MONTHS_USUAL)), "until": str(today)}
