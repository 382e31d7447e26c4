"""Time and memory of a text on one line against the same text in lines, with a small random network.

    python tests/benchmarks/long_line.py [--sizes 0.5 1 2 5] [--model DIRECTORY]

The seeds, again and again, as they are (`lines`), with spaces for line breaks (`one line`), and with commas for stops
too (`one sentence`), which is what a tokenizer and the windows are given in one piece. Sizes are millions of
characters. Seconds are those of the processor, on one thread, without loading; peaks are resident memory of the whole
process, `idle` that of one which only loaded and read a sentence. Prints Markdown.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from contenders import ROOT, SENTENCE, is_contender, measure, run_contender, seed_texts

sys.path.insert(0, str(ROOT / "tests"))

WAYS = {"lines": r"$^", "one line": r"\s+", "one sentence": r"\s+|[.!?](?=\s)"}


def run(way: str, millions: float, model: str) -> dict[str, Any]:
    """Tag a text of that size laid out in that way; 0 for none."""
    import torch

    from vanban import load

    torch.set_num_threads(1)
    tagger = load(model, device="cpu", tasks=("ner",))
    tagger.predict(SENTENCE)
    if not millions:
        return {"seconds": 0.0, "found": 0}
    once = re.sub(WAYS[way], lambda match: " " if match.group().isspace() else ",", "\n".join(seed_texts(1)))
    size = int(millions * 1e6)
    text = (once * (size // len(once) + 1))[:size]
    began = time.process_time()
    found = len(tagger.predict(text).entities)
    return {"seconds": time.process_time() - began, "found": found}


def small_model(folder: Path) -> Path:
    """Write a random token classifier as the tests have it."""
    import torch
    from transformers import BertForTokenClassification

    import conftest
    from project import TAGS

    torch.manual_seed(26)
    tokenizer = conftest._unigram()
    BertForTokenClassification(conftest._configuration(tokenizer, TAGS)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=float, nargs="+", default=[0.5, 1, 2, 5])
    parser.add_argument("--model", help="a model directory in the place of the small random one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model = options.model or str(small_model(Path(folder)))
        idle = measure(__file__, "run", way="lines", millions=0, model=model)["peak_mb"]
        print(f"idle: {idle:,.0f} MB\n")
        print(
            "| million characters | laid out | entities | seconds | s / million | times lines | peak MB | over idle |"
        )
        print("|--:|---|--:|--:|--:|--:|--:|--:|")
        for millions in options.sizes:
            in_lines = 0.0
            for way in WAYS:
                result = measure(__file__, "run", way=way, millions=millions, model=model)
                seconds, peak = result["seconds"], result["peak_mb"]
                in_lines = in_lines or seconds
                print(
                    f"| {millions:g} | {way} | {result['found']:,} | {seconds:.1f} | {seconds / millions:.1f} "
                    f"| {seconds / in_lines:.2f} | {peak:,.0f} | {peak - idle:,.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    run_contender({"run": run}) if is_contender() else main()
