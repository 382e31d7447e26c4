"""Documents and characters per second of vanban against `transformers.pipeline` on the same weights, in one run.

    python tests/benchmarks/tagging.py [--copies 40] [--rounds 3]

Each contender runs in processes of its own, in turn, and is timed on the work alone (models loaded, one warm-up
document); the ratio is taken round by round. The pipeline gets what its documentation advises for long texts, a stride,
and the better of two batch sizes. Prints Markdown.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contenders import SENTENCE, Contenders, is_contender, measure, print_speeds, run_contender, seed_texts, timed

if TYPE_CHECKING:
    from vanban.schema import Task


def run_vanban(copies: int, tasks: Sequence[Task] = ("ner",)) -> dict[str, Any]:
    """Tag with `Predictor.stream`, what `tag` calls."""
    from vanban import load

    predictor = load(tasks=tasks)
    return timed(lambda texts: (len(p.entities) for p in predictor.stream(texts)), copies)


def run_pipeline(copies: int, model: str, batch_size: int) -> dict[str, Any]:
    """Tag with the pipeline, overlapping chunks of the model's 512 tokens."""
    from transformers import pipeline

    tagger = pipeline(
        "token-classification", model=model, aggregation_strategy="simple", stride=64, batch_size=batch_size
    )
    return timed(lambda texts: map(len, tagger(list(texts))), copies)


def run_first(copies: int, model: str) -> dict[str, Any]:
    """From an empty process to the first prediction of vanban."""
    started = time.perf_counter()
    from vanban import predict

    predict(SENTENCE)  # entities and document type
    return {"seconds": time.perf_counter() - started}


def run_first_pipeline(copies: int, model: str) -> dict[str, Any]:
    """From an empty process to the first prediction of the pipeline."""
    started = time.perf_counter()
    from transformers import pipeline

    pipeline("token-classification", model=model, aggregation_strategy="simple")(SENTENCE)
    return {"seconds": time.perf_counter() - started}


def run_agreement(copies: int, model: str) -> dict[str, Any]:
    """Compare the entities and scores of the predictor with the same network in float32."""
    import torch

    from vanban import load
    from vanban.network import runner

    fast = load(tasks=("ner",))
    runner.dtype_of = lambda device, exact=False: torch.float32
    exact = load(tasks=("ner",))
    left, right = fast.predict(seed_texts(1)), exact.predict(seed_texts(1))
    spans = [
        {(i, e.label, e.start, e.end): e.score for i, p in enumerate(side) for e in p.entities}
        for side in (left, right)
    ]
    common = spans[0].keys() & spans[1].keys()
    return {
        "dtype": str(fast.tagger.runner.network.dtype),
        "entities": len(spans[1]),
        "equal": len(common),
        "only_one": len(spans[0].keys() ^ spans[1].keys()),
        "largest_score_difference": max(abs(spans[0][k] - spans[1][k]) for k in common),
    }


CONTENDERS: Contenders = {
    "vanban": lambda copies, model: run_vanban(copies),
    "pipeline, batch size 1": lambda copies, model: run_pipeline(copies, model, 1),
    "pipeline, batch size 8": lambda copies, model: run_pipeline(copies, model, 8),
    "vanban, with the document type": lambda copies, model: run_vanban(copies, ("ner", "doctype")),
    "vanban, the document type only": lambda copies, model: run_vanban(copies, ("doctype",)),
    "first": run_first,
    "first of pipeline": run_first_pipeline,
    "agreement": run_agreement,
}


def write_whole_model(folder: Path) -> None:
    """Save the shipped model as an ordinary Hugging Face folder for the pipeline."""
    from vanban.network.checkpoint import load_checkpoint

    checkpoint = load_checkpoint()
    checkpoint.network.save_pretrained(folder)
    checkpoint.tokenizer.save_pretrained(folder)


def main() -> None:
    """Measure every contender and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copies", type=int, default=40, help="of the five seeds (40: 200 documents)")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_whole_model(Path(folder))
        report(options.copies, options.rounds, folder)


def report(copies: int, rounds: int, model: str) -> None:
    """Run the contenders in turn, `rounds` times, and print medians and ratios."""
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in CONTENDERS if name != "agreement"}
    for _ in range(rounds):
        for name, results in runs.items():
            results.append(measure(__file__, name, copies=copies, model=model))
    print_speeds(seed_texts(copies), {name: r for name, r in runs.items() if not name.startswith("first")})
    print("\n| fresh process to first prediction | seconds | peak memory |\n|---|--:|--:|")
    for name in ("first", "first of pipeline"):
        seconds = statistics.median(r["seconds"] for r in runs[name])
        print(f"| {'vanban' if name == 'first' else 'pipeline'} | {seconds:.2f} | {runs[name][0]['peak_mb']:,.0f} MB |")
    agreement = measure(__file__, "agreement", copies=1, model=model)
    print(
        f"\nagainst float32 on the five seeds: computed in {agreement['dtype']}, {agreement['equal']} of "
        f"{agreement['entities']} entities equal, {agreement['only_one']} in one only, "
        f"largest difference of a score {agreement['largest_score_difference']:.4f}"
    )


if __name__ == "__main__":
    run_contender(CONTENDERS) if is_contender() else main()
