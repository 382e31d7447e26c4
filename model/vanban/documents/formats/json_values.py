"""The values of a JSON file one by one: the elements of an array, or values that follow one another."""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from vanban.errors import UserError

LONGEST: Final = 1 << 28  # characters of one value

_CHUNK: Final = 1 << 16  # bytes
_SPACE: Final = re.compile(r"[ \t\n\r]*")  # of JSON


_BREAKS_OF_PYTHON: Final = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}  # str.splitlines cuts at them


def to_json(value: object) -> str:
    """Return a value as one line of JSON that UTF-8 can hold."""
    line = json.dumps(value, ensure_ascii=False)
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:  # half a surrogate pair
        return json.dumps(value)
    return line


def to_json_line(value: object) -> str:
    """Return a value as a line of a file; it holds no character but its last at which Python breaks lines."""
    return to_json(value).translate(_BREAKS_OF_PYTHON) + "\n"


def json_values(file: BinaryIO, where: str) -> Iterator[Any]:
    """Yield the elements of the array in `file`, or its values one after the other; no more than one is held.

    Raises UserError, with the number of the value, for what is no JSON.
    """
    text = _Text(file, where)
    in_array = text.next_is("[")
    number = 0
    while not (text.next_is("]") if in_array else text.is_at_end()):
        if in_array and number and not text.next_is(","):
            raise UserError(f"{where}: not JSON: expected a comma or ] after value {number}")
        number += 1
        yield text.value(number)
    if in_array and not text.is_at_end():
        raise UserError(f"{where}: not JSON: expected nothing behind the ] of the array")


class _Text:
    """What was decoded of a file and not yet taken."""

    def __init__(self, file: BinaryIO, where: str) -> None:
        self._file = file
        self._where = where
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._scan = json.JSONDecoder(parse_constant=no_constant, parse_float=finite).raw_decode
        self._text = ""
        self._at = 0
        self._ended = False

    def is_at_end(self) -> bool:
        """True when only white space is left."""
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return False
            if self._ended:
                return True
            self._read()

    def next_is(self, mark: str) -> bool:
        """True when the next character is `mark`, which is taken."""
        found = not self.is_at_end() and self._text[self._at] == mark
        self._at += found
        return found

    def value(self, number: int) -> Any:
        """Take the next value, the file's `number`th."""
        where = f"{self._where}:{number}"
        if self.is_at_end():
            raise UserError(f"{self._where}: ends before its array does; export it again")
        while True:
            try:
                value, end = self._scan(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._ended:
                    raise UserError(f"{where}: not JSON: {error.msg.removesuffix(' at')}") from None
                if len(self._text) - self._at > LONGEST:
                    raise UserError(f"{where}: not JSON, or a value of more than {LONGEST} characters") from None
            except (ValueError, RecursionError) as error:  # numbers of thousands of digits, nesting
                raise UserError(f"{where}: not JSON that can be read: {error}") from None
            else:
                if end < len(self._text) or self._ended:  # else a number may go on
                    self._at = end
                    return value
            self._read()

    def _read(self) -> None:
        """Read as much as is held, so that a long value is scanned a few times at most."""
        self._text = self._text[self._at :]
        self._at = 0
        data = self._file.read(max(_CHUNK, len(self._text)))
        self._ended = not data
        try:
            self._text += self._decode(data, self._ended)
        except UnicodeDecodeError as error:
            byte = error.object[error.start]
            raise UserError(
                f"{self._where}: found the byte 0x{byte:02x}, expected UTF-8; convert it first: iconv -t UTF-8"
            ) from None


def finite(number: str) -> float:
    """Return a number with a point or an exponent. Raises ValueError for one that becomes infinite."""
    value = float(number)
    if math.isinf(value):
        raise ValueError(f"{number:.40} is more than a number of double precision can be")
    return value


def no_constant(name: str) -> None:
    """Raise ValueError for NaN or Infinity."""
    raise ValueError(f"{name} is no JSON")
