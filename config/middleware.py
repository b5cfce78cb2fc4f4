"""What every request of the JSON API has in common, before and after its view."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.problems import Problem
from config.api import PROBLEM, as_response

PREFIX = "/api/"


class ApiMiddleware:
    """No cookie is read, so no session is; HEAD is GET without its body; and every refusal is a problem document."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        asked, request.method = request.method, "GET" if request.method == "HEAD" else request.method
        response = _as_problem(self.get_response(request))
        if allowance := getattr(request, "allowance", None):
            for name, number in allowance.headers.items():
                response[name] = number
        return _without_body(response) if asked == "HEAD" else response


def _without_body(response: HttpResponse) -> HttpResponse:
    length = str(len(response.content))
    response.content = b""
    response["Content-Length"] = length
    return response


def _as_problem(response: HttpResponse) -> HttpResponse:
    """A refusal in words for people becomes one for programs; its status and what may be done instead stay."""
    if response.status_code < 400 or response["Content-Type"].startswith(PROBLEM):
        return response
    title, detail = {
        404: (_("Not found"), _("There is no such address. /api/v1/openapi.json names all of them.")),
        405: (_("Not allowed"), _("This address only answers to %(methods)s.") % {"methods": response.get("Allow")}),
    }.get(response.status_code, (_("Something went wrong"), _("Nothing was done. Try again later.")))
    kept = {"Allow": response["Allow"]} if response.has_header("Allow") else {}
    return as_response(Problem(response.status_code, title, detail, headers=kept))
