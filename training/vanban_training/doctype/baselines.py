"""What a document classifier must beat: the type word in the first lines, and word statistics."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from vanban.reading.text import unmarked
from vanban.schema import DOCUMENT_TYPES
from vanban_training.corpus.annotated import AnnotatedDocument
from vanban_training.doctype.titles import CODES, mask_head

FIRST_LINES: Final = 10  # that are not blank


def type_by_rule(text: str, types: Sequence[str]) -> str:
    """Return the type that the first lines name at their beginning; a letter by `Kính gửi`; else the press.

    Type words may lack their marks, and stand in any case.
    """
    lines = [unmarked(line).lower().strip(" *_#") for line in text.split("\n") if line.strip()][:FIRST_LINES]
    for line in lines:
        for name in types:
            if name in CODES and re.match(rf"{unmarked(DOCUMENT_TYPES[name]).lower()}\b", line):
                return name
    letter = any(line.startswith(("kinh gui", "v/v")) for line in lines)
    if letter and "cong_van" in types:
        return "cong_van"
    return "tin_bao_chi" if "tin_bao_chi" in types else types[0]


def tfidf_predictions(training: Sequence[AnnotatedDocument], tested: Sequence[str], with_masked: bool) -> list[str]:
    """Return the types that TF-IDF over words and pairs with logistic regression gives to the texts `tested`.

    It is the most frequent one where no text has a word, or all are of one type. `with_masked`: it learns from the
    masked variants, too, as the network does.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    texts = [d.text for d in training] + [mask_head(d.text) for d in training if with_masked]
    types = [str(d.type) for d in training] * (2 if with_masked else 1)
    for least in (2, 1):  # of texts that a word must be in
        model: Any = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=least, token_pattern=r"(?u)\b\w+\b"),
            LogisticRegression(C=30, max_iter=2000),
        )
        try:
            return [str(name) for name in model.fit(texts, types).predict(list(tested))]
        except ValueError:  # no word is in so many texts, or there is one type alone
            continue
    return [Counter(types).most_common(1)[0][0]] * len(tested)
