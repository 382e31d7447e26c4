"""Annotated documents of one format → another: all that is read is written, and what is lost is counted."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Final

from vanban.documents.annotated import AnnotatedFile, annotated_files, buffered, failure_of
from vanban.documents.document import Document, Failure
from vanban.documents.failures import Failures
from vanban.documents.folder_output import open_folder
from vanban.documents.formats.format import Format, Losses, Tagged
from vanban.documents.formats.registry import (
    HEAD,
    check_name,
    check_package,
    format_for,
    format_of_path,
    is_folder_for,
    names_of,
    writable,
)
from vanban.documents.names import suffix_of
from vanban.documents.packing import PACKING_OF_SUFFIX, packer, packing_of, unpacked
from vanban.documents.records import file_name
from vanban.documents.sources import STANDARD_INPUT
from vanban.documents.whole import whole_file
from vanban.errors import SettingError, UserError
from vanban.reading.text import without_surrogates

_HALF: Final = re.compile("[\ud800-\udfff]")
_ODD: Final = re.compile(r'[\\:*?"<>|%\x00-\x1f]')
_PLACES: Final = {
    "labels": "vanban convert takes any",
    "conll_column": "vanban convert reads the last: leave out the others",
}


@dataclass(slots=True)
class Converted:
    """What was done: documents and entities written, documents that failed, what was lost, and from which formats.

    `unread` was lost in reading, `losses` in writing.
    """

    documents: int = 0
    entities: int = 0
    failed: int = 0
    unread: Losses = field(default_factory=Losses)
    losses: Losses = field(default_factory=Losses)
    formats: set[str] = field(default_factory=set)


def target_of(out: str, given: Format | None) -> Format:
    """Return the format to write, as it was given or as the suffix says. Raises UserError where neither does."""
    form = given or (None if out == STANDARD_INPUT else format_for(out))
    if form is None:
        raise UserError(f"{out}: its name says no format; say with --to which: {names_of(writable())}")
    if form not in writable():
        raise UserError(f"{form.name} is read, and not written; expected one of {names_of(writable())}")
    if out != STANDARD_INPUT:
        check_name(form, out)
    if out == STANDARD_INPUT and form.write is None:
        raise UserError(f"{form.name} writes files for each document: name a folder in the place of -")
    return form


def convert(
    given: str, out: str, source: Format | None, target: Format, overwrite: bool, say: Callable[[str], None]
) -> Converted:
    """Write the documents behind `given` to `out`, a file, a folder or `-`; those that fail are told by `say`.

    A file has its name when it is whole. Raises UserError for a package that is not installed, for an input that is not
    there or is of no format, for a folder that holds something unless it may `overwrite`, and where nothing could be
    read.
    """
    check_package(target)
    done = Converted()
    failures = Failures(say)
    try:
        _convert(given, out, source, target, overwrite, done, failures)
    finally:
        failures.end()
    return done


def _convert(
    given: str, out: str, source: Format | None, target: Format, overwrite: bool, done: Converted, failures: Failures
) -> None:
    documents = _counted(_read(given, out, source, done), done, failures)
    first = next(documents, None)  # before anything is written: the input may not be what it was taken for
    if first is None and done.failed:
        raise UserError(f"{given}: no document could be read; nothing is written")
    stream = _with_first(first, documents)
    if target.write is None or is_folder_for(target, out):
        _write_folder(stream, Path(out), target, overwrite, done, failures)
    elif out == STANDARD_INPUT:
        target.write(stream, sys.stdout.buffer, done.losses)
        sys.stdout.buffer.flush()
    else:
        packing = PACKING_OF_SUFFIX.get(suffix_of(out))
        with whole_file(Path(out)) as partial, open(partial, "wb") as file:
            if packing:
                with packer(file, packing) as packed:
                    target.write(stream, packed, done.losses)
            else:
                target.write(stream, file, done.losses)


def _with_first(first: Tagged | None, others: Iterator[Tagged]) -> Iterator[Tagged]:
    if first is not None:
        yield first
        yield from others


def _read(given: str, out: str, source: Format | None, done: Converted) -> Iterator[Tagged | Failure]:
    """Yield the documents of all files, named as a folder would call them."""
    if given == STANDARD_INPUT:
        yield from _named(_read_stdin(source, done), "")
        return
    files = annotated_files(given, source)
    written = Path(out).resolve()
    for file in files:
        if isinstance(file, AnnotatedFile) and (
            file.path.resolve() == written or written in file.path.resolve().parents
        ):
            raise UserError(f"{file.path}: is both read and written; give the output another name")
    is_alone = len(files) == 1
    for file in files:
        if isinstance(file, Failure):
            yield file
            continue
        done.formats.add(file.form.name)
        try:
            # what stands in a file of its own is called as that file
            yield from _named(file.read(done.unread), "" if is_alone or file.form.read is None else f"{file.name}/")
        except UserError as error:
            error = error.where(_PLACES) if isinstance(error, SettingError) else error
            if is_alone:
                raise error from None
            yield failure_of(str(file.path), error)


def _read_stdin(source: Format | None, done: Converted) -> Iterator[Tagged | Failure]:
    file = buffered(sys.stdin.buffer)
    packing = packing_of(file.peek(8))
    file = buffered(unpacked(file, packing)) if packing else file
    form = source or format_of_path(STANDARD_INPUT, file.peek(HEAD)[:HEAD])
    if form.read is None:
        raise UserError(f"{form.name} is not read from standard input: name its file or folder")
    done.formats.add(form.name)
    yield from form.read(file, "standard input", done.unread)


def _named(found: Iterator[Tagged | Failure], prefix: str) -> Iterator[Tagged | Failure]:
    for item in found:
        if isinstance(item, Failure):
            yield item
        else:
            document, prediction = item
            yield _whole(replace(document, name=f"{prefix}{name_of(document)}"), prediction)


def name_of(document: Document) -> str:
    """Return what a folder calls a document: its id, with `/` where that is a path below it; of a .txt without it."""
    parts = PurePosixPath(str(document.id)).parts
    is_path = parts and not any(part in ("/", "..") or part.startswith(".") or _ODD.search(part) for part in parts)
    name = "/".join(parts) if is_path else file_name(str(document.id))
    return name[:-4] if name.lower().endswith(".txt") and len(name) > 4 else name


def _whole(document: Document, prediction: Any) -> Tagged | Failure:
    """Return the document as a file can hold it; a failure where its text, its id or a label can't be written."""
    told = [
        document.text,
        str(document.id),
        *(entity.label for entity in prediction.entities),
        prediction.doc_type or "",
    ]
    if any(_HALF.search(text) for text in told):
        what = "its text, its id, a label or its type"
        return Failure(document.where, f"found half a surrogate pair in {what}, expected Unicode")
    if document.fields and "\\ud" in json.dumps(document.fields):
        document = replace(
            document, fields=json.loads(without_surrogates(json.dumps(document.fields, ensure_ascii=False)))
        )
    return document, prediction


def _counted(found: Iterator[Tagged | Failure], done: Converted, failures: Failures) -> Iterator[Tagged]:
    for item in found:
        if isinstance(item, Failure):
            done.failed += 1
            failures.tell(item)
        else:
            done.documents += 1
            done.entities += len(item[1].entities)
            yield item


def _write_folder(
    documents: Iterator[Tagged],
    folder: Path,
    target: Format,
    overwrite: bool,
    done: Converted,
    failures: Failures,
) -> None:
    if folder.is_dir() and not overwrite and any(folder.iterdir()):
        raise UserError(f"{folder}: holds something already; name another folder, or --overwrite")
    output = open_folder(target, folder, (), False, True, done.losses)
    with closing(output):
        output.start({})
        for document, prediction in documents:
            try:
                output.write(document, prediction)
            except UserError as error:
                done.documents -= 1
                done.entities -= len(prediction.entities)
                done.failed += 1
                failures.tell(Failure(document.where, str(error)))
        output.finish()
