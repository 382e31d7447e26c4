from __future__ import annotations

import dataclasses

import pytest

from tagged_documents import document, predicted
from vanban.documents.document import Document
from vanban.documents.formats.origin import document_of, origin_of
from vanban.errors import UserError

TEXT = "Tại Hà Nội"
FOUND = predicted(TEXT, ("PLACE", "Hà Nội", 0.9))


def test_own_fields_are_kept_and_what_is_said_anew_is_not() -> None:
    own = document(
        TEXT, 7, url="u", entities=[{"start": 0}], model="m", doc_type="bao_cao", doc_type_scores={}, record={}
    )
    assert origin_of(own, FOUND) == {"fields": {"url": "u", "doc_type": "bao_cao"}}
    assert origin_of(document(TEXT), FOUND) == {}
    of_file = Document("vb/a.txt", TEXT, "vb/a.txt", "key", "a", "vb/a.txt")
    assert origin_of(of_file, FOUND) == {"path": "vb/a.txt"}
    assert origin_of(dataclasses.replace(of_file, fields={"model": "other"}), FOUND) == {
        "path": "vb/a.txt",
        "fields": {"model": "other"},
    }


def test_a_document_comes_back() -> None:
    found = document_of(TEXT, 7, {"path": "vb/a.txt", "fields": {"url": "u"}}, "x/b.json", 3)
    assert (found.id, found.text, found.where, found.name, found.path) == (7, TEXT, "x/b.json:3", "b/7", "vb/a.txt")
    assert found.fields == {"url": "u", "text": TEXT, "id": 7}
    assert found.key.endswith("x/b.json:3:7")
    nameless = document_of("", None, {"path": 5, "fields": []}, "b.json", 4)
    assert (nameless.id, nameless.path, nameless.fields) == ("b.json:4", None, {"text": ""})


@pytest.mark.parametrize(
    ("text", "message"), [(None, 'expected a "text" that is a string'), ("a\ud83d", "half a surr")]
)
def test_what_is_no_text_is_an_error(text: object, message: str) -> None:
    with pytest.raises(UserError, match=message):
        document_of(text, 1, {}, "b.json", 1)
