"""Document classification: variants of the documents, their windows, and a training from config to predictor."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer

import vanban
from vanban.errors import UserError
from vanban.network.classification import Reading, choose_type, pool, rounded, softmax
from vanban.reading.encoding import TextEncoder
from vanban.schema import DOCUMENT_TYPES
from vanban_training.cli import train_app
from vanban_training.config import AugmentationConfig, load_config, validate_config
from vanban_training.corpus.annotated import AnnotatedDocument
from vanban_training.doctype.document_classification import (
    LEAST_CHARACTERS,
    DocumentClassification,
    build_features,
    draw_texts,
)
from vanban_training.doctype.titles import CODES, mask_head, split_head
from vanban_training.fitting.interruption import Interrupted
from vanban_training.runs import training
from vanban_training.runs.cross_validation import cross_validate
from vanban_training.runs.training import prepare
from vanban_training.shipping.adapter import ship_adapter

TYPES = ("tin_bao_chi", "chi_thi", "bao_cao")
NO_CALIBRATION = (
    "calibration: none, the scores are those of the network and every document gets a type; "
    "train --cross-validate with the same config measures it, for the next train to find"
)


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


# ---- variants


def test_without_augmentation_each_document_gives_its_first_and_last_window(typed_documents):
    drawn = list(draw_texts(typed_documents, AugmentationConfig(), random.Random(0)))
    assert drawn == [(d.text, d.type, which) for d in typed_documents for which in (0, -1)]


def test_variants_and_their_types(typed_documents):
    augmentation = AugmentationConfig(retitled=40, masked=2, fragments=3)
    drawn = list(draw_texts(typed_documents, augmentation, random.Random(1)))
    titles, bodies = Counter(), Counter()
    for document in typed_documents:
        here = drawn[: 2 + 3 if document.type == "tin_bao_chi" else 2 + 40 + 2 + 3]  # without a head to change
        drawn = drawn[len(here) :]
        assert here[:2] == [(document.text, document.type, 0), (document.text, document.type, -1)]
        assert {which for _, _, which in here[2:]} == {0}
        assert {(doc_type, document.text.endswith(text)) for text, doc_type, _ in here[-3:]} == {(document.type, True)}
        if document.type == "tin_bao_chi":
            continue
        assert here[42:44] == [(mask_head(document.text), document.type, 0)] * 2
        own_head, body = split_head(document.text)
        for text, doc_type, _ in here[2:42]:
            head = "\n".join(text.split("\n")[: len(own_head.split("\n"))])
            code, title = CODES[doc_type], DOCUMENT_TYPES[doc_type].upper()
            assert head == re.sub(r"(?<=/)\w\w(?=-)", code, re.sub("CHỈ THỊ|BÁO CÁO", title, own_head))
            titles[doc_type] += 1
            bodies[text == f"{head}\n{body}"] += 1
    assert drawn == []
    # of the types that are learned, its own among them; before its own body, or a piece of any document
    assert titles.keys() == {"chi_thi", "bao_cao"}
    assert min(titles.values()) > 150 and min(bodies.values()) > 150  # of 400


def test_titles_are_those_of_the_types_that_are_learned():
    documents = [
        AnnotatedDocument(name, f"{DOCUMENT_TYPES[name].upper()}\nvề nước\n\nNội dung.", (), name) for name in CODES
    ]
    drawn = list(draw_texts(documents, AugmentationConfig(retitled=20), random.Random(0)))
    assert {doc_type for _, doc_type, _ in drawn} == set(CODES)
    drawn = list(draw_texts(documents[:3], AugmentationConfig(retitled=20), random.Random(0)))
    assert {doc_type for _, doc_type, _ in drawn} == {"thong_bao", "chi_thi", "quyet_dinh"}


def test_a_document_whose_head_names_no_type_is_not_retitled():
    document = AnnotatedDocument("a", "SỞ Y TẾ\nSố: 3/CT-SYT\n\nMột chỉ thị.", (), "chi_thi")
    drawn = list(draw_texts([document], AugmentationConfig(retitled=2, masked=1), random.Random(0)))
    assert drawn == [(document.text, "chi_thi", 0), (document.text, "chi_thi", -1)]


def test_pieces_begin_at_a_line_and_are_never_too_short():
    text = "".join(f"dòng {i:02} của tài liệu này\n" for i in range(60))
    document = AnnotatedDocument("a", text, (), "tin_bao_chi")
    drawn = list(draw_texts([document], AugmentationConfig(fragments=200), random.Random(0)))[2:]
    starts = {int(piece[5:7]) for piece, _, _ in drawn}
    assert min(starts) == 10 and max(starts) == 45  # from the tenth line, to three quarters
    assert {len(piece) >= LEAST_CHARACTERS for piece, _, _ in drawn} == {True}
    for short in ("", "một dòng", "a\nb\nc\nd\n"):
        (piece, _, _) = list(draw_texts([AnnotatedDocument("a", short, (), "x")], AugmentationConfig(fragments=1),
                                        random.Random(0)))[2]  # fmt: skip
        assert piece == short
    text = "x" * 900 + "\nngắn"
    ends = [AnnotatedDocument("a", text, (), "x")]
    pieces = {piece for piece, _, _ in list(draw_texts(ends, AugmentationConfig(fragments=20), random.Random(0)))[2:]}
    assert pieces == {text, text[-3 * LEAST_CHARACTERS :]}  # the last line alone is too short


def test_pieces_around_formulae():
    text = "ĐẦU\n" + "một hai ba bốn năm sáu. " * 60 + "Quyết định này có hiệu lực. " + "bảy tám chín. " * 40
    drawn = [
        list(draw_texts([AnnotatedDocument("a", text, (), "x")], AugmentationConfig(formulae=2), random.Random(seed)))[
            2:
        ]
        for seed in range(30)
    ]
    assert {len(pieces) for pieces in drawn} == {1}  # as many as there are
    for ((piece, doc_type, which),) in drawn:
        assert (doc_type, which) == ("x", 0)
        assert text.endswith(piece) and 0 < piece.index("Quyết định này") <= 400 and text[-len(piece) - 1] == " "
    plain = AnnotatedDocument("b", "một hai ba. " * 60, (), "x")
    assert len(list(draw_texts([plain], AugmentationConfig(formulae=2), random.Random(0)))) == 2


def test_a_seed_draws_the_same_and_epochs_differ(typed_documents):
    augmentation = AugmentationConfig(retitled=2, masked=1, fragments=3)
    draw, again = random.Random(5), random.Random(5)
    first, second = (list(draw_texts(typed_documents, augmentation, draw)) for _ in range(2))
    assert [list(draw_texts(typed_documents, augmentation, again)) for _ in range(2)] == [first, second]
    assert first != second
    assert len(first) == len(second) == 10 * 8 + 5 * 5


# ---- features


def test_features_are_of_the_window_that_is_named(unigram, typed_documents):
    encoder = TextEncoder(unigram, 32, 0)
    document = typed_documents[5]
    texts = [(document.text, "chi_thi", 0), ("", "bao_cao", 0), (" \n", "bao_cao", -1), (document.text, "bao_cao", -1)]
    first, last = build_features(texts, encoder, TYPES)
    encoded = encoder.encode(document.text)
    assert len(encoded.windows) > 3
    for example, window, label in ((first, encoded.windows[0], 1), (last, encoded.windows[-1], 2)):
        assert example == {
            "input_ids": encoder.with_special_tokens(encoded.ids[window.start : window.end]),
            "attention_mask": [1] * (window.end - window.start + 2),
            "labels": label,
        }
        assert len(example["input_ids"]) <= 32
    assert "▁SỞ" not in unigram.convert_ids_to_tokens(last["input_ids"])


# ---- the documents of a config


def test_what_there_is_to_learn_from(type_config, encoder_directory, typed_documents):
    prepared = prepare(type_config())
    assert str(prepared) == f"encoder: {encoder_directory} (a local folder)\ndocuments: 15 of 3 types"
    assert prepared.task.count(typed_documents[0]) == {"type": "tin_bao_chi"}
    # a document of another type is another run
    other = [*prepared.documents]
    other[0] = AnnotatedDocument(other[0].id, other[0].text, (), "chi_thi")
    changed = training.Prepared(prepared.config, prepared.task, prepared.encoder, other)
    assert changed.identity() != prepared.identity()


def test_titles_that_are_not_known_are_not_drawn(type_values, typed_folder):
    (typed_folder / "chi_thi").rename(typed_folder / "contract")
    (typed_folder / "bao_cao").rename(typed_folder / "invoice")
    data = {**type_values["data"], "labels": ["contract", "invoice", "tin_bao_chi"]}
    with pytest.raises(UserError) as error:
        prepare(validate_config({**type_values, "data": data}, "tiny"))
    assert str(error.value) == (
        "augmentation.retitled and .masked: only the titles of administrative documents are known "
        f"({', '.join(CODES)}), found the types contract, invoice, tin_bao_chi; set both to 0"
    )
    prepare(validate_config({**type_values, "data": data, "augmentation": {"fragments": 1}}, "tiny"))


def test_types_without_a_document_are_named(type_values):
    values = {**type_values, "data": {**type_values["data"], "labels": ["ke_hoach", *TYPES, "to_trinh"]}}
    with pytest.raises(UserError) as error:
        prepare(validate_config(values, "tiny"))
    assert str(error.value) == (
        "data.documents: no document of the type ke_hoach, to_trinh; leave it out of data.labels"
    )


def test_a_document_of_a_type_that_is_not_learned(type_values, typed_folder):
    values = {**type_values, "data": {**type_values["data"], "labels": ["chi_thi", "bao_cao"]}}
    with pytest.raises(UserError) as error:
        prepare(validate_config(values, "tiny"))
    assert str(error.value) == (
        f"{typed_folder}/tin_bao_chi/1.txt: found the type 'tin_bao_chi', expected one of chi_thi, bao_cao; "
        "see data.labels"
    )


# ---- the whole way


def test_from_a_config_to_a_predictor(command, type_config_file, tmp_path, typed_documents, encoder_directory):
    arguments = ("--set", "training.epochs=30", "--set", "training.dropout=0")
    status, out, err = command(train_app, "--config", type_config_file, *arguments)
    assert status == 0, err
    folder = tmp_path / "run"
    lines = out.splitlines()
    assert lines[:2] == [f"encoder: {encoder_directory} (a local folder)", "documents: 15 of 3 types"]
    assert NO_CALIBRATION in lines
    assert "on the training documents (fit, not generalisation)" in lines
    assert {path.name for path in folder.iterdir()} == {
        "README.md", "config.json", "config.yaml", "metrics.json", "model.safetensors", "tokenizer.json",
        "tokenizer_config.json", "training.json", "vanban.json",
    }  # fmt: skip
    assert _json(folder / "vanban.json") == {
        "format": 1,
        "task": "doctype",
        "encoder": {
            **dict.fromkeys(("wanted", "used", "path"), str(encoder_directory)),
            "how": "a local folder",
            "layers": 2,
        },
        "windows": {"tokens": 32, "overlap": 0},
        "classes": list(TYPES),
        "reading": {"head": 1, "body": 1, "tail": 1, "pooling": "mean", "formulae": 0},
        "least_words": 0,
    }
    scores = _json(folder / "metrics.json")["scores"]
    assert scores["whole"] == {"accuracy": 1.0, "macro_f1": 1.0}
    assert "| whole  |    1.000 |    1.000 |        15 |" in lines
    assert set(scores["masked"]) == {"accuracy", "macro_f1"}
    record = _json(folder / "training.json")
    assert Counter(d["type"] for d in record["documents"]) == dict.fromkeys(TYPES, 5)
    assert record["documents"][0] == {
        "id": "bao_cao/1", "sha256": typed_documents[10].sha256, "type": "bao_cao",
    }  # fmt: skip
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert card.startswith("# Document classifier for tin_bao_chi, chi_thi, bao_cao\n")
    assert f"- `bao_cao/1`: bao_cao, sha256 `{typed_documents[10].sha256[:12]}…`" in card
    assert f'load("{folder}").predict("…").doc_type' in card
    assert "`AutoModelForSequenceClassification.from_pretrained(" in card
    assert "30 epochs" in card

    predictor = vanban.load(folder, device="cpu", tasks=("doctype",))
    assert predictor.tagger is None
    assert predictor.info["doctype"]["task"] == "doctype"
    network = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    assert network.config.id2label == dict(enumerate(TYPES))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    line = "Chủ tịch tỉnh Đà Nẵng"
    with torch.inference_mode():
        plain = network(**tokenizer(line, return_tensors="pt")).logits[0]
    own = predictor.classifier.logits([predictor.classifier.encoder.encode(line)])[0]
    assert own == pytest.approx(plain.numpy(), abs=1e-5)

    reading = Reading(1, 1, 1, "mean")
    for document in typed_documents:
        prediction = predictor.predict(document.text)
        assert (prediction.doc_type, prediction.entities) == (document.type, ())
        # by hand, with nothing but transformers on the windows that are read
        encoded = predictor.classifier.encoder.encode(document.text)
        rows = []
        for index in reading.choose(len(encoded.windows)):
            window = encoded.windows[index]
            ids = torch.tensor([[0, *encoded.ids[window.start : window.end].tolist(), 2]])
            with torch.inference_mode():
                rows.append(network(input_ids=ids).logits[0].numpy())
        by_hand = rounded(TYPES, softmax(pool(torch.tensor(rows).numpy(), "mean")))
        assert prediction.doc_type_scores == pytest.approx(by_hand, abs=2e-4)
        assert choose_type(by_hand, 0)[0] == prediction.doc_type
    assert predictor.predict("").doc_type is None


@pytest.mark.parametrize("method", ["full", "lora"])
def test_the_same_seed_gives_the_same_weights(type_config, tmp_path, method):
    weights = []
    for seed in (0, 0, 1):
        training.train(prepare(type_config(method=method, seed=seed)))
        weights.append(load_file(tmp_path / "run/model.safetensors"))
    first, again, other = weights
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["classifier.weight"], other["classifier.weight"])


def test_epochs_are_drawn_anew_and_are_one_list(type_config, encoder_directory, typed_documents, monkeypatch):
    given: list[Any] = []

    def fit(new: Any, examples: Any, collator: Any, settings: Any, *rest: Any, **others: Any) -> tuple[Any, Any]:
        given.append((len(examples), settings.epochs, sorted({e["labels"] for e in examples})))
        return new.network, new.network

    monkeypatch.setattr("vanban_training.doctype.document_classification.fit", fit)
    for epochs in (1, 3):
        DocumentClassification().train(type_config(epochs=epochs), str(encoder_directory), typed_documents, None)
    each = 10 * 5 + 5 * 3
    assert [(number, epochs) for number, epochs, _ in given] == [(each, 1), (3 * each, 1)]


def test_interrupt_and_resume(command, type_config_file, type_config, tmp_path, interrupt_in_step):
    with interrupt_in_step(3):
        status, _, err = command(train_app, "-c", type_config_file)
    assert (status, err.splitlines()[-1].startswith("stopped after step 3 of ")) == (130, True)
    assert command(train_app, "-c", type_config_file, "--resume")[0] == 0
    resumed = load_file(tmp_path / "run/model.safetensors")
    training.train(prepare(type_config()))
    whole = load_file(tmp_path / "run/model.safetensors")
    assert all(torch.equal(resumed[name], whole[name]) for name in whole)
    with interrupt_in_step(2), pytest.raises(Interrupted):
        training.train(prepare(type_config()))


# ---- cross-validation and what it leaves for training


def test_cross_validation_measures_what_training_records(command, type_config_file, tmp_path, typed_documents):
    arguments = ("-c", type_config_file, "--set", "training.epochs=3", "--set", "training.dropout=0")
    status, out, err = command(train_app, *arguments, "--cross-validate")
    assert status == 0, err
    assert [line for line in out.splitlines() if line.endswith("is held out")] == [
        f"fold {i} of 5, random seed 0: fold {i} is held out" for i in range(1, 6)
    ]
    measured = tmp_path / "run/cross-validation"
    metrics = _json(measured / "metrics.json")
    assert metrics["folds"] == [f"fold {i}" for i in range(1, 6)]
    assert metrics["random seed 0"]["whole"]["documents"] == 15
    calibration = _json(measured / "calibration.json")
    assert calibration == metrics["calibration"]
    folds = [_json(measured / f"seed-0-fold-{i}.json")["predicted"] for i in range(1, 6)]
    assert sum(map(len, folds)) == 15
    for document in (d for fold in folds for d in fold):
        assert set(document) == {"whole", "masked", "whole_formulae", "masked_formulae"}
        assert len(document["whole"]) > 3  # of every window
        assert {len(row) for name in ("whole", "masked") for row in document[name]} == {3}
        assert len(document["whole_formulae"]) == len(document["whole"])

    status, out, err = command(train_app, *arguments)
    assert status == 0, err
    temperature, threshold = calibration["temperature"], calibration["threshold"]
    said = f"calibration: temperature {temperature}, threshold {threshold} ({measured}/calibration.json)"
    assert said in out.splitlines()
    recorded = _json(tmp_path / "run/vanban.json")
    assert (recorded["temperature"], recorded["threshold"]) == (temperature, threshold)
    classifier = vanban.load(tmp_path / "run", device="cpu", tasks=("doctype",)).classifier
    assert (classifier.temperature, classifier.threshold) == (temperature, threshold)
    (scores,) = classifier.scores([classifier.encoder.encode(typed_documents[0].text)])
    logits = classifier.logits([classifier.encoder.encode(typed_documents[0].text)])[0]
    assert scores == rounded(TYPES, softmax(logits, temperature))

    # what was measured of another config says nothing of this one
    status, out, _ = command(train_app, *arguments, "--overwrite", "--set", "reading.tail=0")
    assert status == 0
    assert NO_CALIBRATION in out.splitlines()
    assert "temperature" not in _json(tmp_path / "run/vanban.json")


def test_cross_validation_resumes(type_config, tmp_path):
    prepared = prepare(type_config())
    whole = cross_validate(prepared)
    out = tmp_path / "run/cross-validation"
    kept = (out / "seed-0-fold-4.json").read_text(encoding="utf-8")
    (out / "seed-0-fold-4.json").unlink()
    (out / "confusion-whole.png").unlink()
    assert cross_validate(prepared, resume=True) == whole
    assert (out / "seed-0-fold-4.json").read_text(encoding="utf-8") == kept
    assert (out / "confusion-whole.png").is_file()


def test_another_reading_is_judged_without_training(type_config, tmp_path, monkeypatch):
    cross_validate(prepare(type_config()))
    folds = {path: path.read_bytes() for path in (tmp_path / "run/cross-validation").glob("seed-*")}
    monkeypatch.setattr(DocumentClassification, "train", lambda *_: pytest.fail("trained again"))
    config = type_config()
    other = config.model_copy(update={"reading": config.reading.model_copy(update={"tail": 0})})
    cross_validate(prepare(other), resume=True)
    assert {path: path.read_bytes() for path in folds} == folds
    assert "tail: 0" in (tmp_path / "run/cross-validation/config.yaml").read_text(encoding="utf-8")


def test_cross_validation_needs_five_documents_of_each_type(command, type_config_file, typed_folder):
    (typed_folder / "chi_thi/5.txt").unlink()
    status, _, err = command(train_app, "-c", type_config_file, "--cross-validate")
    assert (status, err) == (
        2,
        "error: cross-validation in 5 folds needs 5 documents of each type, near-duplicates counted as one; "
        "too few: chi_thi (4)\n",
    )


# ---- what ships


def test_a_lora_run_ships_as_an_adapter(type_config, tmp_path, typed_documents, encoder_directory, monkeypatch):
    monkeypatch.setattr("vanban.network.weights.BUNDLED_ENCODER", encoder_directory)
    monkeypatch.setattr("vanban_training.fitting.encoder.BUNDLED_ENCODER", encoder_directory)
    config = type_config(method="lora", epochs=6)
    config = config.model_copy(update={"encoder": config.encoder.model_copy(update={"name": "bundled"})})
    training.train(prepare(config))
    out, shipped = tmp_path / "run", tmp_path / "shipped/doctype"
    assert ship_adapter(out, tmp_path / "shipped").startswith(f"{shipped}: ")
    assert [path.name for path in (tmp_path / "shipped").iterdir()] == ["doctype"]
    record = _json(shipped / "vanban.json")
    assert (record["name"], record["task"], record["encoder"]["path"]) == ("vanban-doctype", "doctype", "bundled")
    assert record["reading"] == {"head": 1, "body": 1, "tail": 1, "pooling": "mean", "formulae": 0}
    whole, adapter = (vanban.load(f, device="cpu", tasks=("doctype",)).classifier for f in (out, shipped))
    documents = [whole.encoder.encode(d.text) for d in typed_documents]
    assert abs(whole.logits(documents) - adapter.logits(documents)).max() < 0.02  # the adapter is rounded to f16
    assert adapter.reading == whole.reading == Reading(1, 1, 1, "mean")


def test_the_config_of_a_run_is_read_back(type_config, tmp_path):
    config = type_config()
    training.train(prepare(config))
    assert load_config(tmp_path / "run/config.yaml") == config
