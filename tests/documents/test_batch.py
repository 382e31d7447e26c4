from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest

from vanban import Predictor
from vanban.documents.batch import CHARACTERS_PER_CHUNK, tag_documents
from vanban.documents.document import Document, Failure
from vanban.schema import Entity, Prediction


class Recorder:
    """Marks the first character of each text, raises at the text `bad`, and records its calls."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def predict_batch(self, texts: Sequence[str]) -> list[Prediction]:
        self.calls.append(list(texts))
        if "bad" in texts:
            raise RuntimeError("no")
        return [Prediction(t, (Entity("COUNT", 0, 1, t[0]),) if t else (), "recorder") for t in texts]


def document(text: str) -> Document:
    return Document(text, text, f"{text}.txt", text, text)


def run(items: list[Document | Failure], batch_size: int) -> tuple[list[Any], list[list[str]]]:
    predictor = Recorder()
    results = list(tag_documents(items, cast(Any, predictor), batch_size))
    shown = [r if isinstance(r, Failure) else (r[0].text, [e.text for e in r[1].entities]) for r in results]
    return shown, predictor.calls


def test_order_and_chunks() -> None:
    lost = Failure("lost.txt", "gone")
    shown, calls = run([document("one"), lost, document(""), document("two"), document("three")], 2)
    assert shown == [("one", ["o"]), lost, ("", []), ("two", ["t"]), ("three", ["t"])]
    assert calls == [["one"], ["", "two"], ["three"]]
    assert run([], 2) == ([], [])
    assert run([lost], 2) == ([lost], [])


def test_entities_and_types_stay_with_their_document(reads_both: Predictor) -> None:
    texts = ["Hà Nội có 24.973 ca", "", "24.973", "Huế", "👧", "Ủy ban"]
    lost = Failure("lost.txt", "gone")
    results = list(tag_documents([lost, *map(document, texts)], reads_both, batch_size=3))
    assert results[0] == lost
    predictions = [result[1] for result in results[1:] if not isinstance(result, Failure)]
    for text, prediction in zip(texts, predictions, strict=True):
        alone = reads_both.predict(text)
        assert (prediction.text, prediction.doc_type) == (text, alone.doc_type)
        assert prediction.doc_type_scores == pytest.approx(alone.doc_type_scores, abs=1e-3)
        assert [(e.label, e.start) for e in prediction.entities] == [(e.label, e.start) for e in alone.entities]
    assert {p.doc_type for p in predictions} == {"bao_cao", "cong_van", None}


def test_only_the_bad_document_fails() -> None:
    shown, calls = run([document("one"), document("bad"), document("two")], 3)
    assert shown == [("one", ["o"]), Failure("bad.txt", "could not be tagged: RuntimeError: no"), ("two", ["t"])]
    assert calls == [["one", "bad", "two"], ["one"], ["bad"], ["two"]]


def test_read_ahead_is_bounded() -> None:
    read: list[int] = []

    def stream(size: int) -> Iterator[Document]:
        for i in range(100):
            read.append(i)
            yield document("x" * size)

    next(tag_documents(stream(3), cast(Any, Recorder()), 10))
    assert len(read) == 10
    read.clear()
    next(tag_documents(stream(CHARACTERS_PER_CHUNK // 4), cast(Any, Recorder()), 10))
    assert len(read) == 4
