"""Folds in which near-duplicates stay together, so that no document is judged by a model that has seen its twin."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from vanban.errors import UserError
from vanban_training.corpus.annotated import AnnotatedDocument
from vanban_training.corpus.folds import Fold

SIMILARITY: Final = 0.5  # cosine of binary shingles; the formulae that all documents of a kind share stay far below
SHINGLE_WORDS: Final = 4
FOLDS: Final = 5


def groups_of(texts: Sequence[str]) -> list[int]:
    """Return a group for each text; near-duplicates, and near-duplicates of these, have the same."""
    from scipy.sparse.csgraph import connected_components
    from sklearn.feature_extraction.text import TfidfVectorizer

    shingles = TfidfVectorizer(
        ngram_range=(SHINGLE_WORDS, SHINGLE_WORDS), binary=True, use_idf=False, token_pattern=r"\w+"
    )
    try:
        # the network reads a decomposed text as the composed one, so they are twins
        rows: Any = shingles.fit_transform([unicodedata.normalize("NFC", text) for text in texts])
    except ValueError:  # not one text has as many words
        return list(range(len(texts)))
    _, groups = connected_components((rows @ rows.T) > SIMILARITY, directed=False)
    return [int(group) for group in groups]


def stratified_folds(documents: Sequence[AnnotatedDocument]) -> list[Fold]:
    """Return folds with like shares of every type; near-duplicates share one.

    Raises UserError when a type has fewer documents than there are folds, near-duplicates counted as one.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    types = [str(d.type) for d in documents]
    groups = groups_of([d.text for d in documents])
    distinct = Counter(doc_type for doc_type, _ in sorted(set(zip(types, groups, strict=True))))
    few = [f"{name} ({count})" for name, count in distinct.items() if count < FOLDS]
    if few:
        raise UserError(
            f"cross-validation in {FOLDS} folds needs {FOLDS} documents of each type, near-duplicates counted as one; "
            f"too few: {', '.join(few)}"
        )
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    return [
        Fold(f"fold {number}", tuple(documents[i] for i in held_out))
        for number, (_, held_out) in enumerate(splitter.split(types, types, groups), 1)
    ]
