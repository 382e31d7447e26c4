"""Exports hold what their models hold, and are there whole or not at all."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from project import TAGS, TYPES
from vanban.errors import UserError
from vanban.network import export as module
from vanban.network.checkpoint import find_model, load_checkpoint
from vanban.network.export import Parity, TooFarOff, export
from vanban.network.outliers import OUTLIERS

KINDS = ("model_directory", "classifier_directory", "adapter_directory", "phobert_model")
NEVER_COMPARED = Parity("spans", 1000, 0, 0.0)
Export = tuple[Path, Path, Parity]


@pytest.fixture(scope="module")
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Export]:
    """Return `exported(kind)`: the model of that fixture, its export in float32, made once, and how near it is."""
    made: dict[str, Export] = {}

    def of(kind: str) -> Export:
        if kind not in made:
            model, out = Path(request.getfixturevalue(kind)), tmp_path_factory.mktemp("exports") / "in a new" / kind
            made[kind] = model, out, export(find_model(model), out, "float32")
        return made[kind]

    return of


def batch(windows: int, longest: int, vocabulary: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return ids and their mask; every other window is padded, to a half of it and one more."""
    ids = np.random.default_rng(windows * 100 + longest).integers(5, vocabulary, (windows, longest))
    mask = np.ones_like(ids)
    mask[1::2, longest // 2 + 1 :] = 0
    ids[mask == 0] = 1
    return ids, mask


def session_of(folder: Path) -> Any:
    import onnxruntime

    return onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("kind", KINDS)
def test_logits_are_those_of_the_model(exported: Callable[[str], Export], kind: str) -> None:
    folder, out, parity = exported(kind)
    network: Any = load_checkpoint(folder).network
    session = session_of(out)
    assert [i.name for i in session.get_inputs()] == ["input_ids", "attention_mask"]
    assert [o.name for o in session.get_outputs()] == ["logits"]
    for windows, longest in ((1, 1), (1, 7), (2, 8), (3, 24), (17, 2), (5, 60)):
        ids, mask = batch(windows, longest, network.config.vocab_size)
        (found,) = session.run(["logits"], {"input_ids": ids, "attention_mask": mask})
        with torch.inference_mode():
            wanted = network(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask)).logits.numpy()
        real = mask == 1 if wanted.ndim == 3 else np.ones(windows, dtype=bool)
        assert found.shape == wanted.shape
        np.testing.assert_allclose(found[real], wanted[real], atol=5e-4)  # of logits up to 10: weights are wide here
    assert (parity.differing, parity.score < 1e-3, parity.holds) == (0, True, True)
    assert parity.unit == ("documents" if kind == "classifier_directory" else "spans")


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_folder_holds(exported: Callable[[str], Export], kind: str) -> None:
    folder, out, parity = exported(kind)
    before = json.loads((folder / "vanban.json").read_text(encoding="utf-8"))
    record = json.loads((out / "vanban.json").read_text(encoding="utf-8"))
    made = record.pop("export")
    assert record == before  # windows, classes, reading, threshold and all
    assert record["classes"] == list(TYPES if kind == "classifier_directory" else TAGS)
    assert (made["precision"], made["reduce_range"], made["opset"]) == ("float32", False, 20)
    assert made["versions"].keys() == {"vanban", "onnxruntime", "onnx", "torch", "transformers"}
    assert made["parity"] == {
        "unit": parity.unit, "compared": parity.compared, "differing": 0, "score": parity.score,
    }  # fmt: skip
    assert made["tokenizer"].keys() == {"sep", "pad", "reads_words"}
    tokenizer = {"tokenizer.json"}
    if kind == "phobert_model":
        tokenizer = {path.name for path in folder.iterdir()} - {"config.json", "model.safetensors", "vanban.json"}
        assert {"vocab.txt", "bpe.codes"} <= tokenizer
    assert {path.name for path in out.iterdir()} == {"model.onnx", "vanban.json"} | tokenizer
    assert [path.name for path in out.parent.iterdir() if path.name.startswith(".")] == []  # nothing is left beside it


def test_plain_libraries_read_it(exported: Callable[[str], Export], predictor: Any) -> None:
    """ONNX Runtime and tokenizers are all that another program needs."""
    from tokenizers import Tokenizer

    _, out, _ = exported("model_directory")
    classes = json.loads((out / "vanban.json").read_text(encoding="utf-8"))["classes"]
    text = "Chủ tịch UBND TP Hà Nội"
    encoding = Tokenizer.from_file(str(out / "tokenizer.json")).encode(text)
    (logits,) = session_of(out).run(
        ["logits"], {"input_ids": np.array([encoding.ids]), "attention_mask": np.array([encoding.attention_mask])}
    )
    tags = [classes[number] for number in logits[0].argmax(-1)]
    document = predictor.tagger.encoder.encode(text)
    (rows,) = predictor.tagger.runner.run([(document, document.windows[0])])
    assert tags[1:-1] == [classes[number] for number in rows.argmax(-1)]


def test_what_reads_otherwise_is_refused_in_int8(
    model_directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "compare", lambda *_: Parity("spans", 1000, 6, 0.0321))
    out = tmp_path / "deep" / "out"
    with pytest.raises(TooFarOff) as refusal:
        export(find_model(model_directory), out, "int8")
    assert str(refusal.value) == (
        "tiny: 6 of 1000 spans of the sample are read otherwise than by torch in float32, largest difference of a "
        "score 0.0321; at most 0.5% may be. Take --precision float32, or the back end torch"
    )
    assert list(out.parent.iterdir()) == []


def test_float32_is_not_refused_and_all_libraries_are_silent(
    model_directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "compare", lambda *_: Parity("spans", 1000, 6, 0.0321))
    assert not export(find_model(model_directory), tmp_path / "out", "float32").holds  # nothing would be more exact
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("features", [{"avx2"}, {"avx2", "vnni"}])
def test_int8_keeps_outliers_in_float32(
    features: set[str], unigram: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import onnx
    from transformers import BertConfig, BertForTokenClassification

    monkeypatch.setattr(module, "features_of_this_processor", lambda: frozenset(features))
    monkeypatch.setattr(module, "compare", lambda *_: NEVER_COMPARED)
    torch.manual_seed(5)
    configuration = BertConfig(
        vocab_size=len(unigram), hidden_size=72, num_hidden_layers=1, num_attention_heads=2, intermediate_size=96,
        max_position_embeddings=64, pad_token_id=1, id2label=dict(enumerate(TAGS)),
        label2id={tag: i for i, tag in enumerate(TAGS)},
    )  # fmt: skip
    BertForTokenClassification(configuration).save_pretrained(tmp_path / "wide")
    unigram.save_pretrained(tmp_path / "wide")
    out = tmp_path / "out"
    export(find_model(tmp_path / "wide"), out, "int8")
    made = json.loads((out / "vanban.json").read_text(encoding="utf-8"))["export"]
    # sums of 8 bits overflow where the processor lacks VNNI
    assert (made["precision"], made["reduce_range"]) == ("int8", "vnni" not in features)
    graph = onnx.load(out / "model.onnx").graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    kept = [tensors[n.input[1]].dims for n in graph.node if n.op_type == "MatMul" and n.input[1] in tensors]
    assert [list(dims) for dims in kept] == [[OUTLIERS, 96], [OUTLIERS, 72], [72, len(TAGS)]]
    quantized = [tensors[n.input[1]] for n in graph.node if n.op_type == "MatMulInteger"]
    assert len(quantized) == 6  # query, key, value, output, both of the feed-forward network
    largest = max(int(np.abs(onnx.numpy_helper.to_array(tensor).astype(int)).max()) for tensor in quantized)
    assert largest == (127 if "vnni" in features else 64)
    assert {path.name for path in out.iterdir()} == {"model.onnx", "tokenizer.json", "vanban.json"}


def test_a_folder_that_is_there_is_left_alone(model_directory: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is there already; give -o a folder that is not"):
        export(find_model(model_directory), tmp_path, "float32")
    assert list(tmp_path.iterdir()) == []


def test_an_export_is_not_exported(exported: Callable[[str], Export], tmp_path: Path) -> None:
    _, out, _ = exported("model_directory")
    with pytest.raises(UserError, match="was exported already; name the model that it was made of"):
        export(find_model(out), tmp_path / "again", "float32")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("package", ["onnxruntime", "onnx", "onnxscript", "torch"])
def test_a_package_that_is_not_there(
    package: str, model_directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UserError, match=rf"needs {package}: pip install 'vanban\[onnx\]'"):
        export(find_model(model_directory), tmp_path / "out", "float32")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("compared", "differing", "holds"),
    [(1000, 5, True), (1000, 6, False), (200, 1, True), (200, 2, False), (199, 1, False), (5, 0, True), (0, 0, True)],
)
def test_no_more_than_one_in_two_hundred_may_differ(compared: int, differing: int, holds: bool) -> None:
    assert Parity("spans", compared, differing, 0.0).holds is holds
