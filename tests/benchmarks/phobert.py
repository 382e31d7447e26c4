"""A network of the true size of PhoBERT-base, random, in one run: its tokenizer, its tagging and its training.

    python tests/benchmarks/phobert.py [--copies 4] [--rounds 3] [--steps 10]

12 layers of 768; 64,001 pieces, learned on the word list of underthesea and the names of communes, not on the seeds.
The usual recipe is underthesea's sentences and words, the tokenizer of transformers and its pipeline, on the same
weights. Training is timed on the seeds, by the step. Prints Markdown.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

from contenders import ROOT, SENTENCE, Contenders, is_contender, measure, print_speeds, run_contender, seed_texts, timed

sys.path.insert(0, str(ROOT / "tests"))
from phobert_files import segmented_words, write_encoder, write_vocabulary

BASE = {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072}
PIECES = 64_001


def make_models(encoder: Path, model: Path) -> None:
    """Write the random encoder, as the hub has PhoBERT, and a token classifier on it with the windows of ner.yaml."""
    import torch
    from transformers import AutoModelForTokenClassification
    from transformers.utils import logging

    from vanban.network.tagging import tag_names
    from vanban_training.config import load_config

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    write_vocabulary(encoder, training_words(), symbols=58_000)
    vocabulary = encoder / "vocab.txt"
    known = vocabulary.read_text(encoding="utf-8").splitlines()
    filler = [f"{chr(0x4E00 + i)} 1" for i in range(PIECES - 5 - len(known))]  # Chinese characters, which no text has
    vocabulary.write_text("".join(f"{line}\n" for line in known + filler), encoding="utf-8")
    write_encoder(encoder, **BASE)
    config = load_config(ROOT / "configs/ner.yaml")
    tags = tag_names(config.data.labels)
    torch.manual_seed(0)
    network = AutoModelForTokenClassification.from_pretrained(
        encoder, id2label=dict(enumerate(tags)), label2id={tag: i for i, tag in enumerate(tags)}
    )
    network.save_pretrained(model)
    (model / "vanban.json").write_text(json.dumps({"windows": config.windows.model_dump()}), encoding="utf-8")
    for name in ("vocab.txt", "bpe.codes"):
        (model / name).write_bytes((encoder / name).read_bytes())


def training_words() -> list[str]:
    """Return words with `_` between syllables: underthesea's dictionary in three cases, communes, numbers, marks."""
    import joblib

    from vanban.reading.text import newer_tone_style
    from vanban.reading.words import segmenter_folder
    from vanban_training.corpus.places import read_places

    dictionary = joblib.load(segmenter_folder() / "dictionary.bin")
    words = [word.replace(" ", "_") for word in sorted(dictionary)]
    names = segmented_words(f"{place.kind} {place.name}" for place in read_places() if not place.is_province)
    cased = [form for word in words for form in (word, word.title(), word.upper())]
    others = [*(str(number) for number in range(2100)), *".,:;/-–%()“”\"'!?&+*…"]
    return [newer_tone_style(word) for word in (*cased, *names, *others)]


def tokenize(copies: int, encoder: str) -> dict[str, Any]:
    """Time the two tokenizers on the segmented sentences of the seeds; both start without remembered words."""
    from transformers import PhobertTokenizer

    from vanban.reading.phobert import PhobertTokenizerFast

    words = segmented_words(seed_texts(1))
    sentences = [words[i : i + 30] for i in range(0, len(words), 30)] * copies
    reference = PhobertTokenizer(f"{encoder}/vocab.txt", f"{encoder}/bpe.codes")
    fast, again = PhobertTokenizerFast(Path(encoder)), PhobertTokenizerFast(Path(encoder))
    joined = [" ".join(sentence) for sentence in sentences]
    flat = list(chain.from_iterable(sentences))
    reference(SENTENCE)
    fast.encode_words(["a"])

    started = time.perf_counter()
    wanted = reference(joined).input_ids
    reference_seconds = time.perf_counter() - started
    started = time.perf_counter()
    pieces = fast.encode_words(flat)
    fast_seconds = time.perf_counter() - started
    started = time.perf_counter()
    called = again(joined, return_offsets_mapping=True).input_ids
    called_seconds = time.perf_counter() - started
    ids = list(chain.from_iterable(ids for ids, _ in pieces))
    assert ids == list(chain.from_iterable(sentence[1:-1] for sentence in wanted)) and called == wanted
    return {
        "words": len(flat), "pieces": len(ids), "unknown": ids.count(3), "seconds": fast_seconds,
        "ratio": reference_seconds / fast_seconds, "ratio_called": reference_seconds / called_seconds,
    }  # fmt: skip


def tag(copies: int, model: str) -> dict[str, Any]:
    """Tag with `Predictor.stream`. Copies are segmented anew, as other documents would be."""
    from vanban import load
    from vanban.reading import words

    words._remembered = words._segment  # type: ignore[assignment]
    predictor = load(model, tasks=("ner",), values=False)
    return timed(lambda texts: (len(p.entities) for p in predictor.stream(texts)), copies)


def tag_as_usual(copies: int, model: str, batch_size: int) -> dict[str, Any]:
    """Tag with underthesea, the reference tokenizer and the pipeline."""
    import underthesea
    from transformers import PhobertTokenizer, pipeline

    tokenizer = PhobertTokenizer(f"{model}/vocab.txt", f"{model}/bpe.codes", model_max_length=256)
    tagger = pipeline(
        "token-classification", model=model, tokenizer=tokenizer, aggregation_strategy="simple", batch_size=batch_size
    )

    def run(text: str) -> int:
        sentences = [s for line in text.splitlines() for s in underthesea.sent_tokenize(line)]
        segmented = [underthesea.word_tokenize(sentence, format="text") for sentence in sentences]
        return sum(map(len, tagger(segmented)))

    return timed(lambda texts: map(run, texts), copies)


def segment(copies: int, model: str) -> dict[str, Any]:
    """Time the parts of tagging one after the other: words, the rest of the reading, the network, the decoding."""
    from vanban import load
    from vanban.network.tagging import decode
    from vanban.reading.text import segments, to_nfc
    from vanban.reading.words import _segment

    predictor = load(model, tasks=("ner",), values=False)
    predictor.predict(SENTENCE)
    tagger = predictor.tagger
    assert tagger is not None
    texts = seed_texts(1)  # one copy: the others' sentences would be remembered
    started = time.perf_counter()
    for text in texts:
        normalized = to_nfc(text).text
        for start, end in segments(normalized):
            _segment(normalized[start:end])
    words = time.perf_counter() - started
    started = time.perf_counter()
    documents = tagger.encoder.encode_batch(texts)
    reading = time.perf_counter() - started
    started = time.perf_counter()
    scores = tagger.log_probabilities(documents)
    network = time.perf_counter() - started
    started = time.perf_counter()
    for document, rows in zip(documents, scores, strict=True):
        decode(document, rows, tagger.labels)
    return {
        "words": words, "reading": reading, "network": network, "decoding": time.perf_counter() - started,
        "characters": sum(map(len, texts)),
    }  # fmt: skip


def train(encoder: str, method: str, steps: int) -> dict[str, Any]:
    """Time steps of training on the seeds, from the second on."""
    from transformers import TrainerCallback

    from vanban_training.config import load_config
    from vanban_training.corpus.annotated import load_documents
    from vanban_training.fitting import trainer
    from vanban_training.ner.token_classification import TokenClassification

    ends: list[float] = []

    class Clock(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
            ends.append(time.perf_counter())
            control.should_training_stop = len(ends) > steps
            return control

    trainer.show_progress = lambda its: its.add_callback(Clock())
    overrides = [f"encoder.name={encoder}", f"training.method={method}", "augmentation.copies=0", "training.epochs=30"]
    config = load_config(ROOT / "configs/ner.yaml", overrides)
    documents = load_documents((str(ROOT / "annotations/documents.jsonl"),), config.data.labels)
    TokenClassification().train(config, encoder, [d for d in documents if d.origin == "seed"], None)
    return {"seconds": statistics.median(b - a for a, b in pairwise(ends)), "steps": len(ends) - 1}


CONTENDERS: Contenders = {
    "vanban": tag,
    "usual recipe, batch size 1": lambda copies, model: tag_as_usual(copies, model, 1),
    "usual recipe, batch size 8": lambda copies, model: tag_as_usual(copies, model, 8),
    "tokenize": tokenize,
    "segment": segment,
    "train": train,
}


def main() -> None:
    """Make the models, measure every contender and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copies", type=int, default=4, help="of the five seeds that are tagged (4: 20 documents)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=10, help="of training")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        encoder, model = Path(folder) / "phobert-base", Path(folder) / "model"
        make_models(encoder, model)
        report_tokenizer(str(encoder), options.rounds)
        report_tagging(str(model), options.copies, options.rounds)
        report_training(str(encoder), options.steps)


def report_tokenizer(encoder: str, rounds: int) -> None:
    """Print how much faster the tokenizer is than the reference."""
    results = [measure(__file__, "tokenize", copies=20, encoder=encoder) for _ in range(rounds)]
    for key, what in (("ratio", "encode_words"), ("ratio_called", "called as a tokenizer, with offsets")):
        ratios = sorted(r[key] for r in results)
        print(f"- {what}: {statistics.median(ratios):.1f} times the reference ({ratios[0]:.1f} to {ratios[-1]:.1f})")
    print(
        f"- {results[0]['words']:,} words, {results[0]['pieces']:,} pieces, {results[0]['unknown']:,} of them <unk>\n"
    )


def report_tagging(model: str, copies: int, rounds: int) -> None:
    """Print the speeds of tagging, and the shares of its parts."""
    names = [name for name in CONTENDERS if name == "vanban" or name.startswith("usual")]
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for _ in range(rounds):
        for name, results in runs.items():
            results.append(measure(__file__, name, copies=copies, model=model))
    print_speeds(seed_texts(copies), runs)
    parts = measure(__file__, "segment", copies=1, model=model)
    whole = parts["reading"] + parts["words"] + parts["network"] + parts["decoding"]
    print(
        f"\nof {whole:.2f} s on the five seeds: words {parts['words'] / whole:.1%} "
        f"({parts['characters'] / parts['words']:,.0f} characters/s), network {parts['network'] / whole:.1%}\n"
    )


def report_training(encoder: str, steps: int) -> None:
    """Print the time of a step of 8 windows of 64 tokens, and the memory."""
    print("| training | seconds/step | peak memory |\n|---|--:|--:|")
    for method in ("full", "lora"):
        result = measure(__file__, "train", encoder=encoder, method=method, steps=steps)
        print(f"| {method} | {result['seconds']:.2f} | {result['peak_mb']:,.0f} MB |", flush=True)


if __name__ == "__main__":
    run_contender(CONTENDERS) if is_contender() else main()
