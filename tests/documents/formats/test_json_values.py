from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagged_documents import VALUES
from vanban.documents.formats.json_values import json_values, to_json
from vanban.errors import UserError


def values(data: bytes | str) -> list[Any]:
    return list(json_values(io.BytesIO(data.encode() if isinstance(data, str) else data), "a.json"))


@given(st.lists(VALUES, max_size=5), st.sampled_from([None, 2]))
def test_arrays_and_lines_are_read(given_: list[Any], indent: int | None) -> None:
    assert values(json.dumps(given_, indent=indent, ensure_ascii=False)) == given_
    assert values("\ufeff \n" + json.dumps(given_)) == given_
    lines = [one for one in given_ if not isinstance(one, list)]  # an array at the start is that of the values
    assert values("".join(json.dumps(one) + "\r\n" for one in lines)) == lines


def test_nothing_is_no_value() -> None:
    assert values("") == values(" \n") == values("[]") == values("[ ]\n") == []


class Slow(io.BytesIO):
    """Says how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


def test_no_more_is_held_than_a_value() -> None:
    rows = [{"text": "Hà Nội 😀" * 500, "n": n} for n in range(200)]
    file = Slow(("[" + ",\n".join(map(to_json, rows)) + "]").encode())
    found = json_values(file, "a.json")
    assert next(found) == rows[0]
    assert file.taken == 1 << 16
    assert list(found) == rows[1:]
    split = "[" + " " * ((1 << 16) - 4) + "1234567, 8]"  # the file is read up to the middle of a number
    assert values(split) == [1234567, 8]
    long = [{"text": "ộ" * (1 << 19)}, 1234567]
    assert values(json.dumps(long, ensure_ascii=False)) == long


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ('[{"a": 1}', "a.json: not JSON: expected a comma or ] after value 1"),
        ('[{"a": 1},', "a.json: ends before its array does; export it again"),
        ('[{"a": 1} {"a": 2}]', "a.json: not JSON: expected a comma or ] after value 1"),
        ('[{"a": 1}] x', "a.json: not JSON: expected nothing behind the ] of the array"),
        ('{"a": 1}\n{"a": ', "a.json:2: not JSON: Expecting value"),
        ("<html>", "a.json:1: not JSON: Expecting value"),
        ("[NaN]", "a.json:1: not JSON that can be read: NaN is no JSON"),
        ("[0.5, -1.5e999]", "a.json:2: not JSON that can be read: -1.5e999 is more than a number of double precision"),
        ("[" * 100_000, "a.json:1: not JSON that can be read: "),
        (b'["\xe9"]', "a.json: found the byte 0xe9, expected UTF-8; convert it first: iconv -t UTF-8"),
        (b'{"a": "\xe1\xbb', "a.json: found the byte 0xe1, expected UTF-8"),
    ],
)
def test_what_is_no_json_is_named(data: bytes | str, message: str) -> None:
    with pytest.raises(UserError) as error:
        values(data)
    assert message in str(error.value)


def test_half_a_surrogate_pair_is_escaped() -> None:
    assert to_json({"a": "Huế"}) == '{"a": "Huế"}'
    assert to_json({"a": "\ud83d"}) == '{"a": "\\ud83d"}'
