"""The JSON API put together: its addresses, who may call them, its refusals, and its description by OpenAPI."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.openapi.schema import OpenAPISchema

from accounts.problems import Problem
from catalog.api import router as products
from exchange.api import Bearer
from exchange.models import ApiScope

PROBLEM = "application/problem+json"
ERROR = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("parameter", "detail", "proposal")},
    "required": ["parameter", "detail"],
}
SCHEMA = {
    "type": "object",
    "description": "A refusal as RFC 9457 writes it; title and detail in the language of Accept-Language.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do"},
        "errors": {"type": "array", "items": ERROR, "description": "Parameters that make no sense"},
    },
    "required": ["type", "title", "status", "detail"],
}
REFUSALS = {
    "401": "No token, or one that does not work", "403": "The token lacks the scope", "404": "Not there",
    "422": "A parameter makes no sense", "429": "Too many requests in this minute; see Retry-After",
}  # fmt: skip
HEADERS = {
    "RateLimit-Limit": "Requests a minute", "RateLimit-Remaining": "Left in this minute",
    "RateLimit-Reset": "Seconds until counting begins anew", "ETag": "For If-None-Match",
    "Last-Modified": "For If-Modified-Since; left out within the second of a change",
}  # fmt: skip


class HouseApi(NinjaAPI):
    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """The description, with what every address may answer besides its facts."""
        schema = super().get_openapi_schema(**options)
        schema["components"]["schemas"]["Problem"] = SCHEMA
        for path, methods in schema["paths"].items():
            for operation in methods.values():
                _describe(operation["responses"], has_key="{" in path)
        return schema


def _describe(responses: dict[Any, Any], *, has_key: bool) -> None:
    headers = {name: {"description": text, "schema": {"type": "string"}} for name, text in HEADERS.items()}
    responses[200] |= {"description": "The facts", "headers": headers}
    responses[304] = {"description": "Nothing has changed since"}
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    told = {status: text for status, text in REFUSALS.items() if has_key or status != "404"}
    responses |= {int(status): {"description": text, "content": content} for status, text in told.items()}


api = HouseApi(
    title="FoodTrace", version="1", docs_url=None, urls_namespace="api-v1",
    description="What the platform tells other programs. Errors are problem documents (RFC 9457).",
)  # fmt: skip
api.add_router("/products", products, auth=Bearer(ApiScope.PRODUCTS_READ))


@api.exception_handler(Problem)
def refused(request: HttpRequest, problem: Problem) -> HttpResponse:
    return as_response(problem)


@api.exception_handler(ValidationError)
def not_understood(request: HttpRequest, fault: ValidationError) -> HttpResponse:
    """Each parameter that the description of the API rules out, with a sentence of our own."""
    errors = [{"parameter": str(error["loc"][-1]), "detail": _sentence(error)} for error in fault.errors]
    detail = " ".join(f"{error['parameter']}: {error['detail']}" for error in errors)
    return as_response(Problem(422, _("This makes no sense"), detail, errors=errors))


def _sentence(error: dict[str, Any]) -> str:
    limits = error.get("ctx") or {}
    say: dict[str, Callable[[], str]] = {
        "string_too_long": lambda: _("Longer than %(max)s characters.") % {"max": limits["max_length"]},
        "greater_than_equal": lambda: _("Write a number of at least %(least)s.") % {"least": limits["ge"]},
        "less_than_equal": lambda: _("Write a number of at most %(most)s.") % {"most": limits["le"]},
        "int_parsing": lambda: _("Write a whole number."),
        "string_pattern_mismatch": lambda: _("It holds characters that do not belong there."),
    }
    return say.get(error["type"], lambda: _("This value cannot be read."))()


def as_response(problem: Problem) -> HttpResponse:
    """A problem document; nobody keeps a refusal for later."""
    content = json.dumps(problem.document(), ensure_ascii=False)
    return HttpResponse(
        content, status=problem.status, content_type=PROBLEM, headers={"Cache-Control": "no-store"} | problem.headers
    )


def _open(pattern: URLPattern) -> URLPattern:
    """Nobody signs in here: a token is the key, and the description, which is only there to be read, is everybody's."""
    if pattern.name in ("openapi-json", "api-root"):
        pattern.callback = require_GET(pattern.callback)
    login_not_required(pattern.callback)
    return pattern


_patterns, _app, _namespace = api.urls
urls = ([_open(pattern) for pattern in _patterns if isinstance(pattern, URLPattern)], _app, _namespace)
