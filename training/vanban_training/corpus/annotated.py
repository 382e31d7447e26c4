"""Annotated documents, from manifests and in all formats of the registry; every offset is checked as it is read."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from vanban.documents.document import Document
from vanban.documents.formats.brat import numbered_brat, span_fault
from vanban.documents.names import composed, suffix_of
from vanban.errors import UserError
from vanban.reading.text import checksum, printable
from vanban.schema import LABELS, Entity, Prediction
from vanban_training.corpus.conll import load_conll
from vanban_training.corpus.cuts import cuts_in
from vanban_training.corpus.files import expand, located, named_files
from vanban_training.corpus.formats import format_in, read_tagged
from vanban_training.corpus.rows import numbered_rows, read_record, read_rows, read_text

SPAN_KEYS: Final = ("entities", "spans")
CONLL_SUFFIXES: Final = (".conll", ".bio", ".iob2", ".tsv")
EXPECTED: Final = "a folder of .txt + .ann, a .jsonl or a .conll file"


@dataclass(frozen=True, slots=True)
class AnnotatedDocument:
    """A raw text with its gold spans, sorted and without overlap.

    What can't be printed in `id`, which may be the name of a file, is escaped: it is written to records and cards.
    Documents that one plan or one writer made have a `group` in common, and share a fold. `cuts` says where a span
    begins or ends inside a syllable or a character, as `corpus.cuts` does.
    """

    id: str
    text: str
    entities: tuple[Entity, ...]
    type: str | None = None
    origin: str | None = None
    source: str = field(default="", compare=False)
    features: tuple[str, ...] = field(default=(), compare=False)
    group: str | None = field(default=None, compare=False)
    cuts: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", printable(self.id))

    @property
    def sha256(self) -> str:
        """The checksum of the text as UTF-8, which is that of the file."""
        return checksum(self.text)


def load_documents(
    paths: Iterable[str | Path], labels: Sequence[str] = LABELS, conll_column: int | None = None
) -> list[AnnotatedDocument]:
    """Read every document behind `paths`: manifests, folders of .txt + .ann, .jsonl of spans, .conll; globs work.

    Suffixes count in any case; labels are the same in NFC and NFD, and given back in NFC. `conll_column` is the number
    of the column of tags, the last where it is None. Raises UserError for a path that is not there or holds no
    document, a span that does not fit its text and two documents of one id.
    """
    labels = [composed(label) for label in labels]
    documents: list[AnnotatedDocument] = []
    for path in paths:
        for file in expand(str(path)):
            found = list(_load(file, labels, conll_column))
            if not found:
                raise UserError(f"{file}: found no annotated document, expected {EXPECTED}")
            documents += found
    check_ids(documents)
    return documents


def of_origins(documents: Sequence[AnnotatedDocument], origins: Sequence[str]) -> list[AnnotatedDocument]:
    """Return the documents of these origins, all where none is named; raises UserError when nothing is left."""
    kept = [d for d in documents if not origins or d.origin in origins]
    if not kept:
        known = sorted({d.origin for d in documents if d.origin})
        raise UserError(
            f"no document of the origin {', '.join(origins)}; there are {', '.join(known) or 'none that state one'}"
        )
    return kept


def check_ids(documents: Iterable[AnnotatedDocument]) -> None:
    """Raise UserError for two documents of one id."""
    seen: dict[str, str] = {}
    for document in documents:
        if document.id in seen:
            raise UserError(
                f"{document.source}: the document id {document.id!r} was used in {seen[document.id]} already; rename "
                "one of the files, or give one of the records another id"
            )
        seen[document.id] = document.source


def _load(path: Path, labels: Sequence[str], conll_column: int | None) -> Iterator[AnnotatedDocument]:
    form = format_in(path)
    if path.is_dir() and form in (None, "brat"):
        yield from _load_brat_folder(path, labels)
    elif form == "jsonl" and suffix_of(path) == ".jsonl":
        yield from _load_jsonl(path, labels)
    elif form is not None and (form != "conll" or path.is_dir()):
        for where, tagged in read_tagged(path):
            yield _checked(where, *tagged, labels)
    elif suffix_of(path) in CONLL_SUFFIXES:
        for number, (text, entities) in enumerate(load_conll(path, labels, conll_column), 1):
            yield AnnotatedDocument(f"{path.stem}-{number}", text, tuple(entities), source=str(path))
    else:
        raise UserError(f"{path}: found the suffix {path.suffix!r}, expected {EXPECTED}")


def _load_brat_folder(folder: Path, labels: Sequence[str]) -> Iterator[AnnotatedDocument]:
    texts, standoffs = named_files(folder, ".txt"), named_files(folder, ".ann")
    for name, text_file in texts.items():
        if name not in standoffs:
            raise UserError(f"{text_file}: has no .ann beside it; an empty one says that the text holds no span")
    for name, standoff in standoffs.items():
        if name not in texts:
            raise UserError(f"{standoff}: its text {standoff.stem}.txt is missing beside it")
        text = read_text(texts[name])
        yield _with_standoff(AnnotatedDocument(name, text, (), source=str(standoff)), standoff, labels)


def _with_standoff(document: AnnotatedDocument, standoff: Path, labels: Sequence[str]) -> AnnotatedDocument:
    spans, faults = numbered_brat(read_rows(standoff), document.text, str(standoff), labels)
    if faults:
        raise UserError("\n".join(faults))
    return replace(document, entities=tuple(entity for entity, _ in spans), cuts=cuts_in(spans, document.text))


def _load_jsonl(path: Path, labels: Sequence[str]) -> Iterator[AnnotatedDocument]:
    for where, row in numbered_rows(path):
        record = read_record(row, where)
        if "annotation" in record and "path" in record:
            yield _manifest_document(record, path, where, labels)
        else:
            yield _jsonl_document(record, where, labels)


def _manifest_document(record: dict[str, Any], manifest: Path, where: str, labels: Sequence[str]) -> AnnotatedDocument:
    document = manifest_text(record, manifest, where)
    return _with_standoff(document, _file_of(record, "annotation", manifest, where), labels)


def manifest_text(record: dict[str, Any], manifest: Path, where: str) -> AnnotatedDocument:
    """Return the document of a manifest's row without its spans; raises UserError when its checksum does not fit."""
    path = _file_of(record, "path", manifest, where)
    for key in ("id", "sha256"):
        if not isinstance(record.get(key), str):
            raise UserError(f'{where}: expected the key "{key}" with a string, found {record.get(key)!r}')
    features = record.get("features") or []
    if not isinstance(features, list) or not all(isinstance(feature, str) for feature in features):
        raise UserError(f'{where}: expected a list of strings in "features", found {features!r}')
    document = AnnotatedDocument(
        record["id"],
        read_text(path),
        (),
        name_of(record.get("type")),
        name_of(record.get("origin")),
        where,
        tuple(features),
        name_of(record.get("group")),
    )
    # before the spans: when the text was changed, their faults are only what follows from it
    if document.sha256 != record["sha256"]:
        raise UserError(
            f"{where}: {record['path']} has sha256 {document.sha256}, expected {record['sha256']}: the text was "
            "changed after it was annotated. Restore it, or check its spans and write the new checksum"
        )
    return document


def _file_of(record: dict[str, Any], key: str, manifest: Path, where: str) -> Path:
    """Return a file of a row; its path is relative to the folder above the manifest's own, the project's root."""
    if not isinstance(record.get(key), str):
        raise UserError(f'{where}: expected the key "{key}" with a string, found {record.get(key)!r}')
    file = located(manifest.resolve().parent.parent, record[key])
    if not file.is_file():
        raise UserError(f"{where}: {file} does not exist")
    return file


def _jsonl_document(record: dict[str, Any], where: str, labels: Sequence[str]) -> AnnotatedDocument:
    text = record.get("text")
    key = next((k for k in SPAN_KEYS if k in record), None)
    if not isinstance(text, str) or key is None:
        types_alone = (
            "; texts with a type alone are for the task doctype" if "type" in record and "text" in record else ""
        )
        found = ", ".join(record) or "none"
        raise UserError(f'{where}: expected the keys "text" and "entities", found {found}{types_alone}')
    if not isinstance(record[key], list):
        raise UserError(f'{where}: expected a list of spans in "{key}", found {type(record[key]).__name__}')
    check_characters(text, where)
    entities = [_jsonl_entity(span, text, where) for span in record[key]]
    entities = _sorted(entities, text, where, labels)
    identity = where if record.get("id") is None else str(record["id"])
    return AnnotatedDocument(
        identity,
        text,
        tuple(entities),
        name_of(record.get("type")),
        name_of(record.get("origin")),
        where,
        group=name_of(record.get("group")),
        cuts=cuts_in([(entity, where) for entity in entities], text),
    )


def _sorted(entities: Iterable[Entity], text: str, where: str, labels: Sequence[str]) -> list[Entity]:
    """Return the spans of a text in order; raises UserError for one that does not fit it, and for two that overlap."""
    found = sorted(entities, key=lambda e: e.start)
    for entity in found:
        fault = span_fault(entity, text, labels)
        if fault:
            raise UserError(f"{where}: {fault}")
    for left, right in itertools.pairwise(found):
        if right.start < left.end:
            raise UserError(
                f"{where}: {right.label} {right.start} {right.end} {right.text!r} overlaps "
                f"{left.label} {left.start} {left.end} {left.text!r}; expected flat spans: keep the longer one"
            )
    return found


def _checked(where: str, document: Document, prediction: Prediction, labels: Sequence[str]) -> AnnotatedDocument:
    """Return a document of any format, whose spans are checked as those of JSONL are."""
    check_characters(document.text, where)
    composed_labels = (replace(entity, label=composed(entity.label), value=None) for entity in prediction.entities)
    entities = _sorted(composed_labels, document.text, where, labels)
    return replace(
        typed(where, document, prediction),
        entities=tuple(replace(entity, score=1.0) for entity in entities),
        cuts=cuts_in([(entity, where) for entity in entities], document.text),
    )


def typed(where: str, document: Document, prediction: Prediction) -> AnnotatedDocument:
    """Return a document of any format with its type and without its spans."""
    origin, group = (name_of(document.fields.get(name)) for name in ("origin", "group"))
    kind = name_of(prediction.doc_type)
    return AnnotatedDocument(str(document.id), document.text, (), kind, origin, where, group=group)


def name_of(value: Any) -> Any:
    """Return a type or an origin in NFC; what is no string, as it stands."""
    return composed(value) if isinstance(value, str) else value


def check_characters(text: str, where: str) -> None:
    """Raise UserError for half a surrogate pair, which JSON can spell and a text can't hold."""
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise UserError(
            f"{where}: the text holds half a surrogate pair, which no UTF-8 text can; write the character whole"
        )


def _jsonl_entity(span: Any, text: str, where: str) -> Entity:
    """Return the span of one record; its "text" may be left out, and is checked by the caller when it is there."""
    values: list[Any] = [span.get(key) for key in ("label", "start", "end")] if isinstance(span, dict) else []
    # bool is an int to isinstance
    if [type(value) for value in values] != [str, int, int] or not isinstance(span.get("text", ""), str):
        raise UserError(f'{where}: expected spans like {{"label", "start", "end"}}, found {span!r}')
    label, start, end = values
    return Entity(composed(label), start, end, span.get("text", text[max(start, 0) : max(end, 0)]))


def annotations_sha256(document: AnnotatedDocument) -> str:
    """Return the checksum of the labels and offsets of a document's spans."""
    rows = "".join(f"{e.label} {e.start} {e.end}\n" for e in document.entities)
    return checksum(rows)
