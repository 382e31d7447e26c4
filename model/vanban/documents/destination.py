"""Where an output goes, by its format, its name and the options."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from vanban.documents.document import Document, Failure
from vanban.documents.file_output import FileOutput
from vanban.documents.folder_output import open_folder
from vanban.documents.format_form import FormatForm
from vanban.documents.formats.conll import to_conll
from vanban.documents.formats.format import Format, Losses
from vanban.documents.formats.jsonl import to_jsonl
from vanban.documents.formats.pretty import to_pretty
from vanban.documents.formats.registry import (
    FormatName,
    check_name,
    check_package,
    format_for,
    format_named,
    is_folder_for,
)
from vanban.documents.kept import to_line
from vanban.documents.names import suffix_of, suffix_of_content
from vanban.documents.output import Output, Render, StreamOutput
from vanban.documents.parquet_output import ParquetForm
from vanban.documents.readers.registry import SUFFIXES
from vanban.documents.sources import PARQUET_SUFFIX, Source
from vanban.errors import UserError
from vanban.schema import Prediction, Task

ENTITIES_ALONE: Final = ("brat", "conll", "csv")  # formats that have no place for a type
# by the suffix of -o; any other is jsonl
SAID_BY_SUFFIX: Final[tuple[FormatName, ...]] = ("parquet", "csv", "html", "conll", "spacy")

# what is read, or what other programs show, and no format writes
NOT_WRITTEN: Final = frozenset(SUFFIXES) - {".html", ".htm"} | {
    ".doc", ".dot", ".odt", ".xls", ".xlsx", ".xlsm", ".ods", ".ppt", ".pptx", ".msg",
}  # fmt: skip
SUFFIXES_SHOWN: Final = ".jsonl, .parquet, .csv, .html, .conll or .spacy"


def format_of(given: FormatName | None, out: Path | None) -> FormatName:
    """Return the format that was asked for or, when none was, that of the suffix; jsonl when that says nothing.

    Raises UserError for a name that says another thing than the format.
    """
    by_name = None if out is None else format_for(out)
    by_suffix: FormatName = next((name for name in SAID_BY_SUFFIX if by_name and by_name.name == name), "jsonl")
    found = given or by_suffix
    if found == "parquet" and out is None:
        raise UserError("Parquet is a file, not a stream: name one with -o, for example -o entities.parquet")
    if out is not None:
        _check_suffix(out, given, found)
    if found == "parquet" and suffix_of_content(str(out)) != suffix_of(str(out)):
        raise UserError(f"{out}: Parquet is packed inside; give -o a name without {suffix_of(str(out))}")
    return found


def _check_suffix(out: Path, given: FormatName | None, found: FormatName) -> None:
    """Raise UserError for a name that says another thing than what is written."""
    suffix = suffix_of_content(out)
    if suffix == PARQUET_SUFFIX and found not in ("parquet", "datasets"):
        raise UserError(f"{out}: --format {found} is no Parquet; give -o another name, or leave out --format")
    check_name(format_named(found), out)
    if given is None and suffix in NOT_WRITTEN:
        raise UserError(
            f"{out}: {suffix} is not written; expected {SUFFIXES_SHOWN}, another format with --format, or a table of "
            "values: vanban table"
        )


def open_output(
    sources: Sequence[Source | Failure],
    out: Path | None,
    output_format: FormatName,
    resume: bool,
    overwrite: bool,
    tasks: Sequence[Task],
    shards: int = 0,
    losses: Losses | None = None,
) -> Output:
    """Return what takes the results, and counts in `losses` what the format has no place for.

    Raises UserError for options that don't go together, or what is there already.
    """
    losses = Losses() if losses is None else losses
    if resume and overwrite:
        raise UserError("--resume goes on with what is there and --overwrite starts again: give one of them")
    form = format_named(output_format)
    check_package(form)
    if form.write is None or (out is not None and is_folder_for(form, out)):
        files = "two files" if form.name == "brat" else "files of its own"
        if out is None:
            raise UserError(
                f"--format {form.name} writes {files} for each document: name a folder with -o, e.g. -o entities"
            )
        if shards:
            raise UserError(
                f"--format {form.name} writes {files} for each document: --shards goes with the other formats"
            )
        return open_folder(form, out, sources, resume, overwrite, losses)
    colour = out is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    render = _renderer(form, "ner" in tasks, colour, losses)
    if out is None:
        if resume:
            raise UserError("--resume needs -o: what went to standard output is not known any more")
        if shards:
            raise UserError("--shards needs -o: the files are named after it, for example -o entities.jsonl")
        if not form.in_lines:
            raise UserError(_no_stream(form))
        return StreamOutput(sys.stdout.buffer, render)
    if out.exists() and not out.is_file() and not out.is_dir():  # a device or a pipe is never replaced
        if shards or not form.in_lines:
            raise UserError(f"{out}: is no file; --shards and {_shown(form)} need one, for example -o entities.jsonl")
        return StreamOutput(open(out, "wb"), render)
    if form.name == "parquet":
        return FileOutput(out, render, resume, overwrite, ParquetForm("ner" in tasks, "doctype" in tasks), shards)
    return FileOutput(out, render, resume, overwrite, None if form.in_lines else FormatForm(form, out, losses), shards)


def _renderer(form: Format, with_entities: bool, colour: bool, losses: Losses) -> Render:
    """Return what gives a document as text: in the format, or as what it is made of when all are there."""
    if form.name in ("jsonl", "parquet"):
        return partial(to_jsonl, with_entities=with_entities)
    if form.name == "conll":
        return partial(to_conll, losses=losses)
    if form.name == "pretty":
        return partial(to_pretty, colour=colour, with_entities=with_entities)
    return partial(_in_lines, form, losses) if form.in_lines else to_line


def _in_lines(form: Format, losses: Losses, document: Document, prediction: Prediction) -> str:
    assert form.write is not None
    lines = io.BytesIO()
    form.write([(document, prediction)], lines, losses)
    return lines.getvalue().decode("utf-8")


def _no_stream(form: Format) -> str:
    suffix = form.suffixes[0] if form.suffixes else ""
    return f"--format {form.name} is written when all documents are there: name a file with -o, e.g. -o tagged{suffix}"


def _shown(form: Format) -> str:
    return "Parquet" if form.name == "parquet" else form.name
