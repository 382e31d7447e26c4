"""The component `vanban` of spaCy: `nlp.add_pipe("vanban")` in any pipeline, whatever its tokenizer.

    nlp = spacy.blank("xx")
    nlp.add_pipe("vanban", config={"values": False})
    doc = nlp("Chủ tịch UBND TP Hà Nội Chu Ngọc Anh ký Chỉ thị số 17/CT-UBND.")
    doc.ents, doc.spans["vanban"], doc.cats, doc._.vanban

What stands where in a doc, `vanban.documents.formats.spacy_spans` says. `doc._.vanban` is all that was read, as JSON
holds it: exact offsets, scores, values, the record of the document, and `not_in_ents`, how many spans tokens don't fit.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from vanban.documents.extras import optional
from vanban.documents.formats.spacy_spans import GROUP, add_prediction
from vanban.integrations.lazy import LazyPredictor
from vanban.schema import TASKS, Backend, Task

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc
else:
    Language = optional("spacy.language", "spacy", "the component of spaCy").Language
    Doc = optional("spacy.tokens", "spacy", "the component of spaCy").Doc

FOUND: Final = "vanban"  # the key of a doc's user_data, which DocBin, to_bytes and processes keep
_BATCH: Final = 128  # docs; the predictor batches their windows by length
_DEFAULTS: Final = {
    "model": None, "device": "auto", "tasks": list(TASKS), "backend": "auto", "values": True, "spans_key": GROUP,
}  # fmt: skip


class Vanban:
    """Reads docs with vanban's models, which are loaded at the first doc."""

    def __init__(self, predictor: LazyPredictor, spans_key: str = GROUP) -> None:
        self.predictor, self.spans_key = predictor, spans_key

    def __call__(self, doc: Doc) -> Doc:
        """Return the doc with what was read in its text."""
        return next(self.pipe([doc]))

    def pipe(self, docs: Iterable[Doc], batch_size: int = _BATCH) -> Iterator[Doc]:
        """Yield the docs in order; of `batch_size` of them the windows are batched together.

        Raises UserError where the model can't be loaded, and TypeError for what is no doc.
        """
        waiting = iter(docs)
        while batch := list(islice(waiting, batch_size)):
            self.predictor.load()  # before the docs are looked at: of two faults this is the first to mend
            _check(batch)
            predictions = self.predictor.predict_batch([doc.text for doc in batch])
            for doc, prediction in zip(batch, predictions, strict=True):
                others = add_prediction(doc, prediction, self.spans_key)
                found = prediction.to_dict()
                del found["text"]
                doc.user_data[FOUND] = json.dumps(found | {"not_in_ents": others})
                yield doc


def _check(batch: list[Doc]) -> None:
    """Raise TypeError for a text that was given to the component, not to its pipeline."""
    for doc in batch:
        if not isinstance(doc, Doc):
            raise TypeError(
                f"the component vanban takes docs, found {type(doc).__name__}: give texts to the pipeline, as in "
                "nlp(text) or nlp.pipe(texts)"
            )


@Language.factory("vanban", default_config=_DEFAULTS)
def make_vanban(
    nlp: Language,
    name: str,
    model: str | list[str] | None,
    device: str,
    tasks: list[Task],
    backend: Backend,
    values: bool,
    spans_key: str,
) -> Vanban:
    """Return the component; spaCy calls it, by the entry point or after this file was imported.

    The config, which `nlp.to_disk` saves, is that of `vanban.load`, and the name of the group of spans.
    """
    return Vanban(LazyPredictor(model, device, tasks, backend, values), spans_key)


def _found(doc: Doc) -> Any:
    return json.loads(doc.user_data[FOUND]) if FOUND in doc.user_data else None


Doc.set_extension("vanban", getter=_found, force=True)
