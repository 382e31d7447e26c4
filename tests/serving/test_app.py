from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from vanban import __version__
from vanban.serving.answers import in_json
from vanban.serving.limits import Limits, Refusal

TOKEN = "correct-horse-battery"
TEXT = "46 ca mắc 😀 tại Hà Nội"


def error_of(answer: Any) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/json" and list(answer.json()) == ["error"]
    return answer.status_code, answer.json()["error"]


def test_one_text_is_read(client: TestClient) -> None:
    answer = client.post("/predict", json={"text": TEXT})
    assert answer.status_code == 200
    assert answer.json() == {
        "entities": [{"label": "COUNT", "start": 0, "end": 1, "text": "4", "score": 0.022}], "model": "fake",
        "doc_type": None, "doc_type_score": None, "doc_type_scores": {},
    }  # fmt: skip


def test_several_texts_are_answered_in_their_order(client: TestClient) -> None:
    texts = ["Hà Nội", "", "\ufeffBắc", "ð\r\n", *map(str, range(200))]
    found = client.post("/predict", json={"texts": texts}).json()["predictions"]
    assert [[e["text"] for e in one["entities"]] for one in found] == [[text[0]] if text else [] for text in texts]


def test_offsets_are_those_of_the_library(ask: Any, reads_both: Any, seeds: dict[str, str]) -> None:
    texts = [*seeds.values(), "😀 Chủ tịch\u0300 Hà Nội"]
    found = ask(reads_both).post("/predict", json={"texts": texts}).json()["predictions"]
    for text, one, expected in zip(texts, found, reads_both.predict_batch(texts), strict=True):
        assert [text[e["start"] : e["end"]] for e in one["entities"]] == [e["text"] for e in one["entities"]]
        ours = json.loads(json.dumps(expected.to_dict()))
        assert [[e["label"], e["start"], e["end"]] for e in one["entities"]] == [
            [e["label"], e["start"], e["end"]] for e in ours["entities"]
        ]
        assert one["doc_type"] == ours["doc_type"] and list(one["doc_type_scores"]) == list(ours["doc_type_scores"])
        assert one.get("record") == ours.get("record")
    assert sum(len(one["entities"]) for one in found) > 50


def test_a_text_that_can_not_be_read_is_named(client: TestClient) -> None:
    answer = client.post("/predict", json={"texts": ["7 ca", "BOOM"]})
    assert error_of(answer) == (500, "text 2 could not be tagged: RuntimeError: no such token")


@pytest.mark.parametrize(
    ("path", "kind", "body", "status", "told"),
    [
        ("/predict", "application/json", b"{", 400, "the body is not JSON in UTF-8 that can be read: EOF"),
        ("/predict", "application/json", b"\xff\xfe", 400, "the body is not JSON in UTF-8 that can be read: "),
        ("/predict", "application/json; charset=utf-8", b"[]", 422, "expected a JSON object, found an array"),
        ("/predict", "text/plain", b"{}", 415, "found a body of the type 'text/plain', expected application/json: cur"),
        ("/predict", None, b"{}", 415, "found a body of the type 'none'"),
        ("/setup", "application/json", b"[1]", 422, "expected a JSON object, found an array"),
        ("/webhook", "text/html", b"{}", 415, "found a body of the type 'text/html', expected application/json"),
        ("/documents", "application/json", b"{}", 415, "found a body of the type 'application/json', expected multip"),
        ("/documents", "multipart/form-data", b"", 400, "Missing boundary"),
        ("/documents", "multipart/form-data; boundary=x", b"--y", 400, ""),
        ("/documents", "multipart/form-data; boundary=x", b"--x--\r\n", 422, "expected one file in the field 'file'"),
    ],
)
def test_what_can_not_be_read_is_refused(
    client: TestClient, path: str, kind: str | None, body: bytes, status: int, told: str
) -> None:
    answer = client.post(path, content=body, headers={"Content-Type": kind} if kind else {})
    assert error_of(answer)[0] == status and error_of(answer)[1].startswith(told)


def test_paths_and_methods_that_are_not_there_are_refused(client: TestClient) -> None:
    assert error_of(client.get("/nowhere")) == (
        404,
        "there is no path '/nowhere' here; /openapi.json says what there is",
    )
    answer = client.get("/predict", params={"text": "bí mật"})
    assert error_of(answer) == (405, "GET is not for this path; /openapi.json says what there is")
    assert answer.headers["allow"] == "POST"
    assert client.get("/assets/../app.py").status_code == client.get("/assets/app.py").status_code == 404
    assert client.get("/docs").status_code == 404  # would be fetched from elsewhere


@pytest.mark.parametrize("path", ["/", "/health", "/info", "/openapi.json", "/assets/page.css", "/assets/view.js"])
def test_head_is_get_without_a_body(client: TestClient, path: str) -> None:
    head, got = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (200, b"") and got.content
    assert head.headers == got.headers
    assert client.head("/assets/none").status_code == 404 and client.head("/predict").status_code == 405
    assert not any("head" in methods for methods in client.get("/openapi.json").json()["paths"].values())


def test_the_documents_of_a_file_are_read_with_their_text(client: TestClient) -> None:
    lines = '{"id": 7, "text": "7 ca", "no": [1]}\n{"text": 1}\n{"text": "\\u20288 ca", "model": "mine"}\n'
    answer = client.post("/documents", files={"file": ("folder/a.jsonl", lines.encode())})
    found = answer.json()
    assert answer.status_code == 200
    assert [[one["id"], one["text"], one["entities"][0]["text"]] for one in found["documents"]] == [
        [7, "7 ca", "7"], ["a.jsonl:3", "\u20288 ca", "\u2028"],
    ]  # fmt: skip
    assert found["documents"][0]["no"] == [1] and found["documents"][1]["input_model"] == "mine"
    assert found["failures"] == [
        {"where": "a.jsonl:2", "reason": 'expected a "text" that is a string, found "text": 1'}
    ]
    text = "\ufeffHà Nội\r\n"
    found = client.post("/documents", files={"file": ("a.txt", text.encode())}).json()
    assert [found["documents"][0]["text"], found["failures"]] == [text, []]


def test_files_that_can_not_be_read_are_told_as_failures(client: TestClient) -> None:
    for data, told in (
        (b"\x89PNG\r\n", "found a picture"), (b"H\xe0 N\xf4i", "found the byte 0xe0 at 1, expected UTF-8"),
        (b"\x1f\x8b\x08\x00", "found a packed or a Parquet file"),
    ):  # fmt: skip
        answer = client.post("/documents", files={"file": ("tệp", data)})
        assert answer.status_code == 200 and answer.json()["documents"] == []
        (failure,) = answer.json()["failures"]
        assert failure["where"].startswith("tệp") and failure["reason"].startswith(told)


@pytest.mark.parametrize("field", ['"n": 1e999', '"n": NaN', '"n": ' + "[" * 800 + "]" * 800, '"n": "\\ud800"'])
def test_odd_fields_of_records_come_back_or_are_failures(client: TestClient, field: str) -> None:
    answer = client.post("/documents", files={"file": ("a.jsonl", f'{{"text": "7 ca", {field}}}\n'.encode())})
    assert answer.status_code == 200 and len(answer.json()["documents"] + answer.json()["failures"]) == 1
    for number in ("1e999", "NaN"):
        if number in field:
            assert answer.json()["failures"][0]["reason"].startswith(f"not JSON that can be read: {number} is ")


@pytest.mark.parametrize("number", [float("inf"), float("nan")])
def test_numbers_that_json_has_no_place_for_are_refused(number: float) -> None:
    """Rows of Parquet may hold them."""
    with pytest.raises(Refusal, match="a field of a record holds a number beyond those of JSON: leave it out"):
        in_json({"n": [number]})


def test_one_file_is_expected(client: TestClient) -> None:
    two = [("file", ("a.txt", b"a")), ("file", ("b.txt", b"b"))]
    assert error_of(client.post("/documents", files=two))[0] == 400
    other = client.post("/documents", files={"document": ("a.txt", b"a")})
    assert error_of(other) == (422, "expected one file in the field 'file', found 'document': curl -F file=@FILE")


def test_a_file_has_the_limits_of_a_request(ask: Any) -> None:
    client = ask(limits=Limits(texts=2, characters=10))
    three = client.post("/documents", files={"file": ("a.jsonl", b'{"text": "a"}\n' * 3)})
    assert error_of(three) == (422, "a.jsonl: found more than 2 documents, which are the most: send it in parts")
    long = client.post("/documents", files={"file": ("a.txt", "Hà Nội, ngày".encode())})
    assert error_of(long)[1].startswith("found 12 characters of text, expected 10 at most")


def test_what_is_asked_takes_too_long(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_DELAY", "0.5")
    answer = ask(limits=Limits(seconds=0.1)).post("/predict", json={"text": "chậm"})
    assert error_of(answer) == (504, "not read within 0.1 s: send fewer or shorter texts, or try again later")


def test_it_tells_of_itself(ask: Any, reads_both: Any) -> None:
    client = ask(reads_both, Limits(texts=5))
    assert client.get("/health").json() == {"status": "UP", "model_version": "tiny + tiny-types"}
    info = client.get("/info").json()
    assert [info["vanban"], info["model"], info["labels"]] == [
        __version__, "tiny + tiny-types", ["OFFICIAL", "PLACE", "COUNT", "DIRECTIVE"],
    ]  # fmt: skip
    assert info["types"] == {"bao_cao": "báo cáo", "thong_bao": "thông báo", "cong_van": "công văn"}
    assert info["models"]["ner"] == {"name": "tiny", "encoder": None, "back_end": "torch", "precision": None}
    assert info["limits"]["texts"] == 5 and "/" not in json.dumps(info)


def test_with_a_token_only_who_shows_it_is_answered(ask: Any) -> None:
    client = ask(token=TOKEN)
    refused = client.post("/predict", json={"text": TEXT})
    assert error_of(refused)[0] == 401 and refused.headers["www-authenticate"] == "Bearer"
    for path in ("/info", "/metrics", "/versions", "/nowhere"):
        assert client.get(path).status_code == 401
    for path in ("/", "/health", "/openapi.json", "/assets/page.js"):
        assert client.get(path).status_code == 200
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert client.post("/predict", json={"text": TEXT}, headers=headers).status_code == 200
    assert client.post("/predict", json={"text": TEXT}, auth=("label-studio", TOKEN)).status_code == 200


def test_other_sites_may_not_read_answers(client: TestClient) -> None:
    answer = client.post("/predict", json={"text": TEXT}, headers={"Origin": "https://elsewhere.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    assert client.options("/predict", headers=asked).status_code == 405
