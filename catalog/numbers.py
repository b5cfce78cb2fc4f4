"""Quantities and prices as clerks and spreadsheets write them: the one validator of a number."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

NUMBER = re.compile(r"\d{1,11}(\.\d{1,3})?", re.ASCII)
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(\D|$))")  # 12,000 is twelve thousand; 1,5 is a mistake, not fifteen


class NumberField(forms.DecimalField):
    """A plain number with at most three decimals: no exponent, no sign, no NaN; full-width digits are understood."""

    default_error_messages = {"invalid": gettext_lazy("Type a number, such as 12 or 0.5.")}
    shape = NUMBER

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        typed = str("" if value is None else value)
        if any(sign.isdigit() and not sign.isdecimal() for sign in typed):  # 10² is not 102
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        text = unicodedata.normalize("NFKC", typed).strip()
        text = THOUSANDS.sub("", text)
        if text.startswith("-"):
            raise ValidationError(_("A quantity or price is not negative. To take goods back, reverse the paper."))
        if text and not self.shape.fullmatch(text):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(text or None)


class FineNumberField(NumberField):
    """A number with as many decimals as the field says, for doses and shares; shown without useless zeros."""

    shape = re.compile(r"\d{1,11}(\.\d{1,12})?", re.ASCII)

    def prepare_value(self, value: Any) -> Any:
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value
