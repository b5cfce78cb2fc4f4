"""The refusals that every kind of paper shares."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class DocumentIsConfirmed(ValidationError):
    def __init__(self, document: object) -> None:
        super().__init__(
            _("%(paper)s is confirmed and can no longer be changed or deleted. Correct it by a reversal.")
            % {"paper": document},
            code="confirmed",
        )


class SavedBySomebodyElse(ValidationError):
    """The draft has moved on since this form was opened; what was typed here is still in the form."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else has saved this draft since you opened it. Open it anew and add your changes."),
            code="stale",
        )
