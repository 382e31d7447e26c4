"""Folds in which the documents of one group stay together."""

from __future__ import annotations

import pytest

from vanban import UserError
from vanban_training.corpus.annotated import AnnotatedDocument
from vanban_training.corpus.folds import grouped_folds


def document(name: str, group: str | None = None) -> AnnotatedDocument:
    return AnnotatedDocument(name, "", (), group=group)


def test_groups_stay_together_and_folds_are_of_like_size() -> None:
    documents = [document(f"{group}{n}", group) for group, size in (("a", 5), ("b", 4), ("c", 3)) for n in range(size)]
    documents += [document(str(n)) for n in range(6)]
    folds = grouped_folds(documents, 3)
    assert [fold.name for fold in folds] == ["fold 1", "fold 2", "fold 3"]
    assert [len(fold.held_out) for fold in folds] == [6, 6, 6]
    assert [{d.group for d in fold.held_out} - {None} for fold in folds] == [{"a"}, {"b"}, {"c"}]
    assert sorted(d.id for fold in folds for d in fold.held_out) == sorted(d.id for d in documents)
    assert all(len(fold.training(documents)) == 12 for fold in folds)


def test_fewer_groups_than_folds() -> None:
    with pytest.raises(UserError, match=r"in 3 folds \(data\.folds\) needs as many groups of documents.*; found 2$"):
        grouped_folds([document("1", "a"), document("2", "a"), document("3")], 3)
