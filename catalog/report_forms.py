"""What people type who report wrong data, and the data steward who answers them."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from attachments.forms import PhotoField
from catalog.forms import ProductFactsForm
from catalog.models import ProductReport
from catalog.provenance import FIELDS, label_of
from catalog.reporting import like, reported_fields


class ReportForm(forms.Form):
    """What is wrong with goods; as the public fills it in."""

    field = forms.ChoiceField(label=gettext_lazy("What is wrong?"))
    says = forms.CharField(label=gettext_lazy("What does the package say?"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["field"]).choices = [("", "—"), *reported_fields()]


class SignedReportForm(ReportForm):
    """With room for a note, and with photos of the package."""

    note = forms.CharField(label=gettext_lazy("Note"), max_length=500, required=False)
    photos = PhotoField()


class ReportsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Some of these reports, each told by its words and by whom they are."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: ProductReport) -> str:
        return f"{obj.says} ({obj.enterprise or obj.author or _('the public')})"


class AnswerForm(forms.Form):
    """A steward's answer to a report and to others like it: what the field shall say, and why, or why it is not so."""

    answer = forms.CharField(
        label=gettext_lazy("Answer"), max_length=200, help_text=gettext_lazy("Whoever reported it reads this.")
    )
    same = ReportsField(
        label=gettext_lazy("Answer these with it"), queryset=ProductReport.objects.none(), required=False
    )

    def __init__(self, *args: Any, report: ProductReport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = cast("ReportsField", self.fields["same"])
        others.queryset = like(report)
        if not others.queryset.exists():
            del self.fields["same"]
        if report.field in FIELDS and report.field != "maker":
            self.fields["value"] = field = ProductFactsForm(instance=report.product).fields[report.field]
            field.required, field.label = False, _("%(field)s shall say") % {"field": label_of(report.field)}
            field.initial = report.says if isinstance(field, forms.CharField) else None
            field.help_text = _("Left empty, the field stays as it is.")
        self.order_fields(["value", "answer", "same"])

    @property
    def value(self) -> str:
        """What the field shall say, as it is kept; empty for no change."""
        value = self.cleaned_data.get("value")
        return "" if value is None else str(getattr(value, "pk", value))
