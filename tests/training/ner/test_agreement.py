"""The agreement of two annotators, and that of the project's own two passes."""

from __future__ import annotations

import pytest

from project import ROOT
from vanban.errors import UserError
from vanban_training.ner.agreement import agreement_scores


def test_the_second_pass_of_the_project_agrees():
    annotations = ROOT / "annotations"
    documents, scores = agreement_scores(
        annotations / "seeds", annotations / "second_pass/seeds", annotations / "documents.jsonl"
    )
    assert documents == 5
    assert (scores[-1].label, scores[-1].f1, scores[-1].support) == ("micro", 1.0, 307)


def test_agreement_in_numbers(manifest, tmp_path):
    second = tmp_path / "second"
    second.mkdir()
    # of 6: one has another boundary, one another label, two are missed, two agree; and one is too many
    (second / "first.ann").write_text(
        "T1\tPLACE 9 21\ttỉnh Đà Nẵng\nT2\tPLACE 26 40\tNguyễn Văn Nam\nT3\tDIRECTIVE 44 65\tChỉ thị số 17/CT-UBND\n"
        "T4\tPLACE 75 91\tthành phố Hà Nội\nT5\tCOUNT 72 73\t5\n",
        encoding="utf-8",
    )
    documents, scores = agreement_scores(tmp_path / "annotations/seeds", second, manifest)
    assert documents == 1  # the other is annotated once
    micro = scores[-1]
    assert (micro.precision, micro.recall, micro.support) == (2 / 5, 2 / 6, 6)
    assert {s.label: (s.precision, s.recall, s.support) for s in scores[:-1]} == {
        "OFFICIAL": (0.0, 0.0, 1),
        "PLACE": (1 / 3, 1 / 2, 2),
        "COUNT": (0.0, 0.0, 2),
        "DIRECTIVE": (1.0, 1.0, 1),
    }


def test_agreement_of_brat_folders_needs_no_manifest(tmp_path):
    for name, start in (("a", 0), ("b", 4)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.txt").write_text("tại Huế", encoding="utf-8")
        span = "T1\tPLACE 4 7\tHuế\n" if start else "T1\tPLACE 0 7\ttại Huế\n"
        (tmp_path / name / "1.ann").write_text(span, encoding="utf-8")
    documents, scores = agreement_scores(tmp_path / "a", tmp_path / "b", tmp_path / "nowhere.jsonl")
    assert (documents, scores[-1].f1, scores[-1].support) == (1, 0.0, 1)
    assert agreement_scores(tmp_path / "a", tmp_path / "a", tmp_path / "nowhere.jsonl")[1][-1].f1 == 1.0


def test_agreement_without_what_it_needs(manifest, tmp_path):
    first = tmp_path / "annotations/seeds"
    empty = tmp_path / "empty"
    with pytest.raises(UserError, match=f"^{empty}: no such folder"):
        agreement_scores(first, empty, manifest)
    empty.mkdir()
    with pytest.raises(UserError, match=f"^{first} and {empty} share no .ann file$"):
        agreement_scores(first, empty, manifest)
    (first / "new.ann").touch()
    (empty / "new.ann").touch()
    with pytest.raises(UserError, match=f"^{manifest}: has no line for new.ann, and {first} no .txt beside$"):
        agreement_scores(first, empty, manifest)
    for row in ('{"id": 1}', "{", "[]"):
        manifest.write_text(row, encoding="utf-8")
        with pytest.raises(UserError) as error:
            agreement_scores(first, empty, manifest)
        assert str(error.value).startswith(f'{manifest}:1: found {row!r}, expected an object with "annotation" and')
