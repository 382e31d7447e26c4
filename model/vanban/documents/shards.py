"""The files that an output ends in: one, or several of like size with a manifest that says what is in each."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from vanban.documents.forms import Form, part_of
from vanban.documents.names import SHARD, shard_path


@dataclass(frozen=True, slots=True)
class Shard:
    """A run of documents in their order: its file, and the bytes of the partial file that it is made of."""

    path: Path
    start: int
    end: int
    documents: int
    entities: int


def cut(path: Path, rows: Iterable[tuple[int, int]], documents: int, shards: int) -> Iterator[Shard]:
    """Yield the shards of `documents`, each the next run of them; their numbers differ by one at most.

    `rows` has the end and the entities of each document.
    """
    ends = iter(rows)
    start = end = 0
    for number in range(shards):
        count = documents * (number + 1) // shards - documents * number // shards
        entities = 0
        for _ in range(count):
            end, found = next(ends)
            entities += found
        yield Shard(shard_path(path, number, shards), start, end, count, entities)
        start = end


def write_whole(form: Form, texts: BinaryIO, target: Path, temporary: Path) -> None:
    """Write a file under another name, sync it to the disk and give it its own."""
    with texts, open(temporary, "wb") as file:
        form.write(texts, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, target)


def write_shards(form: Form, partial: Path, shards: Iterable[Shard], manifest: Path, about: dict[str, Any]) -> None:
    """Write every shard, then the manifest: where that stands, all of them are there and whole.

    The shards of an earlier manifest go before, and no other file that has the name of one.
    """
    earlier = partial.with_name(f"{partial.name}.manifest")
    if manifest.exists():  # until the new shards are there it tells of others
        os.replace(manifest, earlier)
    for path in _shards_of(earlier):
        path.unlink(missing_ok=True)
    earlier.unlink(missing_ok=True)
    temporary = partial.with_name(f"{partial.name}.new")
    files = []
    for shard in shards:
        write_whole(form, part_of(partial, shard.start, shard.end), shard.path, temporary)
        with open(shard.path, "rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        counts = {name: value for name, value in asdict(shard).items() if name in ("documents", "entities")}
        files.append({"file": shard.path.name, **counts, "bytes": shard.path.stat().st_size, "sha256": sha256})
    totals = {name: sum(row[name] for row in files) for name in ("documents", "entities")}
    text = json.dumps({**about, **totals, "shards": files}, ensure_ascii=False, indent=1) + "\n"
    with open(temporary, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    os.replace(temporary, manifest)


def _shards_of(manifest: Path) -> list[Path]:
    """Return the files of a manifest beside it; none where it is not there, or no manifest."""
    try:
        names = [shard["file"] for shard in json.loads(manifest.read_bytes())["shards"]]
        return [manifest.with_name(name) for name in names if SHARD.search(name)]
    except (OSError, ValueError, KeyError, TypeError):
        return []
