"""What the view is given of a document."""

from __future__ import annotations

from dataclasses import replace

from report_documents import document, empty, hostile, usual
from vanban.documents.report.records import LONGEST_TITLE, summary_of, view_record
from vanban.schema import Prediction


def test_a_record_is_that_of_tag_with_the_text() -> None:
    one, prediction = usual()
    record = view_record(one, prediction)
    assert list(record) == [
        "id", "text", "entities", "doc_type", "doc_type_score", "doc_type_scores", "record", "model",
    ]  # fmt: skip
    assert record["entities"] == [entity.to_dict() for entity in prediction.entities]
    assert record["entities"][4]["value"]["number"] == "24973"
    assert prediction.record is not None and record["record"] == prediction.record.to_dict()
    alone = view_record(*empty())
    assert alone == {"id": 3, "text": "", "entities": [], "model": "m"}


def test_fields_of_ones_own_stay_away_but_pages_and_titles() -> None:
    fields = {"text": "Huế", "secret": "x", "source": {"pages": [[0, 3]]}, "title": "Công văn"}
    one = replace(document("a", "Huế"), fields=fields, path="a.pdf")
    record = view_record(one, Prediction("Huế", (), "m"))
    assert record == {
        "id": "a", "path": "a.pdf", "source": {"pages": [[0, 3]]}, "text": "Huế", "title": "Công văn", "entities": [],
        "model": "m",
    }  # fmt: skip
    assert summary_of(record)["title"] == "Công văn"


def test_a_summary_is_short() -> None:
    summary = summary_of(view_record(*usual()))
    assert summary["id"] == "chỉ thị/17"
    assert (summary["type"], summary["likeliest"], summary["score"]) == ("chi_thi", "chi_thi", 0.91)
    assert summary["entities"][2] == ["DIRECTIVE", 0.95] and len(summary["entities"]) == 7
    assert summary["texts"].split("\n")[2:6] == ["Chỉ thị số 17/CT-UBND", "Đông Anh", "24.973 người", "Hà Nội"]
    unsure = summary_of(view_record(*hostile()))
    assert (unsure["type"], unsure["likeliest"], unsure["score"]) == (None, "cong_dien", 0.4)
    assert summary_of(view_record(*empty())) == {
        "id": "3", "title": "", "type": None, "likeliest": None, "score": None, "entities": [], "texts": "",
    }  # fmt: skip
    text = "\n  \n" + "Kế hoạch " * 40
    title = summary_of(view_record(document("a", text), Prediction(text, (), "m")))["title"]
    assert len(title) <= LONGEST_TITLE and title.startswith("Kế hoạch Kế") and title.endswith("…")
