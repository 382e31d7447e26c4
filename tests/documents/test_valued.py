from __future__ import annotations

from typing import Any

from fake_predictor import Fake
from marked_documents import tagged_record
from vanban.documents.document import Document, Failure
from vanban.documents.valued import Valued, valued_documents
from vanban.values.meaning import Count


def document(text: str, fields: dict[str, Any] | None = None) -> Document:
    return Document(text, text, text, text, text, fields=fields or {})


def never() -> Any:
    raise AssertionError("loaded")


def test_tagged_documents_need_no_model() -> None:
    record = tagged_record("a", "Có ⟦C:46 ca mắc⟧.", doc_type="tin_bao_chi")
    (found,) = valued_documents([document(record["text"], record)], never, 4)
    assert isinstance(found, Valued)
    value = found.entities[0].value
    assert isinstance(value, Count) and value.number == 46


def test_others_are_tagged_in_their_order_by_one_predictor() -> None:
    loads = []

    def load() -> Any:
        loads.append(1)
        return Fake()

    record = tagged_record("a", "Có ⟦C:46 ca mắc⟧.")
    documents = [
        document("7 người"), document(record["text"], record), Failure("b", "gone"), document("BOOM"),
        document("8 hộ"),
    ]  # fmt: skip
    found = list(valued_documents(documents, load, 2))
    assert [type(item) for item in found] == [Valued, Valued, Failure, Failure, Valued]
    assert [item.entities[0].text for item in found if isinstance(item, Valued)] == ["7", "46 ca mắc", "8"]
    assert loads == [1]


def test_entities_that_do_not_stand_in_the_text_fail() -> None:
    record = tagged_record("a", "Có ⟦C:46 ca mắc⟧.")
    (found,) = valued_documents([document("Nay có 46 ca mắc.", {"entities": record["entities"]})], never, 4)
    assert isinstance(found, Failure) and "'46 ca mắc' does not stand at 3 of its text" in found.reason
