"""PhoBERT's tokenizer (Nguyen and Nguyen 2020, arXiv 2003.00744) on the `tokenizers` library: fast, and with offsets.

It is built from the two files of the original (`phobert_vocabulary.py`) and gives the ids of transformers'
`PhobertTokenizer`. Where an id of the backend is an alias, `PhobertTokenizerFast` gives out the id that it stands for.
The tokenizer.json that it saves can't; so a model that is saved beside it has a copy of the row of `<unk>` for every
alias (`add_aliases`).

Input is word-segmented text in the tone style of the pre-training: `words.py`, `text.newer_tone_style`.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from vanban.errors import UserError
from vanban.reading.phobert_vocabulary import (
    MASK,
    PHOBERT_FILES,
    SPECIAL,
    WORD_END,
    Symbols,
    number_symbols,
    piece_of,
    read_merges,
    read_vocabulary,
)

SPECIAL_TOKENS: Final = {
    "bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>",
    "pad_token": "<pad>", "unk_token": "<unk>", "mask_token": MASK,
}  # fmt: skip
POSITIONS: Final = 256  # of PhoBERT base and large, special tokens included
LEAST_UNMADE: Final = 20  # pieces that no merge makes: none, where the two files were learned together
SHARE_UNMADE: Final = 0.02
REMEMBERED_WORDS: Final = 1 << 17

Pieces = tuple[tuple[int, ...], tuple[int, ...]]

# what Python's \s matches, which is more than the \s of the library's regular expressions
_WHITE_SPACE: Final = re.escape("".join(chr(c) for c in range(0x3001) if chr(c).isspace()))


class PhobertTokenizerFast(PreTrainedTokenizerFast):
    """A fast tokenizer of transformers with the ids of PhoBERT's; see the module's text.

    `reference_ids`: (backend ids,) what each id of the backend stands for; itself, but for aliases.
    """

    reads_words: Final = True

    def __init__(self, folder: Path) -> None:
        """Build it from `folder`/vocab.txt and `folder`/bpe.codes; raises UserError when a line of them is damaged."""
        self.folder = folder
        vocabulary, codes = (folder / name for name in PHOBERT_FILES)
        symbols = number_symbols(read_vocabulary(vocabulary), read_merges(codes))
        _check_together(symbols, folder)
        self.first_alias = symbols.first_alias
        self.reference_ids: npt.NDArray[np.int64] = np.array(
            [*range(symbols.first_alias), *symbols.aliases], dtype=np.int64
        )
        self._words: dict[str, Pieces] = {}
        self._settings = {**SPECIAL_TOKENS, "model_max_length": _positions(folder)}
        super().__init__(tokenizer_object=_backend(symbols), **self._settings)  # type: ignore[no-untyped-call]

    def encode_words(self, words: Sequence[str]) -> list[Pieces]:
        """Return, for each word, the ids of its pieces and the offsets in the word at which they end.

        No word holds white space. Words are remembered, as those of a text come again and again.
        """
        self.backend_tokenizer.no_truncation()  # which a call with truncation=True leaves switched on
        known = self._words
        if len(known) > REMEMBERED_WORDS:
            known = self._words = {}  # not cleared: another thread may be reading it
        new = [word for word in dict.fromkeys(words) if word not in known]
        for word, encoding in zip(new, self.backend_tokenizer.encode_batch(new, add_special_tokens=False), strict=True):
            ids = tuple(self.reference_ids[encoding.ids].tolist())
            known[word] = ids, tuple(end for _, end in encoding.offsets)
        return [known[word] for word in words]

    def _convert_encoding(self, *args: Any, **kwargs: Any) -> Any:
        values, encodings = super()._convert_encoding(*args, **kwargs)
        values["input_ids"] = [self.reference_ids[ids].tolist() for ids in values["input_ids"]]
        return values, encodings

    def save_pretrained(self, save_directory: Any, *args: Any, **kwargs: Any) -> Any:
        """Write tokenizer.json, which plain AutoTokenizer loads, and the two files that it was built from."""
        plain = PreTrainedTokenizerFast(tokenizer_object=self.backend_tokenizer, **self._settings)
        written = plain.save_pretrained(save_directory, *args, **kwargs)
        for name in PHOBERT_FILES:
            if (self.folder / name).resolve() != (Path(save_directory) / name).resolve():
                shutil.copyfile(self.folder / name, Path(save_directory) / name)
        return written


def _check_together(symbols: Symbols, folder: Path) -> None:
    """Raise UserError when merges can't make the vocabulary: one of the files was cut short, or is another model's."""
    made = {left + right for left, right in symbols.merges}
    pieces = [s for s in symbols.ids if symbols.ids[s] < symbols.first_alias and s not in (*SPECIAL, MASK)]
    never = [s for s in pieces if len(s.removesuffix(WORD_END)) > 1 and s not in made]
    if len(never) > max(LEAST_UNMADE, len(pieces) * SHARE_UNMADE):
        raise UserError(
            f"{folder}: {len(never)} of the {len(pieces)} pieces of vocab.txt, such as {piece_of(never[0])!r}, are "
            "made by no merge of bpe.codes: one file is cut short, or they are of different models; fetch both again"
        )


def _positions(folder: Path) -> int:
    """Return how many tokens the network beside the vocabulary takes: its positions start after the padding id."""
    config = folder / "config.json"
    settings = json.loads(config.read_text(encoding="utf-8")) if config.is_file() else {}
    return int(settings.get("max_position_embeddings", POSITIONS + 2)) - 2


def _backend(symbols: Symbols) -> Tokenizer:
    backend = Tokenizer(
        models.BPE(vocab=symbols.ids, merges=symbols.merges, unk_token="<unk>", end_of_word_suffix=WORD_END)
    )
    # the reference lets a line break end the word before it
    backend.pre_tokenizer = pre_tokenizers.Split(Regex(f"[^{_WHITE_SPACE}]+\n?"), behavior="removed", invert=True)
    backend.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    backend.decoder = decoders.BPEDecoder(suffix=WORD_END)
    backend.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in (*SPECIAL, MASK)])
    return backend


def add_aliases(network: Any, tokenizer: PhobertTokenizerFast) -> None:
    """Give `network` a row of embeddings for every alias, a copy of the row that the alias stands for.

    With them the tokenizer.json beside a saved model, whose ids know no aliases' meaning, gives the same output.
    """
    embeddings = network.resize_token_embeddings(len(tokenizer.reference_ids), mean_resizing=False)
    first = tokenizer.first_alias
    import torch

    with torch.no_grad():  # again where they are there, as training changes only the rows that they stand for
        embeddings.weight[first:] = embeddings.weight[torch.from_numpy(tokenizer.reference_ids[first:])]
