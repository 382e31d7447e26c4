"""Documents of a corpus in any format of the registry: which one a path is of, and what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from vanban.documents.annotated import annotated_files
from vanban.documents.document import Failure
from vanban.documents.formats.format import Tagged
from vanban.errors import UserError
from vanban_training.corpus.files import named_files


def format_in(path: Path) -> str | None:
    """Return the name of the format of a file, or of the first file of a folder; None where it has none.

    A folder that has texts or standoff is brat's, whatever else it has.
    """
    if path.is_dir() and (named_files(path, ".txt") or named_files(path, ".ann")):
        return "brat"
    try:
        files = annotated_files(str(path))
    except UserError:
        return None
    return next((file.form.name for file in files if not isinstance(file, Failure)), None)


def read_tagged(path: Path) -> Iterator[tuple[str, Tagged]]:
    """Yield each document with where it stands. Raises UserError for one that can't be read."""
    for file in annotated_files(str(path)):
        if isinstance(file, Failure):
            raise UserError(str(file))
        for item in file.read():
            if isinstance(item, Failure):
                raise UserError(str(item))
            yield item[0].where, item
