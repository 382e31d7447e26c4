"""Documents with their types, for the document classifier: manifests, JSONL with a `type`, folders named by type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from vanban.documents.names import composed, suffix_of
from vanban.errors import SettingError, UserError
from vanban_training.corpus.annotated import (
    AnnotatedDocument,
    check_characters,
    check_ids,
    manifest_text,
    name_of,
    typed,
)
from vanban_training.corpus.files import expand, named_files
from vanban_training.corpus.formats import format_in, read_tagged
from vanban_training.corpus.rows import numbered_rows, read_record, read_text

EXPECTED: Final = (
    'a manifest, a .jsonl whose records have "text" and "type", or a folder with a folder of .txt per type'
)


def load_typed_documents(paths: Iterable[str | Path], types: Sequence[str]) -> list[AnnotatedDocument]:
    """Read every document behind `paths` with its type; spans, if there are any, are not read. Globs work.

    Raises UserError for a path that holds no document, a document without text, without a type or of one that is not
    among `types`, and two documents of one id. Types are the same in NFC and NFD, and given back in NFC.
    """
    types = [composed(name) for name in types]
    documents = []
    for path in paths:
        for file in expand(str(path)):
            found = list(_load(file))
            if not found:
                raise UserError(f"{file}: found no document, expected {EXPECTED}")
            documents += found
    for document in documents:
        if document.type not in types:
            raise SettingError(
                f"{document.source}: found the type {document.type!r}, expected one of {', '.join(types)}", "labels"
            )
        if not document.text.strip():
            raise UserError(f"{document.source}: holds no text, from which no type can be told; leave it out")
    check_ids(documents)
    return documents


def _load(path: Path) -> Iterator[AnnotatedDocument]:
    form = format_in(path)
    if path.is_dir() and form in (None, "brat"):
        for name, file in named_files(path, ".txt").items():
            yield AnnotatedDocument(name, read_text(file), (), composed(file.parent.name), source=str(file))
    elif form is not None and (path.is_dir() or form not in ("jsonl", "conll")):
        for where, (document, prediction) in read_tagged(path):
            if prediction.doc_type is None:
                raise UserError(f"{where}: found a document without a type, expected one that {form} holds for each")
            check_characters(document.text, where)
            yield typed(where, document, prediction)
    elif suffix_of(path) == ".jsonl":
        for where, row in numbered_rows(path):
            record = read_record(row, where)
            if "path" in record and "sha256" in record:
                yield manifest_text(record, path, where)
                continue
            text, identity = record.get("text"), record.get("id")
            if not isinstance(text, str) or not isinstance(record.get("type"), str):
                raise UserError(f'{where}: expected the keys "text" and "type", found {", ".join(record) or "none"}')
            check_characters(text, where)
            identity = where if identity is None else str(identity)
            kind, origin = name_of(record["type"]), name_of(record.get("origin"))
            yield AnnotatedDocument(identity, text, (), kind, origin, where)
    else:
        raise UserError(f"{path}: found the suffix {path.suffix!r}, expected {EXPECTED}")


def count_types(documents: Iterable[AnnotatedDocument], types: Sequence[str]) -> dict[str, int]:
    """Return how many documents there are of each type, in the order of `types`."""
    counts = Counter(document.type for document in documents)
    return {name: counts[name] for name in types}
