"""Groups of near-duplicates, and folds that keep them together."""

from __future__ import annotations

import unicodedata
from collections import Counter

import pytest

from project import ROOT
from vanban.errors import UserError
from vanban.schema import DOCUMENT_TYPES
from vanban_training.corpus.annotated import AnnotatedDocument
from vanban_training.corpus.near_duplicates import groups_of, stratified_folds
from vanban_training.corpus.typed import load_typed_documents

BASE = "một hai ba bốn năm sáu bảy tám chín mười"  # 7 shingles of four words


def test_near_duplicates_of_near_duplicates_share_a_group():
    first = BASE
    second = " ".join([*BASE.split()[2:], "xa", "lạ"])  # 5 of 7 shingles are the same: cosine 5/7
    third = " ".join([*second.split()[2:], "thêm", "nữa"])  # 3/7 to the first, 5/7 to the second
    apart = " ".join(BASE.split()[::-1])  # the same words, in no shingle alike
    assert groups_of([first, apart, second, third]) == [0, 1, 0, 0]
    assert groups_of([first, third]) == [0, 1]
    assert groups_of([first, first.upper(), unicodedata.normalize("NFD", first)]) == [0, 0, 0]


def test_half_alike_is_not_yet_a_near_duplicate():
    # 4 of 8 shingles on both sides: a cosine of 0.5 exactly
    left = " ".join([*BASE.split()[:7], *["a1", "a2", "a3", "a4"]])
    right = " ".join([*BASE.split()[:7], *["b1", "b2", "b3", "b4"]])
    assert groups_of([left, right]) == [0, 1]
    closer = " ".join([*BASE.split()[:8], *["b1", "b2", "b3"]])
    assert groups_of([" ".join([*BASE.split()[:8], "a1", "a2", "a3"]), closer]) == [0, 0]


@pytest.mark.parametrize("texts", [[], [""], ["", "ba từ thôi", "ba từ thôi"]])
def test_texts_without_a_shingle_stand_alone(texts):
    assert groups_of(texts) == list(range(len(texts)))
    assert groups_of([*texts, BASE]) == list(range(len(texts) + 1))


def _document(number: int, doc_type: str, text: str | None = None) -> AnnotatedDocument:
    own = " ".join(f"{doc_type}{number}w{i}" for i in range(9)) if text is None else text
    return AnnotatedDocument(f"{doc_type}-{number}", own, (), doc_type)


def test_folds_have_like_shares_of_every_type():
    documents = [_document(i, name) for name, count in (("a", 10), ("b", 5)) for i in range(count)]
    folds = stratified_folds(documents)
    assert [fold.name for fold in folds] == ["fold 1", "fold 2", "fold 3", "fold 4", "fold 5"]
    assert [sorted(d.type for d in fold.held_out) for fold in folds] == [["a", "a", "b"]] * 5
    assert sorted(d.id for fold in folds for d in fold.held_out) == sorted(d.id for d in documents)
    assert [len(fold.training(documents)) for fold in folds] == [12] * 5
    assert stratified_folds(documents) == folds


def test_twins_are_never_apart():
    twins = [_document(i, name, BASE) for i, name in ((20, "a"), (21, "a"), (22, "b"))]
    documents = [*(_document(i, name) for name in ("a", "b") for i in range(8)), *twins]
    folds = stratified_folds(documents)
    held = [fold for fold in folds if set(twins) & set(fold.held_out)]
    assert len(held) == 1
    assert set(twins) <= set(held[0].held_out)


def test_types_with_too_few_documents_are_named():
    documents = [_document(i, name) for name, count in (("a", 5), ("b", 4), ("c", 1)) for i in range(count)]
    with pytest.raises(UserError) as error:
        stratified_folds(documents)
    message = "cross-validation in 5 folds needs 5 documents of each type, near-duplicates counted as one; too few: "
    assert str(error.value) == message + "b (4), c (1)"
    twins = [_document(i, "b", BASE) for i in range(4, 12)]
    with pytest.raises(UserError) as error:
        stratified_folds([*documents[:8], *twins])  # a has 5, b 3 and what is one with its twins
    assert str(error.value) == message + "b (4)"


def test_the_folds_of_the_project():
    paths = [ROOT / "annotations/documents.jsonl", ROOT / "annotations/typed.jsonl"]
    documents = load_typed_documents(paths, tuple(DOCUMENT_TYPES))
    folds = stratified_folds(documents)
    assert [len(fold.held_out) for fold in folds] == [163, 163, 162, 162, 162]
    totals = Counter(d.type for d in documents)
    for fold in folds:
        held = Counter(d.type for d in fold.held_out)
        assert all(abs(held[name] - total / 5) < 1.5 for name, total in totals.items())
