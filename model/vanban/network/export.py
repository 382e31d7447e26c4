"""A model → a folder that ONNX Runtime reads (`exported.py`), held against the model itself before it is handed out."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import logging
import os
import tempfile
import warnings
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from vanban.errors import UserError
from vanban.network.checkpoint import Checkpoint, FoundModel, read_checkpoint
from vanban.network.exported import ONNX_FILE
from vanban.network.heads import Classifier, Tagger
from vanban.network.onnx_network import import_runtime
from vanban.network.processor import features_of_this_processor
from vanban.network.record import FORMAT, installed_version
from vanban.network.shipped import SAMPLE

if TYPE_CHECKING:
    import torch

OPSET: Final = 20  # the newest that static quantizers of ONNX Runtime read, too
ALLOWED: Final = 0.005  # share of what the sample holds that may be read otherwise in int8
SEEN: Final = 20  # documents of the sample from which features are chosen that are multiplied apart
LEAST_SPANS: Final = 200  # with fewer in the sample the tags of its tokens are compared, too
RECIPE: Final = 2  # counts the ways in which exports were made, so that a cache holds none of another
PACKAGES: Final = ("vanban", "onnxruntime", "onnx", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class Parity:
    """How an export reads the sample, against its model in float32.

    `differing` of `compared` `unit` (spans, tokens or documents) are read otherwise; `score`: the largest difference of
    a score of what both read.
    """

    unit: Literal["spans", "tokens", "documents"]
    compared: int
    differing: int
    score: float

    @property
    def holds(self) -> bool:
        """True where no more differ than may."""
        return self.differing <= ALLOWED * self.compared

    def __str__(self) -> str:
        return (
            f"{self.differing} of {self.compared} {self.unit} of the sample are read otherwise than by torch in "
            f"float32, largest difference of a score {self.score:.4f}"
        )


class TooFarOff(UserError):
    """An export in int8 reads the sample otherwise than its model.

    `what` says how far, `is_remembered` that it was found out before.
    """

    def __init__(self, name: str, what: str, is_remembered: bool = False) -> None:
        super().__init__(f"{name}: {what}")
        self.what, self.is_remembered = what, is_remembered


def export(model: FoundModel, out: Path, precision: Literal["int8", "float32"], any_processor: bool = False) -> Parity:
    """Write `model.onnx`, tokenizer and `vanban.json` to the folder `out`, which is there whole or not at all.

    int8: the weights of the encoder's linear layers, per channel, in 7 bits (`reduce_range`) where the processor lacks
    VNNI, whose sums would overflow, and for `any_processor`; activations are quantized as they come, but for those that
    `outliers.py` takes apart. Raises TooFarOff where more than 0.5 % of the sample are read otherwise then, and
    UserError for a model that was exported already, for a folder that is there, and where what exports is not
    installed.
    """
    if model.layout == "exported":
        raise UserError(f"{model.folder}: was exported already; name the model that it was made of")
    if out.exists():
        raise UserError(f"{out}: is there already; give -o a folder that is not")
    _check_installed()
    checkpoint = read_checkpoint(model)
    reduced = precision == "int8" and (any_processor or "vnni" not in features_of_this_processor())
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as scratch:
        folder = Path(scratch) / "export"
        folder.mkdir()
        network: Any = copy.deepcopy(checkpoint.network)
        if precision == "int8":
            from vanban.network.outliers import split_outliers

            split_outliers(network, lambda: _run_sample(replace(checkpoint, network=network)))
        _write_network(network, folder / ONNX_FILE, precision, reduced)
        _write_tokenizer(checkpoint.tokenizer, folder)
        record = _record(checkpoint, precision, reduced)
        _write_record(record, folder)
        parity = compare(checkpoint, read_checkpoint(FoundModel(folder, "exported", model.task, model.name, record)))
        if precision == "int8" and not parity.holds:
            raise TooFarOff(
                model.name, f"{parity}; at most {ALLOWED:.1%} may be. Take --precision float32, or the back end torch"
            )
        record["export"]["parity"] = asdict(parity)
        _write_record(record, folder)
        os.replace(folder, out)
    return parity


def _check_installed() -> None:
    import_runtime()
    for name in ("torch", "onnx", "onnxscript"):
        try:
            __import__(name)
        except ImportError:
            raise UserError(f"exporting a model needs {name}: pip install 'vanban[onnx]'") from None


def _write_network(network: Any, path: Path, precision: str, reduced: bool) -> None:
    import torch

    # with fused attention the export guards against rows that are padding alone: a tenth of the time in int8
    network.set_attn_implementation("eager")

    class LogitsAlone(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            logits: torch.Tensor = self.network(input_ids=input_ids, attention_mask=attention_mask).logits
            return logits

    ids = torch.full((2, 8), 5)
    sizes = {0: torch.export.Dim("windows"), 1: torch.export.Dim("tokens")}
    exact = path.with_name("float32.onnx")
    with _quiet():
        program = torch.onnx.export(
            LogitsAlone().eval(),
            (ids, torch.ones_like(ids)),
            dynamo=True,
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_shapes={"input_ids": sizes, "attention_mask": sizes},
            opset_version=OPSET,
            verbose=False,
        )
        assert program is not None
        program.save(exact if precision == "int8" else path)
        if precision == "int8":
            from onnxruntime.quantization import QuantType, quantize_dynamic

            quantize_dynamic(
                exact,
                path,
                nodes_to_exclude=_apart(exact),
                op_types_to_quantize=["MatMul"],
                per_channel=True,
                reduce_range=reduced,
                weight_type=QuantType.QInt8,
            )
            exact.unlink()


def _apart(path: Path) -> list[str]:
    """Return the names of the multiplications that stay in float32: heads, and what `split_outliers` took apart."""
    import onnx

    from vanban.network.outliers import HEAD

    graph = onnx.load(path).graph
    narrow = {tensor.name for tensor in graph.initializer if len(tensor.dims) == 2 and min(tensor.dims) <= HEAD}
    heads = [n.name for n in graph.node if n.op_type == "MatMul" and n.input[1] in narrow]
    # a pooler and its head, which read a window and not its tokens, are called otherwise before they are quantized
    return heads + [f"{n.name}_MatMul" for n in graph.node if n.op_type == "Gemm"]


@contextlib.contextmanager
def _quiet() -> Any:
    """Keep the advice of the libraries, which concerns them, to themselves."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)


def _write_tokenizer(tokenizer: Any, folder: Path) -> None:
    if getattr(tokenizer, "reads_words", False):
        tokenizer.save_pretrained(folder)
        return
    backend = tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    backend.save(str(folder / "tokenizer.json"))


def _record(checkpoint: Checkpoint, precision: str, reduced: bool) -> dict[str, Any]:
    tokenizer = checkpoint.tokenizer
    return {
        "format": FORMAT,
        **checkpoint.info,
        "task": checkpoint.task,
        "name": checkpoint.name,
        "classes": list(checkpoint.classes),
        "windows": {"tokens": checkpoint.window_tokens, "overlap": checkpoint.overlap_tokens},
        "export": {
            "precision": precision,
            "reduce_range": reduced,
            "opset": OPSET,
            "tokenizer": {
                "sep": tokenizer.sep_token_id,
                "pad": tokenizer.pad_token_id,
                "reads_words": bool(getattr(tokenizer, "reads_words", False)),
            },
            "versions": {name: installed_version(name) for name in PACKAGES},
        },
    }


def _write_record(record: dict[str, Any], folder: Path) -> None:
    text = json.dumps(record, ensure_ascii=False, indent=1)
    (folder / "vanban.json").write_text(text + "\n", encoding="utf-8")


def _sample() -> list[str]:
    return [json.loads(line)["text"] for line in SAMPLE.read_text(encoding="utf-8").splitlines()]


def _run_sample(checkpoint: Checkpoint) -> None:
    reader = (Tagger if checkpoint.task == "ner" else Classifier)(checkpoint, "cpu", exact=True)
    documents = reader.encoder.encode_batch(_sample()[:SEEN])
    reader.runner.run([(document, window) for document in documents for window in document.windows])


def compare(model: Checkpoint, exported: Checkpoint) -> Parity:
    """Read the sample with both."""
    texts = _sample()
    if model.task == "doctype":
        return _compare_types(model, exported, texts)
    taggers = [Tagger(model, "cpu", exact=True), Tagger(exported, "cpu")]
    documents = taggers[0].encoder.encode_batch(texts)
    one, other = (
        {(i, e.label, e.start, e.end): e.score for i, found in enumerate(t.entities(documents)) for e in found}
        for t in taggers
    )
    score = max((abs(one[span] - other[span]) for span in one.keys() & other.keys()), default=0.0)
    if len(one) >= LEAST_SPANS:
        differing = max(len(one.keys() - other.keys()), len(other.keys() - one.keys()))
        return Parity("spans", len(one), differing, round(score, 4))
    rows = [np.concatenate(tagger.log_probabilities(documents)) for tagger in taggers]
    return Parity("tokens", len(rows[0]), int((rows[0].argmax(-1) != rows[1].argmax(-1)).sum()), round(score, 4))


def _compare_types(model: Checkpoint, exported: Checkpoint, texts: list[str]) -> Parity:
    readers = [Classifier(model, "cpu", exact=True), Classifier(exported, "cpu")]
    documents = readers[0].encoder.encode_batch(texts)
    one, other = (reader.scores(documents) for reader in readers)
    differing = sum(next(iter(a)) != next(iter(b)) for a, b in zip(one, other, strict=True))
    score = max(abs(a[name] - b[name]) for a, b in zip(one, other, strict=True) for name in a)
    return Parity("documents", len(texts), differing, round(score, 4))
