"""Which words are syllables of Vietnamese: how those are written is a closed system of onsets, rhymes and tones."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_TONES: Final = {"\u0300": "huyền", "\u0301": "sắc", "\u0303": "ngã", "\u0309": "hỏi", "\u0323": "nặng"}
_TONE: Final = re.compile(f"[{''.join(_TONES)}]")
# letters with their own marks (ă, â, ê, ô, ơ, ư) in NFC, tones taken off
_SYLLABLE: Final = re.compile(
    r"""(?: b|ch|c|d|đ|gh|gi|g|h|kh|k|l|m|ngh|ng|nh|n|ph|p|qu|r|s|th|tr|t|v|x )?
        (?: a(?:c|ch|i|m|n|ng|nh|o|p|t|u|y)? | ă(?:c|k|m|n|ng|p|t) | â(?:c|m|n|ng|p|t|u|y)
          | e(?:c|m|n|ng|o|p|t)? | ê(?:ch|m|n|nh|p|t|u)?
          | i(?:a|ch|m|n|nh|p|t|u)? | iê(?:c|m|n|ng|p|t|u) | yê(?:m|n|ng|t|u) | yêu | y(?:a|t|nh|ch|u|n|m|p)?
          | o(?:c|i|m|n|ng|p|t)? | oa(?:c|ch|i|m|n|ng|nh|o|p|t|y)? | oă(?:c|m|n|ng|t) | oe(?:n|o|t)? | oo(?:c|ng)
          | ô(?:c|i|m|n|ng|p|t)? | ơ(?:i|m|n|p|t)?
          | u(?:a|c|i|m|n|ng|p|t)? | uâ(?:n|ng|t|y) | uê(?:ch|nh|n)? | uơ | uô(?:c|i|m|n|ng|t)
          | uy(?:a|ch|n|nh|p|t|u)? | uyê(?:n|t)
          | ư(?:a|c|i|m|n|ng|t|u)? | ươ(?:c|i|m|n|ng|p|t|u) )""",
    re.VERBOSE,
)
_STOPPED: Final = re.compile(r"(?:c|ch|p|t)$")


@lru_cache(1 << 14)
def is_syllable(word: str) -> bool:
    """True of one syllable, in any case and in NFC or NFD."""
    apart = unicodedata.normalize("NFD", word.lower())
    tones = _TONE.findall(apart)
    bare = unicodedata.normalize("NFC", _TONE.sub("", apart))
    if len(tones) > 1 or not _SYLLABLE.fullmatch(bare):
        return False
    # a syllable that ends in a stop has one of two tones
    return not _STOPPED.search(bare) or (bool(tones) and _TONES[tones[0]] in ("sắc", "nặng"))
