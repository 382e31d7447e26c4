"""A run from config to run directory, and the adapter that ships."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForTokenClassification, AutoTokenizer, pipeline

import vanban
from vanban.errors import UserError
from vanban_training.config import RunConfig, load_config, validate_config
from vanban_training.fitting.interruption import Interrupted
from vanban_training.ner.token_classification import TokenClassification
from vanban_training.runs import training
from vanban_training.shipping.adapter import ship_adapter

LABELS = ("OFFICIAL", "PLACE", "COUNT", "DIRECTIVE")
WHOLE = {
    "README.md", "config.json", "config.yaml", "metrics.json", "model.safetensors", "tokenizer.json",
    "tokenizer_config.json", "training.json", "vanban.json",
}  # fmt: skip


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def found(monkeypatch):
    """The entities that each run predicted on its training documents, as it measured them."""
    predictions: list[list[Any]] = []
    predict = TokenClassification.predict

    def note(*args: Any) -> list[Any]:
        predictions.append(predict(*args))
        return predictions[-1]

    monkeypatch.setattr(TokenClassification, "predict", note)
    return predictions


@pytest.fixture
def bundled(encoder_directory, monkeypatch) -> Path:
    """The tiny encoder in the place of the bundled one."""
    monkeypatch.setattr("vanban.network.weights.BUNDLED_ENCODER", encoder_directory)
    monkeypatch.setattr("vanban_training.fitting.encoder.BUNDLED_ENCODER", encoder_directory)
    return encoder_directory


def _bundled(config: RunConfig) -> RunConfig:
    return config.model_copy(update={"encoder": config.encoder.model_copy(update={"name": "bundled"})})


def test_what_a_run_leaves(tiny_config, documents, encoder_directory, tmp_path, found):
    config = tiny_config(epochs=8)
    prepared = training.prepare(config)
    assert str(prepared) == f"encoder: {encoder_directory} (a local folder)\ndocuments: 4 with 9 spans"
    table = training.train(prepared)
    out = tmp_path / "run"
    assert {path.name for path in out.iterdir()} == WHOLE

    assert load_config(out / "config.yaml") == config
    metrics = _json(out / "metrics.json")
    assert metrics["on"] == "the training documents (fit, not generalisation)"
    micro = metrics["scores"]["micro"]
    figures = f"{micro['precision']:9.3f} | {micro['recall']:6.3f} | {micro['f1']:9.3f}"
    assert table.splitlines()[-1] == f"| micro      | {figures} |       9 | {micro['found']:5d} |"
    assert [metrics["scores"][label]["support"] for label in (*LABELS, "micro")] == [2, 3, 3, 1, 9]

    tags = ["O", *(f"{position}-{label}" for label in LABELS for position in "BI")]
    assert _json(out / "vanban.json") == {
        "format": 1,
        "task": "ner",
        "encoder": {
            **dict.fromkeys(("wanted", "used", "path"), str(encoder_directory)),
            "how": "a local folder",
            "layers": 2,
        },
        "windows": {"tokens": 32, "overlap": 8},
        "classes": tags,
        "edge_marks": {"first": "", "last": ""},
        "rules": {},
    }

    record = _json(out / "training.json")
    assert record["versions"]["python"] == platform.python_version()
    assert record["versions"]["torch"] == torch.__version__
    weights = hashlib.sha256((encoder_directory / "model.safetensors").read_bytes()).hexdigest()
    assert record["encoder"] == {**prepared.encoder.to_dict(), "sha256": weights}
    assert "distillation" not in record
    assert (record["processes"], record["seed"], record["seconds"] > 0) == (1, 0, True)
    assert [(d["id"], d["spans"]) for d in record["documents"]] == [
        ("empty", 0), ("first", 6), ("second", 3), ("third", 0),
    ]  # fmt: skip
    first = documents[0]
    assert record["documents"][1]["sha256"] == hashlib.sha256(first.text.encode()).hexdigest()
    spans = "".join(f"{e.label} {e.start} {e.end}\n" for e in first.entities)
    assert record["documents"][1]["annotations_sha256"] == hashlib.sha256(spans.encode()).hexdigest()

    card = (out / "README.md").read_text(encoding="utf-8")
    assert f"- `first`: 6 spans, sha256 `{first.sha256[:12]}…`" in card
    assert "Method: full, 8 epochs" in card
    assert "learning rate 0.01, windows of 32 tokens, seed 0; " in card.replace("\n", " ")


def test_the_model_is_an_ordinary_one_and_vanban_reads_the_same(tiny_config, documents, tmp_path, found):
    training.train(training.prepare(tiny_config(epochs=30)))
    out = tmp_path / "run"
    predictor = vanban.load(out, device="cpu", tasks=("ner",), values=False)
    texts = {d.id: d.text for d in documents}
    names = ("empty", "first", "second", "third")
    entities = [[e.to_dict() for e in predictor.predict(texts[name]).entities] for name in names]
    assert entities == found[0]
    assert any(entities)
    assert predictor.info["ner"]["task"] == "ner"

    network = AutoModelForTokenClassification.from_pretrained(out).eval()
    tokenizer = AutoTokenizer.from_pretrained(out)
    batch = tokenizer("Chủ tịch tỉnh Đà Nẵng", return_tensors="pt")
    with torch.inference_mode():
        logits = network(**batch).logits
        own = predictor.tagger.runner.network.module(
            input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]
        ).logits
    assert torch.equal(logits, own)

    tag = pipeline("token-classification", model=str(out), aggregation_strategy="simple", device="cpu")
    for text in ("Chủ tịch tỉnh Đà Nẵng.", "3 ca mắc"):
        for group in tag(text):
            assert group["entity_group"] in LABELS
            assert 0 <= group["start"] < group["end"] <= len(text)


def test_the_weights_are_saved_as_they_were_trained(tiny_config, tmp_path, monkeypatch):
    # prediction rounds the network to bfloat16 where the hardware multiplies in it: the file must not be rounded
    monkeypatch.setattr("vanban.network.runner.dtype_of", lambda device, exact=False: torch.bfloat16)
    training.train(training.prepare(tiny_config()))
    saved = load_file(tmp_path / "run/model.safetensors")
    assert {tensor.dtype for tensor in saved.values()} == {torch.float32}
    weight = saved["classifier.weight"]
    assert not torch.equal(weight, weight.bfloat16().float())


def test_documents_without_a_span(tiny_config, brat_folder):
    for path in brat_folder.glob("*.ann"):
        path.write_text("")
    with pytest.raises(UserError) as error:
        training.prepare(tiny_config())
    assert str(error.value) == ("data.documents: 4 documents without a span of OFFICIAL, PLACE, COUNT, DIRECTIVE")


def test_a_process_that_differs_from_the_main_one(tiny_config, encoder_directory, monkeypatch):
    def gather(identity: str) -> list[str]:
        return [identity, identity, identity.replace(f"# encoder: {encoder_directory}", "# encoder: bundled")]

    monkeypatch.setattr(training.processes, "gather", gather)
    with pytest.raises(UserError) as error:
        training.prepare(tiny_config())
    assert str(error.value) == (
        f"process 2 differs from the main process in encoder: bundled (main process: {encoder_directory}). "
        "Give every machine the same files and caches"
    )


def test_an_output_that_can_not_be_written(tiny_config, tmp_path):
    (tmp_path / "run").write_text("a file")
    with pytest.raises(UserError, match=rf"^output: {tmp_path}/run: can't be written \(Not a directory\)$"):
        training.train(training.prepare(tiny_config()))


# ---- resuming


def test_interrupt_and_resume(tiny_config, tmp_path, interrupt_in_step):
    out = tmp_path / "run"
    with interrupt_in_step(3), pytest.raises(Interrupted):
        training.train(training.prepare(tiny_config(epochs=4)))
    assert {path.name for path in out.iterdir()} == {"checkpoints"}
    training.train(training.prepare(tiny_config(epochs=4)), resume=True)
    assert {path.name for path in out.iterdir()} == WHOLE
    resumed = load_file(out / "model.safetensors")
    training.train(training.prepare(tiny_config(epochs=4)))
    whole = load_file(out / "model.safetensors")
    assert all(torch.equal(resumed[name], whole[name]) for name in whole)


def test_resume_with_another_config(tiny_config, tmp_path, interrupt_in_step):
    with interrupt_in_step(3), pytest.raises(Interrupted):
        training.train(training.prepare(tiny_config()))
    with pytest.raises(UserError) as error:
        training.train(training.prepare(tiny_config(epochs=3)), resume=True)
    assert str(error.value) == (
        f"--resume: the interrupted run in {tmp_path}/run/checkpoints differs in training.epochs: 3.0 (was 2.0). "
        "Give it the same config, --set and documents "
        f"(its own: {tmp_path}/run/checkpoints/config.yaml), or start without --resume"
    )


def test_resume_with_other_documents(tiny_config, tmp_path, interrupt_in_step):
    prepared = training.prepare(tiny_config())
    with interrupt_in_step(3), pytest.raises(Interrupted):
        training.train(prepared)
    fewer = replace(prepared, documents=prepared.documents[:-1])
    with pytest.raises(
        UserError, match=r"documents: those of checksum [0-9a-f]{12} \(was those of checksum [0-9a-f]{12}\)\. Give"
    ):
        training.train(fewer, resume=True)


def test_resume_with_other_weights(tiny_values, tmp_path, encoder_directory, model_directory, interrupt_in_step):
    folders = {"encoder": encoder_directory, "teacher": model_directory}
    folders = {name: shutil.copytree(folder, tmp_path / name) for name, folder in folders.items()}
    taught = {"teacher": str(folders["teacher"]), "weight": 0.25, "temperature": 3.0}
    values = {**tiny_values, "encoder": {"name": str(folders["encoder"])}, "distillation": taught}
    config = validate_config(values, "tiny")
    with interrupt_in_step(3), pytest.raises(Interrupted):
        training.train(training.prepare(config))
    sums = {}
    for name, folder in folders.items():
        stored = folder / "model.safetensors"
        whole = stored.read_bytes()
        sums[name] = hashlib.sha256(whole).hexdigest()
        stored.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(UserError, match=rf"differs in weights of the {name}: those of checksum \w{{12}} \(was "):
            training.train(training.prepare(config), resume=True)
        stored.write_bytes(whole)
    training.train(training.prepare(config), resume=True)
    record = _json(tmp_path / "run/training.json")
    assert record["encoder"]["sha256"] == sums["encoder"]
    assert record["distillation"] == {**taught, "sha256": sums["teacher"]}


def test_resume_of_a_finished_run_and_of_none(tiny_config, tmp_path):
    prepared = training.prepare(tiny_config())
    with pytest.raises(UserError) as error:
        training.train(prepared, resume=True)
    assert str(error.value) == f"--resume: no interrupted run in {tmp_path}/run; start without --resume"
    training.train(prepared)
    with pytest.raises(UserError) as error:
        training.train(prepared, resume=True)
    assert str(error.value) == f"{tmp_path}/run: the run is complete; nothing to resume"


def test_resume_of_a_run_that_was_begun_again(tiny_config, tmp_path, interrupt_in_step):
    prepared = training.prepare(tiny_config())
    training.train(prepared)
    with interrupt_in_step(3), pytest.raises(Interrupted):
        training.train(prepared)
    training.train(prepared, resume=True)
    assert not (tmp_path / "run/checkpoints").exists()


def test_resume_before_the_first_step(tiny_config, tmp_path, monkeypatch):
    prepared = training.prepare(tiny_config())

    def stop(*args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(TokenClassification, "train", stop)
    with pytest.raises(KeyboardInterrupt):
        training.train(prepared)
    with pytest.raises(UserError) as error:  # and nothing is augmented, or asked of a teacher, before that
        training.train(prepared, resume=True)
    assert str(error.value) == f"--resume: no checkpoint in {tmp_path}/run/checkpoints; start without --resume"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"encoder": {"layers": 3}}, r"^encoder\.layers: found 3, the encoder \S+ has 2$"),
        ({"windows": {"tokens": 500, "overlap": 64}}, r"^windows of 64 tokens with 64 of overlap hold no text: "),
        ({"distillation": {"teacher": "none/there"}}, r"^distillation\.teacher: none/there: no such folder"),
    ],
)
def test_what_can_not_begin_is_told_before_anything_is_deleted(tiny_values, changes, message):
    values = {**tiny_values, **changes, "encoder": {**tiny_values["encoder"], **changes.get("encoder", {})}}
    with pytest.raises(UserError, match=message):
        training.prepare(validate_config(values, "tiny"))


def test_a_damaged_tokenizer(tiny_values, encoder_directory, tmp_path):
    encoder = shutil.copytree(encoder_directory, tmp_path / "damaged")
    (encoder / "tokenizer.json").write_text("{")
    values = {**tiny_values, "encoder": {"name": str(encoder)}}
    with pytest.raises(UserError, match=rf"^encoder {encoder}: its tokenizer can't be read \(.*\); fetch it again$"):
        training.prepare(validate_config(values, "tiny"))


# ---- LoRA and what ships


def test_a_lora_run_ships_as_an_adapter(tiny_config, tmp_path, documents, bundled):
    config = _bundled(tiny_config(method="lora", epochs=30))
    training.train(training.prepare(config))
    out, shipped = tmp_path / "run", tmp_path / "shipped/ner"
    assert {path.name for path in out.iterdir()} == WHOLE | {"adapter"}
    assert _json(out / "vanban.json")["encoder"]["path"] == "bundled"
    assert "Method: lora (LoRA rank 16, alpha 32), 30 epochs" in (out / "README.md").read_text(encoding="utf-8")

    line = ship_adapter(out, tmp_path / "shipped")
    size = sum(path.stat().st_size for path in shipped.iterdir()) / 1e6
    assert line == f"{shipped}: {size:.1f} MB"
    assert {path.name for path in shipped.iterdir()} == {
        "adapter_config.json", "adapter_model.safetensors", "config.yaml", "metrics.json", "training.json",
        "vanban.json",
    }  # fmt: skip
    assert {tensor.dtype for tensor in load_file(shipped / "adapter_model.safetensors").values()} == {torch.float16}
    assert _json(shipped / "vanban.json")["name"] == "vanban-ner"
    settings = _json(shipped / "adapter_config.json")
    assert (settings["r"], settings["lora_alpha"], settings["peft_type"]) == (16, 32.0, "LORA")

    whole, adapter = (vanban.load(folder, device="cpu", tasks=("ner",)) for folder in (out, shipped))
    assert (adapter.name, adapter.tagger.labels) == ("vanban-ner", whole.tagger.labels)
    for document in documents:
        left, right = (
            t.log_probabilities(t.encoder.encode_batch([document.text]))[0] for t in (whole.tagger, adapter.tagger)
        )
        assert left.shape == right.shape
        assert abs(left - right).max(initial=0) < 0.02  # the adapter is rounded to f16
        spans = [[(e.label, e.start, e.end) for e in p.predict(document.text).entities] for p in (whole, adapter)]
        assert spans[0] == spans[1]


def test_a_full_run_over_a_lora_run_leaves_no_adapter(tiny_config, tmp_path, bundled):
    training.train(training.prepare(_bundled(tiny_config(method="lora"))))
    training.train(training.prepare(_bundled(tiny_config())))
    assert {path.name for path in (tmp_path / "run").iterdir()} == WHOLE
    with pytest.raises(UserError) as error:
        ship_adapter(tmp_path / "run", tmp_path / "shipped")
    assert str(error.value) == (
        f"{tmp_path}/run: expected a finished run with training.method: lora; "
        "adapter/adapter_model.safetensors, adapter/adapter_config.json missing"
    )


def test_what_can_not_ship(tiny_config, tmp_path):
    with pytest.raises(UserError, match=f"^{tmp_path}/none: expected a finished run with training.method: lora; "):
        ship_adapter(tmp_path / "none", tmp_path / "shipped")
    config = tiny_config(method="lora")
    training.train(training.prepare(config))
    with pytest.raises(UserError) as error:
        ship_adapter(tmp_path / "run", tmp_path / "shipped")
    assert str(error.value) == (
        f"{tmp_path}/run: was trained on {config.encoder.name}; only adapters of the bundled encoder can ship"
    )
    assert not (tmp_path / "shipped").exists()


def test_augmentation_for_labels_that_it_does_not_know(tiny_values, brat_folder):
    values = {**tiny_values, "augmentation": {"copies": 2}}
    values["data"] = {"documents": str(brat_folder), "labels": ["PERSON", "COURT"]}
    for standoff in brat_folder.glob("*.ann"):
        standoff.write_text("")
    first = brat_folder / "first.ann"
    first.write_text("T1\tPERSON 0 3\tChủ\n", encoding="utf-8")
    with pytest.raises(UserError) as error:
        training.prepare(validate_config(values, "tiny"))
    assert str(error.value) == (
        "augmentation.copies: mention replacement knows OFFICIAL, PLACE, COUNT, DIRECTIVE, "
        "found the labels PERSON, COURT; set augmentation.copies: 0"
    )


def test_surface_without_copies_is_said_to_do_nothing(tiny_values, capsys):
    values = {**tiny_values, "augmentation": {"copies": 0, "surface": {"plain": 0.5}}}
    training.prepare(validate_config(values, "tiny"))
    said = "augmentation.surface: has no effect, as it changes copies and augmentation.copies is 0\n"
    assert capsys.readouterr().out == said
    training.prepare(validate_config({**tiny_values, "augmentation": {"copies": 1, "surface": {"plain": 0.5}}}, "tiny"))
    assert capsys.readouterr().out == ""


def test_a_run_that_diverges_is_no_model(tiny_config, tmp_path):
    with pytest.raises(UserError, match=r"training diverged: .* \(found 1e\+30\)"):
        training.train(training.prepare(tiny_config(learning_rate=1e30, epochs=6)))
    assert not (tmp_path / "run/model.safetensors").exists()
