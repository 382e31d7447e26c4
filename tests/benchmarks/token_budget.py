"""Tokens per second of the tagger's network by the token budget of a batch, for each precision, and what is padding.

    taskset -c 1 python tests/benchmarks/token_budget.py [--device cpu] [--documents 20] [--rounds 3] [--model MODEL]

Documents are seeds and authored ones. On the CPU seconds are those of the processor, on one thread, so that what else
runs hardly counts; on a GPU those of the clock. Each budget is run in turn, `--rounds` times; the fastest counts.
Prints Markdown, from which comes TOKENS_PER_BATCH (vanban/network/runner.py).
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

os.environ.setdefault("OMP_NUM_THREADS", "1")

from contenders import ROOT, SEEDS

BUDGETS = {"cpu": (128, 256, 512, 1024, 2048, 4096, 8192), "cuda": (4096, 8192, 16384, 32768, 65536, 131072)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--documents", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--precision", nargs="+", default=["bfloat16", "float32", "int8"], help="int8: ONNX Runtime")
    parser.add_argument("--model", help="a model directory in the place of the shipped tagger")
    options = parser.parse_args()

    import torch

    import vanban.network.runner as runner
    from vanban import load
    from vanban.reading.encoding import batches_by_length
    from vanban.schema import Backend

    authored = sorted((ROOT / "annotations" / "authored").glob("*/*.txt"))
    paths = [*SEEDS, *authored[:: max(1, len(authored) // options.documents)]][: options.documents]
    clock: Callable[[], float] = time.process_time if options.device == "cpu" else time.perf_counter
    print("| precision | token budget | batches | padding | tokens/s | of the best |")
    print("|---|--:|--:|--:|--:|--:|")
    for precision in options.precision:
        runner.dtype_of = lambda device, exact=False, precision=precision: getattr(torch, precision)  # type: ignore[misc]
        backend: Backend = "onnx" if precision == "int8" else "torch"
        tagger = load(options.model, options.device, tasks=("ner",), backend=backend).tagger
        assert tagger is not None
        documents = tagger.encoder.encode_batch([path.read_bytes().decode("utf-8") for path in paths])
        windows = [(document, window) for document in documents for window in document.windows]
        special = len(tagger.encoder.prefix) + len(tagger.encoder.suffix)
        lengths = [window.end - window.start for _, window in windows]
        tokens = sum(lengths) + special * len(lengths)
        budgets = BUDGETS[options.device.partition(":")[0]]
        seconds = dict.fromkeys(budgets, float("inf"))
        tagger.runner.run(windows[:20])
        for _ in range(options.rounds):
            for budget in budgets:
                tagger.runner.tokens_per_batch = budget
                began = clock()
                tagger.runner.run(windows)
                seconds[budget] = min(seconds[budget], clock() - began)
        for budget in budgets:
            batches = list(batches_by_length(lengths, budget, special))
            padded = sum(len(batch) * (lengths[batch[0]] + special) for batch in batches)
            share = min(seconds.values()) / seconds[budget]
            print(
                f"| {precision} | {budget:,} | {len(batches)} | {1 - tokens / padded:.1%} "
                f"| {tokens / seconds[budget]:,.0f} | {share:.0%} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
