"""Where an output goes, by its format, its name and the options."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, Literal

from vanban.documents.brat_output import BratOutput
from vanban.documents.document import Failure
from vanban.documents.file_output import FileOutput
from vanban.documents.formats.conll import to_conll
from vanban.documents.formats.html import HtmlForm, to_line
from vanban.documents.formats.jsonl import to_jsonl
from vanban.documents.formats.pretty import to_pretty
from vanban.documents.forms import Form
from vanban.documents.names import suffix_of, suffix_of_content
from vanban.documents.output import Output, Render, StreamOutput
from vanban.documents.parquet_output import ParquetForm
from vanban.documents.report_output import ReportOutput
from vanban.documents.sources import PARQUET_SUFFIX, Source
from vanban.errors import UserError
from vanban.schema import Task

OutputFormat = Literal["jsonl", "brat", "conll", "pretty", "parquet", "html"]

HTML_SUFFIXES: Final = (".html", ".htm")

ENTITIES_ALONE: Final = ("brat", "conll")  # formats that have no place for a type


def format_of(given: OutputFormat | None, out: Path | None) -> OutputFormat:
    """Return the format that was asked for or, when none was, that of the suffix; jsonl when that says nothing.

    Raises UserError for a name that says another thing than the format.
    """
    in_parquet = out is not None and suffix_of_content(out) == PARQUET_SUFFIX
    in_html = out is not None and suffix_of_content(out) in HTML_SUFFIXES
    found: OutputFormat = given or ("parquet" if in_parquet else "html" if in_html else "jsonl")
    if found == "parquet" and out is None:
        raise UserError("Parquet is a file, not a stream: name one with -o, for example -o entities.parquet")
    if in_parquet and found not in ("parquet", "brat"):
        raise UserError(f"{out}: --format {found} is no Parquet; give -o another name, or leave out --format")
    if found == "parquet" and suffix_of_content(str(out)) != suffix_of(str(out)):
        raise UserError(f"{out}: Parquet is packed inside; give -o a name without {suffix_of(str(out))}")
    if found == "html" and out is None:
        raise UserError("A report is a file or a folder, not a stream: name one with -o, for example -o report.html")
    if found == "html" and suffix_of_content(str(out)) != suffix_of(str(out)):
        raise UserError(f"{out}: no browser opens a packed report; give -o a name without {suffix_of(str(out))}")
    return found


def open_output(
    sources: Sequence[Source | Failure],
    out: Path | None,
    output_format: OutputFormat,
    resume: bool,
    overwrite: bool,
    tasks: Sequence[Task],
    shards: int = 0,
) -> Output:
    """Return what takes the results. Raises UserError for options that don't go together, or what is there already."""
    if resume and overwrite:
        raise UserError("--resume goes on with what is there and --overwrite starts again: give one of them")
    if output_format == "brat":
        if out is None:
            raise UserError("--format brat writes two files for each document: name a folder with -o, e.g. -o entities")
        if shards:
            raise UserError("--format brat writes two files for each document: --shards goes with the other formats")
        return BratOutput(out, sources, resume, overwrite)
    with_entities = "ner" in tasks
    if output_format == "html" and out is not None and suffix_of(str(out)) not in HTML_SUFFIXES:
        if shards:
            raise UserError("a report in a folder is a page a document: --shards goes with one file, -o report.html")
        return ReportOutput(out, sources, resume, overwrite, with_entities)
    pretty = partial(to_pretty, with_entities=with_entities)
    jsonl = partial(to_jsonl, with_entities=with_entities)
    render: dict[OutputFormat, Callable[..., str]] = {
        "jsonl": jsonl, "parquet": jsonl, "conll": to_conll, "html": partial(to_line, with_entities=with_entities),
    }  # fmt: skip
    if out is None:
        if resume:
            raise UserError("--resume needs -o: what went to standard output is not known any more")
        if shards:
            raise UserError("--shards needs -o: the files are named after it, for example -o entities.jsonl")
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        return StreamOutput(sys.stdout.buffer, render.get(output_format, partial(pretty, colour=colour)))
    chosen: Render = render.get(output_format, pretty)
    if out.exists() and not out.is_file() and not out.is_dir():  # a device or a pipe is never replaced
        if shards or output_format in ("parquet", "html"):
            raise UserError(f"{out}: is no file; --shards, Parquet and HTML need one, for example -o entities.jsonl")
        return StreamOutput(open(out, "wb"), chosen)
    form: Form | None = None
    if output_format == "parquet":
        form = ParquetForm(with_entities, "doctype" in tasks)
    elif output_format == "html":
        form = HtmlForm()
    return FileOutput(out, chosen, resume, overwrite, form, shards)
