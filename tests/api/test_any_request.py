"""The description of the API against the API itself: requests that fit it and requests that do not, by the hundred."""

from __future__ import annotations

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.config import SchemathesisConfig

from tests.api.conftest import GTIN

BOUNDED = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
RULES = {
    # No schema can say which digits are a barcode, which moments exist and which cursors are ours: there 422 is right.
    "checks": {"positive_data_acceptance": {"expected-statuses": [200, 304, 401, 403, 404, 422]}},
}


@pytest.fixture
def description(client, db):
    return client.get("/api/v1/openapi.json").json()


def test_the_description_names_every_address_its_refusals_and_its_key(description):
    assert set(description["paths"]) == {"/api/v1/products", "/api/v1/products/{gtin}"}
    for path, methods in description["paths"].items():
        statuses = {"200", "304", "401", "403", "422", "429"} | ({"404"} if "{" in path else set())
        assert set(methods["get"]["responses"]) == statuses
        assert methods["get"]["security"] == [{"Bearer": []}]


@pytest.fixture
def schema(description):
    """The application is called as a server calls it, but keeps the connection, whose transaction is this test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield _described(description)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def _described(description):
    found = schemathesis.openapi.from_dict(description, config=SchemathesisConfig.from_dict(RULES))
    found.app = get_wsgi_application()
    return found


@pytest.mark.requirement("H-192")
@pytest.mark.parametrize("path", ["/api/v1/products", "/api/v1/products/{gtin}"])
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
def test_whatever_is_asked_the_answer_is_as_described(schema, token, peanuts, path, mode):
    operation = schema[path]["GET"]

    @BOUNDED
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case):
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"})

    ask()


def test_a_true_answer_is_as_described(schema, token, peanuts):
    case = schema["/api/v1/products/{gtin}"]["GET"].Case(path_parameters={"gtin": GTIN})
    assert case.call_and_validate(headers={"Authorization": f"Bearer {token}"}).status_code == 200
