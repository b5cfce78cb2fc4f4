"""Personal data at rest: sealed before they reach the database, opened for whoever says why."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def seal(text: str) -> str:
    """`text` in a form that only a key of FIELD_KEYS opens; the first key seals."""
    return _keys().encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """What was sealed, by any key of FIELD_KEYS. Raises cryptography.fernet.InvalidToken where none opens it."""
    return _keys().decrypt(sealed.encode()).decode()


def fingerprint(text: str) -> str:
    """A keyed hash: equal texts meet, the text itself cannot be guessed without the key."""
    return hmac.new(settings.FIELD_KEYS[-1].encode(), text.encode(), hashlib.sha256).hexdigest()


def masked(last: str) -> str:
    """How a number shows whose last signs are `last`."""
    return f"**************{last}" if last else ""


@lru_cache(maxsize=1)
def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])
