"""What a reader is: how a kind of file is known, and what is taken out of one. And how much of one is read at most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Encoding = Literal["utf-8", "utf-16", "windows-1258", "tcvn3", "vni"]
"""Bytes in UTF-8, UTF-16 or windows-1258, or letters of the fonts of TCVN3 (ABC) or VNI in any bytes."""

LARGEST: Final = 256 << 20  # bytes of a file
LONGEST: Final = 20_000_000  # characters of a text; a book has a million
MOST_PAGES: Final = 5_000
DEEPEST: Final = 200  # tables in cells, tags, groups
SECONDS: Final = 120.0  # for a file
MEMORY: Final = 4 << 30  # bytes that a file may take while it is read


@dataclass(frozen=True, slots=True)
class Taken:
    """The text that was taken out of a file, in `pages` where the kind has pages, else in one piece.

    `encoding` is told where letters were not those of Unicode. `attachments` are the files that a mail brings, with
    their names.
    """

    pages: Sequence[str]
    has_pages: bool = False
    encoding: str | None = None
    attachments: Sequence[tuple[str, bytes]] = ()


Read = Callable[[bytes, Encoding | None], Taken]
"""Takes the text out of the bytes of a file; an encoding that is given is not guessed.

Raises UserError for a file that has no text or can't be read, with what to do; whatever else it raises means that the
file is damaged.
"""


@dataclass(frozen=True, slots=True)
class Reader:
    """A kind of file: the name of its format, what messages call it, its suffixes, and how its text is taken out.

    `begins` tells by the first 16 KiB of a file that it is one. `is_named` says that files of the suffixes are read
    whatever they begin with: they need not begin with anything.
    """

    format: str
    kind: str
    suffixes: tuple[str, ...]
    read: Read
    begins: Callable[[bytes], bool] | None = None
    is_named: bool = False
