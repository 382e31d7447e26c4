"""Annotated documents of files and folders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from project import write
from vanban.documents.document import Failure
from vanban.documents.tagged_files import tagged_documents
from vanban.errors import UserError
from vanban.schema import Entity


@pytest.mark.usefixtures("working_folder")
def test_json_lines_with_entities_or_spans() -> None:
    write("a.txt", "Ở Huế.")
    lines = [
        {"id": 1, "text": "Hà Nội", "entities": [{"label": "PLACE", "start": 0, "end": 6}], "type": "chi_thi"},
        {"id": "b", "path": "a.txt", "entities": [{"label": "P", "start": 2, "end": 5, "score": 0.5}], "model": "m",
         "doc_type": None, "doc_type_score": 0.3},
        {"text": "", "spans": []},
        {"text": "Huế", "spans": [{"label": "P", "start": 0, "end": 9}]},
        {"text": "Huế"},
    ]  # fmt: skip
    write("in.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    first, second, third, fourth, fifth = tagged_documents(Path("in.jsonl"))
    assert not isinstance(first, Failure) and not isinstance(second, Failure) and not isinstance(third, Failure)
    assert first[1].entities == (Entity("PLACE", 0, 6, "Hà Nội"),)
    assert (first[0].id, first[1].doc_type, first[1].model) == (1, "chi_thi", "")
    assert second[1].entities == (Entity("P", 2, 5, "Huế", 0.5),)
    assert (second[1].text, second[1].doc_type, second[1].doc_type_score) == ("Ở Huế.", None, 0.3)
    assert (third[0].id, third[1].entities) == ("in.jsonl:3", ())
    assert isinstance(fourth, Failure) and "does not stand at 0 of its text" in str(fourth)
    assert str(fifth) == "in.jsonl:5: expected \"entities\", as tag writes them, found the keys ['text']"


@pytest.mark.usefixtures("working_folder")
def test_a_folder_of_brat_with_any_labels() -> None:
    write("gold/b.txt", "Ông An ở Huế")
    write("gold/b.ann", "T1\tTên_người 4 6\tAn\nT2\tPLACE 9 12\tHuế\n")
    write("gold/deep/a.txt", "")
    write("gold/deep/a.ann", "")
    write("gold/c.ann", "")
    write("gold/d.txt", "Huế")
    write("gold/d.ann", "T1\tPLACE 0 2\tHuế\n")
    first, missing, wrong, last = tagged_documents(Path("gold"))
    assert not isinstance(first, Failure) and not isinstance(last, Failure)
    assert first[0].id == "b"
    assert first[1].entities == (Entity("Tên_người", 4, 6, "An"), Entity("PLACE", 9, 12, "Huế"))
    assert (last[0].id, last[0].text, last[1].entities) == ("deep/a", "", ())
    assert str(missing) == "gold/c.txt: can't be read: No such file or directory"
    assert str(wrong).startswith("gold/d.ann: gold/d.ann:1: found 'Huế', expected 'Hu'")


@pytest.mark.usefixtures("working_folder")
def test_what_is_not_there() -> None:
    with pytest.raises(UserError, match="gold: no such file or folder"):
        list(tagged_documents(Path("gold")))
