"""Characters per second of several processes that tag at once, by threads and by how threads wait, in all and each.

    python tests/benchmarks/threads.py [--seconds 10] [--rounds 3] [--table 1x2 2x1 2x2] [--waiting passive active]
        [--backend torch onnx]

`2x1` is two processes of one thread each. `passive`: threads sleep where there is nothing to do, as vanban lets them;
`active`: they spin, as libgomp lets them; a number is a GOMP_SPINCOUNT. The last column is the sum against that of the
first row with the same waiting, round by round: two processes should never do less than one. Nothing else may run on
the machine. Prints Markdown.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

from contenders import SENTENCE, seed_texts

from vanban.schema import Backend


def run(begin: float, seconds: float, backend: Backend) -> None:
    """Tag from the moment `begin` on, for some seconds; print how many characters a second."""
    import torch

    from vanban import load

    tagger = load(device="cpu", tasks=("ner",), backend=backend)
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    texts = seed_texts(1)
    tagger.predict([SENTENCE, *texts[:1]])
    late = time.time() - begin
    if late > 0:
        sys.exit(f"loading took {late:.0f} s longer than it was given: --loading")
    time.sleep(-late)
    began, done = time.perf_counter(), 0
    for text in itertools.cycle(texts):
        if time.perf_counter() - began >= seconds:
            break
        tagger.predict(text)
        done += len(text)
    print(json.dumps({"speed": done / (time.perf_counter() - began)}))


def measure(backend: str, processes: int, threads: int, waiting: str, seconds: float, loading: float) -> list[float]:
    """Return the characters per second of each of some processes that run at once."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")
    }
    environment["OMP_NUM_THREADS"] = str(threads)
    environment |= {"GOMP_SPINCOUNT": waiting} if waiting.isdigit() else {"OMP_WAIT_POLICY": waiting}
    if waiting == "active":  # what libgomp does where nothing is said, which is not what it does where `active` is
        environment["GOMP_SPINCOUNT"] = "300000"
    command = [sys.executable, __file__, "--run", str(time.time() + loading), "--seconds", str(seconds)]
    command += ["--backend", backend]
    running = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    out = [process.communicate()[0] for process in running]
    if any(process.returncode for process in running):
        sys.exit(1)
    return [json.loads(lines.splitlines()[-1])["speed"] for lines in out]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--loading", type=float, default=15, help="seconds that are given to loading")
    parser.add_argument("--table", nargs="+", default=["1x2", "2x1", "2x2"], metavar="PROCESSESxTHREADS")
    parser.add_argument("--waiting", nargs="+", default=["passive", "active"])
    parser.add_argument("--backend", nargs="+", default=["torch", "onnx"])
    parser.add_argument("--run", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run is not None:
        run(options.run, options.seconds, options.backend[0])
        return
    found: dict[tuple[str, str, str], list[list[float]]] = {}
    rows = list(itertools.product(options.backend, options.waiting, options.table))
    for _, (backend, waiting, cell) in itertools.product(range(options.rounds), rows):
        processes, threads = map(int, cell.split("x"))
        speeds = measure(backend, processes, threads, waiting, options.seconds, options.loading)
        found.setdefault((backend, cell, waiting), []).append(speeds)
    print_table(found, options.table[0])


def print_table(found: dict[tuple[str, str, str], list[list[float]]], first: str) -> None:
    """Print a row for each number of processes and threads and each way of waiting."""
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, a load of {load:.1f} at the end; medians of the rounds\n")
    print("| back end | processes x threads | waiting | characters/s | of the slowest | sum / one alone (range) |")
    print("|---|---|---|--:|--:|--:|")
    for (backend, cell, waiting), rounds in found.items():
        sums: Sequence[float] = [sum(speeds) for speeds in rounds]
        ratios = sorted(one / sum(alone) for one, alone in zip(sums, found[backend, first, waiting], strict=True))
        speeds = f"{statistics.median(sums):,.0f} | {statistics.median(map(min, rounds)):,.0f}"
        ratio = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        print(f"| {backend} | {cell} | {waiting} | {speeds} | {ratio} |")


if __name__ == "__main__":
    main()
