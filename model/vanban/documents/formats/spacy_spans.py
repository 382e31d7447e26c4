"""A prediction in spaCy's Doc and out of it: every span exactly, also where no token begins or ends.

`doc.spans["vanban"]` has a span for each entity, in order. Where an entity ends inside a token its span is that of
whole tokens; the attribute `exact` of the group says where all of them stand: `[start, end, label, score, first token,
token behind the last]` for each, half-open code points into `doc.text`. `doc.ents` has those that tokens fit, of
two that overlap the longer; tokens that another touches are missing there, which is not outside: training learns
nothing from them. `doc.cats` has the
types. All of it survives `DocBin`, `Doc.to_bytes` and processes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from vanban.documents.extras import optional
from vanban.errors import UserError
from vanban.schema import Entity, Prediction

GROUP: Final = "vanban"
PROBABLE: Final = 0.5  # of a type in `doc.cats` that someone else wrote
_NOWHERE: Final = (-1, -1)  # tokens of a span of white space between two tokens

# spaCy's own name of the group that its component spancat reads and writes
_SPANCAT: Final = "sc"


def spacy(module: str = "spacy") -> Any:
    """Return the module of spaCy."""
    return optional(module, "spacy", "spaCy")


def add_prediction(doc: Any, prediction: Prediction, group: str = GROUP) -> int:
    """Put what was read in `doc.text` into the doc; return how many entities are not in `doc.ents`.

    Entities of `doc.ents` that stand in no token of these stay. Raises UserError where the text is another.
    """
    if doc.text != prediction.text:
        raise UserError("the text of the doc is another than that of the prediction: predict(doc.text)")
    spans, exact, fitting = [], [], []
    for entity in prediction.entities:
        span = doc.char_span(entity.start, entity.end, label=entity.label)
        if span is not None:
            fitting.append(span)
        else:
            span = doc.char_span(entity.start, entity.end, label=entity.label, alignment_mode="expand")
        if span is None or span.start >= span.end:
            first, behind = _NOWHERE
        else:
            spans.append(span)
            first, behind = span.start, span.end
        exact.append([entity.start, entity.end, entity.label, entity.score, first, behind])
    doc.spans[group] = spacy("spacy.tokens").SpanGroup(doc, name=group, spans=spans, attrs={"exact": exact})
    fitting = spacy("spacy.util").filter_spans(fitting)
    touched = {i for span in spans for i in range(span.start, span.end)}
    others = [span for span in doc.ents if touched.isdisjoint(range(span.start, span.end))]
    unsure = touched - {i for span in fitting for i in range(span.start, span.end)}
    doc.set_ents([*fitting, *others], missing=[doc[i : i + 1] for i in sorted(unsure)])
    doc.cats.update(types_of(prediction))
    return len(prediction.entities) - len(fitting)


def types_of(prediction: Prediction) -> dict[str, float]:
    """Return the types with their probabilities, 1 for one that someone gave."""
    if prediction.doc_type_scores or prediction.doc_type is None:
        return dict(prediction.doc_type_scores)
    return {prediction.doc_type: 1.0}


def entities_of(doc: Any, group: str = GROUP) -> list[Entity]:
    """Return the spans of a doc as entities: of its group `vanban`, else `doc.ents`, else of its only group.

    Of the group `vanban` a span that stands as `add_prediction` left it is as exact as it was, and keeps its score;
    one that was added or changed since is what it covers. Raises UserError for several groups and for no label.
    """
    if group in doc.spans:
        entities = _as_left(doc, doc.spans[group])
    elif doc.ents or not doc.spans:
        entities = [_entity(doc, span) for span in doc.ents]
    else:
        name = _SPANCAT if _SPANCAT in doc.spans else next(iter(doc.spans))
        if name != _SPANCAT and len(doc.spans) > 1:
            raise UserError(f"found the span groups {', '.join(doc.spans)}, expected one, or one named {group}")
        entities = [_entity(doc, span) for span in doc.spans[name]]
    return entities


def _as_left(doc: Any, spans: Any) -> list[Entity]:
    left: dict[tuple[int, int, str], list[Entity]] = defaultdict(list)
    for start, end, label, score, first, behind in spans.attrs.get("exact", ()):
        left[first, behind, label].append(Entity(label, start, end, doc.text[start:end], score))
    entities = []
    for span in spans:
        same = left[span.start, span.end, span.label_]
        entities.append(same.pop(0) if same else _entity(doc, span))
    return entities + [entity for (*tokens, _), rest in left.items() if tuple(tokens) == _NOWHERE for entity in rest]


def _entity(doc: Any, span: Any) -> Entity:
    if not span.label_:
        raise UserError(f"found a span without a label at {span.start_char} {span.end_char} {span.text!r:.60}")
    return Entity(span.label_, span.start_char, span.end_char, doc.text[span.start_char : span.end_char])


def probable_type(cats: Mapping[str, float]) -> tuple[str | None, float | None, dict[str, float]]:
    """Return the type, its probability, and all by probability, of `doc.cats`."""
    by_type = dict(sorted(cats.items(), key=lambda pair: -pair[1]))
    if not by_type:
        return None, None, {}
    first, score = next(iter(by_type.items()))
    return first if score >= PROBABLE else None, score, by_type
