"""The project's addresses and one more, which does nothing behind the same door as the products of the API."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from ninja import NinjaAPI

from config import urls
from exchange.api import Bearer
from exchange.models import ApiScope

nothing = NinjaAPI(urls_namespace="bench", docs_url=None, openapi_url=None)


@nothing.get("/nothing", auth=Bearer(ApiScope.PRODUCTS_READ))
def answer(request: Any) -> dict[str, str]:
    """The smallest answer."""
    return {}


patterns, app, namespace = nothing.urls
for pattern in patterns:
    login_not_required(cast("Any", pattern.callback))
urlpatterns = [*urls.urlpatterns, path("api/bench/", (patterns, app, namespace))]
handler404, handler403, handler500 = urls.handler404, urls.handler403, urls.handler500
