from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient


def counts(client: TestClient) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain; version=")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_what_is_answered_is_counted(client: TestClient) -> None:
    client.post("/predict", json={"texts": ["7 ca", "BOOM bí mật", ""]})
    client.post("/predict", json={"text": "8 ca"})
    client.post("/predict", content=b"{", headers={"Content-Type": "application/json"})
    client.get("/bí mật")
    client.put("/bí mật")
    found = counts(client)
    assert found['vanban_requests_total{path="/predict",status="200"}'] == 1
    assert found['vanban_requests_total{path="/predict",status="500"}'] == 1
    assert found['vanban_requests_total{path="/predict",status="400"}'] == 1
    assert found['vanban_requests_total{path="other",status="404"}'] == 2
    assert found["vanban_texts_total"] == 4 and found["vanban_failed_texts_total"] == 1
    assert found["vanban_characters_total"] == len("7 ca" + "BOOM bí mật" + "8 ca")
    assert found['vanban_entities_total{label="COUNT"}'] == 2
    assert found["vanban_batch_texts_count"] == 2 and found["vanban_batch_texts_sum"] == 4
    assert found["vanban_waiting_texts"] == 0 and found["vanban_requests_in_flight"] == 1
    assert found["process_resident_memory_bytes"] > 1e6
    assert "mật" not in client.get("/metrics").text


def test_services_count_apart(ask: Any) -> None:
    first, second = ask(), ask()
    first.post("/predict", json={"text": "7 ca"})
    assert counts(first)["vanban_texts_total"] == 1 and counts(second)["vanban_texts_total"] == 0


def test_with_log_a_request_is_a_line_without_what_was_asked(ask: Any, said: list[str]) -> None:
    client = ask(log=True)
    client.post("/predict", params={"q": "bí mật"}, json={"text": "bí mật"})
    client.get("/bí mật")
    assert [line.rsplit(" ", 2)[0] for line in said] == ["POST /predict 200", "GET other 404"]
