"""PhoBERT's files made from a text: vocabularies as fastBPE and fairseq write them, a small network as on the hub."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# config.json of vinai/phobert-base on the hub, but for the sizes
CONFIG: dict[str, Any] = {
    "architectures": ["RobertaForMaskedLM"],
    "attention_probs_dropout_prob": 0.1,
    "bos_token_id": 0,
    "eos_token_id": 2,
    "gradient_checkpointing": False,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "initializer_range": 0.02,
    "layer_norm_eps": 1e-05,
    "max_position_embeddings": 258,
    "model_type": "roberta",
    "pad_token_id": 1,
    "tokenizer_class": "PhobertTokenizer",
    "type_vocab_size": 1,
}
SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}


def segmented_words(texts: Iterable[str]) -> list[str]:
    """Return the words of texts as PhoBERT's pre-training text has them: `Hà_Nội`."""
    from vanban.reading.text import newer_tone_style
    from vanban.reading.words import word_spans

    return ["_".join(newer_tone_style(text[start:end]).split()) for text in texts for start, end in word_spans(text)]


def write_vocabulary(folder: Path, words: Iterable[str], symbols: int, least: int = 1) -> None:
    """Learn merges on `words` until there are `symbols` symbols; write bpe.codes, and vocab.txt.

    vocab.txt has the pieces that come `least` times or more once the merges are applied, as fairseq's dictionaries do.
    """
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    words = sorted(words)
    backend = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
    backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(vocab_size=symbols, end_of_word_suffix="</w>", show_progress=False)
    backend.train_from_iterator(words, trainer)
    merges = json.loads(backend.to_str())["model"]["merges"]
    pieces: Counter[str] = Counter()
    for word, count in Counter(words).items():
        for token in backend.encode(word, add_special_tokens=False).tokens:
            pieces[token.removesuffix("</w>") if token.endswith("</w>") else f"{token}@@"] += count
    folder.mkdir(parents=True, exist_ok=True)
    ranked = sorted(pieces.items(), key=lambda item: (-item[1], item[0]))
    vocabulary = "".join(f"{piece} {count}\n" for piece, count in ranked if count >= least)
    (folder / "vocab.txt").write_text(vocabulary, encoding="utf-8")
    codes = "".join(f"{left} {right} {len(merges) - rank}\n" for rank, (left, right) in enumerate(merges))
    (folder / "bpe.codes").write_text(codes, encoding="utf-8")


def write_encoder(folder: Path, seed: int = 0, **sizes: Any) -> None:
    """Write config.json and pytorch_model.bin of a random RoBERTa beside a vocabulary, as the hub has PhoBERT."""
    import torch
    from transformers import RobertaConfig, RobertaForMaskedLM

    pieces = len((folder / "vocab.txt").read_text(encoding="utf-8").splitlines())
    settings = {**CONFIG, **SMALL, **sizes, "vocab_size": pieces + 5}  # <s> <pad> </s> <unk> and <mask>
    torch.manual_seed(seed)
    network = RobertaForMaskedLM(RobertaConfig(**settings))
    torch.save(network.state_dict(), folder / "pytorch_model.bin")
    (folder / "config.json").write_text(json.dumps(settings, indent=2), encoding="utf-8")


def reference_tokenizer(folder: Path) -> Any:
    """Return transformers' own tokenizer of PhoBERT, slow and without offsets, over the files in `folder`."""
    from transformers import PhobertTokenizer

    return PhobertTokenizer(str(folder / "vocab.txt"), str(folder / "bpe.codes"))


def write_files(folder: Path, vocabulary: str, codes: str) -> Path:
    """Write vocab.txt and bpe.codes as they are given, byte for byte."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_bytes(vocabulary.encode())
    (folder / "bpe.codes").write_bytes(codes.encode())
    return folder
