"""`vanban score --values`: values against those that were read by hand."""

from __future__ import annotations

import json

import pytest

from vanban import Prediction, UserError
from vanban.schema import Entity
from vanban.values.document import with_values
from vanban_training.cli import score_app
from vanban_training.corpus.gold_values import load_gold
from vanban_training.runs.value_scoring import comparable, score_values

TEXT = """ỦY BAN NHÂN DÂN
TỈNH BẮC NINH
Số: 12/BC-UBND
Bắc Ninh, ngày 3 tháng 4 năm 2023
BÁO CÁO
Tình hình thủy lợi

Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05/3/2020 của Chính phủ.
Ông Trần Văn Lúa, Giám đốc Sở Y tế, nói có hơn 46 ca mắc và 12 hộ nghèo ở tỉnh Bắc Ninh.
"""
SPANS = (
    ("DIRECTIVE", "12/BC-UBND"),
    ("DIRECTIVE", "Nghị định số 30/2020/NĐ-CP"),
    ("OFFICIAL", "Trần Văn Lúa"),
    ("COUNT", "46 ca mắc"),
    ("COUNT", "12 hộ nghèo"),
    ("PLACE", "tỉnh Bắc Ninh"),
)


def entity(label, text):
    start = TEXT.rindex(text)
    return Entity(label, start, start + len(text), text)


def mention(label, text, **value):
    found = entity(label, text)
    return {"path": "báo cáo", "start": found.start, "end": found.end, "text": text, "value": value}


COUNTS = (
    # white space, case and tone style are no difference; the class of the second is wrong
    mention("COUNT", "46 ca mắc", number="46", noun="CA  mắc", noun_class="cases", approximation="over"),
    mention("COUNT", "12 hộ nghèo", number="12", noun="hộ nghèo", noun_class="people"),
)


@pytest.fixture
def texts(tmp_path):
    """JSONL of one document with its spans."""
    path = tmp_path / "spans.jsonl"
    spans = [entity(*span) for span in SPANS]
    rows = [{"label": e.label, "start": e.start, "end": e.end} for e in sorted(spans, key=lambda e: e.start)]
    row = {"id": "báo cáo", "text": TEXT, "entities": rows, "type": "bao_cao"}
    path.write_text(json.dumps(row), encoding="utf-8")
    return path


@pytest.fixture
def gold(tmp_path):
    """Return `gold(kind, *rows)`: the file of the kind with these rows."""

    def write(kind, *rows):
        path = tmp_path / "gold" / f"{kind}.jsonl"
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    return write


@pytest.fixture
def model(monkeypatch):
    """A model that finds all spans but the second count, and no type."""
    asked = []

    class Finds:
        name = "half"

        def stream(self, texts):
            found = tuple(sorted((entity(*s) for s in SPANS if s[1] != "12 hộ nghèo"), key=lambda e: e.start))
            return [with_values(Prediction(text, found, "half")) for text in texts]

    monkeypatch.setattr("vanban_training.runs.value_scoring.load", lambda model: asked.append(model) or Finds())
    return asked


def row_of(report, field):
    """Return the cells of a field: on gold spans, on predicted ones, how often it is written, and right of these."""
    row = next(line for line in report.splitlines() if line.startswith(f"| {field} "))
    return [cell.strip() for cell in row.strip("|").split("|")][1:]


def test_fields_on_gold_spans_and_on_predicted_ones(gold, texts, model):
    report = score_values("runs/ner", [gold("count", *COUNTS)], [texts])
    assert model == ["runs/ner"]
    assert report.startswith("model: half\n\nCOUNT: 2 mentions of 1 document, 1 found by the model\n\n| field ")
    assert row_of(report, "number") == ["1.000", "0.500", "2", "1.000"]
    assert row_of(report, "noun_class") == ["0.500", "0.500", "2", "0.500"]
    assert row_of(report, "approximation") == ["1.000", "0.500", "1", "1.000"]
    assert row_of(report, "low") == ["1.000", "0.500", "", ""]
    assert row_of(report, "all fields") == ["0.955", "0.500", "7", "0.857"]  # 21 and 11 of 22
    assert row_of(report, "whole value") == ["0.500", "0.500", "", ""]


def test_examples_say_where_and_what(gold, texts, model):
    path = gold("count", *COUNTS)
    lines = score_values(None, [path], [texts], 1).splitlines()
    context = "'ám đốc Sở Y tế, nói có hơn 46 ca mắc và [12 hộ nghèo] ở tỉnh Bắc Ninh.\\n'"
    assert lines[-4:] == [
        "COUNT noun_class (1):",
        f"  {path}:2: found 'households', expected 'people' in {context}",
        "COUNT not found by the model (1):",
        f"  {path}:2: {context}",
    ]
    assert score_values(None, [path], [texts], 0).endswith("|\n\nCOUNT errors: 2")


def test_every_kind(gold, texts, model):
    files = [
        gold(
            "directive",
            mention(
                "DIRECTIVE", "Nghị định số 30/2020/NĐ-CP", kind="nghi_dinh", number="30", year=2020,
                symbol="30/2020/NĐ-CP", type_code="NĐ", body_code="CP", issuer="Chính phủ", date="2020-03-05",
                relation="basis", full_symbol="30/2020/NĐ-CP",
            ),
        ),
        gold(
            "official",
            mention(
                "OFFICIAL", "Trần Văn Lúa", name="Trần Văn Lúa", full_name="Trần Văn Lúa",
                offices=[{"title": "Giám đốc", "organisation": "Sở Y tế"}], honorifics=["Ông"], ranks=[], signs=False,
            ),
        ),
        gold(
            "place",
            mention(
                "PLACE", "tỉnh Bắc Ninh", name="Bắc Ninh", level="province", code="27", province_code="27",
                epoch="legacy",
            ),
        ),
        gold(
            "record",
            {
                "path": "báo cáo",
                "value": {
                    "issuer": "Uỷ ban nhân dân tỉnh Bắc Ninh", "symbol": "12/BC-UBND", "place": "Bắc Ninh",
                    "date": "2023-04-03", "type": "Báo cáo", "subject": "Tình hình thuỷ lợi",
                    "basis": ["30/2020/NĐ-CP"],
                },
            },
        ),
    ]  # fmt: skip
    report = score_values(None, files, [texts])
    kinds = report.split("\n\n")
    assert [line for line in kinds if "errors" in line] == [
        "DIRECTIVE errors: none", "OFFICIAL errors: none", "PLACE errors: none", "RECORD errors: none",
    ]  # fmt: skip
    assert "RECORD: 1 record" in kinds
    assert report.count("| whole value   |      1.000 |     1.000 |") == 4


@pytest.mark.parametrize(
    ("value", "same"),
    [
        ("Thuỷ  lợi\n", "thủy lợi"),
        ({"title": "Bí thư", "spans": {"title": [0, 6]}, "acting": False}, {"title": "BÍ THƯ"}),
        ([], None),
        ("", None),
        (False, None),
    ],
)
def test_what_is_no_difference(value, same):
    assert comparable(value) == comparable(same)


def test_faults_are_listed_together(gold, texts):
    good = COUNTS[0]
    path = gold(
        "count",
        good,
        good | {"text": "46 ca"},
        good | {"start": 0, "end": 2, "text": "ỦY"},
        good | {"end": good["end"] - 4, "text": "46 ca"},
        good | {"value": {"numbre": "46"}},
        good | {"path": "gone.txt"},
        good | {"start": None},
        {"path": "báo cáo"},
        {"value": {}},
    )
    with pytest.raises(UserError) as error:
        load_gold([path], [texts])
    start, end = good["start"], good["end"]
    assert str(error.value).splitlines() == [
        f"{path}:2: found '46 ca', expected '46 ca mắc', which is the text at {start} {end} of báo cáo",
        f"{path}:3: found COUNT 0 2 'ỦY', expected a span of báo cáo; there is none",
        f"{path}:4: found COUNT {start} {end - 4} '46 ca', expected a span of báo cáo; there is COUNT {start} {end} "
        "'46 ca mắc'",
        f"{path}:5: found the field 'numbre', expected some of number, low, high, numerator, denominator, noun, "
        "noun_class, per, approximation, negated, planned",
        f"{path}:6: found no document 'gone.txt' in what is given with --texts",
        f'{path}:7: expected the keys "start" and "end" with offsets, found None and {end}',
        f'{path}:8: expected the key "value" with an object, found None',
        f'{path}:9: expected the key "path" with a string, found None',
    ]


def test_the_name_of_a_file_tells_its_kind(gold, texts, tmp_path):
    names = "count.jsonl, directive.jsonl, official.jsonl, place.jsonl, record.jsonl"
    path = gold("numbers", *COUNTS)
    with pytest.raises(UserError) as error:
        load_gold([path], [texts])
    assert str(error.value) == f"{path}: found the name 'numbers.jsonl', expected one of {names}: it tells the kind"
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UserError, match=f"empty: found no .jsonl, expected some of {names}"):
        load_gold([empty], [texts])
    with pytest.raises(UserError, match=r"place\.jsonl: found no value"):
        load_gold([gold("place")], [texts])


def test_a_manifest_is_asked_by_path_and_a_folder_by_file(gold, manifest, tmp_path):
    path = "seeds/first.txt"
    text = (tmp_path / path).read_text(encoding="utf-8")
    start = text.index("12 ca mắc")
    row = {"path": path, "start": start, "end": start + 9, "text": "12 ca mắc", "value": {"number": "12"}}
    (one,) = load_gold([gold("count", row)], [manifest])
    assert (one.document.id, one.document.type, one.mention.text) == ("first", "tin_bao_chi", "12 ca mắc")
    record = gold("record", {"path": "first.txt", "doc_type": "bao_cao", "value": {}})
    (bare,) = load_gold([record], [manifest, tmp_path / "seeds"])
    assert (bare.document.text, bare.document.type, bare.document.entities) == (text, "bao_cao", ())
    assert (one.annotated, bare.annotated) == (True, False)


def test_a_record_of_a_document_without_spans_is_read_on_predicted_ones(gold, model, tmp_path):
    (tmp_path / "báo cáo.txt").write_text(TEXT, encoding="utf-8")
    value = {"basis": ["30/2020/NĐ-CP"], "issuer": "UBND tỉnh Bắc Ninh"}
    record = gold("record", {"path": "báo cáo.txt", "doc_type": "bao_cao", "value": value})
    report = score_values(None, [record], [tmp_path])
    assert "RECORD: 1 record, 1 of documents without gold spans: on predicted ones" in report
    assert row_of(report, "basis") == ["1.000", "1.000", "1", "1.000"]
    assert row_of(report, "issuer") == ["0.000", "0.000", "1", "0.000"]
    found = "found 'ủy ban nhân dân tỉnh bắc ninh', expected 'ubnd tỉnh bắc ninh'"
    assert f"RECORD issuer (1):\n  {record}:1: {found} in báo cáo.txt" in report


def test_on_the_command_line(gold, texts, model, command):
    path = gold("count", *COUNTS)
    status, out, _ = command(score_app, "--values", path, "--texts", texts, "--examples", 0)
    assert (status, out.splitlines()[0]) == (0, "model: half")
    assert model == [None]
    status, _, err = command(score_app, "--values", path, "--masked")
    assert (status, err) == (2, "error: --values goes with gold of values: found --masked; leave it out\n")
    assert command(score_app, path, "--texts", texts)[2].startswith("error: --texts goes with --values")
    assert command(score_app)[2].startswith("error: found no DOCUMENTS, expected manifests")
