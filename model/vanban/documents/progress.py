"""The progress bar of `tag`, on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vanban.documents.document import Failure
from vanban.documents.names import suffix_of_content
from vanban.documents.sources import FOLDER_SUFFIXES, ROW_SUFFIXES, Source


@contextmanager
def progress_bar(sources: list[Source | Failure], to_stream: bool) -> Iterator[Callable[[], None]]:
    """Show a bar on standard error where that is a terminal; yield what to call after each document."""
    # results that run over the same terminal would tear the bar, and show the progress themselves
    if not sys.stderr.isatty() or (to_stream and sys.stdout.isatty()):
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

    # how many records a file of JSON holds, and files a mail, is known when it was read
    many = (*ROW_SUFFIXES, ".eml")
    kinds = {suffix_of_content(source.path) for source in sources if isinstance(source, Source)}
    is_known = kinds <= {*FOLDER_SUFFIXES} - {*many}
    total = len(sources) if is_known else None
    columns = ("documents", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), redirect_stdout=False) as progress:
        task = progress.add_task("documents", total=total)
        yield lambda: progress.advance(task)
