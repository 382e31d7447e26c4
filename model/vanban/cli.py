"""The commands `tag` and `vanban`. Importing this loads neither torch nor transformers, so that --help is quick."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from vanban import __version__
from vanban.cluster.command import tag_on_ray
from vanban.documents.batch import DOCUMENTS_PER_CHUNK
from vanban.documents.destination import ENTITIES_ALONE, OutputFormat, format_of, open_output
from vanban.documents.document import Failure
from vanban.documents.file_output import FileOutput
from vanban.documents.fingerprint import models_digest
from vanban.documents.job import Counts, tag_all
from vanban.documents.loading import load_predictor
from vanban.documents.machine import cores, workers_that_fit
from vanban.documents.output import Output, StreamOutput
from vanban.documents.progress import progress_bar
from vanban.documents.reader import read_documents
from vanban.documents.records import USUAL_ID, USUAL_TEXT, Columns
from vanban.documents.sources import STANDARD_INPUT, InputFormat, Source, find_sources
from vanban.documents.whole import whole_file
from vanban.documents.workers import Here, Load, Models, Tagging, Workers
from vanban.errors import UserError, cause_of
from vanban.interruption import Terminated, exit_status, heed_sigterm
from vanban.reading.text import printable
from vanban.schema import LABELS, TASKS, Backend, Task
from vanban.serving.command import serve

if TYPE_CHECKING:
    from vanban.documents.valued import Valued

SOME_FAILED: Final = 1
WRONG_USE: Final = 2
BROKEN_PIPE: Final = 141  # 128 + SIGPIPE, what other commands exit with

TRAINING_COMMANDS: Final = {
    "annotations": ("vanban_training.cli", "annotations_app", "Check annotations and measure agreement."),
    "score": ("vanban_training.cli", "score_app", "Print how well a model does on annotated documents."),
    "bundle": ("vanban_training.cli", "bundle_app", "Build what ships inside the package."),
}

tag_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@tag_app.command()
def tag(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT",
            help="Text files, JSONL and Parquet files whose records have a text, also packed (.gz, .zst), folders "
            "(read recursively for *.txt, *.jsonl, *.ndjson and *.parquet), globs, or - for standard input.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            help="File to write (replaced at the end; packed when it ends in .gz or .zst), or the folder for brat.",
        ),
    ] = None,
    output_format: Annotated[
        OutputFormat | None,
        typer.Option(
            "--format",
            help="jsonl: a record a document. brat: .txt + .ann in the folder OUT. conll: a token and its tag a line. "
            "pretty: to read. parquet: the records in columns.",
            show_default="parquet when OUT ends in .parquet, else jsonl",
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
        typer.Option("--overwrite", help="Start again where OUT has an interrupted run's work, or .ann files (brat)."),
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

    Writes one JSON record per document: id, path (of a text file), the record's own fields, entities, doc_type (null
    when no type is probable enough), doc_type_score, doc_type_scores, record (what the document says of itself), model.
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
        status = tag_on_ray(
            ray_address, _say, inputs=inputs, out=str(out or ""), output_format=chosen, models=model or [],
            device=device, backend=backend, tasks=tasks, min_score=min_score, values=not no_values,
            input_format=input_format, resume=resume, overwrite=overwrite, columns=Columns(text_column, id_column),
        )  # fmt: skip
        raise typer.Exit(status)
    if (out is None and sys.stdout is None) or (STANDARD_INPUT in inputs and sys.stdin is None):
        raise UserError("standard input or output is closed here: name files, and -o FILE")
    number = _number_of(workers, device)
    try:
        sources = find_sources(inputs, input_format, out, may_replace=resume or overwrite, say=_say)
        output = open_output(sources, out, chosen, resume, overwrite, tasks, shards or 0)
    except OSError as error:
        raise UserError(f"{error.filename}: {error.strerror}") from None
    if isinstance(output, FileOutput) and output.is_complete:
        _say(
            f"{out} is complete, nothing to resume; documents and options that are new since then are not looked at. "
            "To tag again leave out --resume"
        )
        return
    options = {
        "format": chosen, "min-score": min_score, "tasks": list(tasks), "input-format": input_format,
        "backend": backend, "values": not no_values, "text-column": text_column, "id-column": id_column,
        "shards": shards or 0, "vanban": __version__,
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
                _say("reading from the terminal; end with Ctrl-D")
            documents = read_documents(sources, Columns(text_column, id_column))
            with progress_bar(sources, isinstance(output, StreamOutput)) as advance:
                counts = tag_all(documents, output, tagging, batch_size, min_score, _say, advance)
    except (KeyboardInterrupt, Terminated) as stop:
        hint = "" if isinstance(output, StreamOutput) else " and kept; go on with the same command and --resume"
        _say("\n" * sys.stderr.isatty() + f"interrupted: {output.done} documents done{hint}")
        raise typer.Exit(exit_status(stop)) from None
    except BrokenPipeError:
        _discard_output()
        raise typer.Exit(BROKEN_PIPE) from None
    except OSError as error:
        hint = "" if isinstance(output, StreamOutput) else "; go on with --resume"
        raise UserError(
            f"{error.filename or out or 'standard output'}: can't be written: {error.strerror}. "
            f"{output.done} documents are written whole{hint}"
        ) from None
    _say_what_was_done(output, out, counts, models, shards)
    if counts.failed:
        raise typer.Exit(SOME_FAILED)


def _say_what_was_done(output: Output, out: Path | None, counts: Counts, models: Models, shards: int | None) -> None:
    is_kept = not isinstance(output, StreamOutput)
    if is_kept:
        before = output.done - counts.documents
        encoders = dict.fromkeys(info["encoder"]["used"] for info in models.info.values() if "encoder" in info)
        _say(
            f"{counts.documents} documents"
            + (f", {counts.entities} entities" if models.find_entities else "")
            + f" → {out}"
            + (f" in {shards} shards" if shards else "")
            + (f" ({before} documents were done before)" if before else "")
            + f"; model {models.name}"
            + (f", encoder {' + '.join(encoders)}" if encoders else "")
        )
    if counts.failed:
        hint = "; when they are mended, the same command with --resume tags them" if is_kept else ""
        _say(f"{counts.failed} of {counts.documents + counts.failed} documents failed{hint}")


def _tasks(no_doc_type: bool, only_doc_type: bool, output_format: OutputFormat) -> Sequence[Task]:
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


def _say(message: str) -> None:
    """Print a message, which may hold names of files, to standard error."""
    print("\n".join(map(printable, message.split("\n"))), file=sys.stderr, flush=True)


def _run(app: typer.Typer, name: str) -> None:
    """Run an app; a UserError becomes `error: …` and exit status 2."""
    heed_sigterm()
    try:
        app(prog_name=name)
    except UserError as error:
        _say(f"error: {error}")
        sys.exit(WRONG_USE)
    except OSError as error:  # such as a full disk behind standard output
        _say(f"error: {cause_of(error)}")
        _discard_output()
        sys.exit(WRONG_USE)


def _discard_output() -> None:
    """Let what is left for standard output go nowhere: Python would complain when it flushes it at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tag_main() -> None:
    """Entry point of `tag`."""
    _run(tag_app, "tag")


def main() -> None:
    """Entry point of `vanban`: tag, version, and the training commands where the training package is installed."""
    app = typer.Typer(
        add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True, help="Read Vietnamese documents."
    )
    app.command("tag")(tag)
    app.command("version")(version)
    app.command("info")(info)
    app.command("export")(export)
    app.command("cite")(cite)
    app.command("table")(table)
    app.command("serve")(serve)
    if importlib.util.find_spec("vanban_training"):
        for name in TRAINING_COMMANDS:
            _mount(app, name)
    _run(app, "vanban")


def version() -> None:
    """Print the version."""
    print(f"vanban {__version__}")


def info() -> None:
    """Print what this processor multiplies in and which back end it takes, versions, models, caches and threads."""
    from vanban.info import information

    print(information())


def export(
    model: Annotated[str, typer.Argument(help="Model directory, hub name, fast or accurate.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder to write, which is not there yet.")],
    precision: Annotated[
        Literal["int8", "float32"],
        typer.Option(help="int8 is refused where it reads the sample otherwise than the model."),
    ] = "int8",
    task: Annotated[Task, typer.Option(help="Which of the models that ship: ner or doctype.")] = "ner",
) -> None:
    """Write a model as a folder that ONNX Runtime reads without torch: model.onnx, tokenizer, vanban.json."""
    from vanban.network.checkpoint import find_model
    from vanban.network.export import export as write

    parity = write(find_model(model, task), out, precision)
    print(f"{parity}\n→ {out}")


_ValuedInputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT",
        help="What tag reads; it is tagged first. Or JSON Lines or Parquet that tag wrote: then no model is loaded, "
        "and a record without a text is read from its path.",
    ),
]
_ValuedModel = Annotated[list[str] | None, typer.Option(help="As of tag.", show_default="the models of the package")]
_ValuedDevice = Annotated[str, typer.Option(help="As of tag.")]
_ValuedBackend = Annotated[Backend, typer.Option(help="As of tag.")]
_ValuedFormat = Annotated[InputFormat, typer.Option(help="How to read every input, as of tag.")]
_ValuedText = Annotated[str, typer.Option(help="Field of a record, or column, that holds the text.")]
_ValuedId = Annotated[str, typer.Option(help="The one that holds the id.")]


def cite(
    inputs: _ValuedInputs,
    out: Annotated[Path, typer.Option("-o", "--out", help="File to write: .jsonl, .graphml or .html.")],
    model: _ValuedModel = None,
    device: _ValuedDevice = "auto",
    backend: _ValuedBackend = "auto",
    input_format: _ValuedFormat = "auto",
    text_column: _ValuedText = USUAL_TEXT,
    id_column: _ValuedId = USUAL_ID,
) -> None:
    """Join documents into the graph of citations: which act cites which, how, and how often.

    Acts meet by their id, however they are written; one that lacks its year or place joins the only one that agrees.
    Acts that are cited and not there are in it, too. Many documents are best tagged first, with --workers of tag.

    Exit status: as of tag.
    """
    # the grammars of values take longer to import than all else here, and tag --help has no need of them
    from vanban.documents.citation_output import graph_writer
    from vanban.documents.citations import Citations

    write = graph_writer(str(out))
    citations = Citations()
    reading = _Valued(inputs, out, model, device, backend, input_format, text_column, id_column)
    with _stoppable(out):
        for valued in reading:
            citations.add(valued)
        graph = citations.graph()
        with whole_file(out) as partial_file:
            partial_file.write_text(write(graph), encoding="utf-8", errors="backslashreplace")
    here = sum(bool(act.documents) for act in graph.acts.values())
    _say(
        f"{reading.documents} documents: {here} acts and other documents, {len(graph.acts) - here} more acts that are "
        f"cited, {len(graph.edges)} edges → {out}"
    )
    reading.end()


def table(
    inputs: _ValuedInputs,
    label: Annotated[str, typer.Option(help=f"{', '.join(LABELS)}.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="File to write: .csv, .parquet or .xlsx.")],
    model: _ValuedModel = None,
    device: _ValuedDevice = "auto",
    backend: _ValuedBackend = "auto",
    input_format: _ValuedFormat = "auto",
    text_column: _ValuedText = USUAL_TEXT,
    id_column: _ValuedId = USUAL_ID,
) -> None:
    """Write a row for each value of a label: document and its date, place in whose scope it stands, fields, sentence.

    The place is that which stands nearest before it in its sentence, else in its paragraph, else that of the issuer;
    scope_from says which. Exit status: as of tag.
    """
    from vanban.documents.table_output import table_writer
    from vanban.documents.value_table import columns_of, rows_of

    columns = columns_of(label)
    write = table_writer(str(out))
    reading = _Valued(inputs, out, model, device, backend, input_format, text_column, id_column)
    with _stoppable(out), whole_file(out) as partial_file:
        rows = write(partial_file, columns, (row for valued in reading for row in rows_of(valued, label)))
    _say(f"{reading.documents} documents, {rows} rows → {out}")
    reading.end()


class _Valued:
    """The documents of inputs with their values; those that fail are told, and counted."""

    def __init__(
        self,
        inputs: Sequence[str],
        out: Path,
        model: list[str] | None,
        device: str,
        backend: Backend,
        input_format: InputFormat,
        text_column: str,
        id_column: str,
    ) -> None:
        """Raise UserError for an input that is not there."""
        if STANDARD_INPUT in inputs and sys.stdin is None:
            raise UserError("standard input is closed here: name files")
        try:
            self._sources = find_sources(inputs, input_format, out, may_replace=True, say=_say)
        except OSError as error:
            raise UserError(f"{error.filename}: {error.strerror}") from None
        self._load = partial(load_predictor, model or [], device, TASKS, backend, False)
        self._columns = Columns(text_column, id_column, behind_path=True)
        self.documents = self.failed = 0

    def __iter__(self) -> Iterator[Valued]:
        from vanban.documents.valued import valued_documents

        with progress_bar(self._sources, to_stream=False) as advance:
            documents = read_documents(self._sources, self._columns)
            for item in valued_documents(documents, self._load, DOCUMENTS_PER_CHUNK):
                if isinstance(item, Failure):
                    self.failed += 1
                    _say(f"error: {item}")
                else:
                    self.documents += 1
                    yield item
                advance()

    def end(self) -> None:
        """Exit with the status of documents that failed, where some did."""
        if self.failed:
            _say(f"{self.failed} of {self.documents + self.failed} documents failed, and are not in it")
            raise typer.Exit(SOME_FAILED)


@contextlib.contextmanager
def _stoppable(out: Path) -> Iterator[None]:
    """End with the right status when it is interrupted; raise UserError where the output can't be written."""
    try:
        yield
    except (KeyboardInterrupt, Terminated) as stop:
        _say("\n" * sys.stderr.isatty() + f"interrupted: {out} is not written")
        raise typer.Exit(exit_status(stop)) from None
    except OSError as error:
        raise UserError(f"{error.filename or out}: can't be written: {error.strerror or error}") from None


def _mount(app: typer.Typer, name: str) -> None:
    """Add a training command that is imported when it is called; it reads its own arguments, --help included."""
    module, attribute, summary = TRAINING_COMMANDS[name]
    everything = {"allow_extra_args": True, "ignore_unknown_options": True}

    @app.command(name, help=summary, add_help_option=False, context_settings=everything)
    def command(context: typer.Context) -> None:
        try:
            inner: Any = getattr(importlib.import_module(module), attribute)
            inner(context.args, prog_name=f"vanban {name}")
        except ModuleNotFoundError as error:
            raise UserError(f"vanban {name} needs {error.name}: pip install 'vanban[train,bundle]'") from None
