"""Values that were read by hand: JSONL in which a row is a mention or a record, and the documents that they are of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vanban.documents.names import composed, suffix_of
from vanban.errors import UserError
from vanban.schema import Entity
from vanban_training.corpus.annotated import AnnotatedDocument, load_documents, name_of
from vanban_training.corpus.files import expand, located, named_files
from vanban_training.corpus.rows import numbered_rows, read_record, read_text

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {  # what is told of each kind; a file has the name of its kind
    "count": (
        "number", "low", "high", "numerator", "denominator", "noun", "noun_class", "per", "approximation", "negated",
        "planned",
    ),
    "directive": (
        "kind", "number", "year", "symbol", "type_code", "body_code", "unit_code", "issuer", "date", "title",
        "relation",
    ),
    "official": ("name", "full_name", "offices", "honorifics", "ranks", "signs"),
    "place": ("name", "level", "code", "province_code", "epoch"),
    "record": (
        "issuer", "issuer_above", "symbol", "place", "date", "type", "subject", "byline", "recipients", "signers",
        "basis",
    ),
}  # fmt: skip
OTHER: Final[Mapping[str, tuple[str, ...]]] = {"directive": ("full_symbol",), "place": ("ambiguous",)}
"""Keys that readers have noted and that are no field of a value."""


@dataclass(frozen=True, slots=True)
class GoldValue:
    """What a mention means, or what a document says of itself: then `mention` is None. `where` is its file:line.

    `annotated`: the spans of the document are known; else it has none.
    """

    kind: str
    where: str
    document: AnnotatedDocument
    mention: Entity | None
    value: Mapping[str, Any]
    annotated: bool


def load_gold(paths: Sequence[Path], texts: Sequence[Path]) -> list[GoldValue]:
    """Read the rows of gold files, or of all in a folder, and find their documents in `texts`.

    `texts`: manifests and .jsonl of spans, in which `path` of a row is a path or an id, and folders of texts, in which
    it is a file; these have no spans. Raises UserError that lists every fault with its file:line, what was found and
    what was expected.
    """
    documents, folders = _load_texts(texts)
    gold: list[GoldValue] = []
    faults: list[str] = []
    for file in _files_of(paths):
        kind = composed(file.stem)
        for where, row in numbered_rows(file):
            try:
                gold.append(_read_value(read_record(row, where), kind, where, documents, folders))
            except UserError as error:
                faults.append(str(error))
    if faults:
        raise UserError("\n".join(faults))
    if not gold:
        raise UserError(f"{', '.join(map(str, paths))}: found no value")
    return gold


def _files_of(paths: Iterable[Path]) -> list[Path]:
    names = ", ".join(f"{kind}.jsonl" for kind in FIELDS)
    files: list[Path] = []
    for path in paths:
        for found in expand(str(path)):
            inside = list(named_files(found, ".jsonl").values()) if found.is_dir() else [found]
            if not inside:
                raise UserError(f"{found}: found no .jsonl, expected some of {names}")
            files += inside
    for file in files:
        if suffix_of(file) != ".jsonl" or composed(file.stem) not in FIELDS:
            raise UserError(f"{file}: found the name {file.name!r}, expected one of {names}: it tells the kind")
    return files


def _load_texts(texts: Sequence[Path]) -> tuple[dict[str, AnnotatedDocument], list[Path]]:
    """Return documents by their path and by their id, and the folders in which others are."""
    documents: dict[str, AnnotatedDocument] = {}
    folders: list[Path] = []
    for file in (file for path in texts for file in expand(str(path))):
        if file.is_dir():
            folders.append(file)
            continue
        paths = {where: read_record(row, where).get("path") for where, row in numbered_rows(file)}
        for document in load_documents([file]):
            documents[composed(document.id)] = document
            path = paths.get(document.source)
            if isinstance(path, str):
                documents[composed(path)] = document
    return documents, folders


def _read_value(
    row: Mapping[str, Any],
    kind: str,
    where: str,
    documents: Mapping[str, AnnotatedDocument],
    folders: Sequence[Path],
) -> GoldValue:
    path, value = row.get("path"), row.get("value")
    if not isinstance(path, str):
        raise UserError(f'{where}: expected the key "path" with a string, found {path!r}')
    if not isinstance(value, dict):
        raise UserError(f'{where}: expected the key "value" with an object, found {value!r}')
    unknown = [name for name in value if name not in (*FIELDS[kind], *OTHER.get(kind, ()))]
    if unknown:
        raise UserError(f"{where}: found the field {unknown[0]!r}, expected some of {', '.join(FIELDS[kind])}")
    known = documents.get(composed(path))
    document = known or _bare(path, name_of(row.get("doc_type")), where, folders)
    mention = None if kind == "record" else _mention(row, kind.upper(), document, where)
    return GoldValue(kind, where, document, mention, value, known is not None)


def _bare(path: str, doc_type: str | None, where: str, folders: Sequence[Path]) -> AnnotatedDocument:
    """Return a document of a folder of texts, without spans."""
    for folder in folders:
        file = located(folder, path)
        if file.is_file():
            return AnnotatedDocument(path, read_text(file), (), doc_type, source=str(file))
    raise UserError(f"{where}: found no document {path!r} in what is given with --texts")


def _mention(row: Mapping[str, Any], label: str, document: AnnotatedDocument, where: str) -> Entity:
    """Return the annotated span that a row is of; raises UserError where the document has none there."""
    start, end, text = row.get("start"), row.get("end"), row.get("text")
    if type(start) is not int or type(end) is not int:
        raise UserError(f'{where}: expected the keys "start" and "end" with offsets, found {start!r} and {end!r}')
    if document.text[start:end] != text:
        raise UserError(
            f"{where}: found {text!r}, expected {document.text[start:end]!r}, which is the text at {start} {end} of "
            f"{document.id}"
        )
    for entity in document.entities:
        if (entity.label, entity.start, entity.end) == (label, start, end):
            return entity
    near = [f"{e.label} {e.start} {e.end} {e.text!r}" for e in document.entities if e.start < end and start < e.end]
    raise UserError(
        f"{where}: found {label} {start} {end} {text!r}, expected a span of {document.id}; there "
        f"{'is ' + ', '.join(near) if near else 'is none'}"
    )
