"""In which of the two languages what is kept in both is shown."""

from __future__ import annotations

from django.utils.translation import get_language


def reads_english() -> bool:
    """Whether whoever reads now reads English; Chinese where nothing is known."""
    return (get_language() or "").startswith("en")
