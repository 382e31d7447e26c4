"""`vanban score --values`: how many fields of values are right, on annotated spans and on those that a model finds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vanban.documents.counting import counted
from vanban.predictor import load
from vanban.reading.text import older_tone_style
from vanban.schema import Entity, Prediction
from vanban.values.document import read_values
from vanban.values.meaning import Directive, Place
from vanban_training.corpus.gold_values import FIELDS, GoldValue, load_gold
from vanban_training.ner.errors import spread

SINCE: Final = "2025-07-01"  # from this day on the units are those of two levels
CONTEXT: Final = 40  # characters to either side of a mention that is shown


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that was read otherwise than by hand, on annotated spans."""

    gold: GoldValue
    field: str
    expected: Any
    found: Any


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read for one gold value, by field: on the annotated spans, and on predicted ones, None if not found."""

    gold: GoldValue
    expected: Mapping[str, Any]
    annotated: Mapping[str, Any]
    predicted: Mapping[str, Any] | None


def score_values(model: str | None, gold: Sequence[Path], texts: Sequence[Path], examples: int = 3) -> str:
    """Return a table of each kind of values: the share of fields that are exactly as in the gold, and what is not.

    Compared without white space, case and tone style. `predicted` are the spans of `model` (None: the shipped one); a
    mention that it does not find is wrong there in every field. `examples`: how many errors of each field are shown.
    Raises UserError for gold, documents and models that can't be read.
    """
    values = load_gold(gold, texts)
    documents = list({value.document.id: value.document for value in values}.values())
    predictor = load(model)
    predictions = dict(zip((d.id for d in documents), predictor.stream([d.text for d in documents]), strict=True))
    annotated = {v.document.id: annotated_prediction(v, predictions[v.document.id]) for v in values}
    readings = read_all(values, annotated, predictions)
    parts = [f"model: {predictor.name}"]
    for kind in FIELDS:
        of_kind = [reading for reading in readings if reading.gold.kind == kind]
        if of_kind:
            parts += [table(kind, of_kind), errors_report(kind, of_kind, examples)]
    return "\n\n".join(parts)


def annotated_prediction(gold: GoldValue, predicted: Prediction) -> Prediction:
    """Return what a model would say that finds the annotated spans and the type, with the values that are read.

    Of a document whose spans nobody annotated they are the predicted ones.
    """
    document = gold.document
    entities = document.entities if gold.annotated else predicted.entities
    valued, record = read_values(document.text, entities, document.type)
    return Prediction(document.text, valued, "annotated", document.type, record=record)


def read_all(
    gold: Sequence[GoldValue], annotated: Mapping[str, Prediction], predicted: Mapping[str, Prediction]
) -> list[Reading]:
    """Return for each gold value what was read; predictions by the id of their document, with values."""
    readings = []
    for value in gold:
        first, second = (read_fields(value, by_id[value.document.id]) for by_id in (annotated, predicted))
        expected = {name: comparable(value.value.get(name)) for name in FIELDS[value.kind]}
        readings.append(Reading(value, expected, first or {}, second))
    return readings


def read_fields(gold: GoldValue, prediction: Prediction) -> dict[str, Any] | None:
    """Return the fields of a value as they are compared; None where the prediction has not the span of the gold."""
    if gold.mention is None:
        found = _record_fields(prediction)
    else:
        entity = _same(gold.mention, prediction.entities)
        if entity is None:
            return None
        found = entity.value.to_dict() if entity.value else {}
        if isinstance(entity.value, Place):
            found |= _unit_fields(entity.value)
            if "epoch" not in found:  # a unit without a time is the same before and after
                found["epoch"] = gold.value.get("epoch")
    return {name: comparable(found.get(name)) for name in FIELDS[gold.kind]}


def _same(mention: Entity, entities: Sequence[Entity]) -> Entity | None:
    span = (mention.label, mention.start, mention.end)
    return next((e for e in entities if (e.label, e.start, e.end) == span), None)


def _record_fields(prediction: Prediction) -> dict[str, Any]:
    """Return the fields of a record; of signers their names, of the acts of its basis the symbols as first written."""
    record = prediction.record
    if record is None:
        return {}
    acts = [e.value for e in prediction.entities if isinstance(e.value, Directive) and e.value.relation == "basis"]
    written = {act.id: act.symbol or act.number for act in reversed(acts)}
    return record.to_dict() | {
        "signers": [signer.name for signer in record.signers],
        "basis": [written[act] for act in record.basis if written.get(act)],  # the gold has no act without a number
    }


def _unit_fields(place: Place) -> dict[str, Any]:
    """Return code, province and epoch of the first candidate; no epoch for a unit of any time."""
    if not place.candidates:
        return {"epoch": None}
    unit = place.candidates[0]
    own = unit.code if unit.level in ("province", "city") else None
    found: dict[str, Any] = {"code": unit.code, "province_code": unit.parent_codes[-1] if unit.parent_codes else own}
    if unit.valid_to:
        found["epoch"] = "legacy"
    elif unit.valid_from and unit.valid_from.isoformat() >= SINCE:
        found["epoch"] = "2025"
    return found


def comparable(value: Any) -> Any:
    """Return a value without white space that says nothing, case and tone style; what is empty is None."""
    if isinstance(value, str):
        return older_tone_style(" ".join(value.split())).lower() or None
    if isinstance(value, Mapping):
        compared = {name: comparable(one) for name, one in value.items() if name != "spans"}
        return {name: one for name, one in compared.items() if one is not None} or None
    if isinstance(value, (list, tuple)):
        return [comparable(one) for one in value] or None
    return value or None


def table(kind: str, readings: Sequence[Reading]) -> str:
    """Return a Markdown table of one kind, which also reads well on a terminal.

    A row a field, then all fields together, then whole values. `written`: in how many the gold has the field, and `of
    these` the share of them that is right on annotated spans; the shares before are of all values.
    """
    documents = len({reading.gold.document.id for reading in readings})
    mentions = f"{counted(len(readings), 'mentions')} of {counted(documents, 'documents')}"
    what = counted(documents, "records") if kind == "record" else mentions
    found = sum(reading.predicted is not None for reading in readings)
    bare = len({reading.gold.document.id for reading in readings if not reading.gold.annotated})
    said = f", {bare} of documents without gold spans: on predicted ones" if bare else ""
    lines = [
        f"{kind.upper()}: {what}" + (said if kind == "record" else f", {found} found by the model"),
        "",
        f"| {'field':<13} | gold spans | predicted | written | of these |",
        "|---------------|-----------:|----------:|--------:|---------:|",
    ]
    totals: Counter[str] = Counter()
    for name in FIELDS[kind]:
        right = [reading.annotated.get(name) == reading.expected[name] for reading in readings]
        written = [good for good, reading in zip(right, readings, strict=True) if reading.expected[name] is not None]
        counts = {
            "all": len(readings),
            "right": sum(right),
            "predicted": sum(_is_right(reading, name) for reading in readings),
            "written": len(written),
            "of these": sum(written),
        }
        totals.update(counts)
        lines.append(_row(name, counts))
    whole = {
        "all": len(readings),
        "right": sum(reading.annotated == reading.expected for reading in readings),
        "predicted": sum(reading.predicted == reading.expected for reading in readings),
    }
    return "\n".join([*lines, _row("all fields", totals), _row("whole value", whole)])


def _is_right(reading: Reading, name: str) -> bool:
    return reading.predicted is not None and reading.predicted[name] == reading.expected[name]


def _row(name: str, counts: Mapping[str, int]) -> str:
    shares = (f"{counts['right'] / counts['all']:10.3f}", f"{counts['predicted'] / counts['all']:9.3f}")
    written = counts.get("written", 0)
    of_these = f"{counts['of these'] / written:8.3f}" if written else " " * 8
    return f"| {name:<13} | {' | '.join(shares)} | {written or '':>7} | {of_these} |"


def errors_report(kind: str, readings: Sequence[Reading], examples: int) -> str:
    """Return what differs on annotated spans, by field and in its context, and which mentions the model has not found.

    `examples`: how many of each field are shown, as far apart as they can be.
    """
    by_field: dict[str, list[Difference]] = defaultdict(list)
    for reading in readings:
        for name in FIELDS[kind]:
            expected, found = reading.expected[name], reading.annotated.get(name)
            if expected != found:
                by_field[name].append(Difference(reading.gold, name, expected, found))
    lines: list[str] = []
    for name, differences in by_field.items() if examples else []:
        lines += [f"{kind.upper()} {name} ({len(differences)}):"]
        lines += [f"  {_shown(difference)}" for difference in spread(differences, examples)]
    missing = [reading.gold for reading in readings if reading.predicted is None]
    if missing and examples:
        lines += [f"{kind.upper()} not found by the model ({len(missing)}):"]
        lines += [f"  {gold.where}: {_in_context(gold)}" for gold in spread(missing, examples)]
    return "\n".join(lines) or f"{kind.upper()} errors: {sum(map(len, by_field.values())) + len(missing) or 'none'}"


def _shown(difference: Difference) -> str:
    gold = difference.gold
    return f"{gold.where}: found {difference.found!r}, expected {difference.expected!r} in {_in_context(gold)}"


def _in_context(gold: GoldValue) -> str:
    """Return a mention between brackets with what stands around it, or the document of a record."""
    if gold.mention is None:
        return gold.document.id
    text, start, end = gold.document.text, gold.mention.start, gold.mention.end
    return repr(f"{text[max(0, start - CONTEXT) : start]}[{text[start:end]}]{text[end : end + CONTEXT]}")
