"""What `cite` and `table` share: documents that are tagged, or are tagged first, with what their entities mean."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vanban.commands.messages import GUESSED, SOME_FAILED, say
from vanban.documents.batch import DOCUMENTS_PER_CHUNK
from vanban.documents.counting import counted
from vanban.documents.document import Failure
from vanban.documents.loading import load_predictor
from vanban.documents.progress import progress_bar
from vanban.documents.reader import read_documents
from vanban.documents.readers.reader import Encoding
from vanban.documents.records import Columns
from vanban.documents.sources import STANDARD_INPUT, InputFormat, find_sources
from vanban.errors import UserError
from vanban.interruption import Terminated, exit_status
from vanban.schema import TASKS, Backend

if TYPE_CHECKING:
    from vanban.documents.valued import Valued

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT",
        help="What tag reads; it is tagged first. Or JSON Lines or Parquet that tag wrote: then no model is loaded, "
        "and a record without a text is read from its path.",
    ),
]
Model = Annotated[list[str] | None, typer.Option(help="As of tag.", show_default="the models of the package")]
Device = Annotated[str, typer.Option(help="As of tag.")]
BackendOption = Annotated[Backend, typer.Option(help="As of tag.")]
FormatOption = Annotated[InputFormat, typer.Option(help="How to read every input, as of tag.")]
EncodingOption = Annotated[
    Encoding | None, typer.Option(help="Of the texts of files, as of tag.", show_default=GUESSED)
]
TextColumn = Annotated[str, typer.Option(help="Field of a record, or column, that holds the text.")]
IdColumn = Annotated[str, typer.Option(help="The one that holds the id.")]


class ReadValues:
    """The documents of inputs with their values; those that fail are told, and counted."""

    def __init__(
        self,
        inputs: Sequence[str],
        out: Path,
        model: list[str] | None,
        device: str,
        backend: Backend,
        input_format: InputFormat,
        encoding: Encoding | None,
        text_column: str,
        id_column: str,
    ) -> None:
        """Raise UserError for an input that is not there."""
        if STANDARD_INPUT in inputs and sys.stdin is None:
            raise UserError("standard input is closed here: name files")
        try:
            self._sources = find_sources(inputs, input_format, out, True, say, encoding)
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
                    say(f"error: {item}")
                else:
                    self.documents += 1
                    yield item
                advance()

    def end(self) -> None:
        """Exit with the status of documents that failed, where some did."""
        if self.failed:
            say(f"{self.failed} of {counted(self.documents + self.failed, 'documents')} failed, and are not in it")
            raise typer.Exit(SOME_FAILED)


@contextlib.contextmanager
def stoppable(out: Path) -> Iterator[None]:
    """End with the right status when it is interrupted; raise UserError where the output can't be written."""
    try:
        yield
    except (KeyboardInterrupt, Terminated) as stop:
        say("\n" * sys.stderr.isatty() + f"interrupted: {out} is not written")
        raise typer.Exit(exit_status(stop)) from None
    except OSError as error:
        raise UserError(f"{error.filename or out}: can't be written: {error.strerror or error}") from None
