"""The commands `tag` and `vanban`. Importing this loads neither torch nor transformers, so that --help is quick."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from vanban import __version__
from vanban.documents.batch import DOCUMENTS_PER_CHUNK, tag_documents
from vanban.documents.brat_output import BratOutput
from vanban.documents.document import Document, Failure
from vanban.documents.formats import to_conll, to_jsonl, to_pretty
from vanban.documents.file_output import FileOutput
from vanban.documents.output import Output, StreamOutput
from vanban.documents.progress import progress_bar
from vanban.documents.reader import read_documents
from vanban.documents.sources import STANDARD_INPUT, InputFormat, Source, find_sources
from vanban.errors import UserError, cause_of
from vanban.interruption import Terminated, exit_status, heed_sigterm
from vanban.reading.text import printable
from vanban.schema import Task

if TYPE_CHECKING:
    from vanban.predictor import Predictor

OutputFormat = Literal["jsonl", "brat", "conll", "pretty"]

SOME_FAILED: Final = 1
WRONG_USE: Final = 2
BROKEN_PIPE: Final = 141  # 128 + SIGPIPE, what other commands exit with

TRAINING_COMMANDS: Final = {
    "annotations": ("vanban_training.cli", "annotations_app", "Check annotations and measure agreement."),
    "score": ("vanban_training.cli", "score_app", "Print how well a model does on annotated documents."),
    "bundle": ("vanban_training.cli", "bundle_app", "Build what ships inside the package."),
}

tag_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def load_predictor(models: Sequence[str], device: str, tasks: Sequence[Task]) -> Predictor:
    """Load models without the loading bars and the advice of transformers."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    from transformers.utils import logging

    from vanban.predictor import load

    logging.disable_progress_bar()
    return load(list(models), device, tasks)


@tag_app.command()
def tag(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT",
            help="Text files, JSONL files whose records have a text, folders (read recursively for *.txt, *.jsonl and "
            "*.ndjson), globs, or - for standard input.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="File to write (replaced at the end), or the folder for brat."),
    ] = None,
    output_format: Annotated[
        OutputFormat,
        typer.Option(
            "--format",
            help="jsonl: a record a document. brat: .txt + .ann in the folder OUT. conll: a token and its tag a line. "
            "pretty: to read.",
        ),
    ] = "jsonl",
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="Model directory or hub name, in the place of the package's of the same task. Twice for both tasks.",
            show_default="the models of the package",
        ),
    ] = None,
    input_format: Annotated[
        InputFormat, typer.Option(help="How to read every input. auto: as its name and its first bytes say.")
    ] = "auto",
    batch_size: Annotated[int, typer.Option(min=1, help="Documents to read ahead.")] = DOCUMENTS_PER_CHUNK,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
    min_score: Annotated[float, typer.Option(help="Leave out entities with a score below this, 0 to 1.")] = 0.0,
    no_doc_type: Annotated[
        bool, typer.Option("--no-doc-type", help="Look for entities only; the classifier is not loaded.")
    ] = False,
    only_doc_type: Annotated[
        bool, typer.Option("--only-doc-type", help="Tell the document type only; jsonl and pretty.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the interrupted run that wrote OUT, with the same options.")
    ] = False,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Start again where OUT has an interrupted run's work, or .ann files (brat)."),
    ] = False,
) -> None:
    """Mark officials, places, counts and directives in Vietnamese documents, and tell the type of each.

    Writes one JSON record per document: id, path (of a text file), the record's own fields, entities, doc_type (null
    when no type is probable enough), doc_type_score, doc_type_scores, model. Offsets are half-open code points of the
    raw text. A field of a JSONL record that has one of these names is kept as input_NAME; its id is used when it is a
    string or a number, else the id is path:line.

    While it runs the results are in OUT.partial. A document that can't be read is reported and the rest is tagged.

    Exit status: 0 all done, 1 some documents failed, 2 wrong use or an output that takes no more, 130 interrupted
    (143 by SIGTERM).
    """
    if not 0 <= min_score <= 1:
        raise UserError(f"--min-score {min_score}: expected a number from 0 to 1")
    tasks = _tasks(no_doc_type, only_doc_type, output_format)
    if out is not None and str(out) == STANDARD_INPUT:
        out = None  # `-` is standard output here
    if (out is None and sys.stdout is None) or (STANDARD_INPUT in inputs and sys.stdin is None):
        raise UserError("standard input or output is closed here: name files, and -o FILE")
    try:
        sources = find_sources(inputs, input_format, out, may_replace=resume or overwrite, say=_say)
        output = _open_output(sources, out, output_format, resume, overwrite, with_entities="ner" in tasks)
    except OSError as error:
        raise UserError(f"{error.filename}: {error.strerror}") from None
    if isinstance(output, FileOutput) and output.is_complete:
        _say(
            f"{out} is complete, nothing to resume; documents and options that are new since then are not looked at. "
            "To tag again leave out --resume"
        )
        return
    try:
        predictor = load_predictor(model or [], device, tasks)
        output.start({"model": predictor.name, "format": output_format, "min-score": min_score})
        documents, entities, failed = _tag(sources, output, predictor, batch_size, min_score)
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
    if not isinstance(output, StreamOutput):
        before = output.done - documents
        encoders = dict.fromkeys(info["encoder"]["used"] for info in predictor.info.values() if "encoder" in info)
        _say(
            f"{documents} documents"
            + (f", {entities} entities" if predictor.tagger else "")
            + f" → {out}"
            + (f" ({before} documents were done before)" if before else "")
            + f"; model {predictor.name}"
            + (f", encoder {' + '.join(encoders)}" if encoders else "")
        )
    if failed:
        _say(f"{failed} of {documents + failed} documents failed")
        raise typer.Exit(SOME_FAILED)


def _tasks(no_doc_type: bool, only_doc_type: bool, output_format: OutputFormat) -> Sequence[Task]:
    """Return what is to be read; raises UserError for options that leave nothing, or nothing that can be written."""
    if no_doc_type and only_doc_type:
        raise UserError("--no-doc-type and --only-doc-type leave nothing to read: give one of them")
    if only_doc_type and output_format in ("brat", "conll"):
        raise UserError(f"--format {output_format} holds entities alone: --only-doc-type goes with jsonl and pretty")
    if only_doc_type:
        return ("doctype",)
    # those formats have no place for a type
    return ("ner",) if no_doc_type or output_format in ("brat", "conll") else ("ner", "doctype")


def _open_output(
    sources: list[Source | Failure],
    out: Path | None,
    output_format: OutputFormat,
    resume: bool,
    overwrite: bool,
    with_entities: bool,
) -> Output:
    if resume and overwrite:
        raise UserError("--resume goes on with what is there and --overwrite starts again: give one of them")
    if output_format == "brat":
        if out is None:
            raise UserError("--format brat writes two files for each document: name a folder with -o, e.g. -o entities")
        return BratOutput(out, sources, resume, overwrite)
    pretty = partial(to_pretty, with_entities=with_entities)
    render: dict[OutputFormat, Callable[..., str]] = {
        "jsonl": partial(to_jsonl, with_entities=with_entities),
        "conll": to_conll,
    }
    if out is None:
        if resume:
            raise UserError("--resume needs -o: what went to standard output is not known any more")
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        return StreamOutput(sys.stdout.buffer, render.get(output_format, partial(pretty, colour=colour)))
    if out.exists() and not out.is_file() and not out.is_dir():  # a device or a pipe is never replaced
        return StreamOutput(open(out, "wb"), render.get(output_format, pretty))
    return FileOutput(out, render.get(output_format, pretty), resume, overwrite)


def _tag(
    sources: list[Source | Failure], output: Output, predictor: Predictor, batch_size: int, min_score: float
) -> tuple[int, int, int]:
    """Tag every document; return the numbers of documents written, of their entities, and of documents that failed."""
    if any(isinstance(s, Source) and s.path == STANDARD_INPUT for s in sources) and sys.stdin.isatty():
        _say("reading from the terminal; end with Ctrl-D")
    documents = entities = failed = 0
    with progress_bar(sources, isinstance(output, StreamOutput)) as advance:
        for item in tag_documents(_not_done(read_documents(sources), output, advance), predictor, batch_size):
            if not isinstance(item, Failure):
                document, prediction = item
                kept = tuple(e for e in prediction.entities if e.score >= min_score)
                try:
                    output.write(document, replace(prediction, entities=kept))
                    documents += 1
                    entities += len(kept)
                except UserError as error:
                    item = Failure(document.where, str(error))
            if isinstance(item, Failure):
                failed += 1
                _say(f"error: {item}")
            advance()
    output.finish()
    return documents, entities, failed


def _not_done(
    documents: Iterable[Document | Failure], output: Output, advance: Callable[[], None]
) -> Iterator[Document | Failure]:
    for document in documents:
        try:
            if isinstance(document, Document) and output.has(document):
                advance()
                continue
        except UserError as error:
            document = Failure(document.where, str(error))
        yield document


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
    if importlib.util.find_spec("vanban_training"):
        for name in TRAINING_COMMANDS:
            _mount(app, name)
    _run(app, "vanban")


def version() -> None:
    """Print the version."""
    print(f"vanban {__version__}")


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
