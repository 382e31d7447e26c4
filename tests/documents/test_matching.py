"""How the documents of two sides meet."""

from __future__ import annotations

from typing import Any

from report_documents import document
from vanban.documents.document import Failure
from vanban.documents.formats.format import Tagged
from vanban.documents.matching import Matching, match
from vanban.schema import Prediction


def other(identity: str, text: str) -> Tagged:
    return document(identity, text), Prediction(text, (), "")


def ids(matching: Matching) -> list[tuple[Any, Any]]:
    return [(one[0].id, two[0].id) for one, two in matching.pairs]


def test_documents_meet_by_id_else_by_text() -> None:
    left = [
        other("1", ""),
        other("2", ""),
        other("x/3.txt", "Huế"),
        other("4", "A"),
        Failure("f", "why"),
        other("5", "E"),
    ]
    right = [other("2", ""), other("1", ""), other("3", "Huế"), other("4", "Ab"), other("6", "F")]
    found = match(left, right)
    assert ids(found) == [("1", "1"), ("2", "2"), ("x/3.txt", "3")]
    assert (found.only_gold, found.only_predicted) == (["5"], ["6"])
    assert [str(failure) for failure in found.failures] == [
        "f: why",
        "in.jsonl:4: its text is another one in PREDICTED from character 1 on: '' and 'b'; tag the text that was "
        "annotated",
    ]
    # a text that stands under another id meets once, and never takes what an id asks for
    twice = match([other("a", "Huế"), other("b", "Huế")], [other("b", "Huế")])
    assert ids(twice) == [("b", "b")] and twice.only_gold == ["a"]
    assert match([], []).pairs == []
