"""brat standoff, one span a line: `T1<TAB>PLACE 12 18<TAB>Hà Nội`, half-open code points into the raw text.

A space parts the label from the offsets, so the label `Tên người` is written `Tên_người`, and read back as itself.
A span over a soft line break is written in fragments, as brat does: `T1<TAB>PLACE 10 14;15 18<TAB>Việt Nam`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from vanban.documents.document import Document, Failure
from vanban.documents.formats.format import Format, Losses, Tagged
from vanban.documents.formats.losses import count_losses
from vanban.documents.names import composed
from vanban.errors import UserError
from vanban.reading.text import INVISIBLE, LINE_BREAK, crosses_hard_break
from vanban.schema import LABELS, Entity, Prediction, Span

_OFFSETS: Final = r"\d{1,18} \d{1,18}"
_ROW: Final = re.compile(rf"T\d+\t(?P<label>\S+) (?P<spans>{_OFFSETS}(?:;{_OFFSETS})*)\t(?P<text>.*)", re.DOTALL)
_BROKEN: Final = re.compile(rf"\s*(?:{LINE_BREAK.pattern})\s*")


def write_brat(entities: Iterable[Entity]) -> str:
    """Return the standoff lines of `entities`, numbered from T1."""
    rows = []
    for i, entity in enumerate(entities, 1):
        fragments = _fragments(entity.text, entity.start)
        offsets = ";".join(f"{start} {end}" for start, end in fragments)
        shown = " ".join(entity.text[start - entity.start : end - entity.start] for start, end in fragments)
        rows.append(f"T{i}\t{brat_label(entity.label)} {offsets}\t{shown}\n")
    return "".join(rows)


def _fragments(text: str, offset: int) -> list[Span]:
    """Return the spans of the lines of an entity that begins at `offset`, without white space around the breaks."""
    breaks = [(offset + match.start(), offset + match.end()) for match in _BROKEN.finditer(text)]
    starts = [offset, *(end for _, end in breaks)]
    return list(zip(starts, [*(start for start, _ in breaks), offset + len(text)], strict=True))


def brat_label(label: str) -> str:
    """Return a label as it is written in brat, whose labels hold no white space."""
    return re.sub(r"\s", "_", label)


def read_brat(standoff: str, text: str, name: str = "standoff", labels: Sequence[str] = LABELS) -> list[Entity]:
    """Return the spans of `standoff` over `text`, sorted by offset.

    Other kinds of brat lines (relations, notes) are passed over. Raises UserError that lists every fault with its
    line: see `parse_brat`.
    """
    entities, faults = parse_brat(standoff, text, name, labels)
    if faults:
        raise UserError("\n".join(faults))
    return entities


def parse_brat(standoff: str, text: str, name: str, labels: Sequence[str] = LABELS) -> tuple[list[Entity], list[str]]:
    """Return the sound spans and one message for each fault: file:line, what was found, what was expected."""
    numbered, faults = numbered_brat(standoff, text, name, labels)
    return [entity for entity, _ in numbered], faults


def numbered_brat(
    standoff: str, text: str, name: str, labels: Sequence[str] = LABELS
) -> tuple[list[tuple[Entity, str]], list[str]]:
    """Return the sound spans, sorted by offset, each with its file:line, and the faults as `parse_brat` does.

    Labels are given back in NFC, and are the same in NFD.
    """
    labels = [composed(label) for label in labels]
    entities: list[tuple[Entity, str]] = []
    faults: list[str] = []
    label_of = {brat_label(label): label for label in labels}
    # only \n ends a row: a text column may hold any other character
    for number, row in enumerate(standoff.split("\n"), 1):
        row = row.removesuffix("\r")
        if not row.startswith("T"):
            continue
        where = f"{name}:{number}"
        match = _ROW.fullmatch(row)
        if match is None:
            faults.append(f"{where}: found {row!r}, expected T<n><TAB>LABEL START END<TAB>TEXT")
            continue
        label = composed(match["label"])
        entity, fault = _read_span(label_of.get(label, label), match["spans"], match["text"], text)
        fault = fault or span_fault(entity, text, labels)
        if fault:
            faults.append(f"{where}: {fault}")
        else:
            entities.append((entity, where))
    entities.sort(key=lambda pair: (pair[0].start, pair[0].end))
    left: Entity | None = None  # of the spans so far, the one that reaches farthest
    for right, where in entities:
        if left is not None and right.start < left.end:
            faults.append(
                f"{where}: {right.label} {right.start} {right.end} {right.text!r} overlaps "
                f"{left.label} {left.start} {left.end} {left.text!r}; expected flat spans: keep the longer one"
            )
        if left is None or right.end > left.end:
            left = right
    return entities, faults


def _read_span(label: str, spans: str, written: str, text: str) -> tuple[Entity, str | None]:
    """Return the span of a row, and what is wrong with its fragments: only line breaks may stand between them."""
    fragments = [tuple(map(int, span.split(" "))) for span in spans.split(";")]
    start, end = fragments[0][0], fragments[-1][1]
    if len(fragments) == 1:
        return Entity(label, start, end, written), None
    entity = Entity(label, start, end, text[start:end])
    if _fragments(entity.text, start) != fragments or written not in (_BROKEN.sub(" ", entity.text), entity.text):
        return entity, (
            f"found the fragments {spans} with {written!r}, expected one span, or the lines of one that is broken at a "
            f"page's width; the text from {start} to {end} is {entity.text!r}"
        )
    return entity, None


def span_fault(entity: Entity, text: str, labels: Sequence[str] = LABELS) -> str | None:
    """Return what is wrong with one span over `text`, or None."""
    start, end = entity.start, entity.end
    if entity.label not in labels:
        return f"found the label {entity.label!r}, expected one of {', '.join(labels)}"
    if not 0 <= start < end <= len(text):
        return f"found the offsets {start} {end}, expected 0 <= start < end <= {len(text)} (the length of the text)"
    found = text[start:end]
    if found != entity.text:
        return f"found {entity.text!r}, expected {found!r}, which is the text at {start} {end}{_where(entity, text)}"
    if crosses_hard_break(text, start, end):
        return (
            f"found a line break inside {found!r}, expected a span within one line, or over a break at a page's width "
            "in the middle of a sentence"
        )
    for edge in (found[0], found[-1]):
        if edge.isspace() or edge in INVISIBLE:
            return f"found white space at an end of {found!r}, expected the span to begin and end in visible characters"
    return None


def _where(entity: Entity, text: str) -> str:
    """Return where the span's text stands, when it stands near: offsets drift when a file was edited."""
    places = [m.start() for m in re.finditer(re.escape(entity.text), text)] if entity.text else []
    if not places:
        return ""
    nearest = min(places, key=lambda place: abs(place - entity.start))
    return f"; {entity.text!r} stands at {nearest} {nearest + len(entity.text)}"


def files(document: Document, prediction: Prediction, losses: Losses) -> dict[str, bytes]:
    """Return the text, byte for byte, and its standoff: the pair of brat."""
    count_losses(losses, document, prediction)
    losses["spaces in labels"] += sum(brat_label(entity.label) != entity.label for entity in prediction.entities)
    return {".txt": document.text.encode("utf-8"), ".ann": write_brat(prediction.entities).encode("utf-8")}


def read_files(path: Path) -> Tagged | Failure:
    """Return the document of an .ann and the .txt beside it, with any labels. Relations and notes are passed over."""
    text_file = next((found for found in map(path.with_suffix, (".txt", ".TXT")) if found.is_file()), None)
    if text_file is None:
        return Failure(str(path), f"its text {path.stem}.txt is missing beside it")
    try:
        text = text_file.read_bytes().decode("utf-8")
        standoff = path.read_bytes().decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        return Failure(str(path), f"found a byte that is no UTF-8 at {error.start} of it or its text; convert it first")
    labels = dict.fromkeys(match["label"] for row in standoff.split("\n") if (match := _ROW.match(row)))
    entities, faults = parse_brat(standoff, text, path.name, [*labels])
    if faults:
        return Failure(str(path), "; ".join(faults))
    name = str(path.with_suffix(""))
    return Document(path.stem, text, str(path), str(path.absolute()), name), Prediction(text, tuple(entities), "")


FORMAT: Final = Format(
    "brat", "a .txt and an .ann with standoff for each document", (".ann", ".txt"), files=files, read_files=read_files
)
