"""The field that other apps' forms take photos and PDFs with; `attachments/photos.html` shows what was stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from attachments.checking import Checked, check, tidy_name
from attachments.models import Attachment
from attachments.services import store

FILES_MAX = 9
PK_MAX = 2**63


class PhotoInput(forms.FileInput):
    allow_multiple_selected = True


class PhotoField(forms.FileField):
    """Some photos or PDFs, none by default required; cleaned to a list of `Checked`, each for `services.store`.

    `capture` tells a phone which camera to open at once; some then offer no album and no files: where PDFs are
    expected, give "".
    """

    widget = PhotoInput

    def __init__(
        self, *, files_max: int = FILES_MAX, capture: str = "environment", required: bool = False, **kwargs: Any
    ) -> None:
        self.files_max, self.capture = files_max, capture
        kwargs.setdefault("label", gettext_lazy("Photos"))
        kwargs.setdefault("help_text", gettext_lazy("Photos or PDF documents, each of at most 10 MB."))
        super().__init__(required=required, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        hints = {"accept": "image/*,application/pdf", "capture": self.capture}
        return super().widget_attrs(widget) | {name: value for name, value in hints.items() if value}

    def clean(self, data: Any, initial: Any = None) -> list[Checked]:
        files = [file for file in data or [] if file]
        if self.required and not files:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(files) > self.files_max:
            raise ValidationError(_("At most %(max)s files can be sent at once.") % {"max": self.files_max})
        checked, refusals = [], []
        for file in files:
            try:
                checked.append(check(file))
            except ValidationError as refusal:
                refusals.append(f"{tidy_name(file.name)}: {' '.join(refusal.messages)}")
        if refusals:
            raise ValidationError(refusals)
        return checked

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data) and not self.disabled


class FilesForm(forms.Form):
    """A form with files that need not be sent again where something else was wrong.

    What could be read is stored at once under the name of whoever sent it, and named by a hidden field from then on.
    `file_owner` is that person; after cleaning, `files_given` are the stored files, those of earlier tries first.
    """

    pages = PhotoField(label=gettext_lazy("Photos or PDF"), capture="")
    kept = forms.CharField(required=False, widget=forms.HiddenInput)

    file_owner: User
    files_given: Sequence[Attachment] = ()

    def clean(self) -> dict[str, Any] | None:
        typed = super().clean()
        numbers = [int(word) for word in self.cleaned_data.get("kept", "").split(",") if word.isdecimal()]
        mine = Attachment.objects.filter(uploaded_by=self.file_owner, pk__in=[n for n in numbers if n < PK_MAX])
        new = [store(file, actor=self.file_owner) for file in self.cleaned_data.get("pages") or ()]
        self.files_given = list({file.sha256: file for file in (*mine[:FILES_MAX], *new)}.values())
        self.data = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict or a dict
        self.data["kept"] = ",".join(str(file.pk) for file in self.files_given)  # type: ignore[index]
        return typed
