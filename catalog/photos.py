"""Which codes a photo shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext as _

from attachments.checking import ask_child, check

CHILD = Path(__file__).with_name("barcode_child.py")


def codes_in(file: File[Any]) -> list[str]:
    """The codes in a photo as a scanner would deliver them, at least one.

    Two processes look at it: the first draws the photo anew as for an attachment, the second sees only that drawing.
    Raises ValidationError with what to do where it is no photo or shows no code.
    """
    checked = check(file)
    codes: list[str] = json.loads(ask_child(CHILD, checked.content)) if checked.width else []
    if not codes:
        raise ValidationError(
            _("No code could be read in this photo. Go closer, hold the camera level, avoid reflections, try again.")
        )
    return codes
