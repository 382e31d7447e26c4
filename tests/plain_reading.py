"""Reading token by token, in plain loops: what `TextEncoder` must give, which works on whole arrays."""

from __future__ import annotations

from typing import Any

from vanban.reading.encoding import SplitText, TextEncoder, split
from vanban.reading.text import LINE_BREAK, without_surrogates
from vanban.reading.tokens import strip, unit_starts, without_marks

_BREAKS = dict.fromkeys(map(ord, "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), " ")
Token = tuple[int, int, int, bool]


def plain_tokens(tokenizer: Any, document: SplitText) -> list[list[Token]]:
    """Return (id, start, end, begins) of the tokens of each segment, for a tokenizer that reads no words."""
    text = document.normalized.text
    units = unit_starts(text)
    found = []
    for offset, segment_end in document.segment_spans:
        piece = without_surrogates(text[offset:segment_end].rstrip()).translate(_BREAKS)
        encoding = tokenizer.backend_tokenizer.encode(piece, add_special_tokens=False)
        tokens = []
        for token_id, (first, last) in zip(encoding.ids, encoding.offsets, strict=True):
            start, end = without_marks(text, *strip(text, offset + first, offset + last), units)
            tokens.append((token_id, start, end, bool(units[start])))
        found.append(tokens)
    return found


def tokens_of_words(encoder: TextEncoder, document: SplitText) -> list[list[Token]]:
    """Return the same of a tokenizer that reads words."""
    (tokens,) = encoder._reader.read([document.normalized.text], [document.segment_spans], [()])
    columns = (tokens.ids, tokens.starts, tokens.ends, tokens.begins)
    rows = iter(zip(*(column.tolist() for column in columns), strict=True))
    return [[next(rows) for _ in range(number)] for number in tokens.of_segments.tolist()]


def plainly_encoded(encoder: TextEncoder, tokenizer: Any, text: str) -> dict[str, list[Any]]:
    """Return the arrays of an `EncodedText` as lists, by name."""
    (document,) = split([text])
    normalized = document.normalized
    found: dict[str, list[Any]] = {
        name: [] for name in ("ids", "spans", "can_begin", "has_label", "line_starts", "segment_edges")
    }
    found["segment_edges"].append(0)
    after_break = True
    covered = 0
    of_segments = (tokens_of_words if encoder.reads_words else plain_tokens)(
        encoder if encoder.reads_words else tokenizer, document
    )
    for (offset, segment_end), tokens in zip(document.segment_spans, of_segments, strict=True):
        after_break = after_break or LINE_BREAK.match(normalized.text, offset - 1) is not None
        for token_id, first, last, begins in tokens:
            start, end = strip(text, *normalized.raw(first, last))
            found["ids"].append(token_id)
            found["spans"].append([start, end])
            found["can_begin"].append(covered <= start < end and begins)
            found["has_label"].append(start < end and (begins or not encoder.reads_words))
            if start < end:
                covered = max(covered, end)
            found["line_starts"].append(after_break)
            after_break = False
        if len(found["ids"]) > found["segment_edges"][-1]:
            if encoder._line_end is not None and LINE_BREAK.match(normalized.text, segment_end - 1):
                found["ids"].append(encoder._line_end)
                found["spans"].append([found["spans"][-1][1]] * 2)
                for name in ("can_begin", "has_label", "line_starts"):
                    found[name].append(False)
            found["segment_edges"].append(len(found["ids"]))
    return found
