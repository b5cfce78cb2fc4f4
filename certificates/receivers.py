"""What follows when a certificate came, was verified or ended."""

from __future__ import annotations

from typing import Any

from certificates.asking import answer
from certificates.models import Certificate


def answer_requests(certificate: Certificate, **_named: Any) -> None:
    """Whoever has asked for this paper has it now."""
    answer(certificate)
