"""PhoBERT from a config to tagged files, on a small one that is laid out as the hub has it."""

from __future__ import annotations

import json
import shutil
import sys
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file
from transformers import (
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    pipeline,
)

import vanban
from fake_hub import COMMIT, snapshot
from phobert_files import reference_tokenizer, segmented_words
from vanban.cli import tag_main
from vanban.documents.formats.brat import write_brat
from vanban.reading.text import newer_tone_style
from vanban.schema import Entity
from vanban_training.config import RunConfig, validate_config
from vanban_training.corpus.annotated import AnnotatedDocument
from vanban_training.fitting.interruption import Interrupted
from vanban_training.runs import training
from vanban_training.runs.cross_validation import cross_validate
from vanban_training.runs.training import Prepared, prepare

TRAINING = {
    "epochs": 60, "batch_size": 4, "learning_rate": 5e-3, "head_learning_rate": 2e-2, "precision": "float32",
    "dropout": 0.0,
}  # fmt: skip
MARKUP = {
    "first": "Chủ tịch [PLACE tỉnh Hòa Bình] ông [OFFICIAL Nguyễn Văn Thủy] ký [DIRECTIVE Chỉ thị số 17/CT-UBND].\n"
    "Sáng 5/7, [PLACE thành phố Hà Nội] có [COUNT 24.973 ca mắc] ở [COUNT 3 thị xã].\n",
    "second": "Bà [OFFICIAL Trần Thị Khỏe] họp ở [PLACE huyện Thanh Thủy].\r\n\r\nCó [COUNT 120 trường hợp].",
    "third": "Không có ca mắc.",
}
FORMS: dict[str, Callable[[str], str]] = {
    "older": str,  # as the documents are written
    "newer": newer_tone_style,
    "older-nfd": lambda text: unicodedata.normalize("NFD", text),
    "newer-nfd": lambda text: unicodedata.normalize("NFD", newer_tone_style(text)),
}


def in_form(document: AnnotatedDocument, form: str) -> AnnotatedDocument:
    """Return the document rewritten, its spans with it."""
    change, text, entities, reached = FORMS[form], "", [], 0
    for entity in document.entities:
        text += change(document.text[reached : entity.start])
        mention = change(entity.text)
        entities.append(Entity(entity.label, len(text), len(text) + len(mention), mention))
        text, reached = text + mention, entity.end
    return AnnotatedDocument(f"{document.id}-{form}", text + change(document.text[reached:]), tuple(entities))


@pytest.fixture(scope="module")
def written(annotated: Callable[..., AnnotatedDocument]) -> list[AnnotatedDocument]:
    """Each document in each form: composed and decomposed, in the older and in the newer tone style."""
    return [in_form(annotated(name, markup), form) for name, markup in MARKUP.items() for form in FORMS]


@pytest.fixture(scope="module")
def corpus(written: Sequence[AnnotatedDocument], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    for document in written:
        (folder / f"{document.id}.txt").write_bytes(document.text.encode())
        (folder / f"{document.id}.ann").write_text(write_brat(document.entities), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def configured(corpus: Path, phobert_directory: Path) -> Callable[..., RunConfig]:
    """Return `configured(output, **training)`: a config over the small PhoBERT and the documents in `corpus`."""

    def config(
        output: Path,
        encoder: str = str(phobert_directory),
        documents: Path = corpus,
        tokens: int = 24,
        **training: Any,
    ) -> RunConfig:
        values = {
            "task": "ner",
            "encoder": {"name": encoder, "offline": None},
            "data": {"documents": str(documents)},
            "output": str(output),
            "windows": {"tokens": tokens, "overlap": 6},
            "training": {**TRAINING, **training},
        }
        return validate_config(values, "whole way")

    return config


@pytest.fixture(scope="module")
def full(configured: Callable[..., RunConfig], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Prepared]:
    """A run from the local folder, all weights trained: its directory and what it started from."""
    out = tmp_path_factory.mktemp("runs") / "full"
    prepared = prepare(configured(out))
    training.train(prepared)
    return out, prepared


def f1(out: Path) -> float:
    return json.loads((out / "metrics.json").read_text(encoding="utf-8"))["scores"]["micro"]["f1"]


def triples(entities: Sequence[Entity]) -> list[tuple[str, int, int, str]]:
    return [(e.label, e.start, e.end, e.text) for e in entities]


def weights(out: Path) -> dict[str, torch.Tensor]:
    return load_file(out / "model.safetensors")


def assert_equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_run_learns_what_it_is_given(full: tuple[Path, Prepared], phobert: Any) -> None:
    out, prepared = full
    assert str(prepared) == (f"encoder: {prepared.config.encoder.name} (a local folder)\ndocuments: 12 with 36 spans")
    assert f1(out) == 1.0
    assert {path.name for path in out.iterdir()} == {
        "README.md", "bpe.codes", "config.json", "config.yaml", "metrics.json", "model.safetensors", "tokenizer.json",
        "tokenizer_config.json", "training.json", "vanban.json", "vocab.txt",
    }  # fmt: skip
    record = json.loads((out / "training.json").read_text(encoding="utf-8"))
    assert "." in record["versions"]["underthesea"]
    assert record["encoder"]["used"] == prepared.config.encoder.name
    embeddings = weights(out)["roberta.embeddings.word_embeddings.weight"]
    assert embeddings.shape == (len(phobert.reference_ids), 32)


def test_offsets_are_exact_in_every_form(full: tuple[Path, Prepared], written: Sequence[AnnotatedDocument]) -> None:
    predictor = vanban.load(full[0], device="cpu", tasks=("ner",))
    assert (predictor.info["ner"]["windows"], predictor.tagger.labels) == (
        {"tokens": 24, "overlap": 6}, ("OFFICIAL", "PLACE", "COUNT", "DIRECTIVE"),
    )  # fmt: skip
    for document, prediction in zip(written, predictor.predict([d.text for d in written]), strict=True):
        assert triples(prediction.entities) == triples(document.entities)
    assert sum(d.text != unicodedata.normalize("NFC", d.text) for d in written) == 6
    # tabs, runs of spaces, no-break spaces and what shows nothing inside words: each entity in its place
    first = written[0]
    for space in ("  ", "\t", "\u00a0", " \u00a0 "):
        text = first.text.replace(" ", space).replace("Nguyễn", "Ngu\u200byễn")
        entities = predictor.predict(text).entities
        assert [(e.label, " ".join(e.text.replace("\u200b", "").split())) for e in entities] == [
            (e.label, e.text) for e in first.entities
        ]
        assert [e.text for e in entities] == [text[e.start : e.end] for e in entities]


@pytest.mark.filterwarnings("ignore:Tokenizer does not support real words")
def test_the_saved_model_is_an_ordinary_one(full: tuple[Path, Prepared], written: Sequence[AnnotatedDocument]) -> None:
    out = full[0]
    network, tokenizer = (auto.from_pretrained(out) for auto in (AutoModelForTokenClassification, AutoTokenizer))
    predictor = vanban.load(out, device="cpu", tasks=("ner",))
    slow = reference_tokenizer(out)
    aliases = 0
    for document in written:
        segmented = " ".join(segmented_words([unicodedata.normalize("NFC", document.text)]))
        plain = tokenizer(segmented, return_tensors="pt", return_offsets_mapping=True)
        ids = torch.tensor([slow(segmented).input_ids])
        with torch.inference_mode():
            theirs = network.eval()(input_ids=plain["input_ids"]).logits
            own = predictor.tagger.runner.network.module(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
        assert torch.allclose(theirs, own, atol=1e-5)
        assert plain["offset_mapping"][0, -2].tolist()[1] == len(segmented)
        aliases += int((plain["input_ids"] != ids).sum())
    assert aliases > 0
    # transformers' pipeline reads it too, words with `_` in them
    line = " ".join(segmented_words([newer_tone_style(written[0].text.split("\n")[0])]))
    tag = pipeline("token-classification", model=str(out), aggregation_strategy="first", device="cpu")
    assert [(g["entity_group"], line[g["start"] : g["end"]]) for g in tag(line)] == [
        ("PLACE", "tỉnh Hoà_Bình"), ("OFFICIAL", "Nguyễn_Văn_Thuỷ"), ("DIRECTIVE", "Chỉ_thị số 17/CT-UBND"),
    ]  # fmt: skip


def test_files_are_tagged(
    full: tuple[Path, Prepared],
    corpus: Path,
    written: Sequence[AnnotatedDocument],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "tagged.jsonl"
    arguments = [corpus, "--model", full[0], "--device", "cpu", "--no-doc-type", "-o", out]
    monkeypatch.setattr(sys, "argv", ["tag", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        tag_main()
    printed = "".join(capsys.readouterr())
    assert stopped.value.code == 0, printed
    assert "12 documents, 36 entities" in printed
    tagged = {}
    for line in out.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        tagged[Path(row["path"]).stem] = [(e["label"], e["start"], e["end"], e["text"]) for e in row["entities"]]
    assert tagged == {d.id: triples(d.entities) for d in written}


def test_from_the_cache_of_the_hub(
    full: tuple[Path, Prepared],
    configured: Callable[..., RunConfig],
    phobert_directory: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By its name, offline, where nothing else may serve: the same weights to the last bit, as one seed gives."""
    files = {path.name: path.read_bytes() for path in phobert_directory.iterdir()}
    assert set(files) == {"vocab.txt", "bpe.codes", "config.json", "pytorch_model.bin"}
    folder = snapshot(tmp_path / "cache", "vinai/phobert-base", files)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    assert constants.HF_HUB_OFFLINE
    out = tmp_path / "run"
    prepared = prepare(configured(out, "vinai/phobert-base"))
    assert str(prepared.encoder) == "encoder: vinai/phobert-base (in the hub's cache)"
    assert (Path(prepared.encoder.path), folder.name) == (folder, COMMIT)
    training.train(prepared)
    assert_equal(weights(out), weights(full[0]))
    shutil.rmtree(tmp_path / "cache")  # the run directory needs nothing else
    (entity,) = vanban.load(out, device="cpu", tasks=("ner",)).predict("ở huyện Thanh Thủy.").entities
    assert triples([entity]) == [("PLACE", 2, 18, "huyện Thanh Thủy")]


def test_lora(configured: Callable[..., RunConfig], written: Sequence[AnnotatedDocument], tmp_path: Path) -> None:
    from peft import PeftModel

    out = tmp_path / "lora"
    prepared = prepare(configured(out, method="lora", lora={"rank": 8, "alpha": 16, "dropout": 0.0}))
    training.train(prepared)
    assert f1(out) > 0.9
    predictor = vanban.load(out, device="cpu", tasks=("ner",))
    found = [p.entities for p in predictor.predict([d.text for d in written])]
    assert sum(triples(e) == triples(d.entities) for e, d in zip(found, written, strict=True)) >= 10
    # the encoder's rows are as they were, and the adapter holds none of them
    base = torch.load(Path(prepared.encoder.path) / "pytorch_model.bin")["roberta.embeddings.word_embeddings.weight"]
    assert torch.equal(weights(out)["roberta.embeddings.word_embeddings.weight"][: len(base)], base)
    adapter = load_file(out / "adapter/adapter_model.safetensors")
    assert all("lora_" in name or "classifier" in name for name in adapter)
    # peft puts the adapter on the plain encoder, which knows no aliases
    plain = AutoModelForTokenClassification.from_pretrained(prepared.encoder.path, num_labels=9)
    network = PeftModel.from_pretrained(plain, out / "adapter").eval()
    ids = torch.tensor([reference_tokenizer(out)("ông Nguyễn_Văn_Thuỷ ký Chỉ_thị").input_ids])
    with torch.inference_mode():
        assert torch.allclose(
            network(input_ids=ids).logits, predictor.tagger.runner.network.module(input_ids=ids).logits, atol=1e-4
        )


def test_interrupt_and_resume(
    configured: Callable[..., RunConfig], tmp_path: Path, interrupt_in_step: Callable[..., Any]
) -> None:
    out = tmp_path / "run"
    for method in ("full", "lora"):
        config = configured(out, epochs=3, dropout=0.1, method=method)
        with interrupt_in_step(4), pytest.raises(Interrupted, match=r"^stopped after step 4 of 12$"):
            training.train(prepare(config))
        assert {path.name for path in (out / "checkpoints").iterdir()} == {"checkpoint-4", "config.yaml"}
        training.train(prepare(config), resume=True)
        resumed = weights(out)
        training.train(prepare(config))
        assert_equal(resumed, weights(out))


def test_cross_validation(configured: Callable[..., RunConfig], tmp_path: Path, corpus: Path) -> None:
    """A document that is held out stands in the corpus in other forms: it is learned from them."""
    few = tmp_path / "few"
    few.mkdir()
    for name in ("first-older", "first-newer-nfd", "third-older"):
        for suffix in (".txt", ".ann"):
            shutil.copy(corpus / f"{name}{suffix}", few)
    metrics = cross_validate(prepare(configured(tmp_path / "run", documents=few)))
    assert metrics["folds"] == ["first-newer-nfd", "first-older", "third-older"]
    assert metrics["pooled"]["micro"]["support"] == 12
    assert metrics["pooled"]["micro"]["f1"] > 0.9


def test_a_saved_run_is_trained_on(
    full: tuple[Path, Prepared], configured: Callable[..., RunConfig], phobert: Any, tmp_path: Path
) -> None:
    """Its rows of aliases, which training does not reach, follow those that they stand for."""
    out = tmp_path / "again"
    training.train(prepare(configured(out, str(full[0]), epochs=2)))
    before, after = (weights(o)["roberta.embeddings.word_embeddings.weight"] for o in (full[0], out))
    assert before.shape == after.shape
    assert not torch.equal(before, after)
    assert torch.equal(after, after[torch.from_numpy(phobert.reference_ids)])


def test_windows_end_where_the_positions_do(configured: Callable[..., RunConfig], tmp_path: Path) -> None:
    out = tmp_path / "run"
    training.train(prepare(configured(out, tokens=512, epochs=1)))
    assert json.loads((out / "vanban.json").read_text(encoding="utf-8"))["windows"] == {"tokens": 256, "overlap": 6}
    text = "Chủ tịch UBND tỉnh Hòa Bình ông Nguyễn Văn Thủy ký " * 500
    prediction = vanban.load(out, device="cpu", tasks=("ner",)).predict(text)
    assert all(text[e.start : e.end] == e.text for e in prediction.entities)


# ---- document types

KINDS = {  # the head, and a line of the body
    "chi_thi": (
        "UBND TỈNH HÒA BÌNH\nSố: {n}/CT-UBND\n\nCHỈ THỊ\nvề phòng dịch\n\n",
        "Yêu cầu huyện Thủy {n} chỉ đạo.\n",
    ),
    "bao_cao": ("SỞ Y TẾ HÀ NỘI\nSố: {n}/BC-SYT\n\nBÁO CÁO\ntiêm chủng\n\n", "Đã có {n} ca mắc, {n} ca khỏi.\n"),
    "tin_bao_chi": ("", "Sáng 5/7, bà Trần Thị Khỏe nói về {n} hộ dân.\n"),
}


def of_kind(kind: str, number: int) -> str:
    head, line = KINDS[kind]
    return (head + line * 8).format(n=number)


@pytest.fixture
def typed_corpus(tmp_path: Path) -> Path:
    """Two documents of each of three types, in either tone style, composed and decomposed."""
    for kind in KINDS:
        (tmp_path / "typed" / kind).mkdir(parents=True)
        for number, form in ((3, "older"), (41, "newer-nfd")):
            text = FORMS[form](of_kind(kind, number))
            (tmp_path / "typed" / kind / f"{form}.txt").write_bytes(text.encode())
    return tmp_path / "typed"


@pytest.mark.filterwarnings("ignore:Tokenizer does not support real words")
@pytest.mark.parametrize("method", ["full", "lora"])
def test_document_types(
    typed_corpus: Path, phobert_directory: Path, phobert: Any, tmp_path: Path, method: str, full: tuple[Path, Prepared]
) -> None:
    out = tmp_path / "run"
    values = {
        "task": "doctype",
        "encoder": {"name": str(phobert_directory), "offline": None},
        "data": {"documents": str(typed_corpus), "labels": list(KINDS)},
        "output": str(out),
        "windows": {"tokens": 24, "overlap": 0},
        "reading": {"head": 1, "body": 1, "tail": 1, "pooling": "max"},
        "augmentation": {"masked": 1},
        "training": {**TRAINING, "method": method, "epochs": 40, "head_learning_rate": 5e-3},
    }
    prepared = prepare(validate_config(values, "types"))
    assert str(prepared).endswith("\ndocuments: 6 of 3 types")
    training.train(prepared)
    assert json.loads((out / "metrics.json").read_text(encoding="utf-8"))["scores"]["whole"]["accuracy"] == 1.0
    assert weights(out)["roberta.embeddings.word_embeddings.weight"].shape == (len(phobert.reference_ids), 32)
    assert {"vocab.txt", "bpe.codes", "tokenizer.json"} <= {path.name for path in out.iterdir()}

    classifier = vanban.load(out, device="cpu", tasks=("doctype",))
    for kind in KINDS:
        # one text in four forms: the same tokens, so the same scores to the last digit
        scores = [classifier.predict(change(of_kind(kind, 7))).doc_type_scores for change in FORMS.values()]
        assert scores == scores[:1] * 4
        assert next(iter(scores[0])) == kind
    # plain transformers read the directory, and a segmented text in it as vanban reads the raw one
    network, tokenizer = (auto.from_pretrained(out) for auto in (AutoModelForSequenceClassification, AutoTokenizer))
    line = "Ông Nguyễn Văn Thủy họp ở Hòa Bình"
    ids = tokenizer(" ".join(segmented_words([line])), return_tensors="pt").input_ids
    with torch.inference_mode():
        plain = network.eval()(input_ids=ids).logits[0]
    encoder = classifier.classifier.encoder
    own = torch.from_numpy(classifier.classifier.logits([encoder.encode(line)])[0])
    assert torch.allclose(plain, own, atol=1e-5)
    # together with a tagger on the same files, each text is tokenised once
    both = vanban.load([full[0], out], device="cpu")
    assert both._shares_tokens
    prediction = both.predict(of_kind("chi_thi", 7))
    alone = classifier.predict(of_kind("chi_thi", 7))
    assert prediction.doc_type_scores == alone.doc_type_scores
    assert triples(prediction.entities) == triples(
        vanban.load(full[0], device="cpu", tasks=("ner",)).predict(of_kind("chi_thi", 7)).entities
    )
