"""A browser of the drills: it signs in, keeps its cookies, and says when an answer did not come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from typing import Protocol
from urllib.parse import urlencode

from config.ports import HOST

PATIENCE = 20.0  # seconds for an answer


class Lost(Exception):
    """No answer came, or one that says that something is broken: whether the deed was done is not known."""


@dataclass(frozen=True)
class Answer:
    """What came back; `location` is empty where the page stays."""

    status: int
    location: str
    text: str


Form = Mapping[str, str | Sequence[str]]


class Asking(Protocol):
    """Whatever can ask for a page, and send a form."""

    def ask(self, path: str, form: Form | None = None) -> Answer:
        """The answer. Raises Lost."""


class Browser:
    """One signed-in person on the web of this machine."""

    def __init__(self, port: int) -> None:
        self.port, self.cookies = port, {"django_language": "en"}

    def sign_in(self, login: str, password: str) -> None:
        """Raises Lost where that fails."""
        self.ask("/accounts/login/")
        if self.ask("/accounts/login/", {"login": login, "password": password}).status != 302:
            raise Lost("The sign-in was refused.")

    def ask(self, path: str, form: Form | None = None) -> Answer:
        """GET, or POST of a form. Raises Lost."""
        connection = HTTPConnection(HOST, self.port, timeout=PATIENCE)
        try:
            body = None if form is None else urlencode(form, doseq=True)
            connection.request("GET" if form is None else "POST", path, body, self._headers())
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
        except (OSError, HTTPException) as fault:
            raise Lost(str(fault)) from fault
        finally:
            connection.close()
        for header in response.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: cookie.value for name, cookie in SimpleCookie(header).items()}
        if response.status >= 500:
            raise Lost(f"{path}: {response.status}")
        return Answer(response.status, response.headers.get("Location", ""), text)

    def _headers(self) -> dict[str, str]:
        return {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-CSRFToken": self.cookies.get("csrftoken", ""),
            "Content-Type": "application/x-www-form-urlencoded",
        }
