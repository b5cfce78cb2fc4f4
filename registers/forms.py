"""The form behind every register: the one validator for what is typed and what is imported."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.forms import BaseForm, CharField, DateField, DateInput, FileField, Form, ModelChoiceField, ModelForm
from django.utils.translation import gettext_lazy as _

from accounts.request import HouseRequest
from accounts.scope import Scope


class HouseForm(ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A form that knows who is typing, and offers only rows that this person may point at."""

    def __init__(self, *args: Any, request: HouseRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        dress(self, request.scope)


class UploadForm(Form):
    file = FileField(label=_("File"), help_text=_("xlsx, xls or csv, with the headings in the first row."))


def dress(form: BaseForm, scope: Scope) -> None:
    """Give each field its look and each choice its limits."""
    for field in form.fields.values():
        if isinstance(field, ModelChoiceField) and field.queryset is not None:
            field.queryset = visible(field.queryset, scope)
        if isinstance(field, DateField):
            field.widget = DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        if isinstance(field, CharField) and field.max_length:
            field.widget.attrs.setdefault("maxlength", field.max_length)


def visible(rows: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
    """A table without `visible_to` fails here, loudly: no row is shown that nobody thought about."""
    return cast("QuerySet[Any]", rows.visible_to(scope))  # type: ignore[attr-defined]
