"""What the database refuses, in the words of its constraint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _


@contextmanager
def in_words() -> Iterator[None]:
    """Turn a broken constraint into a ValidationError with its sentence; for what no form could see, such as a race."""
    try:
        yield
    except IntegrityError as error:
        raise ValidationError(sentence_of(error)) from error


def sentence_of(error: IntegrityError) -> str:
    """The sentence of the constraint that `error` speaks of."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name:
                return str(constraint.get_violation_error_message())
    return _("This does not fit what is on record already. Check what you typed.")
