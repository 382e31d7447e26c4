"""Contenders of a benchmark: functions of one script, each run in a process of its own, timed on its work alone."""

from __future__ import annotations

import json
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SEEDS = sorted((ROOT / "seeds").glob("*.txt"))

SENTENCE = "Chủ tịch UBND TP Hà Nội Chu Ngọc Anh ký Chỉ thị số 17/CT-UBND, phong tỏa 11 điểm."

Contenders = dict[str, Callable[..., dict[str, Any]]]


def seed_texts(copies: int) -> list[str]:
    """Return the seeds `copies` times over."""
    return [path.read_bytes().decode("utf-8") for path in SEEDS] * copies


def timed(
    count: Callable[[Sequence[str]], Iterable[int]], copies: int, begin: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """Time `count`, which yields a number for each text, on the seeds; one sentence warms it up, before `begin`."""
    list(count([SENTENCE]))
    begin()
    documents = seed_texts(copies)
    started = time.perf_counter()
    found = sum(count(documents))
    return {"seconds": time.perf_counter() - started, "found": found}


def run_contender(contenders: Contenders) -> None:
    """In the process of a contender: run it, with the options that `measure` gave, and print its result as JSON."""
    options = json.loads(sys.argv[2])
    result = contenders[options.pop("contender")](**options)
    print(json.dumps(result | {"peak_mb": peak_memory_mb()}))


def is_contender() -> bool:
    """True in a process that `measure` started."""
    return sys.argv[1:2] == ["--contender"]


def measure(script: str, contender: str, **options: Any) -> dict[str, Any]:
    """Run one contender of `script` in a process of its own; adds its peak memory in MB."""
    command = [sys.executable, script, "--contender", json.dumps({"contender": contender, **options})]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{contender} failed:\n{done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def peak_memory_mb() -> float:
    """Return the most memory that this process had. Linux's own count, as getrusage's starts from the parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) / 1024  # type: ignore[index]
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def peak_of_children_mb() -> float:
    """Return the most memory that a process had which this one started and waited for."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def print_speeds(texts: Sequence[str], runs: dict[str, list[dict[str, Any]]]) -> None:
    """Print a row for each contender, medians, with the ratio to the first of them, taken round by round."""
    first, *_ = runs
    characters = sum(map(len, texts))
    print(f"{len(texts)} documents, {characters:,} characters, median of {len(runs[first])} rounds\n")
    print(f"| contender | documents/s | characters/s | peak memory | times slower than {first} (lowest to highest) |")
    print("|---|--:|--:|--:|--:|")
    for name, results in runs.items():
        seconds = statistics.median(r["seconds"] for r in results)
        peak = statistics.median(r["peak_mb"] for r in results)
        ratios = sorted(r["seconds"] / v["seconds"] for r, v in zip(results, runs[first], strict=True))
        print(
            f"| {name} | {len(texts) / seconds:.2f} | {characters / seconds:,.0f} | {peak:,.0f} MB "
            f"| {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) |"
        )
