"""What documents are called in a folder that has files of their own for them: no two alike, none outside of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from vanban.documents.document import Document, Failure
from vanban.documents.sources import Source
from vanban.errors import UserError


def check_names(sources: Iterable[Source | Failure], folder: Path, what: str, instead: str) -> None:
    """Raise UserError for two sources of one name, whose documents would both be, for example, `written to` a file.

    `instead` is what else to do than to name the folder above both.
    """
    paths: dict[str, str] = {}
    for source in sources:
        if isinstance(source, Source):
            name = f"{source.name}/" if source.kind == "jsonl" else source.name
            if name in paths:
                raise UserError(
                    f"{paths[name]} and {source.path} would both be {what} {folder / name}; name the folder above both "
                    f"as the input, or {instead}"
                )
            paths[name] = source.path


def path_below(folder: Path, document: Document, suffix: str) -> Path:
    """Return the file of a document in a folder. Raises UserError for a name that leads out of it, or is none."""
    name = PurePosixPath(document.name)
    if name.is_absolute() or ".." in name.parts or not name.name:  # a document's name may come from a file
        raise UserError(f"found the name {document.name!r}, expected one below the folder; give it another id")
    return folder / f"{document.name}{suffix}"
