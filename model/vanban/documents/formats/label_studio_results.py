"""The regions of one annotation of Label Studio → spans in code points and a type."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from vanban.documents.formats.format import Losses
from vanban.documents.formats.left_out import count
from vanban.documents.formats.utf16 import Units
from vanban.errors import UserError
from vanban.reading.text import INVISIBLE

_UNSEEN: Final = re.compile(rf"\\n|[\s{re.escape(''.join(sorted(INVISIBLE)))}]")  # its editor writes breaks as \n
_SPAN_KINDS: Final = ("labels", "hypertextlabels", "paragraphlabels")

Convert = Callable[[int], int]


@dataclass(slots=True)
class Found:
    """What the regions say: spans (label, start, end, score), a type and its score."""

    spans: list[tuple[str, int, int, float]] = field(default_factory=list)
    doc_type: str | None = None
    doc_type_score: float = 1.0


def read_results(text: str, results: list[dict[str, Any]], type_name: str, losses: Losses) -> Found:
    """Return the spans of `labels` and the type of `choices`; of several controls of choices that of `type_name`.

    Relations, notes, regions of other kinds, further labels of a span and further choices are counted in `losses`.
    Raises UserError for spans that can't be placed in `text`.
    """
    found = Found()
    spans, choices = [], []
    for region in results:
        kind = str(region.get("type")).lower()
        value = region.get("value")
        if region.get("meta"):
            losses["notes"] += 1
        if kind in _SPAN_KINDS and isinstance(value, dict):
            spans.append((value, _score(region)))
        elif kind == "choices" and isinstance(value, dict) and "start" not in value and value.get("choices"):
            choices.append((region.get("from_name"), value["choices"], _score(region)))
        elif kind == "relation":
            losses["relations"] += 1
        else:
            losses["regions of other kinds"] += 1
    convert = _counted_in([value for value, _ in spans], text)
    for value, score in spans:
        labels = value.get("labels") or value.get("hypertextlabels") or value.get("paragraphlabels")
        start, end = _offsets(value)
        if not isinstance(labels, list) or not labels:
            losses["unlabelled spans"] += 1
            continue
        count(losses, "further labels of spans", len(labels) - 1)
        found.spans.append((str(labels[0]), convert(start), convert(end), score))
    if choices:
        _, names, found.doc_type_score = next((one for one in choices if one[0] == type_name), choices[0])
        count(losses, "further choices", sum(len(_names(one[1])) for one in choices) - 1)
        found.doc_type = _names(names)[0]
    return found


def _names(choices: Any) -> list[str]:
    """Return the names of choices; those of a tree are paths, whose last part is the name."""
    choices = choices if isinstance(choices, list) else [choices]
    return [str(one[-1]) if isinstance(one, list) and one else str(one) for one in choices]


def _score(region: dict[str, Any]) -> float:
    score = region.get("score")
    return float(score) if isinstance(score, (int, float)) else 1.0


def _offsets(value: dict[str, Any]) -> tuple[int, int]:
    offsets = value.get("globalOffsets") if isinstance(value.get("globalOffsets"), dict) else value
    start, end = (offsets or value).get("start"), (offsets or value).get("end")
    if type(start) is not int or type(end) is not int:
        raise UserError(
            f"expected regions with start and end in characters of the text, found {start!r} and {end!r}; they come "
            "from <HyperText> or <Paragraphs>: annotate in <Text>"
        )
    return start, end


def _counted_in(values: list[dict[str, Any]], text: str) -> Convert:
    """Return what turns the offsets of an annotation into code points of `text`.

    The text of the regions, where it was exported, tells in what they count: code points, as releases of today do,
    UTF-16 units, or either with \\r\\n as one character, as older ones did (pull request 1559, issues 539 and 4929).
    Raises UserError where none fits.
    """
    shown = [(*_offsets(value), value["text"]) for value in values if isinstance(value.get("text"), str)]
    if not shown:
        return _as_is
    for convert in _ways(text):
        if all(_seen(text[convert(start) : convert(end)]) == _seen(written) for start, end, written in shown):
            return convert
    start, end, written = next(one for one in shown if _seen(text[slice(*one[:2])]) != _seen(one[2]))
    raise UserError(
        f"found the region {written!r:.60} from {start} to {end}, where the text has {text[start:end]!r:.60}; expected "
        "offsets in code points: the text was changed after it was annotated, or is not the one that was imported"
    )


def _seen(text: str) -> str:
    return _UNSEEN.sub("", text)


def _as_is(offset: int) -> int:
    return offset


def _ways(text: str) -> Iterator[Convert]:
    yield _as_is
    units = Units(text)
    if units.length > len(text):
        yield lambda unit: _within(units, unit)
    if "\r\n" in text:
        short = text.replace("\r\n", "\n")
        places = [match.start() - i for i, match in enumerate(re.finditer("\r\n", text))]  # in `short`
        yield lambda offset: offset + _before(places, offset)
        short_units = Units(short)
        if short_units.length > len(short):
            yield lambda unit: (offset := _within(short_units, unit)) + _before(places, offset)


def _within(units: Units, unit: int) -> int:
    offset = units.code_points(unit)
    return -1 if offset is None else offset


def _before(places: list[int], offset: int) -> int:
    """Return how many of `places` (sorted) stand before `offset`."""
    return bisect.bisect_left(places, offset)
