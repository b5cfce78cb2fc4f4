"""What happens to files: they are stored, once, for ever."""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext as _

from accounts.models import User
from attachments import storage
from attachments.checking import Checked, check
from attachments.models import Attachment

CONTENT_TYPES = {Attachment.Kind.IMAGE: "image/jpeg", Attachment.Kind.PDF: "application/pdf"}
logger = logging.getLogger(__name__)


def store(file: File[Any] | Checked, *, actor: User) -> Attachment:
    """Keep a file, checked here unless a form has done it, and write down whose it is.

    The content is on the disk before its row is written: no row is without its file. Raises ValidationError with a
    sentence where the file is refused or the disk is full.
    """
    checked = file if isinstance(file, Checked) else check(file)
    return Attachment.objects.create(
        name=checked.name, kind=checked.kind, content_type=CONTENT_TYPES[checked.kind], sha256=_keep(checked),
        size=len(checked.content), width=checked.width, height=checked.height, uploaded_by=actor,
    )  # fmt: skip


def _keep(checked: Checked) -> str:
    sha256 = hashlib.sha256(checked.content).hexdigest()
    try:
        storage.keep(checked.content, storage.place_of(sha256))
        if checked.thumbnail:
            storage.keep(checked.thumbnail, storage.thumbnail_of(sha256))
    except OSError as fault:
        logger.exception("An attachment could not be written.")
        raise ValidationError(_("Files cannot be stored at the moment. Try again later.")) from fault
    return sha256
