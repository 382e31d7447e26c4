"""PhoBERT's tokenizer (Nguyen and Nguyen 2020, arXiv 2003.00744) on the `tokenizers` library: fast, and with offsets.

It is built from the two files of the original and gives the ids of transformers' `PhobertTokenizer`:

- `vocab.txt`: `piece count` a line; `@@` ends a piece that goes on. Ids count from 4, after <s>, <pad>, </s>, <unk>.
- `bpe.codes`: `left right count` a line (fastBPE); `</w>` ends a symbol that ends a word.

The merges make symbols that vocab.txt does not know: `Trần_văn_thời` ends as `Trần_@@`, `<unk>` (`văn_th`), `ời`. Other
merges go on from such a symbol, so in `tokenizers`, where a symbol is its id, each needs an id of its own: an alias,
above the id of `<mask>`. `PhobertTokenizerFast` gives out the id that an alias stands for. The tokenizer.json that it
saves can't; so a model that is saved beside it has a copy of the row of `<unk>` for every alias (`add_aliases`).

Input is word-segmented text in the tone style of the pre-training: `words.py`, `text.newer_tone_style`.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from vanban.errors import UserError
from vanban.network.model_files import PHOBERT_FILES

SPECIAL: Final = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3}
MASK: Final = "<mask>"
SPECIAL_TOKENS: Final = {
    "bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>",
    "pad_token": "<pad>", "unk_token": "<unk>", "mask_token": MASK,
}  # fmt: skip
POSITIONS: Final = 256  # of PhoBERT base and large, special tokens included
WORD_END: Final = "</w>"
GOES_ON: Final = "@@"
LEAST_UNMADE: Final = 20  # pieces that no merge makes: none, where the two files were learned together
SHARE_UNMADE: Final = 0.02
REMEMBERED_WORDS: Final = 1 << 17

Pieces = tuple[tuple[int, ...], tuple[int, ...]]

# what Python's \s matches, which is more than the \s of the library's regular expressions
_WHITE_SPACE: Final = re.escape("".join(chr(c) for c in range(0x3001) if chr(c).isspace()))


@dataclass(frozen=True)
class Symbols:
    """What the merges work on: `ids` by symbol, the `merges` in order, and the id that each alias stands for.

    `aliases[i]` belongs to the alias `first_alias + i`.
    """

    ids: dict[str, int]
    merges: list[tuple[str, str]]
    first_alias: int
    aliases: list[int]


def read_vocabulary(path: Path) -> dict[str, int]:
    """Return the id of every piece of a vocab.txt, special tokens first; raises UserError with the line at fault."""
    ids = dict(SPECIAL)
    lines = _lines(path)
    for number, line in enumerate(lines if lines[-1] else lines[:-1], 1):
        piece, space, _ = line.strip().rpartition(" ")
        if not space:
            raise UserError(f"{path}:{number}: expected a piece and its count, found {line!r}; fetch the file again")
        ids[piece] = len(ids)
    return ids


def read_merges(path: Path) -> list[tuple[str, str]]:
    """Return the merges of a bpe.codes in the order of their ranks; raises UserError with the line at fault."""
    ranks: dict[tuple[str, str], int] = {}
    for number, line in enumerate(_lines(path)[:-1], 1):  # the reference passes over what follows the last line break
        if len(line.split(" ")) != 3:
            raise UserError(f"{path}:{number}: expected two symbols and a count, found {line!r}; fetch the file again")
        parts = line.split()
        if len(parts) == 3:  # a symbol with white space of another kind inside is one that no word has
            ranks[parts[0], parts[1]] = number
    return sorted(ranks, key=ranks.__getitem__)


def _lines(path: Path) -> list[str]:
    """Return the lines of a file, whatever their breaks (LF, CRLF or CR), and what follows the last break."""
    try:
        return path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 ({error}); the file is damaged: fetch it again") from None


def piece_of(symbol: str) -> str:
    """Return the piece of vocab.txt that a symbol of the merges is written as."""
    return symbol.removesuffix(WORD_END) if symbol.endswith(WORD_END) else symbol + GOES_ON


def symbol_of(piece: str) -> str:
    """Return the symbol of the merges that a piece of vocab.txt is written for."""
    return piece.removesuffix(GOES_ON) if piece.endswith(GOES_ON) and piece != GOES_ON else piece + WORD_END


def number_symbols(vocabulary: dict[str, int], merges: list[tuple[str, str]]) -> Symbols:
    """Give every symbol an id of its own: that of its piece, or an alias above `<mask>` where there is none to have."""
    unknown = SPECIAL["<unk>"]
    ids: dict[str, int] = {**SPECIAL, MASK: len(vocabulary)}
    taken = set(ids.values())
    first_alias = len(vocabulary) + 1
    aliases: list[int] = []
    symbols = [symbol for left, right in merges for symbol in (left, right, left + right)]
    # characters that no merge names, and what is never made
    symbols += [symbol_of(piece) for piece in vocabulary if piece not in SPECIAL]
    for symbol in dict.fromkeys(symbols):
        if symbol in ids:
            continue
        meant = vocabulary.get(piece_of(symbol), unknown)
        if meant in taken:
            ids[symbol] = first_alias + len(aliases)
            aliases.append(meant)
        else:
            ids[symbol] = meant
            taken.add(meant)
    return Symbols(ids, merges, first_alias, aliases)


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
    with torch.no_grad():  # again where they are there, as training changes only the rows that they stand for
        embeddings.weight[first:] = embeddings.weight[torch.from_numpy(tokenizer.reference_ids[first:])]
