from __future__ import annotations

from hypothesis import given

from any_tagged import entity, texts_with_spans
from vanban.documents.formats.format import Tagged
from vanban.documents.formats.sentences import sentence_tokens

TEXT = "Họp tại TP. Hà Nội, lúc 8 giờ. Ông Anh\u200b đến.\r\n \r\nHết"


def words(text: str, *surfaces: str) -> list[list[str]]:
    found = sentence_tokens(text, [entity(text, surface) for surface in surfaces])
    return [[text[start:end] for start, end in tokens] for tokens in found]


def test_tokens_of_sentences() -> None:
    first = ["Họp", "tại", "TP", ".", "Hà", "Nội", ",", "lúc", "8", "giờ", "."]
    assert words(TEXT) == [first, ["Ông", "Anh\u200b", "đến", "."], ["Hết"]]
    # no sentence ends inside an entity, but one may where it begins
    assert words(TEXT, "giờ. Ông") == [[*first, "Ông", "Anh\u200b", "đến", "."], ["Hết"]]
    assert words(TEXT, "giờ.", "Ông") == words(TEXT)
    assert words(TEXT, "giờ. ") == words(TEXT)  # white space at its end goes up to the next sentence
    assert words("") == words(" \n ") == []


@given(texts_with_spans())
def test_tokens_tile_what_is_no_white_space(pair: Tagged) -> None:
    text = pair[0].text
    spans = [span for tokens in sentence_tokens(text, pair[1].entities) for span in tokens]
    assert "".join(text[start:end] for start, end in spans) == "".join(text.split())
    assert spans == sorted(spans)
