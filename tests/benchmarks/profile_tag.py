"""The share of each stage of a `tag` run over mixed documents: reading, tokenizing, network, decoding, values, writing.

    taskset -c 1 python tests/benchmarks/profile_tag.py [--documents 500] [--model DIRECTORY ...] [--format jsonl]

Documents are made of the seeds and of annotations/authored: short news (a few paragraphs), texts whose lines are broken
at 80 characters, and, one in 50, decrees of 20,000 words. Times are those of the processor, of each thread on its own,
on one thread each; `ahead` is what was spent in the thread that reads one chunk ahead, which the network does not wait
for. Prints Markdown.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import textwrap
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"  # what other threads did would not be counted

from contenders import ROOT, SEEDS

STAGES = ("reading", "tokenizing", "network", "decoding", "values", "writing")
HERE = threading.current_thread()


class Clock:
    """Processor seconds by stage and thread; a stage inside another is not counted for that one."""

    def __init__(self) -> None:
        self.seconds: defaultdict[tuple[str, bool], float] = defaultdict(float)
        self._local = threading.local()

    def _switch(self, stage: str | None) -> str | None:
        """Count what passed since the last switch for the stage that was on, and turn another on; return the first."""
        now, before = time.thread_time(), getattr(self._local, "stage", None)
        if before is not None:
            self.seconds[before, threading.current_thread() is HERE] += now - self._local.since
        self._local.stage, self._local.since = stage, now
        return before

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, whose calls are counted for a stage."""

        def whole(*args: Any, **kwargs: Any) -> Any:
            before = self._switch(stage)
            try:
                return function(*args, **kwargs)
            finally:
                self._switch(before)

        return whole

    def timed_items(self, stage: str, function: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
        """Return the generator function, the making of whose items is counted for a stage."""

        def whole(*args: Any, **kwargs: Any) -> Iterator[Any]:
            ask = self.timed(stage, function(*args, **kwargs).__next__)
            while True:
                try:
                    item = ask()
                except StopIteration:
                    return
                yield item

        return whole


def write_documents(folder: Path, number: int) -> int:
    """Write that many documents; return how many characters they have."""
    draw = random.Random(7)
    paths = [*SEEDS, *sorted((ROOT / "annotations" / "authored").glob("*/*.txt"))]
    texts = [path.read_bytes().decode("utf-8") for path in paths]
    characters = 0
    for i in range(number):
        text = draw.choice(texts)
        if i % 50 == 0:  # a decree
            words = 0
            parts = []
            while words < 20_000:
                parts.append(draw.choice(texts))
                words += len(parts[-1].split())
            text = "\n".join(parts)
        elif i % 2:  # news
            lines = text.splitlines(keepends=True)
            first = draw.randrange(len(lines))
            text = "".join(lines[first : first + 8])
        else:  # broken lines, as text from a PDF has them
            text = "\n".join(textwrap.fill(line, 80) for line in text.splitlines())
        characters += len(text)
        (folder / f"{i:04}.txt").write_bytes(text.encode("utf-8"))
    return characters


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument(
        "--model", action="append", default=[], help="model directories in the place of the shipped ones"
    )
    parser.add_argument("--format", default="jsonl", choices=["jsonl", "brat", "conll", "pretty"])
    options = parser.parse_args()

    from vanban import cli, predictor
    from vanban.commands import tag as command
    from vanban.documents.file_output import FileOutput
    from vanban.documents.folder_output import FolderOutput
    from vanban.network.runner import Runner
    from vanban.predictor import Predictor

    clock = Clock()
    total = 0.0

    def whole(*args: Any) -> Any:
        nonlocal total
        began = time.process_time()
        try:
            return tag(*args)
        finally:
            total = time.process_time() - began

    tag, command.tag_all = command.tag_all, whole
    command.read_documents = clock.timed_items("reading", command.read_documents)
    Predictor.read = clock.timed("tokenizing", Predictor.read)  # type: ignore[method-assign]
    Predictor._predict_read = clock.timed_items("decoding", Predictor._predict_read)  # type: ignore[method-assign]
    predictor.with_values = clock.timed("values", predictor.with_values)
    Runner.run = clock.timed("network", Runner.run)  # type: ignore[method-assign]
    for output in (FileOutput, FolderOutput):
        output.write = clock.timed("writing", output.write)  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as folder:
        documents = Path(folder) / "documents"
        documents.mkdir()
        characters = write_documents(documents, options.documents)
        models = [argument for model in options.model for argument in ("--model", model)]
        sys.argv = ["tag", str(documents), "-o", f"{folder}/out", "--format", options.format, *models]
        cli.tag_app(standalone_mode=False)
    print(f"{options.documents} documents, {characters:,} characters, {total:.1f} s of the processor without loading\n")
    print("| stage | seconds | share | of it ahead | characters/s |")
    print("|---|--:|--:|--:|--:|")
    of_stage = {stage: clock.seconds[stage, True] + clock.seconds[stage, False] for stage in STAGES}
    for stage, seconds in (of_stage | {"the rest": total - sum(of_stage.values())}).items():
        ahead, speed = clock.seconds[stage, False] / seconds if seconds else 0.0, characters / max(seconds, 1e-9)
        print(f"| {stage} | {seconds:.2f} | {seconds / total:.1%} | {ahead:.0%} | {speed:,.0f} |")
    print(f"\nnot the network: {1 - of_stage['network'] / total:.1%}")


if __name__ == "__main__":
    main()
