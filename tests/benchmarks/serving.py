"""`vanban serve` against `tag` on the same documents, how late it answers at half its load, and whether it stands.

    python tests/benchmarks/serving.py [--rounds 3] [--seconds 10] [--requests 10000] [--part speed|late|stands]

Documents are the seeds, and short ones: their lines of 60 to 400 characters. `tag` and the service take turns; each is
timed on its work alone, on all cores: models are loaded, and the service is at full load. The client is wrk, whose 64
connections send one document a request, or four short ones; it takes its part of the cores, which `tag` has to itself.
CPU is that of the process.
Half load is half of the rate that the service was seen to reach, sent at even times whatever has come back. In the
last part 64 clients send requests, of which 5 % are garbage of eleven kinds: every good one must be answered, and
memory must not grow. Prints Markdown.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

from contenders import SENTENCE, seed_texts
from http_client import Address, Answer, Connection, at_rate, by_clients, post

CLIENTS: Final = 64
WARM: Final = 3  # seconds before what is timed
SCRIPT: Final = """
local bodies, i = {}, 0
for line in io.lines(os.getenv("BODIES")) do bodies[#bodies + 1] = line end
wrk.headers["Content-Type"] = "application/json"
request = function() i = i % #bodies + 1; return wrk.format("POST", "/predict", nil, bodies[i]) end
done = function(all, latency) print(string.format("%d %d %d %d", all.requests, all.duration,
  all.errors.status + all.errors.connect + all.errors.read + all.errors.write + all.errors.timeout,
  latency:percentile(99))) end
"""
TAG: Final = """
import json, sys, time
from functools import partial
from vanban.documents.destination import open_output
from vanban.documents.job import tag_all
from vanban.documents.loading import load_predictor
from vanban.documents.reader import read_documents
from vanban.documents.sources import find_sources
from vanban.documents.workers import Here
from vanban.schema import TASKS
from pathlib import Path
source, out = sys.argv[1:]
tagging = Here(partial(load_predictor, [], "auto", TASKS, "auto", True))
for _ in range(2):  # the first warms it up
    sources = find_sources([source])
    output = open_output(sources, Path(out), "jsonl", False, True, TASKS, 0)
    output.start({})
    begun, cpu = time.perf_counter(), time.process_time()
    counts = tag_all(read_documents(sources), output, tagging, 32, 0.0, print)
    seconds = time.perf_counter() - begun
print(json.dumps([counts.documents, seconds, time.process_time() - cpu]))
"""


def documents() -> dict[str, list[str]]:
    """Return the two kinds of documents."""
    seeds = seed_texts(1)
    return {"seeds": seeds, "short": [line for seed in seeds for line in seed.split("\n") if 60 <= len(line) <= 400]}


@contextmanager
def service() -> Iterator[tuple[Address, int]]:
    """Serve in a process of its own; yield the address and the process."""
    code = "import sys; sys.argv = ['vanban', 'serve', '--port', '0']; from vanban.cli import main; main()"
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if found := re.search(r"on http://([\d.]+):(\d+)", line):
                break
        else:
            sys.exit("the service did not start")
        try:
            yield (found[1], int(found[2])), process.pid
        finally:
            process.terminate()
            assert process.wait(30) == 0


def cpu_of(pid: int) -> float:
    """Return the seconds that a process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(pid: int) -> float:
    """Return the MB of memory that a process has now."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024  # type: ignore[index]


def in_json(texts: Sequence[str], together: int) -> list[str]:
    """Return bodies of so many texts each."""
    if together == 1:
        return [json.dumps({"text": text}, ensure_ascii=False) for text in texts]
    parts = [texts[i : i + together] for i in range(0, len(texts) - together + 1, together)]
    return [json.dumps({"texts": part}, ensure_ascii=False) for part in parts]


def texts_read(address: Address) -> float:
    """Return the texts that a service has answered."""
    with urlopen(f"http://{address[0]}:{address[1]}/metrics") as answer:
        counts = answer.read().decode()
    return float(re.search(r"^vanban_texts_total (\S+)", counts, re.MULTILINE)[1])  # type: ignore[index]


def by_wrk(address: Address, pid: int, bodies: Sequence[str], seconds: int) -> tuple[float, float, float]:
    """Return documents a second and seconds of CPU of each, both from the third second on, and the 99th percentile of
    seconds; exits at an error."""
    with tempfile.TemporaryDirectory() as folder:
        script, lines = Path(folder) / "ask.lua", Path(folder) / "bodies"
        script.write_text(SCRIPT)
        lines.write_text("\n".join(bodies) + "\n", encoding="utf-8")
        url = f"http://{address[0]}:{address[1]}"
        command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{seconds + WARM + 1}s", "--timeout", "60s", "-s", str(script), url]
        environment = {**os.environ, "BODIES": str(lines)}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as run:
            time.sleep(WARM)
            begun, cpu, texts = time.perf_counter(), cpu_of(pid), texts_read(address)
            time.sleep(seconds)
            taken, cpu, texts = time.perf_counter() - begun, cpu_of(pid) - cpu, texts_read(address) - texts
            said = run.communicate()[0]
    try:
        _, _, errors, late = map(int, said.splitlines()[-1].split())
    except (ValueError, IndexError):
        sys.exit(f"wrk: {said}")
    if errors:
        sys.exit(f"wrk met {errors} errors: {said}")
    return texts / taken, cpu / max(texts, 1), late / 1e6


def by_tag(texts: Sequence[str], times: int) -> tuple[float, float]:
    """Return documents a second and seconds of CPU of each, of `tag`."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "documents.jsonl"
        records = [json.dumps({"text": text}, ensure_ascii=False) for text in texts] * times
        source.write_text("\n".join(records), encoding="utf-8")
        command = [sys.executable, "-c", TAG, str(source), f"{folder}/out.jsonl"]
        run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        sys.exit(run.stderr)
    found, seconds, cpu = json.loads(run.stdout.splitlines()[-1])
    return found / seconds, cpu / found


def speed(rounds: int, seconds: int) -> dict[str, float]:
    """Print how fast both are; return the rate of requests that the service reached with each kind of document."""
    reached: dict[str, float] = {}
    print(f"median of {rounds} rounds of {seconds} s\n")
    print("| documents | a request | tag, documents/s | serve, documents/s | serve / tag (lowest to highest) | CPU ms "
          "a document, tag and serve | 99th percentile at full load |")  # fmt: skip
    print("|---|--:|--:|--:|--:|--:|--:|")
    for kind, together in (("seeds", 1), ("short", 1), ("short", 4)):
        texts = documents()[kind]
        tagged, served = [], []
        with service() as (address, pid):
            for _ in range(rounds):
                tagged.append(by_tag(texts, 8 if kind == "seeds" else 10))
                served.append(by_wrk(address, pid, in_json(texts, together), seconds))
        ratios = sorted(s[0] / t[0] for s, t in zip(served, tagged, strict=True))
        rate = statistics.median(s[0] for s in served)
        reached.setdefault(kind, rate)
        print(
            f"| {kind} | {together} | {statistics.median(t[0] for t in tagged):.1f} | {rate:.1f} "
            f"| {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) "
            f"| {statistics.median(t[1] for t in tagged) * 1e3:.2f} and "
            f"{statistics.median(s[1] for s in served) * 1e3:.2f} "
            f"| {statistics.median(s[2] for s in served) * 1e3:.0f} ms |",
            flush=True,
        )
    return reached


def late(reached: dict[str, float], seconds: int) -> None:
    """Print how late answers come at half of the rate that was reached."""
    print("\n| documents | requests/s | median | 99th percentile | longest |")
    print("|---|--:|--:|--:|--:|")
    for kind, rate in reached.items():
        requests = [post(body.encode()) for body in in_json(documents()[kind], 1)]
        number = max(200, int(rate / 2 * seconds))
        with service() as (address, _):
            asyncio.run(by_clients(address, 8, lambda c, i: c.ask(requests[i % len(requests)]), 100))  # noqa: B023
            sent = [requests[i % len(requests)] for i in range(number)]
            answers = asyncio.run(at_rate(address, sent, rate / 2))
        assert {answer.status for answer in answers} == {200}, Counter(answer.status for answer in answers)
        waits = sorted(answer.seconds * 1e3 for answer in answers)
        print(
            f"| {kind} | {rate / 2:.1f} | {statistics.median(waits):.0f} ms | {waits[int(0.99 * number)]:.0f} ms "
            f"| {waits[-1]:.0f} ms |",
            flush=True,
        )


def garbage(chance: random.Random) -> tuple[bytes, set[int]]:
    """Return a request that can't be answered, and the statuses that are right for it."""
    kinds: list[tuple[bytes, set[int]]] = [
        (post(b'{"text": '), {400}),
        (post(b'{"text": "\xc3("}'), {400}),
        (post(b'{"text": NaN}'), {400}),
        (post(rb'{"text": "\ud800"}'), {400}),
        (post(b"[" * 100_000), {400}),
        (post(b'{"texts": [1]}'), {422}),
        (post(b'{"text": "a"}', kind="text/plain"), {415}),
        (post(b"--x\r\n", "/documents", "multipart/form-data; boundary=x"), {400, 422}),
        (post(b"{}", "/nowhere"), {404}),
        (chance.randbytes(200) + b"\r\n\r\n", {400, 0}),
    ]
    return chance.choice(kinds)


def stands(requests: int) -> None:
    """Print what became of good and bad requests, and of the memory."""
    from vanban import load

    texts = [*documents()["short"], "", SENTENCE, "😀 " + SENTENCE]
    predictor = load()
    expected = [[(e.start, e.end, e.label) for e in found.entities] for found in predictor.predict_batch(texts)]
    good = [post(body.encode()) for body in in_json(texts, 1)]
    chance = random.Random(7)
    plan = [
        (garbage(chance) if chance.random() < 0.05 else None, chance.randrange(len(texts))) for _ in range(requests)
    ]

    async def act(connection: Connection, number: int) -> str:
        bad, text = plan[number]
        if bad is None:
            return verdict(await connection.ask(good[text]), texts[text], expected[text])
        if number % 10 == 0:
            await connection.half(good[text])
            return "bad, half of it"
        answer = await connection.ask(bad[0])
        return "bad, refused" if answer.status in bad[1] else f"bad, status {answer.status}"

    with service() as (address, pid):
        asyncio.run(by_clients(address, CLIENTS, act, requests // 4))
        before, begun = memory_of(pid), time.perf_counter()
        told = Counter(asyncio.run(by_clients(address, CLIENTS, act, requests)))
        seconds, after = time.perf_counter() - begun, memory_of(pid)
    print(f"\n{requests} requests of {CLIENTS} clients in {seconds:.0f} s: {dict(sorted(told.items()))}")
    print(f"memory before: {before:.0f} MB, after: {after:.0f} MB; the service has ended with status 0")


def verdict(answer: Answer, text: str, expected: list[tuple[int, int, str]]) -> str:
    """Return what became of a good request. In int8 and bfloat16 a span at the threshold depends on its batch."""
    if answer.status != 200:
        return f"good, status {answer.status}"
    found = answer.json()["entities"]
    if any(text[e["start"] : e["end"]] != e["text"] for e in found):
        return "good, answered with spans of another text"
    same = [(e["start"], e["end"], e["label"]) for e in found] == expected
    return "good, answered" if same else "good, answered, a span at the threshold as in another batch"


def main() -> None:
    """Run the parts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--part", choices=("speed", "late", "stands"), action="append")
    parser.add_argument("--rate", type=json.loads, help='what is taken for full load: {"seeds": 9, "short": 200}')
    options = parser.parse_args()
    parts = options.part or ("speed", "late", "stands")
    reached: Any = options.rate
    if "speed" in parts:
        reached = reached or speed(options.rounds, options.seconds)
    if "late" in parts:
        late(reached, options.seconds)
    if "stands" in parts:
        stands(options.requests)


if __name__ == "__main__":
    main()
