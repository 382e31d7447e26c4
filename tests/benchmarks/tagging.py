"""vanban's models and back ends against `transformers.pipeline` on the same weights and `underthesea.ner`, in one run.

    python tests/benchmarks/tagging.py [--copies 2] [--rounds 2] [--json figures.json]

Each contender runs in processes of its own, in turn, on all cores, and is timed on the work alone: models loaded (and
exported, once, for ONNX Runtime), one sentence read before. Ratios are taken round by round. The pipeline runs the
deep weights, whole, with what its documentation advises for long texts, a stride, in two batch sizes; underthesea reads
line by line. Every contender has the seeds, `--copies` times.

`share of the matrix rate`: the multiplications that the windows need, by the fastest product of two matrices of such a
size that torch computes here in the same precision. `differ`: spans of the seeds that the back end finds and torch in
float32 does not, or the other way round, of those that this finds. Prints Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from contenders import (
    SEEDS,
    SENTENCE,
    Contenders,
    is_contender,
    measure,
    peak_of_children_mb,
    run_contender,
    seed_texts,
    timed,
)  # fmt: skip

if TYPE_CHECKING:
    from vanban.schema import Backend, Task

MODELS: Final = ("accurate", "default", "fast")
BACKENDS: Final[tuple[Backend, ...]] = ("torch", "onnx")
PIPELINES: Final = ("pipeline, batch size 1", "pipeline, batch size 8")
UNDERTHESEA: Final = "underthesea.ner"


class Arithmetic:
    """Counts what an encoder of BERT's kind multiplies: two operations for each weight and token, and attention."""

    def __init__(self, layers: int, width: int, inner: int) -> None:
        self.layers, self.width, self.inner = layers, width, inner
        self.operations = 0

    def add(self, windows: int, tokens: int) -> None:
        """Count a batch of so many windows of so many tokens, padding included."""
        products = 2 * (4 * self.width**2 + 2 * self.width * self.inner)
        attention = 4 * tokens * self.width
        self.operations += windows * tokens * self.layers * (products + attention)


def run_vanban(copies: int, model: str, backend: Backend, tasks: Sequence[Task] = ("ner",)) -> dict[str, Any]:
    """Tag with `Predictor.stream`, what `tag` calls."""
    from vanban import load
    from vanban.network.shipped import BUNDLED_ENCODER

    predictor = load(named(model), backend=backend, tasks=tasks, values=False)  # the others read none
    config = json.loads((BUNDLED_ENCODER / "config.json").read_text())
    work = []
    precision = ""
    for task, head in (("ner", predictor.tagger), ("doctype", predictor.classifier)):
        if head:
            layers = predictor.info[task]["encoder"].get("layers") or config["num_hidden_layers"]
            work.append(Arithmetic(layers, config["hidden_size"], config["intermediate_size"]))
            network: Any = head.runner.network
            exported = predictor.info[task].get("export")
            precision = exported["precision"] if exported else str(network.dtype).removeprefix("torch.")
            head.runner.network = Counted(network, work[-1])  # type: ignore[assignment]
    result = timed(lambda texts: (len(p.entities) for p in predictor.stream(texts)), copies, lambda: _reset(work))
    return result | {"operations": sum(w.operations for w in work), "precision": precision}


def named(model: str) -> str | None:
    """Return what `load` takes for it."""
    return None if model == "default" else model


def _reset(work: Iterable[Arithmetic]) -> None:
    for one in work:
        one.operations = 0


class Counted:
    """A network whose batches are counted."""

    def __init__(self, network: Any, work: Arithmetic) -> None:
        self._network, self._work = network, work

    def logits(self, batches: Iterable[tuple[Any, Any]]) -> Any:
        return self._network.logits(self._counted(batches))

    def _counted(self, batches: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
        for ids, mask in batches:
            self._work.add(*ids.shape)
            yield ids, mask


def run_pipeline(copies: int, weights: str, batch_size: int) -> dict[str, Any]:
    """Tag with the pipeline, overlapping chunks of the model's 512 tokens."""
    from transformers import pipeline

    tagger = pipeline(
        "token-classification", model=weights, aggregation_strategy="simple", stride=64, batch_size=batch_size
    )
    config = tagger.model.config
    work = Arithmetic(config.num_hidden_layers, config.hidden_size, config.intermediate_size)
    tagger.model.register_forward_pre_hook(
        lambda module, args, kwargs: work.add(*kwargs["input_ids"].shape), with_kwargs=True
    )
    result = timed(lambda texts: map(len, tagger(list(texts))), copies, lambda: _reset([work]))
    return result | {"operations": work.operations, "precision": "float32"}


def run_underthesea(copies: int) -> dict[str, Any]:
    """Tag with underthesea's conditional random fields, line by line; they find people, places and organisations."""
    from underthesea import ner

    def entities(text: str) -> int:
        return sum(tag[0] == "B" for line in text.splitlines() if line.strip() for *_, tag in ner(line))

    return timed(lambda texts: map(entities, texts), copies)


def run_first(copies: int, model: str, backend: Backend) -> dict[str, Any]:
    """From an empty process to the first prediction of vanban, entities and type."""
    started = time.perf_counter()
    from vanban import load

    load(named(model), backend=backend).predict(SENTENCE)
    return {"seconds": time.perf_counter() - started}


def run_first_pipeline(copies: int, weights: str) -> dict[str, Any]:
    """From an empty process to the first prediction of the pipeline."""
    started = time.perf_counter()
    from transformers import pipeline

    pipeline("token-classification", model=weights, aggregation_strategy="simple")(SENTENCE)
    return {"seconds": time.perf_counter() - started}


def run_tag(copies: int, model: str, backend: Backend) -> dict[str, Any]:
    """The command `tag` on the folder of the seeds, loading included; its memory is that of this process's child."""
    with tempfile.TemporaryDirectory() as folder:
        tag = Path(sys.executable).with_name("tag")
        command = [tag, SEEDS[0].parent, "-o", f"{folder}/found.jsonl"]
        started = time.perf_counter()
        name = named(model)
        command += [*(["--model", name] if name else []), "--backend", backend]
        subprocess.run(command, check=True, capture_output=True)
        return {"seconds": time.perf_counter() - started, "tag_mb": peak_of_children_mb()}


def run_spans(copies: int, model: str, backend: Backend, exact: bool = False) -> dict[str, Any]:
    """Return the spans of the seeds and their scores; `exact`: in float32, whatever the processor multiplies in."""
    from vanban import load

    if exact:
        import torch

        from vanban.network import runner

        runner.dtype_of = lambda device, exact=False: torch.float32
    predictions = load(named(model), backend=backend, tasks=("ner",), values=False).predict(seed_texts(1))
    spans = [[i, e.label, e.start, e.end, e.score] for i, p in enumerate(predictions) for e in p.entities]
    return {"spans": spans}


def run_rates(copies: int) -> dict[str, Any]:
    """Return the billions of operations a second of a product like those of the network, by precision, on all cores."""
    import torch

    left, right = torch.randn(2048, 384), torch.randn(384, 1536)
    rates = {}
    for precision in ("float32", "bfloat16", "int8"):
        a, b = ((40 * side).to(getattr(torch, precision)) for side in (left, right))
        product = torch._int_mm if precision == "int8" else torch.mm
        seconds = []
        for _ in range(8):
            started = time.perf_counter()
            for _ in range(10):
                product(a, b)
            seconds.append((time.perf_counter() - started) / 10)
        rates[precision] = 2 * 2048 * 384 * 1536 / min(seconds) / 1e9
    return {"rates": rates}


CONTENDERS: Contenders = {
    "vanban": run_vanban,
    "pipeline": run_pipeline,
    "underthesea": run_underthesea,
    "first": run_first,
    "first of pipeline": run_first_pipeline,
    "tag": run_tag,
    "spans": run_spans,
    "rates": run_rates,
}


def write_whole_model(folder: Path) -> None:
    """Save the deep model that ships as an ordinary Hugging Face folder for the pipeline."""
    from vanban.network.checkpoint import load_checkpoint

    checkpoint = load_checkpoint("accurate")
    checkpoint.network.save_pretrained(folder)  # type: ignore[union-attr, operator]
    checkpoint.tokenizer.save_pretrained(folder)


def measured(copies: int, rounds: int, weights: str) -> dict[str, Any]:
    """Run everything and return every figure: those of speed as lists, one for each round."""
    pairs = [(model, backend) for model in MODELS for backend in BACKENDS]
    spans = {  # first, as this exports
        f"{model}, {name}": {tuple(s[:4]): s[4] for s in measure(__file__, "spans", copies=1, **options)["spans"]}
        for model in MODELS
        for name, options in {
            "exact": {"model": model, "backend": "torch", "exact": True},
            **{backend: {"model": model, "backend": backend} for backend in BACKENDS},
        }.items()
    }
    contenders: dict[str, tuple[str, dict[str, Any]]] = {
        f"{model}, {backend}": ("vanban", {"model": model, "backend": backend}) for model, backend in pairs
    }
    for backend in BACKENDS:
        both, alone = ["ner", "doctype"], ["doctype"]
        contenders[f"fast, {backend}, and type"] = ("vanban", {"model": "fast", "backend": backend, "tasks": both})
        contenders[f"type alone, {backend}"] = ("vanban", {"model": "fast", "backend": backend, "tasks": alone})
    for name in PIPELINES:
        contenders[name] = ("pipeline", {"weights": weights, "batch_size": int(name.split()[-1])})
    contenders[UNDERTHESEA] = ("underthesea", {})
    starts: dict[str, tuple[str, dict[str, Any]]] = {
        f"{model}, {backend}": ("first", {"model": model, "backend": backend}) for model, backend in pairs
    }
    starts["pipeline, entities"] = ("first of pipeline", {"weights": weights})
    measure(__file__, "first", copies=1, model="fast", backend="onnx")  # this exports the classifier
    speeds: dict[str, list[dict[str, Any]]] = {name: [] for name in contenders}
    first: dict[str, list[dict[str, Any]]] = {name: [] for name in starts}
    for _ in range(rounds):
        for found, asked in ((speeds, contenders), (first, starts)):
            for name, (contender, options) in asked.items():
                found[name].append(measure(__file__, contender, copies=copies, **options))
    return {
        "processor": processor(),
        "copies": copies,
        "rates": measure(__file__, "rates", copies=1)["rates"],
        "speeds": speeds,
        "first": first,
        "tag": {f"{m}, {b}": measure(__file__, "tag", copies=1, model=m, backend=b) for m, b in pairs},
        "spans": {f"{m}, {b}": parity(spans[f"{m}, exact"], spans[f"{m}, {b}"]) for m, b in pairs},
    }


def processor() -> dict[str, Any]:
    """Return the processor's name, features, and how many cores this process may use."""
    from vanban.network.onnx_network import threads_of_this_process
    from vanban.network.processor import features_of_this_processor, model_name

    features = sorted(features_of_this_processor())
    return {"name": model_name(), "features": features, "threads": threads_of_this_process()}


def parity(exact: dict[Any, float], found: dict[Any, float]) -> dict[str, Any]:
    """Compare spans, each with its score."""
    common = exact.keys() & found.keys()
    largest = max(abs(exact[span] - found[span]) for span in common)
    return {"differ": len(exact.keys() ^ found.keys()), "of": len(exact), "largest_score_difference": largest}


def report(figures: dict[str, Any]) -> None:
    """Print the tables: medians, and ratios taken round by round."""
    documents = len(SEEDS) * figures["copies"]
    characters = sum(map(len, seed_texts(figures["copies"])))
    speeds = figures["speeds"]
    rounds = len(speeds[UNDERTHESEA])
    of_pipeline = [min(speeds[name][i]["seconds"] for name in PIPELINES) for i in range(rounds)]
    of_underthesea = [one["seconds"] for one in speeds[UNDERTHESEA]]
    what = figures["processor"]
    print(f"{what['name']} ({', '.join(what['features'])}), {what['threads']} threads")
    print("billions of operations a second:", ", ".join(f"{r:,.0f} in {p}" for p, r in figures["rates"].items()))
    print(f"{documents} documents, {characters:,} characters, median of {rounds} rounds\n")
    print(
        "| contender | precision | documents/s | characters/s | × the better pipeline | × underthesea "
        "| share of the matrix rate | differ | peak memory |\n|---|---|--:|--:|--:|--:|--:|--:|--:|"
    )
    for name, results in speeds.items():
        seconds = [one["seconds"] for one in results]
        middle = statistics.median(seconds)
        precision = results[0].get("precision", "")
        share = results[0]["operations"] / middle / 1e9 / figures["rates"][precision] if precision else None
        differ = figures["spans"].get(name)
        cells = (
            name,
            precision,
            f"{documents / middle:.2f}",
            f"{characters / middle:,.0f}",
            _ratio(of_pipeline, seconds),
            _ratio(of_underthesea, seconds),
            "" if share is None else f"{share:.0%}",
            f"{differ['differ']} of {differ['of']}" if differ else "",
            f"{statistics.median(one['peak_mb'] for one in results):,.0f} MB",
        )
        print(f"| {' | '.join(cells)} |")
    print("\n| fresh process to first prediction | seconds | peak memory |\n|---|--:|--:|")
    for name, results in figures["first"].items():
        print(f"| {name} | {statistics.median(r['seconds'] for r in results):.2f} | {results[0]['peak_mb']:,.0f} MB |")
    print("\n| `tag` on the seeds | seconds, loading included | peak memory |\n|---|--:|--:|")
    for name, result in figures["tag"].items():
        print(f"| {name} | {result['seconds']:.2f} | {result['tag_mb']:,.0f} MB |")


def _ratio(others: Sequence[float], own: Sequence[float]) -> str:
    ratios = sorted(other / mine for other, mine in zip(others, own, strict=True))
    return f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"


def main() -> None:
    """Measure every contender and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=int, default=2, help="of the five seeds (2: 10 documents)")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write every figure there, too")
    options = parser.parse_args()
    if options.json:
        try:
            options.json.touch()  # not only when all is measured
        except OSError as error:
            parser.error(f"{options.json}: can't be written ({error.strerror})")
    os.environ.pop("VANBAN_BACKEND", None)
    with tempfile.TemporaryDirectory() as folder:
        write_whole_model(Path(folder))
        figures = measured(options.copies, options.rounds, folder)
    report(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


if __name__ == "__main__":
    run_contender(CONTENDERS) if is_contender() else main()
