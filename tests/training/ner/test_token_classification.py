"""Features, the new network, and what a token classifier learns from."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
import torch

from project import ROOT
from vanban.errors import UserError
from vanban.network.edges import EdgeMarks
from vanban.reading.encoding import TextEncoder
from vanban_training.config import validate_config
from vanban_training.corpus.annotated import load_documents
from vanban_training.fitting.networks import new_network
from vanban_training.ner import token_classification
from vanban_training.ner.token_classification import TokenClassification, build_features

LABELS = ("OFFICIAL", "PLACE", "COUNT", "DIRECTIVE")


def test_features_by_hand(unigram, annotated):
    documents = [annotated("a", "Hà [PLACE Nội], [PLACE TP.Huế]."), annotated("empty", ""), annotated("o", "và")]
    first, last = build_features(documents, TextEncoder(unigram, 32, 8), ("OFFICIAL", "PLACE"))
    assert list(zip(unigram.convert_ids_to_tokens(first["input_ids"]), first["labels"], strict=True)) == [
        ("<s>", -100),
        ("▁Hà", 0),
        ("▁Nội", 3),  # B-PLACE
        (",", 0),
        ("▁", -100),  # white space alone
        ("T", 3),
        *((piece, 4) for piece in "P.Huế"),  # I-PLACE
        (".", 0),
        ("</s>", -100),
    ]
    assert first["attention_mask"] == [1] * 13
    assert unigram.convert_ids_to_tokens(last["input_ids"])[:1] == ["<s>"]
    assert set(last["labels"]) == {-100, 0}


def test_one_example_for_each_window(unigram, documents):
    encoder = TextEncoder(unigram, 32, 8)
    examples = build_features(documents, encoder, LABELS)
    encoded = encoder.encode_batch([d.text for d in documents])
    windows = [(document, w) for document in encoded for w in document.windows]
    assert len(examples) == len(windows) > len(documents)
    for example, (document, window) in zip(examples, windows, strict=True):
        assert example["input_ids"][1:-1] == document.ids[window.start : window.end].tolist()
        assert len({len(values) for values in example.values()}) == 1
        assert len(example["input_ids"]) <= 32
        assert example["labels"][0] == example["labels"][-1] == -100
    # windows of this short a text overlap nowhere inside an entity: each begins once
    begins = sum(label > 0 and label % 2 == 1 for example in examples for label in example["labels"])
    assert begins == sum(len(d.entities) for d in documents)


def test_a_window_without_a_label_is_left_out(unigram, annotated):
    blank = annotated("blank", "\u200b\u200b")
    encoder = TextEncoder(unigram, 32, 8)
    assert len(encoder.encode(blank.text).windows) == 1
    assert build_features([blank], encoder, LABELS) == build_features([blank], encoder, LABELS, sequences=True) == []
    assert len(build_features([blank, annotated("o", "và")], encoder, LABELS)) == 1


def test_two_entities_in_one_token_name_the_document(unigram, annotated):
    document = annotated("a", "[PLACE H][PLACE à]", source="corpus/a.ann")
    with pytest.raises(UserError) as error:
        build_features([document], TextEncoder(unigram, 32, 8), LABELS)
    assert str(error.value) == (
        "corpus/a.ann: PLACE 1 2 'à' shares its token with PLACE 0 1 'H'; widen one of them and remove the other"
    )


def test_features_of_words_by_hand(phobert, annotated):
    document = annotated("a", "Ở [PLACE tỉnh Hà Nội], [DIRECTIVE 98/KH-TTg].\nCó [COUNT 46 ca].")
    (example,) = build_features([document], TextEncoder(phobert, 64, 8), LABELS)
    # one label for each word, on its first piece: B-PLACE is 3, B-COUNT 5, B-DIRECTIVE 7
    expected = []
    for word, label in (
        ("Ở", 0), ("tỉnh", 3), ("Hà_Nội", 4), (",", 0), ("98/KH-TTg", 7), (".", 0), ("</s>", -100),
        ("Có", 0), ("46", 5), ("ca", 6), (".", 0),
    ):  # fmt: skip
        ids = phobert(word).input_ids[1:-1]
        expected += [(ids[0], label), *((later, -100) for later in ids[1:])]
    assert list(zip(example["input_ids"], example["labels"], strict=True)) == [(0, -100), *expected, (2, -100)]
    assert len(phobert("98/KH-TTg").input_ids) > 3  # otherwise there are no later pieces


def test_words_are_cut_at_the_ends_of_spans_in_training_and_nowhere_else(phobert, annotated):
    encoder = TextEncoder(phobert, 64, 8)
    document = annotated("a", "ở Hà [PLACE Nội], Đà[COUNT \u00a0Nẵng], [PLACE H][COUNT uế]")
    (example,) = build_features([document], encoder, LABELS)
    kept = [(i, label) for i, label in zip(example["input_ids"], example["labels"], strict=True) if label != -100]
    first = {word: phobert(word).input_ids[1] for word in ("ở", "Hà", "Nội", ",", "Đà", "Nẵng", "H", "uế")}
    assert kept == [
        (first["ở"], 0), (first["Hà"], 0), (first["Nội"], 3), (first[","], 0), (first["Đà"], 0), (first["Nẵng"], 5),
        (first[","], 0), (first["H"], 3), (first["uế"], 5),
    ]  # fmt: skip
    # what is read without annotations keeps its words
    read = encoder.encode(document.text)
    assert [read.text[start:end] for start, end in read.spans[read.has_label].tolist()][:2] == ["ở", "Hà Nội"]
    assert read.has_label.sum() == 6


def test_every_seed_span_is_learned_from(phobert):
    documents = [d for d in load_documents([ROOT / "annotations/documents.jsonl"], LABELS) if d.origin == "seed"]
    begins, labels = 0, 0
    for document in documents:
        for example in build_features([document], TextEncoder(phobert, 256, 64), LABELS):
            begins += sum(label > 0 and label % 2 == 1 for label in example["labels"])
            labels += sum(label >= 0 for label in example["labels"])
            assert len(example["input_ids"]) <= 256
    assert (len(documents), begins) == (5, 307)
    assert labels > 7_000


def test_the_new_network_on_phobert(phobert_directory, phobert, tiny_values, tmp_path):
    config = validate_config({**tiny_values, "encoder": {"name": str(phobert_directory), "offline": None}}, "tiny")
    new = new_network(phobert_directory, config)
    network, tokenizer = new.network, new.tokenizer
    assert (network.config.model_type, network.classifier.out_features) == ("roberta", 9)
    assert network.get_input_embeddings().weight.shape[0] == phobert.first_alias  # aliases come when it is saved
    assert tokenizer("Chủ_tịch Khuynh").input_ids == phobert("Chủ_tịch Khuynh").input_ids
    # the files of another vocabulary beside the same weights
    shutil.copytree(phobert_directory, tmp_path / "mixed")
    vocabulary = (tmp_path / "mixed/vocab.txt").read_text(encoding="utf-8")
    (tmp_path / "mixed/vocab.txt").write_text(f"{vocabulary}zzzz 1\n", encoding="utf-8")
    with pytest.raises(
        UserError, match=rf"mixed: its network has {phobert.first_alias} rows of embeddings, .* ask for"
    ):
        new_network(tmp_path / "mixed", config)


def test_the_new_network(encoder_directory, tiny_config):
    new = new_network(encoder_directory, tiny_config(dropout=0.25))
    network, tokenizer = new.network, new.tokenizer
    assert network.config.id2label[3] == "B-PLACE"
    assert network.config.label2id == {tag: i for i, tag in network.config.id2label.items()}
    assert network.classifier.out_features == 9
    assert (network.config.hidden_dropout_prob, network.config.attention_probs_dropout_prob) == (0.25, 0.25)
    assert network.dtype == torch.float32
    assert tokenizer.is_fast
    assert new.head == ("classifier",)
    as_pretrained = new_network(encoder_directory, tiny_config()).network
    assert as_pretrained.config.hidden_dropout_prob == 0.1


def test_windows_are_never_longer_than_the_encoder_takes(encoder_directory, tiny_values, documents):
    config = validate_config({**tiny_values, "windows": {"tokens": 500, "overlap": 8}}, "tiny")
    checkpoint, _ = TokenClassification().train(config, encoder_directory, documents[:2], None)
    assert (checkpoint.window_tokens, checkpoint.overlap_tokens) == (64, 8)
    assert checkpoint.classes[:3] == ("O", "B-OFFICIAL", "I-OFFICIAL")
    assert not checkpoint.network.training


def test_the_marks_at_the_edges_of_spans_are_recorded(encoder_directory, tiny_values, annotated):
    document = annotated("a", "có [RATE 12 %], [RATE 5 ‰] ở [BOARD Ban (mở rộng)], là [BOARD “Ban”]")
    labels = {**tiny_values["data"], "labels": ["RATE", "BOARD"]}
    config = validate_config({**tiny_values, "data": labels}, "tiny")
    checkpoint, _ = TokenClassification().train(config, encoder_directory, [document], None)
    assert checkpoint.edge_marks == EdgeMarks("“", "%)”‰")


def test_rules_are_recorded_and_annotated_spans_that_break_them_reported(
    encoder_directory, tiny_values, annotated, capsys
):
    document = annotated("a", "có [COUNT 46 ca] ở [PLACE Hà Nội], [COUNT nhiều ca], [DIRECTIVE Luật]")
    rules = {"COUNT": ["begins_with_numeral"], "DIRECTIVE": ["holds_digit"]}
    config = validate_config({**tiny_values, "data": {**tiny_values["data"], "rules": rules}}, "tiny")
    checkpoint, _ = TokenClassification().train(config, encoder_directory, [document], None)
    assert checkpoint.rules == {"COUNT": ("begins_with_numeral",), "DIRECTIVE": ("holds_digit",)}
    assert capsys.readouterr().out == (
        "2 annotated spans break a rule of their label (data.rules) and will not be found: COUNT 'nhiều ca' (a), "
        "DIRECTIVE 'Luật' (a)\n"
    )


def test_augmented_copies_are_learned_beside_the_originals(encoder_directory, tiny_values, documents, monkeypatch):
    seen: list[Any] = []

    def note(documents: Any, *args: Any) -> Any:
        seen.extend(documents)
        return build_features(documents, *args)

    monkeypatch.setattr(token_classification, "build_features", note)
    config = validate_config({**tiny_values, "augmentation": {"copies": 2}}, "tiny")
    TokenClassification().train(config, encoder_directory, documents, None)
    assert [d.id for d in seen] == [
        "first", "second", "third", "empty",
        "first+1", "second+1", "third+1", "empty+1", "first+2", "second+2", "third+2", "empty+2",
    ]  # fmt: skip


def test_copies_bring_no_label_that_is_not_learned(encoder_directory, tiny_values, annotated, monkeypatch):
    parts = [("hai nước", "COUNT"), (" ", None), ("Lào", "PLACE")]
    monkeypatch.setattr("vanban_training.ner.augmentation.replacement", lambda *args: parts)
    document = annotated("a", "ở [PLACE Hà Nội]")
    values = {
        **tiny_values,
        "data": {"documents": "unread", "labels": ["PLACE"]},
        "augmentation": {"copies": 1, "share": 1},
    }
    checkpoint, _ = TokenClassification().train(validate_config(values, "tiny"), encoder_directory, [document], None)
    assert checkpoint.classes == ("O", "B-PLACE", "I-PLACE")


# ---- encoders whose files are not what they seem


def copy_of(encoder_directory, tmp_path):
    return shutil.copytree(encoder_directory, tmp_path / "copy")


@pytest.mark.parametrize("length", [0, 300])
def test_damaged_weights_are_an_error(encoder_directory, tmp_path, tiny_config, length):
    encoder = copy_of(encoder_directory, tmp_path)
    weights = encoder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:length])
    with pytest.raises(UserError) as error:
        new_network(encoder, tiny_config())
    assert str(error.value).startswith(f"encoder {encoder}: its weights or its config can't be read (")
    assert str(error.value).endswith("); fetch them again")


def test_weights_of_another_network_are_an_error(encoder_directory, tmp_path, tiny_config):
    from safetensors.torch import load_file, save_file

    encoder = copy_of(encoder_directory, tmp_path)
    tensors = load_file(encoder / "model.safetensors")
    kept = {name: tensor for name, tensor in tensors.items() if "layer.1." not in name}
    save_file(kept, encoder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError) as error:
        new_network(encoder, tiny_config())
    first = "bert.encoder.layer.1.attention.output.LayerNorm.bias"
    assert str(error.value).startswith(f"encoder {encoder}: its weights lack {first}, ")
    assert str(error.value).endswith(
        " and 13 more: damaged, or of another network than config.json says; fetch them again"
    )


def test_spans_inside_words_are_told(annotated, capsys):
    token_classification._report_spans_inside_words([annotated("a", "ở [PLACE Hà Nội], ông [OFFICIAL Nam]")])
    assert capsys.readouterr().out == ""
    token_classification._report_spans_inside_words(
        [annotated("a", "ở Hà [PLACE Nội], [COUNT 12 ca] ở Hà [PLACE Nội].")]
    )
    assert capsys.readouterr().out == (
        "2 of 3 spans begin or end inside a word as it is segmented, and will hardly be found: 'Nội', 'Nội'\n"
    )
