"""Spans that begin or end inside a syllable or a character."""

from __future__ import annotations

import json
import unicodedata

import pytest

from project import ROOT
from vanban.errors import UserError
from vanban.schema import Entity
from vanban_training.corpus.annotated import load_documents
from vanban_training.corpus.cuts import cut_of, report_cuts


def marked(text: str, form: str = "NFC") -> tuple[Entity, str]:
    """Return the span and the text that `a⟦b⟧c` stands for."""
    before, inside, after = (unicodedata.normalize(form, part) for part in text.replace("⟧", "⟦").split("⟦"))
    return Entity("PLACE", len(before), len(before + inside), inside), before + inside + after


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ở ông ⟦Tr⟧ần", "PLACE 6 8 'Tr' ends inside a syllable: 'ở ông Tr|ần'"),
        ("ở ông Tr⟦ần⟧", "PLACE 8 10 'ần' begins inside a syllable: 'ở ông Tr|ần'"),
        ("x H⟦u⟧ế y", "PLACE 3 4 'u' begins inside a syllable and ends inside a syllable: 'x H|u|ế y'"),
        ("⟦TP⟧HCM", "PLACE 0 2 'TP' ends inside a syllable: 'TP|HCM'"),
        ("có 24.⟦973⟧ ca", "PLACE 6 9 '973' begins inside a number: 'có 24.|973 ca'"),
        ("có ⟦24⟧.973 ca", "PLACE 3 5 '24' ends inside a number: 'có 24|.973 ca'"),
        (
            "xa xôi lắm rồi ở ⟦Hu⟧ế và ở Đà Nẵng",
            "PLACE 17 19 'Hu' ends inside a syllable: 'i lắm rồi ở Hu|ế và ở Đà Nẵ'",
        ),
    ],
)
def test_what_is_cut(text, said):
    assert cut_of(*marked(text)) == said


def test_a_character_is_cut_whatever_it_is_part_of():
    text = unicodedata.normalize("NFD", "ở Trần")
    place = text.index("\u0302")
    for end in (place, place + 1):  # between a and its circumflex, between this and the tone mark
        assert "ends inside a character" in str(cut_of(Entity("PLACE", 3, end, text[3:end]), text))
    assert "begins inside a character" in str(cut_of(Entity("PLACE", place, len(text), text[place:]), text))
    assert "ends inside a character" in str(cut_of(Entity("PLACE", 0, 1, "1"), "1\u20e3"))  # a keycap


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    "text",
    [
        "⟦Huế⟧", "ở ⟦Huế⟧.", "(⟦Huế⟧)", "số ⟦17⟧/CT-UBND", "số 17/⟦CT⟧-UBND", "⟦15⟧ha", "15⟦ha⟧", "7⟦tháng⟧",
        "Hà_⟦Nội⟧", "⟦24.973⟧, 5", "⟦Trần⟧\u200b", "ở\n⟦Huế⟧\r\n", "⟦TP.⟧Huế",
    ],
)  # fmt: skip
def test_what_is_not_cut(text, form):
    assert cut_of(*marked(text, form)) is None


def test_every_reader_of_offsets_notes_it(tmp_path):
    text = "ở ông Trần\nvà Huế"
    path = tmp_path / "a.jsonl"
    spans = [{"label": "OFFICIAL", "start": 6, "end": 8}, {"label": "PLACE", "start": 14, "end": 17}]
    path.write_text("\n" + json.dumps({"id": "1", "text": text, "spans": spans}), encoding="utf-8")
    (tmp_path / "b.txt").write_text(text, encoding="utf-8")
    (tmp_path / "b.ann").write_text("T1\tPLACE 14 17\tHuế\nT2\tOFFICIAL 6 8\tTr\n", encoding="utf-8")
    said = "OFFICIAL 6 8 'Tr' ends inside a syllable: 'ở ông Tr|ần\\nvà Huế'"
    (rows,) = load_documents([path])
    assert rows.cuts == (f"{path}:2: {said}",)
    (brat,) = load_documents([tmp_path])
    assert brat.cuts == (f"{tmp_path}/b.ann:2: {said}",)


def test_the_annotations_of_the_project_cut_nothing():
    documents = load_documents([ROOT / "annotations/documents.jsonl"])
    assert (len(documents), [cut for d in documents for cut in d.cuts]) == (519, [])


def test_the_report(capsys):
    report_cuts([], strict=True)
    report_cuts(["a:1: x"], strict=False)
    told = "1 span begins or ends inside a syllable or a character, which a model reads whole; mend the offsets "
    assert capsys.readouterr() == ("", f"warning: {told}(half-open code points into the raw text):\n  a:1: x\n")
    with pytest.raises(UserError) as error:
        report_cuts([f"a:{n}: x" for n in range(6)], strict=True)
    assert str(error.value).splitlines()[-3:] == ["  a:4: x", "  and 1 more", "without --strict this is a warning"]
