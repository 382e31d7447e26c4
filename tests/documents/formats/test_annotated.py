from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from vanban.documents.formats.annotated import by_hand, document_of_file, entities_of_spans
from vanban.errors import UserError
from vanban.schema import Entity, Prediction

TEXT = "Tại Hà Nội\r\n \u200bvà Huế "


def test_spans_are_sorted_trimmed_and_taken_once() -> None:
    losses = Counter[str]()
    spans = [("PLACE", 16, 20, 1.0), ("PLACE", 3, 13, 0.5), ("PLACE", 4, 10, 0.7), ("COUNT", 10, 14, 1.0)]
    spans += [("COUNT", 2, 2, 1.0)]
    assert TEXT[16:20] == " Huế"
    assert entities_of_spans(TEXT, spans, losses) == (
        Entity("PLACE", 4, 10, "Hà Nội", 0.5),
        Entity("PLACE", 17, 20, "Huế"),
    )
    assert losses == {"ends of white space": 2, "repeated spans": 1, "spans of white space": 2}
    assert entities_of_spans("", [], losses) == ()


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 2), (0, len(TEXT) + 1)])
def test_a_span_outside_of_the_text_is_an_error(start: int, end: int) -> None:
    with pytest.raises(UserError, match=f"found PLACE from {start} to {end}, expected 0 <= start < end <= 21"):
        entities_of_spans(TEXT, [("PLACE", start, end, 1.0)], Counter())


def test_spans_that_overlap_are_all_read() -> None:
    losses = Counter[str]()
    spans = [("PLACE", 4, 10, 1.0), ("COUNT", 0, 21, 1.0), ("OFFICIAL", 4, 10, 1.0), ("PLACE", 7, 10, 1.0)]
    found = [(e.label, e.start, e.end) for e in entities_of_spans(TEXT, spans, losses)]
    assert found == [("COUNT", 0, 20), ("OFFICIAL", 4, 10), ("PLACE", 4, 10), ("PLACE", 7, 10)]
    assert losses == {"ends of white space": 1}


def test_annotations_have_no_model_and_scores_of_one() -> None:
    entities = (Entity("PLACE", 4, 10, "Hà Nội"),)
    assert by_hand(TEXT, entities, None) == Prediction(TEXT, entities, "")
    assert by_hand(TEXT, (), "bao_cao") == Prediction(TEXT, (), "", "bao_cao", 1.0, {"bao_cao": 1.0})


def test_the_document_of_a_file_is_called_as_it_in_any_folder(tmp_path: Path) -> None:
    for folder in (Path(), Path("vb"), tmp_path):
        document = document_of_file(folder / "số 1.tsv", TEXT)
        assert (document.id, document.name, document.where) == ("số 1", "số 1", str(folder / "số 1.tsv"))
        assert Path(document.key).is_absolute()
