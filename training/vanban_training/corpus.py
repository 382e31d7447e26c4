"""Annotated documents, from manifests, brat folders, JSONL and CoNLL; every offset is checked as it is read."""

from __future__ import annotations

import glob
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from vanban.brat import read_brat, span_fault
from vanban.errors import UserError
from vanban.schema import LABELS, Entity

SPAN_KEYS: Final = ("entities", "spans")


@dataclass(frozen=True, slots=True)
class AnnotatedDocument:
    """A raw text with its gold spans, sorted and without overlap."""

    id: str
    text: str
    entities: tuple[Entity, ...]
    type: str | None = None
    origin: str | None = None
    source: str = field(default="", compare=False)

    @property
    def sha256(self) -> str:
        """The checksum of the text as UTF-8, which is that of the file."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()


def load_documents(paths: Iterable[str | Path], labels: Sequence[str] = LABELS) -> list[AnnotatedDocument]:
    """Read every document behind `paths`: manifests, folders of .txt + .ann, .jsonl of spans, .conll; globs work.

    Raises UserError for a path that is not there, a span that does not fit its text and two documents of one id.
    """
    documents: list[AnnotatedDocument] = []
    for path in paths:
        for found in _expand(str(path)):
            documents.extend(_load(found, labels))
    seen: dict[str, str] = {}
    for document in documents:
        if document.id in seen:
            raise UserError(
                f"{document.source}: the document id {document.id!r} was used in {seen[document.id]} already"
            )
        seen[document.id] = document.source
    if not documents:
        raise UserError(f"no annotated document in {', '.join(map(str, paths))}")
    return documents


def _expand(path: str) -> list[Path]:
    if Path(path).exists():
        return [Path(path)]
    found = sorted(glob.glob(path, recursive=True))
    if not found:
        near = sorted(p.name for p in Path(path).parent.glob("*"))[:8] if Path(path).parent.is_dir() else []
        hint = f" In {Path(path).parent} there are: {', '.join(near)}." if near else ""
        raise UserError(f"{path}: no such file or folder (looked in {Path.cwd()}).{hint}")
    return [Path(p) for p in found]


def _load(path: Path, labels: Sequence[str]) -> Iterator[AnnotatedDocument]:
    if path.is_dir():
        yield from _load_brat_folder(path, labels)
    elif path.suffix == ".jsonl":
        yield from _load_jsonl(path, labels)
    elif path.suffix in (".conll", ".bio", ".iob2", ".tsv"):
        from vanban_training.conll import load_conll

        for number, (text, entities) in enumerate(load_conll(path, labels), 1):
            yield AnnotatedDocument(f"{path.stem}-{number}", text, tuple(entities), source=str(path))
    else:
        raise UserError(f"{path}: expected a folder of .txt + .ann, a .jsonl or a .conll file")


def read_text(path: Path) -> str:
    """Return the file's characters as they are: no newline translation, a BOM kept."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: byte {error.start} is not UTF-8; convert the file first (iconv -t UTF-8)") from None
    except OSError as error:
        raise UserError(f"{path}: can't be read ({error.strerror})") from None


def _load_brat_folder(folder: Path, labels: Sequence[str]) -> Iterator[AnnotatedDocument]:
    for standoff in sorted(folder.rglob("*.ann")):
        source = standoff.with_suffix(".txt")
        if not source.exists():
            raise UserError(f"{standoff}: its text {source.name} is missing beside it")
        text = read_text(source)
        entities = read_brat(read_text(standoff), text, str(standoff), labels)
        yield AnnotatedDocument(
            str(standoff.relative_to(folder).with_suffix("")), text, tuple(entities), source=str(standoff)
        )


def _load_jsonl(path: Path, labels: Sequence[str]) -> Iterator[AnnotatedDocument]:
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise UserError(f"{where}: not JSON: {error.msg} at column {error.colno}") from None
        if not isinstance(record, dict):
            raise UserError(f"{where}: expected an object, found {type(record).__name__}")
        if "annotation" in record and "path" in record:
            yield _manifest_document(record, path, where, labels)
        else:
            yield _jsonl_document(record, where, labels)


def _manifest_document(record: dict[str, Any], manifest: Path, where: str, labels: Sequence[str]) -> AnnotatedDocument:
    """Paths in a manifest are relative to the folder above the manifest's own, the root of the project."""
    root = manifest.resolve().parent.parent
    text = read_text(root / record["path"])
    standoff = root / record["annotation"]
    entities = read_brat(read_text(standoff), text, str(standoff), labels)
    document = AnnotatedDocument(
        record["id"], text, tuple(entities), record.get("type"), record.get("origin"), source=where
    )
    if document.sha256 != record.get("sha256"):
        raise UserError(
            f"{where}: {record['path']} has sha256 {document.sha256}, expected {record.get('sha256')}: the text was "
            "changed after it was annotated. Restore it, or check its spans and write the new checksum"
        )
    return document


def _jsonl_document(record: dict[str, Any], where: str, labels: Sequence[str]) -> AnnotatedDocument:
    text = record.get("text")
    key = next((k for k in SPAN_KEYS if k in record), None)
    if not isinstance(text, str) or key is None:
        raise UserError(f'{where}: expected the keys "text" and "entities", found {", ".join(record) or "none"}')
    entities = []
    for span in record[key]:
        try:
            entity = Entity(span["label"], span["start"], span["end"], text[span["start"] : span["end"]])
            entity = Entity(entity.label, entity.start, entity.end, span.get("text", entity.text))
        except (TypeError, KeyError):
            raise UserError(f'{where}: expected spans like {{"label", "start", "end"}}, found {span!r}') from None
        fault = span_fault(entity, text, labels)
        if fault:
            raise UserError(f"{where}: {fault}")
        entities.append(entity)
    entities.sort(key=lambda e: e.start)
    for left, right in zip(entities, entities[1:], strict=False):
        if right.start < left.end:
            raise UserError(f"{where}: {right.text!r} at {right.start} overlaps {left.text!r} at {left.start}")
    identity = str(record.get("id") or where)
    return AnnotatedDocument(identity, text, tuple(entities), record.get("type"), record.get("origin"), where)
