"""What a program is told in place of an answer: a refusal with its status, as RFC 9457 writes it down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class Problem(Exception):
    """A refusal of the JSON API, raised anywhere below it.

    `title` is the same for all refusals of a kind, `detail` says what to do in this case; both in the reader's
    language. `errors` names the parameters that make no sense, each with a proposal where one exists.
    """

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Mapping[str, str]] = (),
    ) -> None:
        super().__init__(title)
        self.status, self.title, self.detail = status, title, detail
        self.headers = dict(headers or {})
        self.errors = list(errors)

    def document(self) -> dict[str, Any]:
        """The members of the problem document."""
        told = {"type": "about:blank", "title": self.title, "status": self.status, "detail": self.detail}
        return told | ({"errors": self.errors} if self.errors else {})
