"""What the service takes at most, and the answer to a request that it doesn't take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """`body_bytes`, `characters` and `texts` are of one request, the characters those of all its texts together.

    `waiting` are the texts, and `waiting_characters` their characters, that may wait for the model. `seconds` is the
    time for a body to arrive, and again for its answer; `header_seconds` that for the head of a request.
    """

    body_bytes: int = 16 * 1024 * 1024
    characters: int = 400_000
    texts: int = 256
    waiting: int = 1024
    seconds: float = 60.0
    header_seconds: float = 10.0

    @property
    def waiting_characters(self) -> int:
        """Ten of the largest requests."""
        return 10 * self.characters

    @property
    def held_bytes(self) -> int:
        """The bytes of all bodies that are held at a time: sixteen of the largest."""
        return 16 * self.body_bytes

    def check_texts(self, texts: list[str]) -> None:
        """Raise Refusal for too many texts, or too many characters in them."""
        if len(texts) > self.texts:
            raise Refusal(422, f"found {len(texts)} texts, expected {self.texts} at most: send several requests")
        characters = sum(map(len, texts))
        if characters > self.characters:
            raise Refusal(
                422,
                f"found {characters:,} characters of text, expected {self.characters:,} at most: "
                "send several requests, or a long text in parts",
            )


@dataclass
class Refusal(Exception):
    """A request that is answered with an error: its status and the message, which says what to do."""

    status: int
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)


def busy(retry_after: int) -> Refusal:
    """Return the refusal of a request that finds too much before it."""
    return Refusal(
        503,
        f"too much is waiting already: try again in {retry_after} s, as Retry-After says",
        {"Retry-After": str(retry_after)},
    )
