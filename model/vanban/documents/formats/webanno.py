"""WebAnno TSV 3.3, which INCEpTION and WebAnno read: a token a line, offsets in UTF-16 units, a file a document.

    #FORMAT=WebAnno TSV 3.3
    #T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|value


    #Text=Tại Hà Nội có 24.973 ca.
    1-1<TAB>0-3<TAB>Tại<TAB>_<TAB>
    1-2<TAB>4-6<TAB>Hà<TAB>PLACE[1]<TAB>
    1-3<TAB>7-10<TAB>Nội<TAB>PLACE[1]<TAB>

A span that ends inside a token has a line for the part: `1-3.1`. The format holds the text of sentences, and what is
between them as one line break and spaces; any other white space is written as the end of the sentence before it.
"""

from __future__ import annotations

import bisect
import re
from collections import Counter, defaultdict
from itertools import zip_longest
from pathlib import Path
from typing import Final

from vanban.documents.document import Document, Failure
from vanban.documents.formats.annotated import annotated, document_of_file
from vanban.documents.formats.format import Format, Losses, Tagged
from vanban.documents.formats.losses import count_losses
from vanban.documents.formats.sentences import sentence_tokens
from vanban.documents.formats.utf16 import Units
from vanban.documents.formats.webanno_rows import HEADER, LAYER, escape_text, escape_value, read_rows
from vanban.errors import UserError
from vanban.schema import Entity, Prediction, Span

_RESTORED: Final = re.compile(r"\n *\Z")  # what readers put between sentences, where offsets leave a gap


def files(document: Document, prediction: Prediction, losses: Losses) -> dict[str, bytes]:
    """Return the `.tsv` of one document.

    Not in it are scores, values, types, and white space before the first word, of which readers make spaces.
    """
    text = document.text
    count_losses(losses, document, prediction)
    sentences = sentence_tokens(text, prediction.entities)
    begin = sentences[0][0][0] if sentences else len(text)
    if lost := begin if not sentences else sum(character != " " for character in text[:begin]):
        losses["characters of white space before the first word"] += lost
    labels = _labels([token for tokens in sentences for token in tokens], prediction.entities, losses)
    offsets = Units(text)
    rows = [f"{HEADER}\n{LAYER}\n\n"]
    following = [tokens[0][0] for tokens in sentences[1:]]
    for number, (tokens, after) in enumerate(zip_longest(sentences, following), 1):
        rows.append("\n")
        rows += [f"#Text={escape_text(line)}\n" for line in _sentence(text, tokens, after).split("\n")]
        for i, token in enumerate(tokens, 1):
            parts = labels.get(token, {})
            units = [(f"{number}-{i}", token, parts.get(token, "_"))]
            within = sorted((span, value) for span, value in parts.items() if span != token)
            units += [(f"{number}-{i}.{k}", span, value) for k, (span, value) in enumerate(within, 1)]
            for name, (start, end), value in units:
                rows.append(f"{name}\t{offsets.units(start)}-{offsets.units(end)}\t{text[start:end]}\t{value}\t\n")
    return {".tsv": "".join(rows).encode("utf-8")}


def _sentence(text: str, tokens: list[Span], after: int | None) -> str:
    """Return the text of a sentence, with so much of what is behind it that the rest comes back from the offsets.

    `after` is where the next sentence begins, None for the last.
    """
    end = tokens[-1][1]
    gap = text[end:after]
    kept = _RESTORED.sub("", gap) if after is not None else gap
    return text[tokens[0][0] : end] + kept


def _labels(tokens: list[Span], entities: tuple[Entity, ...], losses: Losses) -> dict[Span, dict[Span, str]]:
    """Return, by token, what the columns of it and of its parts hold, by span."""
    starts, ends = [start for start, _ in tokens], [end for _, end in tokens]
    units: list[tuple[Entity, list[tuple[Span, Span]]]] = []  # tokens, and what of each the entity covers
    for entity in entities:
        first, last = bisect.bisect_right(ends, entity.start), bisect.bisect_left(starts, entity.end) - 1
        if first > last:
            losses["spans of white space alone"] += 1
            continue
        if entity.start < starts[first] or ends[last] < entity.end:
            losses["ends of spans in white space"] += 1
        covered = tokens[first : last + 1]
        units.append((entity, [(t, (max(t[0], entity.start), min(t[1], entity.end))) for t in covered]))
    stacked = Counter(part for _, parts in units for part in parts)
    values: dict[Span, dict[Span, list[str]]] = defaultdict(lambda: defaultdict(list))
    number = 0
    for entity, parts in units:
        value = escape_value(entity.label)
        if len(parts) > 1 or stacked[parts[0]] > 1:  # what stands in several rows, or with others in one, has a number
            number += 1
            value += f"[{number}]"
        for token, span in parts:
            values[token][span].append(value)
    return {token: {span: "|".join(found) for span, found in by_span.items()} for token, by_span in values.items()}


def read_files(path: Path) -> Tagged | Failure:
    """Return the document of a file, with the spans of its layer NamedEntity, or of its one layer of spans."""
    try:
        text, spans = read_rows(path.read_bytes().decode("utf-8"), str(path))
        return document_of_file(path, text), annotated(text, spans)
    except UserError as error:
        line, _, reason = str(error).removeprefix(f"{path}:").partition(": ")
        return Failure(f"{path}:{line}", reason) if line.isdecimal() else Failure(str(path), str(error))
    except OSError as error:
        return Failure(str(path), error.strerror or str(error))
    except UnicodeDecodeError as error:
        return Failure(str(path), f"found a byte that is no UTF-8 at {error.start}; WebAnno TSV is UTF-8")


FORMAT: Final = Format(
    name="webanno",
    summary="WebAnno TSV 3.3 of INCEpTION and WebAnno, a file a document",
    suffixes=(".tsv",),
    is_one=lambda head: head.removeprefix(b"\xef\xbb\xbf").startswith(b"#FORMAT=WebAnno TSV"),
    files=files,
    read_files=read_files,
)
