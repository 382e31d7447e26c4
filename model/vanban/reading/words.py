"""Vietnamese words as spans. A word may be several syllables with white space between them: `Hà Nội` is one.

The conditional random field of underthesea says which syllables belong together. Its tokenizer, which rewrites what
it reads and cuts `30/2020/NĐ-CP` and `109,4%`, is passed over: here numbers, dates and identifiers are one word each,
marks stand alone, and a word never holds a mark, a hard line break, or a capital after a syllable in lower case.
"""

from __future__ import annotations

import functools
import importlib.util
import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from vanban.errors import UserError
from vanban.reading.text import INVISIBLE, older_tone_style, segments, to_nfc, without_surrogates
from vanban.schema import Span

# combining marks, and what shows nothing: they go on with the letter before them
_RIDER: Final = rf"[\u0300-\u036f{re.escape(''.join(sorted(INVISIBLE)))}]"
_PLAIN: Final = r"[^\W_]"
_LETTER: Final = r"[^\W\d_]"
_CAPITAL: Final = r"[A-ZĐ]"

_TOKEN: Final = re.compile(
    rf"""
    (?P<fixed>
        # numbers, dates, identifiers: 24.973, 8.749/8.000, 3.000-5.000, 109,4%, 23/7/2021, 30/2020/NĐ-CP, 05-CT/TU, F1
        (?={_PLAIN}*\d) {_PLAIN}+
        (?: (?: (?<=\d)[.,:](?=\d) | / | [-–](?=\d|{_CAPITAL}{{2}}|QyĐ) | &(?={_CAPITAL}) ) {_PLAIN}+ )* [%‰]?
      | {_LETTER}+ (?:-{_PLAIN}+){{0,3}} -\d{_PLAIN}*  # Covid-19, SARS-CoV-2
      | {_CAPITAL}{{1,7}} (?: [-&.]{_CAPITAL}{{2,7}}[a-z]? )+ (?!{_PLAIN})  # CT-UBND, QĐ-TTg, BNN&PTNT, TP.HCM
    )
  | (?P<syllable> {_LETTER} (?:{_LETTER}|{_RIDER})* (?: ['’]{_LETTER} (?:{_LETTER}|{_RIDER})* )* )
  | (?P<mark> (?P<one>[^\w\s]|_) {_RIDER}* (?P=one)* | \S )
    """,
    re.VERBOSE,
)
_NO_INVISIBLE: Final = dict.fromkeys(map(ord, INVISIBLE))
_MOST_SYLLABLES: Final = 4  # what is longer is names run together: Hà Đông Cấn Thị Việt Hà
_TOKENS_PER_CALL: Final = 1000  # a token has 43 features, all of them strings
_REMEMBERED_SENTENCES: Final = 1 << 15
_REMEMBERED_LENGTH: Final = 1000  # characters
_MODEL: Final = "pipeline/word_tokenize/models/ws_crf_vlsp2013_20230727"


def word_spans(raw: str) -> list[Span]:
    """Return the words of any text in order; nothing but white space and invisible characters is outside of them.

    Raises UserError when underthesea is not installed.
    """
    normalized = to_nfc(raw)
    spans = [
        normalized.raw(start + first, start + last)
        for start, end in segments(normalized.text)
        for first, last in words_of_sentence(normalized.text[start:end])
    ]
    return [(start, end) for start, end in spans if start < end]  # a mark may belong to the raw character before it


def words_of_sentence(sentence: str) -> Sequence[Span]:
    """Return the words of a segment of a text in NFC; see `word_spans`.

    The words of some 30,000 sentences are remembered: copies of training documents, and letterheads, come again.
    """
    return _remembered(sentence) if len(sentence) <= _REMEMBERED_LENGTH else _segment(sentence)


def _segment(sentence: str) -> tuple[Span, ...]:
    tokens = [match for match in _TOKEN.finditer(sentence) if not INVISIBLE.issuperset(match.group())]
    words: list[list[re.Match[str]]] = []
    for token, goes_on in zip(tokens, _tags(tokens), strict=True):
        if goes_on and words and _may_join(words[-1][-1], token):
            words[-1].append(token)
        else:
            words.append([token])
    whole = [[word] if len(word) <= _MOST_SYLLABLES else [[syllable] for syllable in word] for word in words]
    return tuple((word[0].start(), word[-1].end()) for word in itertools.chain.from_iterable(whole))


_remembered = functools.lru_cache(maxsize=_REMEMBERED_SENTENCES)(_segment)


def _may_join(before: re.Match[str], after: re.Match[str]) -> bool:
    if before["syllable"] is None or after["syllable"] is None:
        return False
    gap = after.string[before.end() : after.start()]
    return gap.isspace() and not (before["syllable"].islower() and after["syllable"][0].isupper())


def _tags(tokens: Sequence[re.Match[str]]) -> list[bool]:
    """Return, for each token, whether it goes on with the word of the one before it."""
    featurizer, tagger = load_segmenter()
    tags: list[bool] = []
    for batch in _batches(tokens):
        written = without_surrogates("\n".join(token.group() for token in batch)).translate(_NO_INVISIBLE)
        texts = older_tone_style(written).split("\n")  # in which the field was trained
        (features,) = featurizer.process([[[text] for text in texts]])
        tags += [tag == "I-W" for tag in tagger.tag(features)]
    return tags


def _batches(tokens: Sequence[re.Match[str]]) -> Iterator[Sequence[re.Match[str]]]:
    """Yield up to 1,000 tokens at a time. A batch ends where no word can go on, if there is such a place."""
    first = 0
    while first < len(tokens):
        end = min(first + _TOKENS_PER_CALL, len(tokens))
        if end < len(tokens):
            end = next((i for i in range(end, first, -1) if tokens[i - 1]["syllable"] is None), end)
        yield tokens[first:end]
        first = end


def underthesea_folder() -> Path:
    """Return where underthesea is installed, without importing it; raises ModuleNotFoundError where it is not."""
    found = importlib.util.find_spec("underthesea")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("No module named 'underthesea'", name="underthesea")
    return Path(found.origin).parent


def segmenter_folder() -> Path:
    """Return where underthesea keeps its word segmenter; raises UserError where it is not installed."""
    try:
        return underthesea_folder() / _MODEL
    except ModuleNotFoundError:
        raise UserError("PhoBERT reads segmented words, which needs underthesea: pip install underthesea") from None


@functools.cache
def load_segmenter() -> tuple[Any, Any]:
    """Return the featurizer and the tagger of underthesea's word segmenter; raises UserError where it is not installed.

    Its files are read through underthesea_core: `import underthesea` takes seconds, as it imports what all its models
    need.
    """
    folder = segmenter_folder()
    import joblib
    from underthesea_core import CRFFeaturizer, CRFTagger

    if not (folder / "models.bin").is_file():
        raise UserError(
            f"{folder}: the word segmenter of underthesea is not there; vanban was tested with underthesea 9.5.0: "
            "pip install underthesea==9.5.0"
        )
    tagger = CRFTagger()
    tagger.load(str(folder / "models.bin"))
    return CRFFeaturizer(joblib.load(folder / "features.bin"), joblib.load(folder / "dictionary.bin")), tagger
