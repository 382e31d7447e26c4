"""How short a text may be whose type can still be told: accuracy against length, on pieces of held-out documents.

    python tests/benchmarks/type_by_length.py                     five folds of configs/doctype.yaml, an hour on a core
    python tests/benchmarks/type_by_length.py --documents FILE    the shipped classifier, on a JSONL of texts and types

Of each held-out document pieces of each number of words are read, one from its beginning and three that begin at a line
drawn at random. An answer is what is given when the score is above the threshold of the shipped classifier.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from contenders import ROOT

from vanban.network.checkpoint import load_checkpoint
from vanban.network.classification import softmax
from vanban.network.heads import Classifier

LENGTHS = (1, 2, 3, 5, 8, 12, 16, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 300)
WORD = re.compile(r"\S*[^\W\d_]\S*")  # what is parted by white space and holds a letter
FROM_THE_MIDDLE = 3


def pieces(text: str, draw: random.Random) -> Iterator[tuple[int, str, str]]:
    """Yield the number of words, `head` or `middle`, and the piece."""
    lines = [match.start() for match in re.finditer(r"^.*[^\W\d_].*$", text, re.MULTILINE)]
    for words in LENGTHS:
        starts = [("head", 0), *(("middle", draw.choice(lines)) for _ in range(FROM_THE_MIDDLE))]
        for where, start in starts:
            found = [match.end() for match in WORD.finditer(text, start)]
            if len(found) >= words:
                yield words, where, text[start : found[words - 1]]


def judge(classifier: Classifier, documents: Sequence[Any], temperature: float) -> list[dict[str, Any]]:
    """Return a row for each piece of each document: words, where, whether the first type is right, and its score."""
    draw = random.Random(0)
    cut = [(document, *piece) for document in documents for piece in pieces(document.text, draw)]
    logits = classifier.logits(classifier.encoder.encode_batch([piece for _, _, _, piece in cut]))
    rows = []
    for (document, words, where, _), row in zip(cut, softmax(logits, temperature), strict=True):
        right = classifier.types[int(row.argmax())] == document.type
        rows.append({"id": document.id, "words": words, "where": where, "right": right, "score": float(row.max())})
    return rows


def table(rows: Sequence[dict[str, Any]], threshold: float) -> str:
    """Return a Markdown table by length."""
    lines = [
        f"| words | head | middle | answered (score {threshold:g} and more) | right answers | pieces |",
        "|--:|--:|--:|--:|--:|--:|",
    ]
    for words in LENGTHS:
        of_length = [row for row in rows if row["words"] == words]
        shares = []
        for where in ("head", "middle"):
            hits = [row["right"] for row in of_length if row["where"] == where]
            shares.append(f"{sum(hits) / max(len(hits), 1):.3f}")
        answered = [row["right"] for row in of_length if row["score"] >= threshold]
        right = f"{sum(answered) / len(answered):.3f}" if answered else "-"
        lines.append(
            f"| {words} | {' | '.join(shares)} | {len(answered) / max(len(of_length), 1):.3f} | {right} "
            f"| {len(of_length)} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=Path, help="JSONL of texts and types that no model was trained on")
    parser.add_argument("--folds", type=int, default=5, help="how many of the five folds are trained")
    parser.add_argument("--rows", type=Path, help="file to which the judged pieces are written")
    arguments = parser.parse_args()
    from vanban_training.config import load_config
    from vanban_training.corpus.typed import load_typed_documents
    from vanban_training.fitting.encoder import resolve_encoder
    from vanban_training.runs.tasks import task_of

    shipped = load_checkpoint(None, "doctype")
    rows: list[dict[str, Any]] = []
    if arguments.documents:
        documents = load_typed_documents([arguments.documents], shipped.classes)
        rows = judge(Classifier(shipped, "cpu"), documents, shipped.temperature)
    else:
        config = load_config(ROOT / "configs/doctype.yaml", ["encoder.name=bundled"])
        task = task_of(config)
        documents = task.load(config)
        encoder = resolve_encoder(config.encoder)
        for fold in task.folds(config, documents)[: arguments.folds]:
            checkpoint, _ = task.train(config, encoder.path, fold.training(documents), None)
            rows += judge(Classifier(checkpoint, "cpu"), fold.held_out, shipped.temperature)
            print(f"{fold.name}: {len(rows)} pieces so far", file=sys.stderr)
            if arguments.rows:
                arguments.rows.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    if arguments.rows:
        arguments.rows.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    print(table(rows, shipped.threshold))


if __name__ == "__main__":
    main()
