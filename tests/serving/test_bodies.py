from __future__ import annotations

import json

import pytest

from vanban.serving.bodies import ManyTexts, OneText, Tasks, asked, texts_of
from vanban.serving.limits import Limits, Refusal

LIMITS = Limits(characters=20, texts=3)


def refusal(body: bytes) -> tuple[int, str]:
    with pytest.raises(Refusal) as refused:
        asked(body, LIMITS)
    return refused.value.status, refused.value.message


@pytest.mark.parametrize(
    ("body", "kind", "texts"),
    [
        ('{"text": "Hà Nội 😀"}', OneText, ["Hà Nội 😀"]),
        ('{"text": ""}', OneText, [""]),
        ('{"text": "\\ud83d\\ude00\\u0000"}', OneText, ["😀\0"]),
        ('{"texts": ["a", "", "c"]}', ManyTexts, ["a", "", "c"]),
        ('{"tasks": [{"id": 7, "data": {"text": "a", "n": 1}}], "project": "1.2"}', Tasks, []),
        ('{"tasks": [{"data": {}}], "text": "of a field that Label Studio may come to send"}', Tasks, []),
    ],
)
def test_what_is_asked_is_told_by_its_field(body: str, kind: type, texts: list[str]) -> None:
    found = asked(body.encode(), LIMITS)
    assert isinstance(found, kind) and texts_of(found) == texts


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "EOF while parsing a value"),
        (b'{"text": "a"', "EOF while parsing an object"),
        (b'{"text": "\xc3("}', "invalid unicode code point"),
        ('{"text": "a"}'.encode("utf-16"), "expected value"),
        (rb'{"text": "\ud83d"}', "unexpected end of hex escape"),
        (rb'{"text": "\ude00"}', "lone leading surrogate in hex escape"),
        (b'{"text": NaN}', "expected value"),
        (b'{"text": -Infinity}', "invalid number"),
        (b"[" * 100_000, "recursion limit exceeded"),
        (b'{"text": ' + b"9" * 5000 + b"}", "number out of range"),
    ],
)  # fmt: skip
def test_what_is_no_json_is_refused(body: bytes, told: str) -> None:
    status, message = refusal(body)
    assert status == 400 and message.startswith(f"the body is not JSON in UTF-8 that can be read: {told} at line 1 ")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("[]", "expected a JSON object, found an array"),
        ("null", "expected a JSON object, found null"),
        ('"a"', "expected a JSON object, found a string"),
        ("1.5", "expected a JSON object, found a number"),
        ('{"text": null}', "text: Input should be a valid string; found null"),
        ('{"text": 17}', "text: Input should be a valid string; found a number"),
        ('{"text": ["a"]}', "text: Input should be a valid string; found an array"),
        ('{"text": "a", "lang": "vi"}', "the field 'lang' is not known here: leave it out"),
        ('{"texts": "abc"}', "texts: Input should be a valid list; found a string"),
        ('{"texts": ["a", true]}', "texts[1]: Input should be a valid string; found true or false"),
        ('{"texts": ["a", "b", "c", "d"]}', "found 4 texts, expected 3 at most: send several requests"),
        ('{"tasks": [{"data": "a"}]}', "tasks[0].data: Input should be a valid dictionary; found a string"),
        ('{"tasks": [{}]}', "tasks[0].data: Field required; found an object"),
        ('{"tasks": [{"data": {}}], "label_config": 1}',
         "label_config: Input should be a valid string; found a number"),
        (json.dumps({"tasks": [{"data": {}}] * 4}), "found 4 tasks, expected 3 at most: send several requests"),
        ('{"text": "Một văn bản dài quá."}', None),
        ('{"text": "Một văn bản dài quá rồi."}',
         "found 24 characters of text, expected 20 at most: send several requests, or a long text in parts"),
        ('{"texts": ["hai văn bản", "dài quá rồi"]}',
         "found 22 characters of text, expected 20 at most: send several requests, or a long text in parts"),
    ],
)  # fmt: skip
def test_another_shape_is_refused(body: str, told: str | None) -> None:
    if told is None:
        asked(body.encode(), LIMITS)
    else:
        assert refusal(body.encode()) == (422, told)


def test_an_empty_list_and_no_field_are_refused() -> None:
    assert refusal(b'{"texts": []}')[1].startswith("texts: List should have at least 1 item")
    expected = 'expected an object with a "text", with "texts", or with the "tasks" of Label Studio; found '
    assert refusal(b"{}") == (422, expected + "no field")
    assert refusal(b'{"txt": "a", "b": 1}') == (422, expected + "the fields txt, b")
    assert refusal(b'{"text": "a", "texts": ["b"]}') == (422, expected + '"text" and "texts": give one of them')


def test_what_is_refused_does_not_repeat_the_text() -> None:
    assert "bí mật" not in refusal('{"text": {"bí mật": "bí mật"}}'.encode())[1]
