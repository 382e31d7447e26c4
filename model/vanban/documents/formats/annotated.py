"""What was read from another tool's file: its spans, as vanban has them, and the document that a file is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from vanban.documents.document import Document, Failure
from vanban.documents.formats.format import Losses, Tagged
from vanban.documents.formats.losses import count
from vanban.documents.reader import read_records
from vanban.documents.sources import Source
from vanban.errors import UserError
from vanban.reading.text import INVISIBLE
from vanban.schema import Entity, Prediction, Span


def read_lines(
    file: BinaryIO, where: str, tagged: Callable[[Document, int], Tagged | None]
) -> Iterator[Tagged | Failure]:
    """Yield what `tagged` makes of each line of JSON and its number, but None, and a failure where it can't."""
    for number, line in enumerate(read_records(file, Source(where, where, "jsonl")), 1):
        if isinstance(line, Failure):
            yield line
            continue
        try:
            found = tagged(line, number)
        except UserError as error:
            yield Failure(line.where, str(error))
        else:
            if found:
                yield found


def list_of(record: Mapping[str, Any], name: str) -> list[Any]:
    """Return the list in a field, empty where it has none. Raises UserError for anything else."""
    found = record.get(name) or []
    if not isinstance(found, list):
        raise UserError(f'expected "{name}" with a list, found {found!r:.80}')
    return found


def entities_of_spans(text: str, spans: Iterable[tuple[str, int, int, float]], losses: Losses) -> tuple[Entity, ...]:
    """Return the entities of `spans`: label, start and end in code points, score. Each once, in order; may overlap.

    White space and invisible characters that a hand took along at the ends are left out, and counted, and so are spans
    of nothing else and spans that come twice. Raises UserError for a span that is not in the text.
    """
    entities: dict[tuple[int, int, str], Entity] = {}
    for label, start, end, score in spans:
        if not 0 <= start <= end <= len(text):
            raise UserError(
                f"found {label} from {start} to {end}, expected 0 <= start < end <= {len(text)} (the length of the "
                "text): the text was changed after it was annotated, or the offsets count in other units"
            )
        first, last = _visible(text, start, end)
        if first == last:
            count(losses, "spans of white space", 1)
            continue
        count(losses, "ends of white space", int((first, last) != (start, end)))
        entity = Entity(label, first, last, text[first:last], score)
        if entities.setdefault((first, last, label), entity) is not entity:
            count(losses, "repeated spans", 1)
    return tuple(entities[key] for key in sorted(entities))


def by_hand(text: str, entities: tuple[Entity, ...], doc_type: str | None = None) -> Prediction:
    """Return what someone annotated: no model, and scores of 1."""
    return Prediction(text, entities, "", doc_type, 1.0 if doc_type else None, {doc_type: 1.0} if doc_type else {})


def annotated(text: str, spans: Iterable[tuple[str, Span]], losses: Losses, doc_type: str | None = None) -> Prediction:
    """Return the spans that someone drew, with their labels, as `entities_of_spans` and `by_hand` do."""
    drawn = ((label, start, end, 1.0) for label, (start, end) in spans)
    return by_hand(text, entities_of_spans(text, drawn, losses), doc_type)


def document_of_file(path: Path, text: str) -> Document:
    """Return the document of a file that holds one: it is called as the file, in whatever folder that is."""
    return Document(path.stem, text, str(path), str(path.absolute()), path.stem)


def _visible(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text[start] in INVISIBLE):
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in INVISIBLE):
        end -= 1
    return start, end
