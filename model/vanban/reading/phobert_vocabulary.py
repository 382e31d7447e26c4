"""The two files of PhoBERT's tokenizer, and an id for every symbol that its merges make.

- `vocab.txt`: `piece count` a line; `@@` ends a piece that goes on. Ids count from 4, after <s>, <pad>, </s>, <unk>.
- `bpe.codes`: `left right count` a line (fastBPE); `</w>` ends a symbol that ends a word.

The merges make symbols that vocab.txt does not know: `Trần_văn_thời` ends as `Trần_@@`, `<unk>` (`văn_th`), `ời`. Other
merges go on from such a symbol, so in `tokenizers`, where a symbol is its id, each needs an id of its own: an alias,
above the id of `<mask>`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vanban.errors import UserError

PHOBERT_FILES: Final = ("vocab.txt", "bpe.codes")
SPECIAL: Final = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3}
MASK: Final = "<mask>"
WORD_END: Final = "</w>"
GOES_ON: Final = "@@"


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
