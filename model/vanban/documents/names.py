"""How names are compared and made, of files, labels and types: suffixes in any case, names in NFC, those of shards."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path
from typing import Final

from vanban.reading.text import printable

PACKED_SUFFIXES: Final = (".gz", ".zst")

SHARD: Final = re.compile(r"-\d{5,}-of-\d{5,}")  # what the names of shards have beyond that of their output
_SUFFIX: Final = re.compile(r"(?<=\.)\w+$")


def composed(name: str) -> str:
    """Return a name in NFC: a label, a type or a folder from macOS may be in NFD, and is the same word."""
    return unicodedata.normalize("NFC", name)


def as_spelled(path: str) -> str:
    """Return a path as the file system spells it, where it is in another Unicode form there; else as it is.

    What `printable` escapes in a name may be escaped here: so records of `tag` write a name that is not in UTF-8.
    """
    if os.path.lexists(path):
        return path
    folder, name = os.path.split(path)
    if not name:  # the root, or a folder that ends in a slash
        return as_spelled(folder) if folder not in ("", path) else path
    folder = as_spelled(folder) if folder else ""
    try:
        names = sorted(os.listdir(folder or "."))
    except OSError:
        return path
    plain = _plain(name)
    return next((os.path.join(folder, one) for one in names if _plain(one) == plain), path)


def _plain(name: str) -> str:
    return printable(composed(name))


def suffix_of(path: str | os.PathLike[str]) -> str:
    """Return the suffix of a file in lower case, with its dot: `.txt` for `a.TXT`; empty where there is none."""
    return os.path.splitext(path)[1].lower()


def suffix_of_content(path: str | os.PathLike[str]) -> str:
    """Return the suffix of what a file holds when it is packed, else its own: `.jsonl` for `a.jsonl.gz`."""
    return suffix_of(os.path.splitext(path)[0]) if suffix_of(path) in PACKED_SUFFIXES else suffix_of(path)


def without_suffix(path: str) -> str:
    """Return a path without the suffix of what it holds, and without that of its packing: `a` for `a.jsonl.gz`."""
    bare = os.path.splitext(path)[0]
    return os.path.splitext(bare)[0] if suffix_of(path) in PACKED_SUFFIXES else bare


def shard_path(path: Path, number: int, shards: int) -> Path:
    """Return the name of one shard: `out-00000-of-00004.jsonl.gz` of `out.jsonl.gz`."""
    bare = without_suffix(path.name)
    return path.with_name(f"{bare}-{number:05}-of-{shards:05}{path.name[len(bare) :]}")


def manifest_path(path: Path) -> Path:
    """Return the name of the manifest: `out.manifest.json` of `out.jsonl.gz`."""
    return path.with_name(f"{without_suffix(path.name)}.manifest.json")


def is_shard_of(path: Path, other: str) -> bool:
    """True of the name of a shard or of the manifest of `path`."""
    bare = without_suffix(path.name)
    pattern = rf"{re.escape(bare)}(?:{SHARD.pattern}{re.escape(path.name[len(bare) :])}|\.manifest\.json)"
    return Path(other).parent == path.parent and re.fullmatch(pattern, Path(other).name) is not None


def is_hidden(name: str) -> bool:
    """True of the last part of a path that stands for no document: `._a.txt` of macOS, `.DS_Store`, `.git`."""
    return name.startswith(".")


def in_any_case(pattern: str) -> str:
    """Return a glob that finds its suffix in any case: `*.[tT][xX][tT]` for `*.txt`."""
    return _SUFFIX.sub(lambda match: "".join(f"[{c}{c.swapcase()}]" if c.isalpha() else c for c in match[0]), pattern)
