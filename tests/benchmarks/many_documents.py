"""Memory and rate of `tag` over many short documents, made from the seeds, and what `kill -9` leaves to --resume.

    python tests/benchmarks/many_documents.py [--documents 1000000] [--workers auto] [--minutes 10] [--kills 20]

Ends after --minutes and says how far it came. Prints the rate, by the clock and by the time of the processors (which
other work on the machine does not change), and the largest resident sizes in each tenth of the time as Markdown, and
draws them over time into FOLDER/memory.png. With --kills a run over --kill-documents is killed at that many random
moments and resumed, and its output compared with that of a run that nothing disturbed. `--without-network` puts a
predictor of no weight in the place of the models: what is left is reading, writing, the journal and the processes.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
TAG = "from vanban.cli import tag_main; tag_main()"
TAG_WITHOUT_NETWORK = (
    f"import fake_predictor, vanban.commands.tag as t; t.load_predictor = fake_predictor.load_as_tag; {TAG}"
)
SHORTEST = 30  # characters of a line of a seed that is a document


def write_documents(path: Path, count: int) -> None:
    """Write `count` documents: a line of a seed each, in turn."""
    texts = [p.read_bytes().decode("utf-8") for p in sorted((ROOT / "seeds").glob("*.txt"))]
    lines = [line.strip() for text in texts for line in text.splitlines() if len(line.strip()) >= SHORTEST]
    with open(path, "w", encoding="utf-8") as file:
        for number, line in zip(range(count), itertools.cycle(lines)):
            file.write(json.dumps({"id": number, "text": line}, ensure_ascii=False) + "\n")


def start(options: argparse.Namespace, documents: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    """Start `tag` in a group of processes of its own."""
    command = [sys.executable, "-c", TAG_WITHOUT_NETWORK if options.without_network else TAG]
    paths = map(str, (ROOT / "model", ROOT / "training", TESTS))
    return subprocess.Popen(
        [*command, str(documents), "-o", str(out), "--workers", options.workers, *more],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def use_of(process: psutil.Process) -> dict[str, float]:
    """Return the resident size of a process and of those that it started, in MB, and the CPU seconds of all."""
    use = {"parent": 0.0, "workers": 0.0, "cpu": 0.0}
    try:
        for one in (process, *process.children(recursive=True)):
            use["parent" if one == process else "workers"] += one.memory_info().rss / 1e6
            use["cpu"] += sum(one.cpu_times()[:2])
    except psutil.Error:
        pass  # it ended meanwhile
    return use


def lines_of(path: Path) -> Iterator[int]:
    """Yield, each time that it is asked, how many lines the file has by now; only what is new is read."""
    count = position = 0
    while True:
        if path.exists():
            with open(path, "rb") as file:
                file.seek(position)
                while block := file.read(1 << 20):
                    count += block.count(b"\n")
                    position += len(block)
        yield count


def watch(process: subprocess.Popen[bytes], partial: Path, seconds: float) -> list[dict[str, float]]:
    """Return a row for each second: time, documents, and megabytes. Interrupt the run after `seconds`."""
    rows: list[dict[str, float]] = []
    lines, started, watched = lines_of(partial), time.monotonic(), psutil.Process(process.pid)
    done = 0
    while process.poll() is None:
        now = time.monotonic() - started
        use = use_of(watched)
        done = max(done, next(lines))  # the file has another name when the run is finished
        rows.append({"seconds": now, "documents": done, **use})
        if now > seconds:
            process.send_signal(signal.SIGINT)
            process.wait()
        time.sleep(1)
    return [row for row in rows if row["documents"]]


def report(rows: list[dict[str, float]], wanted: int, picture: Path) -> None:
    """Print the tenths of the time as a table, and draw memory and documents over time."""
    first, last = rows[0], rows[-1]
    print(f"{last['documents']:,.0f} of {wanted:,} documents in {last['seconds']:,.0f} s\n")
    print("| seconds | documents | per second | per CPU second | largest resident size: parent | workers |")
    print("|--:|--:|--:|--:|--:|--:|")
    tenth = (last["seconds"] - first["seconds"]) / 10
    for i in range(10):
        span = (first["seconds"] + tenth * i, first["seconds"] + tenth * (i + 1))
        part = [row for row in rows if span[0] <= row["seconds"] <= span[1]]
        if len(part) < 2:
            continue
        count = part[-1]["documents"] - part[0]["documents"]
        rates = [count / (part[-1][name] - part[0][name] or 1) for name in ("seconds", "cpu")]
        sizes = [max(row[name] for row in part) for name in ("parent", "workers")]
        cells = [f"{span[1]:.0f}", f"{part[-1]['documents']:,.0f}", *(f"{rate:,.0f}" for rate in rates)]
        print(f"| {' | '.join([*cells, *(f'{size:,.0f} MB' for size in sizes)])} |")
    draw(rows, picture)
    print(f"\n{picture}: resident size and documents over time")


def draw(rows: list[dict[str, float]], picture: Path) -> None:
    """Draw resident sizes and documents over time."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (upper, lower) = pyplot.subplots(2, 1, sharex=True, figsize=(8, 6), layout="constrained")
    seconds = [row["seconds"] for row in rows]
    for name in ("parent", "workers"):
        upper.plot(seconds, [row[name] for row in rows], label=name)
    upper.set(ylabel="resident size, MB", ylim=(0, None))
    upper.legend()
    lower.plot(seconds, [row["documents"] for row in rows])
    lower.set(xlabel="seconds", ylabel="documents", ylim=(0, None))
    figure.savefig(picture, dpi=100)


def size_of(path: Path) -> int:
    """Return the size of a file, 0 where there is none."""
    return path.stat().st_size if path.exists() else 0


def kill(options: argparse.Namespace, folder: Path, suffix: str) -> None:
    """Kill a run at random moments, resume it, and compare."""
    documents = folder / "killed.jsonl"
    write_documents(documents, options.kill_documents)
    outputs = {name: folder / f"{name}{suffix}" for name in ("whole", "killed-out")}
    for left in folder.glob("killed-out*"):  # of an earlier run: --resume would find it complete
        left.unlink()
    started = time.monotonic()
    assert start(options, documents, outputs["whole"], "--overwrite").wait() == 0
    seconds = time.monotonic() - started
    chance = random.Random(options.seed)
    done = []
    journal = outputs["killed-out"].with_name(f"{outputs['killed-out'].name}.partial.journal")
    for number in range(options.kills):
        process = start(options, documents, outputs["killed-out"], "--resume" if number else "--overwrite")
        before = size_of(journal)
        if chance.random() < 0.8:  # else it is killed while it starts
            while process.poll() is None and size_of(journal) <= before:
                time.sleep(0.01)
        time.sleep(chance.random() * seconds / options.kills)
        process.send_signal(signal.SIGKILL)
        process.wait()
        done.append(journal.read_bytes().count(b"\n") - 1 if journal.exists() else 0)
    assert start(options, documents, outputs["killed-out"], "--resume").wait() == 0
    sums = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in outputs.items()}
    print(f"\n{options.kills} kills; documents done after each: {', '.join(map(str, done))}")
    is_equal = sums["whole"] == sums["killed-out"]
    print(f"output {'equal to' if is_equal else 'DIFFERENT from'} that of an undisturbed run ({sums['whole'][:16]})")
    assert is_equal


def main() -> None:
    """Measure, and print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--workers", default="auto")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--out", default=".jsonl", help="suffix of the output: .jsonl, .jsonl.gz, .parquet, …")
    parser.add_argument("--folder", type=Path, default=Path("runs/many"))
    parser.add_argument("--without-network", action="store_true")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--kill-documents", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=0)
    options: Any = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.documents:
        documents, out = options.folder / "in.jsonl", options.folder / f"out{options.out}"
        write_documents(documents, options.documents)
        process = start(options, documents, out, "--overwrite")
        rows = watch(process, out.with_name(f"{out.name}.partial.journal"), options.minutes * 60)
        report(rows, options.documents, options.folder / "memory.png")
    if options.kills:
        kill(options, options.folder, options.out)


if __name__ == "__main__":
    main()
