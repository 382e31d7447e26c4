"""A tagged document as a line: all that it has, in its form in JSON."""

from __future__ import annotations

from vanban.documents.document import Document
from vanban.documents.kept import of_line, to_line, written
from vanban.schema import Entity, Prediction
from vanban.values.document import with_values

TEXT = "UBND TP Huế\nSố: 17/CT-UBND\n\nGhi nhận hơn 46 ca mắc\u2028tại Huế 😀."


def test_values_and_the_record_come_back_as_they_are_in_json() -> None:
    at = TEXT.index("46 ca mắc")
    found = with_values(
        Prediction(TEXT, (Entity("COUNT", at, at + 9, "46 ca mắc", 0.5),), "m", None, 0.25, {"a": 0.25})
    )
    document = Document("a", TEXT, "a.jsonl:1", "key", "a", "a.txt", {"body": TEXT, "text": "another"})
    line = to_line(document, found)
    assert line.count("\n") == 1 and line.endswith("\n")
    again, prediction = of_line(line.encode("utf-8"))
    assert again == document
    assert prediction == found and found == prediction  # a value that was read, and its form in JSON
    assert prediction.to_dict() == found.to_dict()
    assert hash(prediction.entities[0].value) == hash(written(found.entities[0].value.to_dict()))  # type: ignore[union-attr]


def test_an_empty_document_and_halves_of_pairs() -> None:
    document = Document(7, "", "in:1", "k\ud83d", "n", None, {"note": "\ude00"})
    again, prediction = of_line(to_line(document, Prediction("", (), "")).encode("utf-8"))
    assert (again.id, again.key, again.fields) == (7, "k\ufffd", {"note": "\ufffd"})
    assert prediction == Prediction("", (), "")
    assert written(None) is None and written("x") is None
    assert written({}) == written({}) != written({"a": 1})
