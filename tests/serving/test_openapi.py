"""What OpenAPI says is what is done: schemathesis asks by it whatever it allows, and whatever it does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from starlette.testclient import TestClient

from vanban.serving.bodies import asked
from vanban.serving.limits import Limits

LIMITS = Limits(characters=2000, texts=20)


@pytest.fixture(scope="module")
def schema(live: Any) -> Iterator[Any]:
    """The OpenAPI of an application that listens."""
    with live(limits=LIMITS) as (host, port):
        yield schemathesis.openapi.from_url(f"http://{host}:{port}/openapi.json")


@schemathesis.pytest.from_fixture("schema").parametrize()
@settings(
    max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)  # fmt: skip
def test_what_openapi_says_is_what_is_done(case: Any) -> None:
    case.call_and_validate()


def test_its_examples_are_answered(client: TestClient) -> None:
    spec = client.get("/openapi.json").json()
    body = spec["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]
    assert list(body["examples"]) == ["one", "several", "label_studio"]
    for example in body["examples"].values():
        assert client.post("/predict", json=example["value"]).status_code == 200
    names = [one["$ref"].rpartition("/")[2] for one in body["schema"]["oneOf"]]
    assert names == ["OneText", "ManyTexts", "Tasks"]
    for name in names:
        for example in spec["components"]["schemas"][name]["examples"]:
            assert client.post("/predict", json=example).status_code == 200


def test_its_limits_are_those_that_hold(ask: Any) -> None:
    schemas = ask(limits=LIMITS).get("/openapi.json").json()["components"]["schemas"]
    assert schemas["OneText"]["properties"]["text"]["maxLength"] == 2000
    assert schemas["ManyTexts"]["properties"]["texts"]["maxItems"] == 20
    asked(b'{"text": "' + b"a" * 2000 + b'"}', LIMITS)


def test_a_token_is_part_of_it(ask: Any) -> None:
    spec = ask(token="correct-horse-battery").get("/openapi.json").json()
    assert spec["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}
    secured = {path: [one["security"] for one in methods.values()] for path, methods in spec["paths"].items()}
    assert secured["/health"] == [[]] and secured["/predict"] == [[{"token": []}]]
    assert "securitySchemes" not in ask().get("/openapi.json").json()["components"]


def test_every_path_is_described_and_counted(client: TestClient) -> None:
    from vanban.serving.app import PATHS

    assert {*client.get("/openapi.json").json()["paths"], "/", "/openapi.json"} == PATHS
