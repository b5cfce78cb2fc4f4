"""Rows in from a file: columns matched, each row checked by the register's own form, good rows saved."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import tablib
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Model
from django.forms import BooleanField, ChoiceField, Field, ModelForm, MultipleChoiceField
from django.utils import translation
from django.utils.translation import gettext as _
from import_export.resources import ModelResource, modelresource_factory
from import_export.results import RowResult

from accounts.request import HouseRequest
from registers.models import Upload
from registers.refusals import in_words
from registers.register import Register
from registers.spreadsheets import Unreadable, read

ROWS_MAX = 5_000
SHOWN_MAX = 200
YES = ("1", "true", "yes", "y", "on", "是", "有", "√")
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with one row: where, what was there, and what to do."""

    row: int
    column: str
    value: str
    sentence: str


@dataclass(frozen=True)
class Result:
    """What an import did, or would do."""

    created: int
    updated: int
    problems: list[Problem]

    @property
    def rejected(self) -> int:
        return len({problem.row for problem in self.problems})

    @property
    def good(self) -> int:
        return self.created + self.updated

    @property
    def totals(self) -> dict[str, int]:
        return {"created": self.created, "updated": self.updated, "rejected": self.rejected}

    @property
    def shown(self) -> list[Problem]:
        return self.problems[:SHOWN_MAX]

    def rejected_table(self, upload: Upload) -> list[list[str]]:
        """The bad rows as they were, with their row number and reasons: to be mended and uploaded again."""
        reasons: dict[int, list[str]] = {}
        for problem in self.problems:
            reasons.setdefault(problem.row, []).append(f"{problem.column}: {problem.sentence}".strip(": "))
        width = max(map(len, upload.rows))
        padded = {row: [*upload.rows[row - 1], *[""] * (width - len(upload.rows[row - 1]))] for row in (1, *reasons)}
        bad = [[*padded[row], str(row), " / ".join(why)] for row, why in reasons.items()]
        return [[*padded[1], _("Row"), _("Reason")], *bad]


def fields(register: Register, request: HouseRequest) -> dict[str, Field]:
    """The fields a file may have, by name."""
    return register.form(request).fields


def receive(register: Register, request: HouseRequest) -> Upload:
    """Keep a newly uploaded file, or find the one whose columns were matched anew."""
    file = request.FILES.get("file")
    if file is None:
        return take(register, request)
    assert isinstance(file, UploadedFile)
    rows = read(file, rows_max=ROWS_MAX)
    return Upload.objects.create(author=request.user, register=register.slug, name=str(file.name)[:200], rows=rows)


def take(register: Register, request: HouseRequest) -> Upload:
    """The upload this person is working on; done or forgotten, it has to be uploaded again."""
    mine = Upload.objects.of(request.user).filter(register=register.slug)
    try:
        upload = mine.select_for_update().filter(pk=request.POST.get("upload", "")).first()
    except ValidationError:
        upload = None
    if upload is None:
        raise Unreadable(_("Choose a file. If you had chosen one, it is imported already or was forgotten."))
    return upload


def mapping(register: Register, request: HouseRequest, upload: Upload) -> list[tuple[str, str, int | None]]:
    """For each field its name, its label and the position of the matching column: as chosen, else by its heading."""
    headings = [_bare(heading) for heading in upload.rows[0]]
    chosen = []
    for name, field in fields(register, request).items():
        posted = request.POST.get(f"column_{name}")
        if posted is not None:
            position = int(posted) if posted.isdecimal() and int(posted) < len(headings) else None
        else:
            position = next((headings.index(word) for word in _words(name, field) if word in headings), None)
        chosen.append((name, str(field.label), position))
    return chosen


def run(register: Register, request: HouseRequest, upload: Upload, *, for_real: bool) -> Result:
    """Check every row, and save the good ones when it is for real; a trial does the same and takes it all back."""
    matched = mapping(register, request, upload)
    labels = {name: label for name, label, _position in matched}
    columns = {name: position for name, _label, position in matched if position is not None}
    if not columns and for_real:
        raise Unreadable(_("None of the headings is known here. Use the headings of the template."))
    if not columns:
        return Result(0, 0, [])
    data = tablib.Dataset(headers=list(columns))
    for row in upload.rows[1:]:
        data.append([row[position] if position < len(row) else "" for position in columns.values()])
    resource = modelresource_factory(register.model, resource_class=FormResource)()
    outcome = resource.import_data(
        data, dry_run=not for_real, use_transactions=True, raise_errors=False, register=register, request=request
    )
    if outcome.has_errors():  # it has taken everything back by then: never say that rows are in
        raise RuntimeError([fault.error for fault in outcome.base_errors] or outcome.row_errors())
    problems = [problem for row in outcome.invalid_rows for problem in _problems(row, data, labels)]
    return Result(outcome.totals["new"], outcome.totals["update"], problems)


class FormResource(ModelResource):
    """django-import-export's workflow, with the register's form as the only validator of a row."""

    class Meta:
        skip_diff = True
        clean_model_instances = False

    @classmethod
    def get_row_result_class(cls) -> type[RowResult]:
        return Unnamed

    def get_or_init_instance(self, instance_loader: Any, row: Mapping[str, Any]) -> tuple[Model, bool]:
        return self.form.instance, self.form.instance._state.adding

    def before_import_row(self, row: Mapping[str, Any], **kwargs: Any) -> None:
        register, request = kwargs["register"], kwargs["request"]
        with contained():
            typed = understood(register.form(request), row)
            existing = register.existing(request, typed)
            unsaid = register.form(request, instance=existing)
            kept = {name: unsaid.get_initial_for_field(field, name) for name, field in unsaid.fields.items()}
            known = {name: value for name, value in kept.items() if value is not None}
            self.form: ModelForm[Any] = register.form(request, data=known | typed, instance=existing)
            self.form.is_valid()

    def import_instance(self, instance: Model, row: Mapping[str, Any], **kwargs: Any) -> None:
        """The form has read the row."""

    def validate_instance(self, instance: Model, *args: Any, **kwargs: Any) -> None:
        """Here, not in import_instance(): what that raises is only handed on to this."""
        if self.form.errors:
            raise ValidationError(
                {name: [str(message) for message in messages] for name, messages in self.form.errors.items()}
            )

    def save_instance(self, instance: Model, is_create: bool, row: Mapping[str, Any], **kwargs: Any) -> None:
        with contained(), in_words():
            self.form.save()

    def after_import(self, dataset: tablib.Dataset, result: Any, **kwargs: Any) -> None:
        """No sequence is reset: rows bring no keys of their own, and the application's login may not."""

    def save_m2m(self, *args: Any, **kwargs: Any) -> None:
        """The form has done it."""


class Unnamed(RowResult):
    """The outcome of a row, without asking for its name: a form may have saved another instance than its own."""

    def add_instance_info(self, instance: Model) -> None:
        """Nobody reads it."""


@contextmanager
def contained() -> Iterator[None]:
    """Whatever bursts inside is that row's problem: it is taken back alone, logged, and told."""
    try:
        with transaction.atomic():
            yield
    except ValidationError:
        raise
    except Exception as fault:
        logger.exception("A row of an import burst.")
        raise ValidationError(_("This row could not be read.")) from fault


def understood(form: ModelForm[Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """What the cells mean to the form: words of a choice become its value, a list of words several, yes is yes."""
    typed: dict[str, Any] = {}
    for name, cell in row.items():
        field = form.fields[name]
        if isinstance(field, MultipleChoiceField):
            typed[name] = [_value(field, word) for word in re.split(r"[,;，；、\s]+", str(cell)) if word]
        elif isinstance(field, BooleanField):
            typed[name] = str(cell).strip().lower() in (*YES, str(_("Yes")).lower())
        else:
            typed[name] = _value(field, str(cell)) if isinstance(field, ChoiceField) else cell
    return typed


def _value(field: Any, word: str) -> str:
    labels = {str(label): str(value) for value, label in field.choices}
    return labels.get(word.strip(), word.strip())


def _problems(row: Any, data: tablib.Dataset, labels: Mapping[str, str]) -> list[Problem]:
    told = row.error.message_dict if hasattr(row.error, "error_dict") else {"": row.error.messages}
    return [
        Problem(row.number + 1, labels.get(name, ""), _typed(row, data, name), " ".join(sentences))
        for name, sentences in told.items()
    ]


def _typed(row: Any, data: tablib.Dataset, name: str) -> str:
    return str(data[row.number - 1][data.headers.index(name)])[:60] if name in data.headers else ""


def _words(name: str, field: Field) -> Sequence[str]:
    """The headings that mean this field: its name, and its label in both languages."""
    words = [name]
    for language in ("zh-hans", "en"):
        with translation.override(language):
            words.append(str(field.label))
    return [_bare(word) for word in words]


def _bare(heading: str) -> str:
    return re.sub(r"[\s*:：（）()_]", "", heading).lower()
