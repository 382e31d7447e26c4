from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fake_hub import connect, serve
from project import TAGS, TYPES, SaveModel
from vanban import UserError, load
from vanban.network.checkpoint import layout_of, load_checkpoint
from vanban.network.classification import Reading
from vanban.network.edges import USUAL_MARKS, EdgeMarks
from vanban.network.shipped import BUNDLED
from vanban.network.weights import load_network, network_class, position_limit
from vanban.schema import TASKS, Task

IDS = [[0, 9, 200, 30, 2], [0, 45, 7, 2, 1]]
Edit = Callable[[dict[str, Any]], object]
EXPECTED = (
    "config.json, weights (model.safetensors or pytorch_model.bin), tokenizer.json (or vocab.txt, bpe.codes); or "
    "adapter_config.json, adapter_model.safetensors, vanban.json; or model.onnx, tokenizer.json, vanban.json"
)


def logits(network: Any) -> Any:
    import torch

    with torch.inference_mode():
        return network(input_ids=torch.tensor(IDS), attention_mask=torch.tensor(IDS).ne(1).long()).logits


def draw_adapter(network: Any) -> None:
    """Give the trained parts of a PEFT network weights that change what it says."""
    import torch

    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if "lora_" in name or "modules_to_save" in name:
                parameter.copy_(torch.randn(parameter.shape, generator=generator))


def copied(folder: Path, tmp_path: Path, edit: dict[str, Edit] | None = None) -> Path:
    """Copy a model directory; `edit` maps the names of JSON files to functions that change what they hold."""
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    for name, change in (edit or {}).items():
        value = json.loads((copy / name).read_text(encoding="utf-8"))
        change(value)
        (copy / name).write_text(json.dumps(value), encoding="utf-8")
    return copy


def drop(*keys: str) -> Edit:
    return lambda value: [value.pop(key) for key in keys]


# ---- layouts


def test_a_whole_model(model_directory: Path) -> None:
    from transformers import AutoModelForTokenClassification

    checkpoint = load_checkpoint(model_directory)
    assert layout_of(model_directory) == "whole"
    assert checkpoint.classes == TAGS
    assert (checkpoint.name, checkpoint.window_tokens, checkpoint.overlap_tokens) == ("tiny", 32, 8)
    assert checkpoint.info["format"] == 1
    assert not checkpoint.network.training
    plain = AutoModelForTokenClassification.from_pretrained(model_directory).eval()
    assert logits(checkpoint.network).allclose(logits(plain))
    assert load_checkpoint(str(model_directory)).name == "tiny"


def test_a_whole_model_without_vanban_json(save_model: SaveModel, tmp_path: Path) -> None:
    checkpoint = load_checkpoint(save_model(tmp_path / "plain"))
    assert checkpoint.info == {}
    assert checkpoint.name == str(tmp_path / "plain")
    # the default window of 256 tokens does not fit an encoder of 64; its overlap is cut to a quarter
    assert (checkpoint.window_tokens, checkpoint.overlap_tokens) == (64, 16)
    assert load(tmp_path / "plain", device="cpu", tasks=("ner",)).predict("").entities == ()


def test_a_phobert_as_transformers_saves_it(phobert_directory: Path, tmp_path: Path) -> None:
    """Its own two files are its tokenizer: there is no tokenizer.json, and weights from before safetensors will do."""
    import torch
    from transformers import AutoModelForTokenClassification

    settings = {"id2label": dict(enumerate(TAGS)), "label2id": {tag: i for i, tag in enumerate(TAGS)}}
    network = AutoModelForTokenClassification.from_pretrained(phobert_directory, **settings)
    network.config.save_pretrained(tmp_path)
    torch.save(network.state_dict(), tmp_path / "pytorch_model.bin")
    assert layout_of(tmp_path) is None
    for name in ("vocab.txt", "bpe.codes"):
        shutil.copyfile(phobert_directory / name, tmp_path / name)
    assert layout_of(tmp_path) == "whole"
    checkpoint = load_checkpoint(tmp_path)
    assert (checkpoint.classes, checkpoint.tokenizer.reads_words) == (TAGS, True)
    assert logits(checkpoint.network).allclose(logits(network.eval()))


def test_an_adapter(adapter_directory: Path, encoder_directory: Path) -> None:
    import torch
    from safetensors.torch import load_file

    checkpoint = load_checkpoint(adapter_directory)
    assert layout_of(adapter_directory) == "adapter"
    assert (checkpoint.name, checkpoint.classes, checkpoint.window_tokens) == ("tiny-adapter", TAGS, 32)
    assert checkpoint.network.num_parameters() > 0
    state = checkpoint.network.state_dict()
    encoder = load_file(encoder_directory / "model.safetensors")
    adapter = load_file(adapter_directory / "adapter_model.safetensors")
    query = "encoder.layer.1.attention.self.query"
    a, b = (adapter[f"base_model.model.bert.{query}.lora_{ab}.weight"] for ab in "AB")
    assert torch.allclose(state[f"bert.{query}.weight"], encoder[f"{query}.weight"] + 4 / 2 * b @ a, atol=1e-6)
    key = "encoder.layer.1.attention.self.key.weight"
    assert torch.equal(state[f"bert.{key}"], encoder[key])
    assert torch.equal(state["classifier.bias"], adapter["base_model.model.classifier.bias"])


@pytest.mark.parametrize(
    ("rslora", "targets"), [(False, "all-linear"), (True, ["query", "value"])], ids=["plain", "rank-stabilised"]
)
def test_an_adapter_is_merged_as_peft_does(
    encoder_directory: Path, adapter_directory: Path, tmp_path: Path, rslora: bool, targets: Any
) -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForTokenClassification

    base = AutoModelForTokenClassification.from_pretrained(encoder_directory, num_labels=len(TAGS))
    settings = LoraConfig(
        task_type="TOKEN_CLS", r=3, lora_alpha=5, use_rslora=rslora,
        target_modules=targets, modules_to_save=["classifier"],
    )  # fmt: skip
    network = get_peft_model(base, settings)
    draw_adapter(network)
    network.save_pretrained(tmp_path / "adapter")
    shutil.copyfile(adapter_directory / "vanban.json", tmp_path / "adapter" / "vanban.json")
    merged = network.merge_and_unload().eval()
    found = load_checkpoint(tmp_path / "adapter").network
    assert (logits(found) - logits(merged)).abs().max() < 1e-5
    assert (logits(found) - logits(base.eval())).abs().max() < 1e-5  # peft merges in place
    untouched = AutoModelForTokenClassification.from_pretrained(encoder_directory, num_labels=len(TAGS)).eval()
    assert (logits(found) - logits(untouched)).abs().max() > 0.1


def test_an_adapter_over_an_encoder_that_was_saved_with_a_head(
    adapter_directory: Path, save_model: SaveModel, tmp_path: Path
) -> None:
    """Its tensors carry the prefix `bert.`, and a head that the adapter replaces."""
    base = save_model(tmp_path / "base")
    copy = copied(adapter_directory, tmp_path, {"vanban.json": lambda v: v["encoder"].update(path=str(base))})
    assert load_checkpoint(copy).classes == TAGS


# ---- tasks


def test_a_classifier(classifier_directory: Path) -> None:
    from transformers import AutoModelForSequenceClassification

    checkpoint = load_checkpoint(classifier_directory)
    assert (checkpoint.task, checkpoint.classes, checkpoint.name) == ("doctype", TYPES, "tiny-types")
    assert (checkpoint.window_tokens, checkpoint.overlap_tokens) == (24, 4)
    assert checkpoint.reading == Reading(head=1, body=1, tail=1, pooling="mean")
    assert (checkpoint.temperature, checkpoint.threshold) == (2.0, 0.5)
    plain = AutoModelForSequenceClassification.from_pretrained(classifier_directory).eval()
    assert logits(checkpoint.network).shape == (2, 3)
    assert logits(checkpoint.network).allclose(logits(plain))


def test_what_a_classifier_does_without_a_record(classifier_directory: Path, tmp_path: Path) -> None:
    copy = copied(classifier_directory, tmp_path)
    (copy / "vanban.json").unlink()
    checkpoint = load_checkpoint(copy)
    assert (checkpoint.task, checkpoint.classes, checkpoint.info) == ("doctype", TYPES, {})
    assert (checkpoint.reading, checkpoint.temperature, checkpoint.threshold) == (Reading(1, 0, 1, "mean"), 1.0, 0.0)


def test_the_networks_of_the_tasks() -> None:
    assert TASKS == ("ner", "doctype")
    assert [network_class(task).__name__ for task in TASKS] == [
        "AutoModelForTokenClassification",
        "AutoModelForSequenceClassification",
    ]


@pytest.mark.parametrize(
    ("architectures", "task"),
    [
        (["BertForTokenClassification"], "ner"),
        (["BertForSequenceClassification"], "doctype"),
        (["BertModel"], "ner"),
        (["BertModel", "BertForSequenceClassification"], "ner"),  # the first counts, as for transformers
        ([], "ner"),
        (None, "ner"),
        (7, "ner"),
    ],
)
def test_a_task_that_is_not_recorded_is_that_of_the_network(
    save_model: SaveModel, tmp_path: Path, architectures: object, task: Task
) -> None:
    classes = TAGS if task == "ner" else TYPES
    folder = save_model(tmp_path / "model", task=task, classes=classes, info={"name": "unknown"})
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "architectures": architectures}), encoding="utf-8")
    checkpoint = load_checkpoint(folder)
    assert (checkpoint.task, checkpoint.classes) == (task, classes)
    assert type(checkpoint.network).__name__ == (
        "BertForTokenClassification" if task == "ner" else "BertForSequenceClassification"
    )


def test_a_task_that_is_recorded_counts_more_than_the_config(classifier_directory: Path, tmp_path: Path) -> None:
    copy = copied(
        classifier_directory,
        tmp_path,
        {"config.json": lambda v: v.update(architectures=["BertForTokenClassification"])},
    )
    assert load_checkpoint(copy).task == "doctype"


@pytest.mark.parametrize("task", ["pos", "", 3, ["ner"], {"ner": 1}])
def test_a_task_that_is_unknown(model_directory: Path, tmp_path: Path, task: object) -> None:
    copy = copied(model_directory, tmp_path, {"vanban.json": lambda v: v.update(task=task)})
    with pytest.raises(UserError) as error:
        load_checkpoint(copy)
    assert str(error.value) == f"{copy}/vanban.json: found the task {task!r}, expected one of ner, doctype"


def test_the_name_that_is_given_decides_and_not_the_task(model_directory: Path) -> None:
    """`task` is for the shipped model alone."""
    assert load_checkpoint(model_directory, "doctype").task == "ner"


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [
        ({"reading": {"head": 3, "body": 0, "tail": 0, "pooling": "max"}}, (Reading(3, 0, 0, "max"), 1.0, 0.0)),
        ({"reading": {"body": 9}}, (Reading(1, 9, 1, "mean"), 1.0, 0.0)),
        ({"reading": {}, "temperature": 2, "threshold": 1}, (Reading(), 2.0, 1.0)),
        ({"temperature": 0.25, "threshold": 0.0}, (Reading(), 0.25, 0.0)),
        ({"reading": {"pooling": "probability"}}, (Reading(1, 0, 1, "probability"), 1.0, 0.0)),
    ],
)
def test_how_a_type_is_chosen(
    save_model: SaveModel, tmp_path: Path, recorded: dict[str, Any], expected: tuple[Reading, float, float]
) -> None:
    folder = save_model(tmp_path / "model", task="doctype", classes=TYPES, info={"task": "doctype", **recorded})
    found = load_checkpoint(folder)
    assert (found.reading, found.temperature, found.threshold) == expected
    assert type(found.temperature) is type(found.threshold) is float
    assert found.least_words == 0
    recorded_words = {"task": "doctype", "least_words": 7}
    few = save_model(tmp_path / "few", task="doctype", classes=TYPES, info=recorded_words)
    assert load_checkpoint(few).least_words == 7


@pytest.mark.parametrize(
    "recorded",
    [
        {"reading": {"head": -1}},
        {"reading": {"head": 0, "body": 0, "tail": 0}},  # nothing would be read
        {"reading": {"head": 1.5}},
        {"reading": {"body": "2"}},
        {"reading": {"tail": None}},
        {"reading": {"pooling": "median"}},
        {"reading": {"pooling": ["mean"]}},
        {"reading": {"window": 3}},
        {"reading": 4},
        {"reading": None},
        {"temperature": 0},
        {"temperature": -1.5},
        {"temperature": None},
        {"temperature": "warm"},
        {"temperature": float("inf")},
        {"temperature": float("nan")},
        {"threshold": -0.01},
        {"threshold": 1.01},
        {"threshold": [0.5]},
        {"threshold": float("nan")},
        {"temperature": 1.5, "threshold": 95},
        {"least_words": -1},
        {"least_words": 2.5},
        {"least_words": True},
        {"least_words": None},
    ],
)
def test_a_damaged_record_of_how_a_type_is_chosen(
    classifier_directory: Path, tmp_path: Path, recorded: dict[str, Any]
) -> None:
    def change(info: dict[str, Any]) -> None:
        drop("reading", "temperature", "threshold")(info)
        info.update(recorded)

    copy = copied(classifier_directory, tmp_path, {"vanban.json": change})
    with pytest.raises(UserError) as error:
        load_checkpoint(copy)
    keys = [key for key in ("reading", "temperature", "threshold", "least_words") if key in recorded]
    assert str(error.value) == (
        f"{copy}/vanban.json: found {json.dumps({key: recorded[key] for key in keys})}, expected a reading with head, "
        "body, tail, formulae and a pooling (mean, probability, max), a temperature above 0, a threshold from 0 to 1 "
        "and a least_words of 0 or more"
    )


@pytest.fixture
def classifier_adapter(adapter_directory: Path, tmp_path: Path) -> Path:
    """An adapter of a classifier: rank 2 on every query, the head, and the pooler, whole."""
    import torch
    from safetensors.torch import load_file, save_file

    copy = copied(adapter_directory, tmp_path, {"vanban.json": lambda v: v.update(task="doctype", classes=TYPES)})
    generator = torch.Generator().manual_seed(37)
    shapes = {
        "classifier.weight": (3, 16), "classifier.bias": (3,),
        "bert.pooler.dense.weight": (16, 16), "bert.pooler.dense.bias": (16,),
    }  # fmt: skip
    new = {f"base_model.model.{name}": torch.randn(shape, generator=generator) for name, shape in shapes.items()}
    file = copy / "adapter_model.safetensors"
    save_file(load_file(file) | new, file)
    return copy


def test_an_adapter_brings_its_own_pooler(classifier_adapter: Path, encoder_directory: Path) -> None:
    import torch
    from safetensors.torch import load_file

    checkpoint = load_checkpoint(classifier_adapter)
    assert (checkpoint.task, checkpoint.classes) == ("doctype", TYPES)
    state = checkpoint.network.state_dict()
    adapter = load_file(classifier_adapter / "adapter_model.safetensors")
    encoder = load_file(encoder_directory / "model.safetensors")
    for name in ("bert.pooler.dense.weight", "bert.pooler.dense.bias", "classifier.weight", "classifier.bias"):
        assert torch.equal(state[name], adapter[f"base_model.model.{name}"])
    assert not torch.equal(state["bert.pooler.dense.weight"], encoder["pooler.dense.weight"])
    assert logits(checkpoint.network).shape == (2, 3)


def without(file: Path, part: str) -> None:
    from safetensors.torch import load_file, save_file

    save_file({name: tensor for name, tensor in load_file(file).items() if part not in name}, file)


def test_an_adapter_without_a_pooler_takes_that_of_the_encoder(
    classifier_adapter: Path, encoder_directory: Path
) -> None:
    import torch
    from safetensors.torch import load_file

    without(classifier_adapter / "adapter_model.safetensors", "pooler")
    state = load_checkpoint(classifier_adapter).network.state_dict()
    encoder = load_file(encoder_directory / "model.safetensors")
    assert torch.equal(state["bert.pooler.dense.weight"], encoder["pooler.dense.weight"])


def test_a_pooler_that_neither_the_adapter_nor_the_encoder_has(
    classifier_adapter: Path, encoder_directory: Path, tmp_path: Path
) -> None:
    """The bundled encoder has none: an adapter over it must bring one."""
    shutil.copytree(encoder_directory, tmp_path / "encoder")
    without(tmp_path / "encoder/model.safetensors", "pooler")
    info = json.loads((classifier_adapter / "vanban.json").read_text(encoding="utf-8"))
    info["encoder"]["path"] = str(tmp_path / "encoder")
    (classifier_adapter / "vanban.json").write_text(json.dumps(info), encoding="utf-8")
    assert load_checkpoint(classifier_adapter).task == "doctype"
    without(classifier_adapter / "adapter_model.safetensors", "pooler")
    with pytest.raises(UserError, match=r"does not fit its encoder .*Missing key.*bert\.pooler\.dense\.weight"):
        load_checkpoint(classifier_adapter)


def test_an_adapter_of_a_classifier_is_merged_as_peft_does(
    encoder_directory: Path, classifier_adapter: Path, tmp_path: Path
) -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForSequenceClassification

    base = AutoModelForSequenceClassification.from_pretrained(encoder_directory, num_labels=3)
    modules = ["classifier", "pooler"]
    settings = LoraConfig(task_type="SEQ_CLS", r=3, lora_alpha=5, target_modules="all-linear", modules_to_save=modules)
    network = get_peft_model(base, settings)
    draw_adapter(network)
    network.save_pretrained(tmp_path / "adapter")
    shutil.copyfile(classifier_adapter / "vanban.json", tmp_path / "adapter" / "vanban.json")
    found = load_checkpoint(tmp_path / "adapter").network
    assert (logits(found) - logits(network.merge_and_unload().eval())).abs().max() < 1e-5


def test_an_adapter_over_a_classifier_is_no_tagger(classifier_adapter: Path) -> None:
    info = json.loads((classifier_adapter / "vanban.json").read_text(encoding="utf-8"))
    (classifier_adapter / "vanban.json").write_text(json.dumps({**info, "task": "ner"}), encoding="utf-8")
    with pytest.raises(UserError, match=r"does not fit its encoder .*Unexpected key.*bert\.pooler"):
        load_checkpoint(classifier_adapter)


# ---- what is no model


def test_an_empty_directory(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with pytest.raises(UserError) as error:
        load_checkpoint(tmp_path / "run")
    assert str(error.value) == (
        f"{tmp_path / 'run'}: holds no model. Expected {EXPECTED}; found nothing. "
        "Make one with: train --config configs/ner.yaml"
    )


def test_a_directory_that_lacks_the_weights(model_directory: Path, tmp_path: Path) -> None:
    copy = copied(model_directory, tmp_path)
    (copy / "model.safetensors").unlink()
    with pytest.raises(UserError) as error:
        load_checkpoint(copy)
    assert str(error.value) == (
        f"{copy}: holds no model. Expected {EXPECTED}; found config.json, tokenizer.json, tokenizer_config.json, "
        "vanban.json. It lacks weights (model.safetensors or pytorch_model.bin); copy it again, or train again"
    )


def test_a_missing_directory_names_the_near_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runs" / "ner").mkdir(parents=True)
    (tmp_path / "runs" / "doctype").mkdir()
    with pytest.raises(UserError, match=f"no model directory there .* Did you mean {tmp_path}/runs/ner\\?"):
        load_checkpoint(tmp_path / "runs" / "nre")
    # two parts are a hub name, except where the first is a folder here
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"^runs/nerr: no model directory there .* Did you mean runs/ner\?"):
        load_checkpoint("runs/nerr")
    with pytest.raises(UserError, match=r"no model directory there \(looked in .*\), and none of fast, accurate\.$"):
        load_checkpoint("somewhere")


def test_a_file_is_no_model(model_directory: Path) -> None:
    with pytest.raises(UserError, match=r"config\.json: no model directory there"):
        load_checkpoint(model_directory / "config.json")


def test_a_phobert_that_lacks_bpe_codes(phobert_directory: Path, tmp_path: Path) -> None:
    copy = copied(phobert_directory, tmp_path)
    (copy / "bpe.codes").unlink()
    for found in (
        "config.json, pytorch_model.bin, vocab.txt",
        "config.json, pytorch_model.bin, tokenizer.json, vocab.txt",
    ):
        with pytest.raises(UserError) as error:
            load_checkpoint(copy)
        assert str(error.value) == (
            f"{copy}: holds no model. Expected {EXPECTED}; found {found}. It lacks bpe.codes; "
            "fetch what it lacks with: "
            f"HF_HUB_OFFLINE=0 hf download vinai/phobert-base vocab.txt bpe.codes --local-dir {copy}"
        )
        (copy / "tokenizer.json").write_text("{}")  # published beside the two, and of no use without them


def test_a_hub_name_that_can_not_be_had(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    with pytest.raises(UserError) as error:
        load_checkpoint("nobody/nothing")
    assert str(error.value) == (
        f"nobody/nothing: no such folder (looked in {tmp_path}); HF_HUB_OFFLINE is set, and the cache "
        f"{tmp_path}/cache, which HF_HOME or HF_HUB_CACHE moves, does not hold it; "
        "fetch it with: HF_HUB_OFFLINE=0 hf download nobody/nothing"
    )


def test_a_hub_name_that_the_hub_refuses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    with serve(status=401, headers={"X-Error-Code": "GatedRepo"}) as address:
        connect(monkeypatch, address)
        with pytest.raises(UserError) as error:
            load_checkpoint("nobody/nothing")
    assert str(error.value) == (
        f"nobody/nothing: no such folder (looked in {tmp_path}); the hub at {address} refuses it (401: the model is "
        f"gated), and the cache {tmp_path}/cache, which HF_HOME or HF_HUB_CACHE moves, does not hold it; "
        f"ask for access at {address}/nobody/nothing, and then: hf auth login && hf download nobody/nothing"
    )


def test_a_model_of_the_hub(model_directory: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    names = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
    with serve({name: (model_directory / name).read_bytes() for name in names}) as address:
        connect(monkeypatch, address)
        assert load_checkpoint("someone/tiny").classes == TAGS
    assert load_checkpoint("someone/tiny").name == "someone/tiny"  # out of the cache: no one answers any more


def test_the_shipped_models_are_the_default(
    monkeypatch: pytest.MonkeyPatch, model_directory: Path, classifier_directory: Path, tmp_path: Path
) -> None:
    assert BUNDLED.parts[-2:] == ("vanban", "bundled")
    shutil.copytree(model_directory, tmp_path / "ner")
    shutil.copytree(classifier_directory, tmp_path / "doctype")
    monkeypatch.setattr("vanban.network.shipped.BUNDLED", tmp_path)
    assert [load_checkpoint().name, load_checkpoint(task="doctype").name] == ["tiny", "tiny-types"]
    (tmp_path / "doctype/config.json").unlink()
    with pytest.raises(UserError) as error:
        load_checkpoint(task="doctype")
    assert str(error.value) == (
        f"{tmp_path}/doctype: the shipped model is missing; install vanban again, or name a model directory"
    )


# ---- damage


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", r"vanban\.json: not JSON .*the model directory is damaged"),
        (b"\xff\xfe", r"vanban\.json: not JSON"),
        (b"[1, 2]", r"vanban\.json: found \[1, 2\], expected a JSON object"),
        (b'{"name": 7}', r"vanban\.json: found the name 7, expected a text"),
        (b'{"windows": 5}', r"vanban\.json: found windows 5, expected \{\"tokens\": 256, \"overlap\": 64\}"),
        (b'{"windows": {"tokens": null}}', r"vanban\.json: found windows \{'tokens': None\}"),
    ],
)
def test_a_damaged_vanban_json(model_directory: Path, tmp_path: Path, content: bytes, message: str) -> None:
    copy = copied(model_directory, tmp_path)
    (copy / "vanban.json").write_bytes(content)
    with pytest.raises(UserError, match=message):
        load_checkpoint(copy)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("content", [b"", b'{"a": 1', b'{"a": 1}'])
def test_other_damaged_files(model_directory: Path, tmp_path: Path, name: str, content: bytes) -> None:
    copy = copied(model_directory, tmp_path)
    (copy / name).write_bytes(content)
    with pytest.raises(UserError, match="the token classifier there can't be read"):
        load_checkpoint(copy)


@pytest.mark.parametrize("name", ["adapter_config.json", "adapter_model.safetensors"])
@pytest.mark.parametrize("content", [b"", b'{"a": 1', b'{"r": 0, "lora_alpha": 4}', b"\xff" * 100])
def test_a_damaged_adapter(adapter_directory: Path, tmp_path: Path, name: str, content: bytes) -> None:
    copy = copied(adapter_directory, tmp_path)
    (copy / name).write_bytes(content)
    with pytest.raises(UserError, match=r"its encoder .* can't be read \(\w+: .*\); copy them again, or train"):
        load_checkpoint(copy)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_damaged_encoder_of_an_adapter(
    adapter_directory: Path, encoder_directory: Path, tmp_path: Path, name: str
) -> None:
    adapter, encoder = (Path(shutil.copytree(f, tmp_path / f.name)) for f in (adapter_directory, encoder_directory))
    record = json.loads((adapter / "vanban.json").read_text(encoding="utf-8"))
    record["encoder"]["path"] = str(encoder)
    (adapter / "vanban.json").write_text(json.dumps(record), encoding="utf-8")
    assert load_checkpoint(adapter).classes
    (encoder / name).write_bytes((encoder / name).read_bytes()[:50])
    with pytest.raises(UserError, match=f"its encoder {encoder} can't be read"):
        load_checkpoint(adapter)


@pytest.mark.parametrize("layers", ['"x"', "99", "{}"])
def test_wrong_layers_of_an_adapter(adapter_directory: Path, tmp_path: Path, layers: str) -> None:
    copy = copied(adapter_directory, tmp_path)
    record = json.loads((copy / "vanban.json").read_text(encoding="utf-8"))
    record["encoder"]["layers"] = json.loads(layers)
    (copy / "vanban.json").write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(UserError, match="encoder"):
        load_checkpoint(copy)


def test_a_record_of_a_newer_vanban(model_directory: Path, tmp_path: Path) -> None:
    copy = copied(model_directory, tmp_path)
    (copy / "vanban.json").write_text('{"format": 99}', encoding="utf-8")
    with pytest.raises(UserError, match=r"vanban\.json: found the format 99, expected 1: upgrade vanban to read it"):
        load_checkpoint(copy)


@pytest.mark.parametrize(("task", "kind"), [("ner", "token"), ("doctype", "sequence")])
def test_a_message_names_the_kind_of_classifier(
    model_directory: Path, classifier_directory: Path, tmp_path: Path, task: Task, kind: str
) -> None:
    copy = copied(model_directory if task == "ner" else classifier_directory, tmp_path)
    (copy / "model.safetensors").write_bytes(b"")
    with pytest.raises(UserError) as error:
        load_checkpoint(copy)
    assert str(error.value).startswith(f"{copy}: the {kind} classifier there can't be read (SafetensorError: ")


def test_a_network_that_can_not_be_read_is_called_as_asked(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(UserError) as error:
        load_network(tmp_path, "doctype", "the encoder X", "; fetch it again")
    assert re.fullmatch(r"the encoder X can't be read \(\w+Error: .+\); fetch it again", str(error.value))


@pytest.mark.parametrize("task", TASKS)
def test_the_weights_that_are_not_there_are_told(encoder_directory: Path, task: Task) -> None:
    network, missing = load_network(encoder_directory, task, "it", num_labels=5)
    assert missing == ["classifier.bias", "classifier.weight"]
    assert network.config.num_labels == 5


def test_a_tagger_is_no_classifier(model_directory: Path, tmp_path: Path) -> None:
    copy = copied(model_directory, tmp_path, {"vanban.json": lambda v: v.update(task="doctype")})
    with pytest.raises(UserError) as error:
        load_checkpoint(copy)
    assert str(error.value) == (
        f"{copy}: its weights lack bert.pooler.dense.bias, bert.pooler.dense.weight; "
        "an encoder without a trained head: train one first"
    )


def test_an_encoder_without_a_head_is_no_model(encoder_directory: Path) -> None:
    with pytest.raises(UserError, match=r"its weights lack classifier\.bias, classifier\.weight; an encoder without"):
        load_checkpoint(encoder_directory)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ({"vanban.json": lambda v: v["encoder"].update(path="/no/such")}, "its encoder /no/such is not there"),
        ({"vanban.json": drop("classes")}, r"vanban\.json: expected encoder\.path and classes"),
        ({"vanban.json": drop("encoder")}, r"vanban\.json: expected encoder\.path and classes"),
        ({"vanban.json": lambda v: v.update(encoder="bundled")}, r"vanban\.json: expected encoder\.path and classes"),
        ({"vanban.json": lambda v: v.update(classes=["O", "B-A", "I-A"])}, "does not fit its encoder .*classifier"),
        ({"adapter_config.json": lambda v: v.update(use_dora=True)}, "the adapter has use_dora, expected plain LoRA"),
        (
            {"adapter_config.json": lambda v: v.update(alpha_pattern={"query": 9}, fan_in_fan_out=True)},
            "the adapter has alpha_pattern, fan_in_fan_out, expected plain LoRA",
        ),
    ],
)
def test_an_adapter_that_does_not_fit(
    adapter_directory: Path, tmp_path: Path, edit: dict[str, Edit], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        load_checkpoint(copied(adapter_directory, tmp_path, edit))


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"bert.encoder.layer.7.output.dense.lora_A.weight": (2, 16)}, "does not fit its encoder .*KeyError.*layer.7"),
        ({"bert.encoder.layer.0.attention.self.query.lora_A.weight": (2, 17)}, "does not fit its encoder .*Runtime"),
        ({"roberta.pooler.bias": (2,)}, "does not fit its encoder .*Unexpected .*roberta.pooler.bias"),
        ({"bert.embeddings.word_embeddings.lora_embedding_A": (2, 9)}, "the adapter has .*lora_embedding_A, expected"),
    ],
)
def test_an_adapter_with_tensors_for_another_encoder(
    adapter_directory: Path, tmp_path: Path, tensors: dict[str, tuple[int, ...]], message: str
) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    copy = copied(adapter_directory, tmp_path)
    extra = {f"base_model.model.{name}": torch.zeros(shape) for name, shape in tensors.items()}
    file = copy / "adapter_model.safetensors"
    save_file(load_file(file) | extra, file)
    with pytest.raises(UserError, match=message):
        load_checkpoint(copy)


# ---- positions


@pytest.mark.parametrize(
    ("config", "stated", "expected"),
    [
        ({"model_type": "roberta", "max_position_embeddings": 258, "pad_token_id": 1}, int(1e30), 256),  # PhoBERT
        ({"model_type": "xlm-roberta", "max_position_embeddings": 514, "pad_token_id": 1}, 512, 512),
        ({"model_type": "bert", "max_position_embeddings": 512, "pad_token_id": 1}, int(1e30), 512),
        ({"model_type": "bert", "max_position_embeddings": 512, "pad_token_id": 0}, 256, 256),
        ({"model_type": "t5"}, int(1e30), 512),
    ],
)
def test_position_limit(config: dict[str, Any], stated: int, expected: int) -> None:
    assert position_limit(SimpleNamespace(**config), SimpleNamespace(model_max_length=stated)) == expected


def test_the_network_takes_as_many_tokens_as_the_limit_says() -> None:
    import torch
    from transformers import BertConfig, BertModel, RobertaConfig, RobertaModel

    sizes = {"vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}
    tokenizer = SimpleNamespace()
    for config, network in (
        (RobertaConfig(max_position_embeddings=18, pad_token_id=1, **sizes), RobertaModel),
        (BertConfig(max_position_embeddings=18, pad_token_id=1, **sizes), BertModel),
    ):
        limit = position_limit(config, tokenizer)
        model = network(config)
        assert model(torch.full((1, limit), 3)).last_hidden_state.shape == (1, limit, 8)
        with pytest.raises((IndexError, RuntimeError, ValueError)):
            model(torch.full((1, limit + 1), 3))


def test_an_empty_name() -> None:
    with pytest.raises(UserError, match="the name of the model is empty"):
        load_checkpoint("")


def damaged(save_model: SaveModel, tmp_path: Path, info: dict[str, object]) -> tuple[Path, str]:
    """Return a model directory with this in its record, and what loading it says."""
    folder = save_model(tmp_path / "damaged", info=info)
    with pytest.raises(UserError) as error:
        load_checkpoint(folder)
    return folder, str(error.value)


@pytest.mark.parametrize(
    "marks", [None, "()", {"first": "("}, {"first": "(", "last": 1}, {"first": "", "last": "", "x": ""}]
)
def test_damaged_edge_marks(save_model: SaveModel, tmp_path: Path, marks: object) -> None:
    folder, said = damaged(save_model, tmp_path, {"edge_marks": marks})
    assert said == (
        f"{folder / 'vanban.json'}: found edge_marks {json.dumps(marks)}, expected the marks at which spans begin and "
        'end, as {"first": "(", "last": ")%"}'
    )


@pytest.mark.parametrize("rules", [None, [], {"COUNT": "holds_digit"}, {"COUNT": ["holds_digits"]}, {"COUNT": [1]}])
def test_damaged_rules(save_model: SaveModel, tmp_path: Path, rules: object) -> None:
    folder, said = damaged(save_model, tmp_path, {"rules": rules})
    assert said == (
        f"{folder / 'vanban.json'}: found rules {json.dumps(rules)}, expected a list for each label that has any, of "
        "holds_digit, begins_with_numeral, goes_on_with_word"
    )


def test_rules_are_those_that_are_recorded(save_model: SaveModel, tmp_path: Path) -> None:
    assert load_checkpoint(save_model(tmp_path / "silent")).rules == {}
    recorded = save_model(tmp_path / "recorded", info={"rules": {"COUNT": ["holds_digit"]}})
    assert load_checkpoint(recorded).rules == {"COUNT": ("holds_digit",)}


def test_edge_marks_are_those_that_are_recorded(save_model: SaveModel, tmp_path: Path) -> None:
    assert load_checkpoint(save_model(tmp_path / "silent")).edge_marks == USUAL_MARKS
    recorded = save_model(tmp_path / "recorded", info={"edge_marks": {"first": "", "last": "%"}})
    assert load_checkpoint(recorded).edge_marks == EdgeMarks("", "%")
    assert load_checkpoint().edge_marks == EdgeMarks()  # of the shipped tagger: no annotated span has a mark there
