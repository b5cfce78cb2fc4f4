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
