"""`tag`: documents in, what is found in them out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from vanban import __version__
from vanban.cluster.command import tag_on_ray
from vanban.commands.messages import BROKEN_PIPE, GUESSED, SOME_FAILED, discard_output, say
from vanban.documents.batch import DOCUMENTS_PER_CHUNK
from vanban.documents.counting import counted
from vanban.documents.destination import ENTITIES_ALONE, format_of, open_output
from vanban.documents.file_output import FileOutput
from vanban.documents.fingerprint import models_digest
from vanban.documents.formats.format import Losses
from vanban.documents.formats.losses import said
from vanban.documents.formats.registry import FormatName
from vanban.documents.job import Counts, tag_all
from vanban.documents.loading import load_predictor
from vanban.documents.output import Output, StreamOutput
from vanban.documents.progress import progress_bar
from vanban.documents.reader import read_documents
from vanban.documents.readers.reader import Encoding
from vanban.documents.records import USUAL_ID, USUAL_TEXT, Columns
from vanban.documents.sources import STANDARD_INPUT, InputFormat, Source, find_sources
from vanban.documents.workers import Here, Load, Models, Tagging, Workers
from vanban.errors import UserError
from vanban.interruption import Terminated, exit_status
from vanban.machine import cores, workers_that_fit
from vanban.schema import Backend, Task


def tag(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT",
            help="Files of text, .docx, .pdf, .html, .rtf and .eml, JSONL and Parquet whose records have a text, also "
            "packed (.gz, .zst), folders (read recursively for all of these), globs, or - for standard input.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            help="File to write (replaced at the end; packed when it ends in .gz or .zst), or a folder, for brat.",
        ),
    ] = None,
    output_format: Annotated[
        FormatName | None,
        typer.Option(
            "--format",
            help="jsonl: a record a document, with all that was read. parquet: these in columns. pretty, html: to look "
            "at. brat, cas, webanno, html: files for each document in the folder OUT. What another format has no place "
            "for is counted at the end.",
            show_default="what OUT's suffix says, else jsonl",
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="Model directory or hub name, in the place of the package's of the same task. Twice for both tasks. "
            "Or `fast` or `accurate`, others of the package.",
            show_default="the models of the package",
        ),
    ] = None,
    input_format: Annotated[
        InputFormat, typer.Option(help="How to read every input. auto: as its name and its first bytes say.")
    ] = "auto",
    encoding: Annotated[
        Encoding | None,
        typer.Option(help="Of files of text; tcvn3 and vni are letters of fonts before Unicode.", show_default=GUESSED),
    ] = None,
    text_column: Annotated[str, typer.Option(help="Field of a record, or column, that holds the text.")] = USUAL_TEXT,
    id_column: Annotated[
        str, typer.Option(help="The one that holds the id; when it is named it must be there.")
    ] = USUAL_ID,
    workers: Annotated[
        str | None,
        typer.Option(
            metavar="N|auto",
            help="Processes that tag, each with the models and on one thread (or OMP_NUM_THREADS); auto: as many as "
            "cores and memory are enough for. The output does not depend on their number.",
            show_default="this process, on all cores",
        ),
    ] = None,
    shards: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Write OUT as N files of like size, OUT-00000-of-0000N, which have all documents in order, and a "
            "manifest with counts and checksums.",
        ),
    ] = None,
    batch_size: Annotated[
        int,
        typer.Option(min=1, help="Documents that are tagged together; in bfloat16 last digits of scores depend on it."),
    ] = DOCUMENTS_PER_CHUNK,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
    backend: Annotated[
        Backend,
        typer.Option(help="torch, onnx (ONNX Runtime; exports the model at its first use), or what is fastest here."),
    ] = "auto",
    min_score: Annotated[float, typer.Option(help="Leave out entities with a score below this, 0 to 1.")] = 0.0,
    no_doc_type: Annotated[
        bool, typer.Option("--no-doc-type", help="Look for entities only; the classifier is not loaded.")
    ] = False,
    only_doc_type: Annotated[
        bool, typer.Option("--only-doc-type", help="Tell the document type only; jsonl and pretty.")
    ] = False,
    no_values: Annotated[
        bool,
        typer.Option("--no-values", help="Leave out what entities mean (`value`) and what documents are (`record`)."),
    ] = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on with the run that wrote OUT, with the same models and options: what it did not come to, and "
            "documents that failed.",
        ),
    ] = False,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Start again where OUT has an interrupted run's work, or a folder results."),
    ] = False,
    engine: Annotated[
        Literal["local", "ray"],
        typer.Option(help="ray: inputs and OUT, a folder, may be URIs, and a Ray cluster does the work."),
    ] = "local",
    ray_address: Annotated[
        str | None,
        typer.Option(
            help="Cluster to join with --engine ray: auto, HOST:PORT or ray://HOST:PORT.",
            show_default="the cores of this machine",
        ),
    ] = None,
) -> None:
    """Mark officials, places, counts and directives in Vietnamese documents, and tell the type of each.

    Writes one JSON record per document: id, path (of a file), text and source (of a file that is no text in UTF-8), the
    record's own fields, entities, doc_type (null when no type is probable enough), doc_type_score, doc_type_scores,
    record (what the document says of itself), model.
    Offsets are half-open code points of the raw text. A field of a JSONL record that has one of these names is kept as
    input_NAME; its id is used when it is a string or a number, else the id is path:line.

    While it runs the results are in OUT.partial. A document that can't be read is reported and the rest is tagged; then
    OUT.partial stays beside OUT, and --resume tags those again (they come last) when they were mended.

    Exit status: 0 all done, 1 some documents failed, 2 wrong use or an output that takes no more, 130 interrupted
    (143 by SIGTERM).
    """
    if not 0 <= min_score <= 1:
        raise UserError(f"--min-score {min_score}: expected a number from 0 to 1")
    if out is not None and str(out) == STANDARD_INPUT:
        out = None  # `-` is standard output here
    chosen = format_of(output_format, out)
    tasks = _tasks(no_doc_type, only_doc_type, chosen)
    if ray_address is not None and engine != "ray":
        raise UserError(f"--ray-address {ray_address} goes with --engine ray")
    if engine == "ray":
        if workers or shards:
            raise UserError("--workers and --shards go with one machine: --engine ray has its actors, and its files")
        if batch_size != DOCUMENTS_PER_CHUNK:
            raise UserError("--batch-size goes with one machine: --engine ray hands its actors blocks by their size")
        status = tag_on_ray(
            ray_address, say, inputs=inputs, out=str(out or ""), output_format=chosen, models=model or [],
            device=device, backend=backend, tasks=tasks, min_score=min_score, values=not no_values,
            input_format=input_format, resume=resume, overwrite=overwrite, encoding=encoding,
            columns=Columns(text_column, id_column),
        )  # fmt: skip
        raise typer.Exit(status)
    if (out is None and sys.stdout is None) or (STANDARD_INPUT in inputs and sys.stdin is None):
        raise UserError("standard input or output is closed here: name files, and -o FILE")
    number = _number_of(workers, device)
    losses = Losses()
    try:
        sources = find_sources(inputs, input_format, out, resume or overwrite, say, encoding, bool(shards))
    except OSError as error:
        raise UserError(f"{error.filename}: can't be read: {error.strerror}") from None
    try:
        output = open_output(sources, out, chosen, resume, overwrite, tasks, shards or 0, losses)
    except OSError as error:
        raise UserError(f"{error.filename}: can't be written: {error.strerror}; give -o another name") from None
    if isinstance(output, FileOutput) and output.is_complete:
        output.close()
        say(
            f"{out} is complete, nothing to resume; documents and options that are new since then are not looked at. "
            "To tag again leave out --resume"
        )
        return
    options = {
        "format": chosen, "min-score": min_score, "tasks": list(tasks), "input-format": input_format,
        "encoding": encoding, "backend": backend, "values": not no_values, "text-column": text_column,
        "id-column": id_column, "shards": shards or 0, "vanban": __version__,
    }  # fmt: skip
    from_stdin = any(isinstance(s, Source) and s.path == STANDARD_INPUT for s in sources)
    try:
        load = partial(load_predictor, model or [], device, tasks, backend, not no_values)
        with _tagging(number, load, ahead=not from_stdin) as tagging:
            models = tagging.models()
            if not isinstance(output, StreamOutput):
                files = models_digest(model or [], models.info)
                output.start({"model": models.name, **options, "model files": files})
            if from_stdin and sys.stdin.isatty():
                say("reading from the terminal; end with Ctrl-D")
            documents = read_documents(sources, Columns(text_column, id_column))
            with progress_bar(sources, isinstance(output, StreamOutput)) as advance:
                counts = tag_all(documents, output, tagging, batch_size, min_score, say, advance)
    except (KeyboardInterrupt, Terminated) as stop:
        hint = "" if isinstance(output, StreamOutput) else " and kept; go on with the same command and --resume"
        say("\n" * sys.stderr.isatty() + f"interrupted: {counted(output.done, 'documents')} done{hint}")
        raise typer.Exit(exit_status(stop)) from None
    except BrokenPipeError:
        discard_output()
        raise typer.Exit(BROKEN_PIPE) from None
    except OSError as error:
        hint = "" if isinstance(output, StreamOutput) else "; go on with --resume"
        raise UserError(
            f"{error.filename or out or 'standard output'}: can't be written: {error.strerror}. "
            f"{counted(output.done, 'documents are', 'document is')} written whole{hint}"
        ) from None
    finally:
        output.close()
    _say_what_was_done(output, out, counts, models, shards)
    if isinstance(output, FileOutput) and output.absent:
        absent = counted(output.absent, "documents that were done before are", "document that was done before is")
        stay = "stays" if output.absent == 1 else "stay"
        say(f"warning: {absent} not among these inputs, and {stay} in {out}")
    left_out = said(losses, chosen)
    if left_out:
        say(left_out)
    if counts.failed:
        if isinstance(output, FileOutput) and output.is_untouched:
            say(f"{out} is what it was: no document was tagged")
        raise typer.Exit(SOME_FAILED)


def _say_what_was_done(output: Output, out: Path | None, counts: Counts, models: Models, shards: int | None) -> None:
    is_kept = not isinstance(output, StreamOutput)
    if is_kept:
        # what is there now comes first: it is what OUT holds, and the rest says how it came there
        before = output.done - counts.documents
        now = " in the others" if before else ""
        entities = f", {counted(counts.entities, 'entities')}{now}" if models.find_entities else ""
        encoders = dict.fromkeys(info["encoder"]["used"] for info in models.info.values() if "encoder" in info)
        say(
            counted(output.done, "documents")
            + ("" if before else entities)
            + f" → {out}"
            + (f" in {shards} shards" if shards else "")
            + (f", {before:,} of them done before{entities}" if before else "")
            + f"; model {models.name}"
            + (f", encoder {' + '.join(encoders)}" if encoders else "")
        )
    if counts.failed:
        hint = "; when they are mended, the same command with --resume tags them" if is_kept else ""
        all_of_them = (output.done if is_kept else counts.documents) + counts.failed
        say(f"{counts.failed:,} of {counted(all_of_them, 'documents')} failed{hint}")


def _tasks(no_doc_type: bool, only_doc_type: bool, output_format: FormatName) -> Sequence[Task]:
    """Return what is to be read; raises UserError for options that leave nothing, or nothing that can be written."""
    if no_doc_type and only_doc_type:
        raise UserError("--no-doc-type and --only-doc-type leave nothing to read: give one of them")
    if only_doc_type and output_format in ENTITIES_ALONE:
        raise UserError(f"--format {output_format} holds entities alone: --only-doc-type goes with jsonl and pretty")
    if only_doc_type:
        return ("doctype",)
    # those formats have no place for a type
    return ("ner",) if no_doc_type or output_format in ENTITIES_ALONE else ("ner", "doctype")


def _tagging(workers: int | None, load: Load, ahead: bool) -> AbstractContextManager[Tagging]:
    """Return what tags: this process on all cores, or as many processes as --workers says."""
    return Workers(load, workers, max(1, cores() // workers)) if workers else nullcontext(Here(load, ahead))


def _number_of(workers: str | None, device: str) -> int | None:
    if workers is None:
        return None
    if workers == "auto":
        from vanban.network.backends import has_gpu

        # processes would share one GPU, and each take a part of its memory
        on_gpu = device.startswith("cuda") or (device == "auto" and has_gpu())
        return None if on_gpu else workers_that_fit()
    if not workers.isdecimal() or not int(workers):
        raise UserError(f"--workers {workers}: expected a number from 1 on, or auto")
    return int(workers)
