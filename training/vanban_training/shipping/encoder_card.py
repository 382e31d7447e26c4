"""How the bundled encoder differs from the uncut one, measured, and the model card that says so."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from vanban.reading.text import segments
from vanban_training.corpus.files import named_files
from vanban_training.corpus.places import read_places
from vanban_training.shipping.e5_weights import Weights
from vanban_training.shipping.wheels import Source

LONGEST_TEXT = 400  # code points; well within 512 tokens


@dataclass(frozen=True)
class Difference:
    """`same` of `tokens` pieces are equal; `largest` and `mean` absolute difference of the last hidden states.

    Hidden states are compared where the whole text has equal pieces.
    """

    name: str
    tokens: int
    same: int
    largest: float
    mean: float


def compare_with_whole(cut: Path, whole: tuple[Any, Weights, dict[str, Any]], texts: Path) -> list[Difference]:
    """Compare the encoder in `cut` with the uncut one (its config, weights and tokenizer.json) on text kinds."""
    from transformers import AutoModel, BertModel

    config, weights, tokenizer_json = whole
    reference = BertModel(config, add_pooling_layer=False).eval()
    state = {name: torch.from_numpy(array.copy()) for name, array in weights.items()}
    missing, unexpected = reference.load_state_dict(state, strict=False)
    assert not unexpected and not missing, (missing, unexpected)
    bundled = AutoModel.from_pretrained(cut, add_pooling_layer=False, dtype=torch.float32).eval()
    tokenizers = (
        Tokenizer.from_str(json.dumps(tokenizer_json)),
        Tokenizer.from_file(str(cut / "tokenizer.json")),
    )
    files = named_files(texts, ".txt").values()
    seeds = [text for path in files for text in _pieces_of(path.read_text(encoding="utf-8"))]
    communes = [f"{place.kind} {place.name}" for place in read_places() if not place.is_province]
    samples = {
        f"the {len(files)} documents of {texts}/": seeds,
        f"the names of all {len(communes):,} communes": communes,
    }
    return [_difference(name, lines, tokenizers, reference, bundled) for name, lines in samples.items()]


def _pieces_of(text: str) -> Iterator[str]:
    for start, end in segments(text):
        for position in range(start, end, LONGEST_TEXT):
            if text[position : min(end, position + LONGEST_TEXT)].strip():
                yield text[position : min(end, position + LONGEST_TEXT)]


def _difference(
    name: str, lines: Sequence[str], tokenizers: tuple[Any, Any], reference: Any, bundled: Any
) -> Difference:
    tokens = same = compared = 0
    largest = total = 0.0
    for line in lines:
        left, right = (tokenizer.encode(line) for tokenizer in tokenizers)
        tokens += len(left.tokens)
        matcher = difflib.SequenceMatcher(None, left.tokens, right.tokens, autojunk=False)
        same += sum(block.size for block in matcher.get_matching_blocks())
        if left.tokens != right.tokens:
            continue
        with torch.inference_mode():
            states = [
                network(input_ids=torch.tensor([encoding.ids])).last_hidden_state
                for network, encoding in ((reference, left), (bundled, right))
            ]
        difference = (states[0] - states[1]).abs()
        largest = max(largest, float(difference.max()))
        total += float(difference.sum())
        compared += difference.numel()
    return Difference(name, tokens, same, largest, total / max(compared, 1))


def encoder_card(pieces: int, differences: Sequence[Difference], sources: Sequence[Source]) -> str:
    """Return the README.md of the bundled encoder."""
    rows = "\n".join(
        f"| {d.name} | {d.tokens:,} | {100 * d.same / d.tokens:.3f} % | {d.largest:.4f} | {d.mean:.6f} |"
        for d in differences
    )
    origin = "\n".join(f"| `{s.requirement}` | `{s.member}` | {s.licence} | `{s.sha256}` |" for s in sources)
    return f"""---
license: mit
language: vi
base_model: intfloat/multilingual-e5-small
---
# The bundled encoder

[intfloat/multilingual-e5-small](https://huggingface.co/intfloat/multilingual-e5-small) (MIT; Wang et al. 2024, arXiv
2402.05672) with its vocabulary cut to the {pieces:,} pieces that Vietnamese text produces. A BERT of 12 layers, 384 wide, 12 heads,
512 positions counted from 0; weights in f16. It serves where no model hub can be reached. It has no pooling layer: pass
`add_pooling_layer=False` to `AutoModel`, or let transformers make an untrained one that nothing here uses.

## Where it comes from

The weights were published in blocks of 4 bits; here they are the same values in f16.

| package | file | licence | sha256 of the file |
|---|---|---|---|
{origin}

`vanban bundle encoder` builds this folder from the two packages: the same inputs give the same bytes. Pieces were kept when
the syllables of underthesea's word list (Apache-2.0), the names in CLDR, or a list of words of the news produce them in any
case; when they carry a letter that only Vietnamese has; when they are digits, punctuation, one letter or two unaccented ones; and the
most probable unaccented ones.

## How it differs from the whole

Measured while building, on text that did not choose the pieces. Hidden states are those of the last layer, f16 weights
against the unrounded ones, wherever a text has the same pieces; their components lie mostly within ±1.

| text | tokens | identical pieces | largest difference | mean difference |
|---|--:|--:|--:|--:|
{rows}

Names of foreign persons may be split into more pieces than by the whole tokenizer.
"""  # noqa: E501
