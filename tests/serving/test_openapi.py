"""What OpenAPI says is what is done: schemathesis asks by it whatever it allows, and whatever it does not."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from vanban.serving.bodies import asked
from vanban.serving.limits import Limits

LIMITS = Limits(characters=2000, texts=20)


def test_what_openapi_says_is_what_is_done(live: Any, tmp_path: Path) -> None:
    with live(limits=LIMITS) as (host, port):
        command = [Path(sys.executable).with_name("schemathesis"), "run", f"http://{host}:{port}/openapi.json"]
        options = ["--max-examples", "15", "--seed", "7", "--continue-on-failure", "--no-color"]
        run = subprocess.run([*command, *options], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0 and "No issues found" in run.stdout, run.stdout[-5000:] + run.stderr[-2000:]
    cases = re.search(r"(\d+) generated, (\d+) passed", run.stdout)
    assert cases and cases[1] == cases[2] and int(cases[1]) > 100, run.stdout[-2000:]


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
