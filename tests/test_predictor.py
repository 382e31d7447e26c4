from __future__ import annotations

import functools
import inspect
import json
import random
import re
import shutil
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import vanban
from project import TAGS, TYPES, SaveModel
from vanban import Entity, Prediction, Predictor, UserError, load
from vanban.network.checkpoint import find_model, load_checkpoint
from vanban.network.heads import Classifier, Tagger
from vanban.reading.encoding import TextEncoder
from vanban.reading.text import INVISIBLE, crosses_hard_break, newer_tone_style, older_tone_style
from vanban.reading.words import word_spans
from vanban.schema import LABELS, Task
from vanban.values.meaning import Record

NER: tuple[Task, ...] = ("ner",)
NOTICE = "Số: 17/CT-UBND\r\nChủ tịch UBND TP. Hà Nội Chu Ngọc Anh: có 24.973 ca mắc.\n\nNơi nhận: các Sở"
TEXTS = [
    NOTICE,
    "",
    unicodedata.normalize("NFD", NOTICE),
    " \t\n\u00a0",
    "\ufeffHà\u200bNội\u200b\tĐà Nẵng\u00ad\u2028ông Nguyễn Văn A 👨\u200d👩\u200d👧 …",
    "Hà Nội có 24.973 ca, Đà Nẵng có 46 ca. " * 40,
    "Huế",
]
PARTS = [
    *("Hà Nội", unicodedata.normalize("NFD", "Hà Nội"), "24.973", "ông", "Ủy ban", "👨\u200d👩\u200d👧", "…", "½"),
    *("“", ",", ".", " ", "  ", "\t", "\r\n", "\n", "\u2028", "\x85", "\u00a0"),
    *("\u200b", "\ufeff", "\u00ad", "\u0301", "\u0344", "\ud800"),
]
ANY_TEXT = st.text(st.characters(), max_size=60) | st.lists(st.sampled_from(PARTS), max_size=30).map("".join)


def tagger_of(predictor: Predictor) -> Tagger:
    assert predictor.tagger is not None
    return predictor.tagger


def classifier_of(predictor: Predictor) -> Classifier:
    assert predictor.classifier is not None
    return predictor.classifier


def check(prediction: Prediction, text: str) -> None:
    """Assert what holds of every prediction."""
    assert prediction.text == text
    reached = 0
    for e in prediction.entities:
        assert reached <= e.start < e.end <= len(text)
        assert text[e.start : e.end] == e.text
        assert not crosses_hard_break(text, e.start, e.end)
        assert not any(edge.isspace() or edge in INVISIBLE for edge in (e.text[0], e.text[-1]))
        assert e.label in LABELS
        assert 0 <= e.score <= 1
        reached = e.end


def assert_same(one: Prediction, other: Prediction) -> None:
    """Assert the same entities, with scores that differ by rounding only."""
    assert (one.text, one.model) == (other.text, other.model)
    assert [(e.label, e.start, e.end) for e in one.entities] == [(e.label, e.start, e.end) for e in other.entities]
    assert [e.score for e in one.entities] == pytest.approx([e.score for e in other.entities], abs=1e-3)


# ---- any string


@pytest.mark.parametrize("text", TEXTS)
def test_offsets_are_exact_on_odd_texts(predictor: Predictor, text: str) -> None:
    check(predictor.predict(text), text)


@given(text=ANY_TEXT)
def test_offsets_are_exact_on_any_text(predictor: Predictor, text: str) -> None:
    check(predictor.predict(text), text)


@settings(max_examples=40)
@given(text=ANY_TEXT)
def test_offsets_are_exact_with_byte_tokens(byte_predictor: Predictor, text: str) -> None:
    check(byte_predictor.predict(text), text)


@pytest.fixture(scope="module")
def byte_predictor(save_model: SaveModel, byte_bpe: Any, tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    return load(save_model(tmp_path_factory.mktemp("bytes"), byte_bpe), device="cpu", tasks=NER)


def test_the_random_network_finds_entities(predictor: Predictor) -> None:
    """Otherwise the tests here would hold of a network that finds nothing."""
    entities = [e for p in predictor.predict(TEXTS) for e in p.entities]
    assert len({e.label for e in entities}) >= 2
    assert any(" " in e.text for e in entities) and len({e.score for e in entities}) > 10


def test_composed_and_decomposed_text_have_the_same_entities(predictor: Predictor) -> None:
    composed = predictor.predict(NOTICE)
    decomposed = predictor.predict(unicodedata.normalize("NFD", NOTICE))
    assert composed.entities
    assert [(e.label, unicodedata.normalize("NFD", e.text)) for e in composed.entities] == [
        (e.label, e.text) for e in decomposed.entities
    ]


# ---- one and many


def test_one_text_and_a_list_agree(predictor: Predictor) -> None:
    assert predictor.predict([]) == []
    assert predictor.predict("") == Prediction("", (), "tiny", record=Record())
    assert predictor.predict([NOTICE]) == [predictor.predict(NOTICE)]
    assert predictor.predict_batch((NOTICE, "")) == [predictor.predict(NOTICE), predictor.predict("")]


def test_many_texts_in_a_batch_give_what_each_gives_alone(predictor: Predictor) -> None:
    texts = [text for i in range(4) for text in (*TEXTS, "Hà Nội, " * i, NOTICE[i:])]
    together = predictor.predict(texts)
    assert len(together) == len(texts) == 36
    for text, prediction in zip(texts, together, strict=True):
        assert_same(prediction, predictor.predict(text))


@pytest.mark.parametrize("tokens_per_batch", [1, 70, 100_000])
def test_the_size_of_a_batch_changes_nothing(
    model_directory: Path, predictor: Predictor, tokens_per_batch: int
) -> None:
    other = Predictor([load_checkpoint(model_directory)], device="cpu", tokens_per_batch=tokens_per_batch)
    for one, two in zip(other.predict(TEXTS), predictor.predict(TEXTS), strict=True):
        assert_same(one, two)


def test_a_long_text_is_read_to_its_end_and_like_its_sentences(predictor: Predictor) -> None:
    """Windows are cut at sentences: a window that holds whole sentences gives what the sentences alone give."""
    line = "Hà Nội có 24.973 ca mắc, Đà Nẵng có 46 ca.\n"
    alone = predictor.predict(line).entities
    assert alone
    entities = predictor.predict(line * 200).entities
    # 24 tokens of 30 a line: each window is one line
    expected = [(e.label, e.start + i * len(line), e.text) for i in range(200) for e in alone]
    assert [(e.label, e.start, e.text) for e in entities] == expected


def test_log_probabilities_are_rows_of_the_windows(predictor: Predictor, unigram: Any) -> None:
    encoder = TextEncoder(unigram, 32, 8)
    documents = encoder.encode_batch(TEXTS)
    rows = tagger_of(predictor).log_probabilities(documents)
    assert [r.shape for r in rows] == [(len(d.ids), 9) for d in documents]
    assert all(np.allclose(np.exp(r).sum(axis=1), 1, atol=1e-5) for r in rows)
    assert tagger_of(predictor).log_probabilities([]) == []


def test_log_probabilities_are_those_of_the_plain_network(predictor: Predictor, unigram: Any) -> None:
    import torch

    texts = ["Chủ tịch Hà Nội", "Huế"]
    rows = tagger_of(predictor).log_probabilities(TextEncoder(unigram, 32, 8).encode_batch(texts))
    for text, found in zip(texts, rows, strict=True):
        with torch.inference_mode():
            logits = tagger_of(predictor).runner.network.module(**unigram(text, return_tensors="pt")).logits
        expected = logits[0, 1:-1].log_softmax(dim=-1).numpy()  # without <s> and </s>
        assert found.shape == expected.shape
        assert np.abs(found - expected).max() < 1e-4


# ---- words: PhoBERT


@pytest.fixture(scope="module")
def phobert_predictor(phobert_model: Path) -> Predictor:
    return load(phobert_model, device="cpu", tasks=NER)


@pytest.mark.parametrize("text", TEXTS)
def test_offsets_of_words_are_exact_on_odd_texts(phobert_predictor: Predictor, text: str) -> None:
    check(phobert_predictor.predict(text), text)


@settings(max_examples=60)
@given(text=ANY_TEXT)
@example(text="0" * 38 + ":A\ra")  # a soft break: an entity may go over it
def test_offsets_of_words_are_exact_on_any_text(phobert_predictor: Predictor, text: str) -> None:
    check(phobert_predictor.predict(text), text)


def test_entities_of_words(phobert_predictor: Predictor, seeds: dict[str, str]) -> None:
    predictions = phobert_predictor.predict(list(seeds.values()))
    entities = [(p.text, e) for p in predictions for e in p.entities]
    assert len({e.label for _, e in entities}) == 4 and len(entities) > 500
    for text, entity in entities:  # each begins and ends with a word
        spans = words_of(text)
        assert entity.start in spans[0] and entity.end in spans[1]


@functools.cache
def words_of(text: str) -> tuple[set[int], set[int]]:
    """Return where the words of `text` begin and where they end."""
    spans = word_spans(text)
    return {start for start, _ in spans}, {end for _, end in spans}


@pytest.mark.parametrize("change", [newer_tone_style, older_tone_style, str])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_every_spelling_has_the_same_entities(
    phobert_predictor: Predictor, seeds: dict[str, str], change: Callable[[str], str], form: Literal["NFC", "NFD"]
) -> None:
    changed = 0
    for text in (*seeds.values(), "Ủy ban tỉnh Hòa Bình: ông Thúy, bà Loan khỏe. THỦY LỢI huyện Mỹ Đức hòa"):
        raw = unicodedata.normalize(form, change(text))
        expected = [
            (e.label, unicodedata.normalize(form, change(e.text)), e.score)
            for e in phobert_predictor.predict(text).entities
        ]
        prediction = phobert_predictor.predict(raw)
        check(prediction, raw)
        assert expected
        assert [(e.label, e.text) for e in prediction.entities] == [entity[:2] for entity in expected]
        assert [e.score for e in prediction.entities] == pytest.approx([score for *_, score in expected], abs=1e-3)
        changed += raw != text
    assert changed > 0 or (change, form) == (str, "NFC")


# what a network would say of each word, for a network that knows words by heart
KNOWN = {
    "Chỉ thị": "B-DIRECTIVE", "số": "I-DIRECTIVE", "17/CT-UBND": "I-DIRECTIVE",
    "46": "B-COUNT", "ca": "I-COUNT", "Hà Nội": "B-PLACE", "Chu Ngọc Anh": "B-OFFICIAL",
}  # fmt: skip
MENTIONS = {
    "Chỉ thị số 17/CT-UBND": "DIRECTIVE", "46 ca": "COUNT", "Hà Nội": "PLACE", "Chu Ngọc Anh": "OFFICIAL",
}  # fmt: skip


@pytest.fixture
def by_heart(phobert_model: Path, phobert: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[Predictor, list[list[int]]]:
    """A predictor whose network knows the words of `KNOWN` by their first piece, and the windows that it is given.

    Of the later pieces of these words it says what would spoil an entity: that another begins.
    """

    predictor = load(phobert_model, device="cpu", tasks=NER)
    pieces = {word: phobert(word.replace(" ", "_")).input_ids[1:-1] for word in KNOWN}
    tags = {i: TAGS.index("B-PLACE") for ids in pieces.values() for i in ids[1:]}
    assert tags
    tags |= {pieces[word][0]: TAGS.index(tag) for word, tag in KNOWN.items()}
    windows: list[list[int]] = []

    def logits(batches: Iterable[tuple[Any, Any]]) -> Iterator[Any]:
        for batch, mask in batches:
            windows.extend(ids[1 : length - 1].tolist() for ids, length in zip(batch, mask.sum(axis=1), strict=True))
            rows = np.eye(len(TAGS), dtype=np.float32)[[[tags.get(i, 0) for i in ids] for ids in batch.tolist()]]
            yield np.log(rows * (1 - 9e-5) + 1e-5)

    monkeypatch.setattr(tagger_of(predictor).runner.network, "logits", logits)
    return predictor, windows


@pytest.mark.parametrize("stop", [". Rồi ", ", rồi ", "\n"])
def test_every_entity_of_5_000_words_is_found_once(by_heart: tuple[Predictor, list[list[int]]], stop: str) -> None:
    """In sentences, on one line that is cut at every few words, and in short lines."""
    predictor, windows = by_heart
    draw = random.Random(9)
    parts: list[str] = []
    while len("".join(parts).split()) < 5_000:
        parts.append(draw.choice([*MENTIONS, "hết dịch"]) + draw.choice([", và ", "; ", " - ", stop]))
    text = "".join(parts)
    expected = [
        (MENTIONS[match.group()], match.start(), match.end(), match.group())
        for match in re.finditer("|".join(MENTIONS), text)
    ]
    assert len(expected) > 1_000
    for raw in (text, text.replace("\n", "\u2028")):
        entities = predictor.predict(raw).entities
        assert [(e.label, e.start, e.end, e.text) for e in entities] == expected
        assert min(e.score for e in entities) > 0.99
    assert max(map(len, windows)) == tagger_of(predictor).encoder.capacity == 30
    assert len(windows) > 300


def test_no_window_is_longer_than_the_network_takes(phobert_model: Path, tmp_path: Path) -> None:
    """RoBERTa with 258 positions takes 256 tokens, which is what a window has where nothing else is stated."""
    import torch

    shutil.copytree(phobert_model, tmp_path / "model")
    (tmp_path / "model/vanban.json").unlink()
    predictor = load(tmp_path / "model", device="cpu", tasks=NER)
    encoder = tagger_of(predictor).encoder
    assert (encoder.window_tokens, encoder.overlap) == (256, 64)
    text = "Chủ tịch Hà Nội có 24.973 ca mắc " * 700
    check(predictor.predict(text), text)
    runner = tagger_of(predictor).runner
    assert runner._padded([np.full(254, 5)])[0].shape == (1, 256)
    with pytest.raises(AssertionError, match="a window is longer than the encoder's positions"):
        runner._padded([np.full(255, 5)])
    network: Any = runner.network
    with pytest.raises((IndexError, RuntimeError)), torch.inference_mode():  # what it would come to
        network.module(input_ids=torch.full((1, 257), 5))


def test_windows_that_a_model_can_not_take_are_cut_down(phobert_model: Path, tmp_path: Path) -> None:
    shutil.copytree(phobert_model, tmp_path / "model")
    info = '{"name": "wide", "windows": {"tokens": 512, "overlap": 128}}'
    (tmp_path / "model/vanban.json").write_text(info, encoding="utf-8")
    predictor = load(tmp_path / "model", device="cpu", tasks=NER)
    encoder = tagger_of(predictor).encoder
    assert (encoder.window_tokens, encoder.overlap) == (256, 64)


# ---- the type of a document


def assert_same_type(one: Prediction, other: Prediction) -> None:
    assert (one.text, one.doc_type) == (other.text, other.doc_type)
    assert one.doc_type_scores == pytest.approx(other.doc_type_scores, abs=1e-3)


def check_type(prediction: Prediction, threshold: float = 0.5) -> None:
    """Assert what holds of the type in every prediction of the tiny classifier."""
    scores = prediction.doc_type_scores
    assert set(scores) == set(TYPES)
    assert list(scores.values()) == sorted(scores.values(), reverse=True)
    assert sum(scores.values()) == pytest.approx(1, abs=2e-4)  # each is rounded to four digits
    best, score = next(iter(scores.items()))
    assert prediction.doc_type_score == score
    shows = any(not c.isspace() and c not in INVISIBLE for c in prediction.text)
    assert prediction.doc_type == (best if shows and score >= threshold else None)


def test_entities_and_a_type_of_odd_texts(reads_both: Predictor) -> None:
    predictions = reads_both.predict(TEXTS + PARTS)
    for text, prediction in zip(TEXTS + PARTS, predictions, strict=True):
        check(prediction, text)
        check_type(prediction)
        assert prediction.model == "tiny + tiny-types"
    # else these tests would hold of a network that says the same of every text
    assert {p.doc_type for p in predictions} >= {"bao_cao", "cong_van", None}


@settings(max_examples=60)
@given(text=ANY_TEXT)
@example(text=" \u0344")  # a mark without a letter, which no token has as its text
def test_entities_and_a_type_of_any_text(reads_both: Predictor, text: str) -> None:
    prediction = reads_both.predict(text)
    check(prediction, text)
    check_type(prediction)


def test_two_tasks_give_what_each_gives_alone(
    reads_both: Predictor, predictor: Predictor, classifier_directory: Path
) -> None:
    types_alone = load(classifier_directory, device="cpu", tasks=("doctype",))
    assert (types_alone.tagger, types_alone.name, list(types_alone.info)) == (None, "tiny-types", ["doctype"])
    entities = 0
    for both, tagged, typed in zip(*(p.predict(TEXTS) for p in (reads_both, predictor, types_alone)), strict=True):
        assert [(e.label, e.start, e.end) for e in both.entities] == [
            (e.label, e.start, e.end) for e in tagged.entities
        ]
        assert_same_type(both, typed)
        assert (tagged.doc_type, tagged.doc_type_score, tagged.doc_type_scores) == (None, None, {})
        assert (typed.entities, typed.model, tagged.model) == ((), "tiny-types", "tiny")
        entities += len(both.entities)
    assert entities > 20


def test_what_a_predictor_of_both_is(reads_both: Predictor) -> None:
    assert (reads_both.name, list(reads_both.info)) == ("tiny + tiny-types", ["ner", "doctype"])
    assert (tagger_of(reads_both).labels, classifier_of(reads_both).types) == (LABELS, TYPES)
    assert tagger_of(reads_both).encoder.window_tokens == 32
    assert classifier_of(reads_both).encoder.window_tokens == 24


def test_the_order_of_the_models_changes_nothing(
    reads_both: Predictor, model_directory: Path, classifier_directory: Path
) -> None:
    other = load((classifier_directory, str(model_directory)), device="cpu")
    assert (other.name, list(other.info)) == (reads_both.name, ["doctype", "ner"])
    assert other.predict(TEXTS) == reads_both.predict(TEXTS)


def test_the_type_that_is_given_is_that_of_the_plain_network(
    reads_both: Predictor, classifier_directory: Path, unigram: Any
) -> None:
    """Of a text that is one window, at the recorded temperature of 2."""
    import torch
    from transformers import AutoModelForSequenceClassification

    plain = AutoModelForSequenceClassification.from_pretrained(classifier_directory).eval()
    for text in ("Chủ tịch Hà Nội", "Huế", "24.973"):
        with torch.inference_mode():
            expected = (plain(**unigram(text, return_tensors="pt")).logits[0] / 2).softmax(dim=-1).tolist()
        prediction = reads_both.predict(text)
        assert prediction.doc_type_scores == pytest.approx(dict(zip(TYPES, expected, strict=True)), abs=1e-3)
        assert prediction.doc_type == (TYPES[int(np.argmax(expected))] if max(expected) >= 0.5 else None)


def test_tokens_are_made_once_where_both_read_alike(reads_both: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = reads_both.predict(TEXTS)
    encoder = classifier_of(reads_both).encoder
    encode_split, calls = encoder.encode_split, 0

    def counted(texts: Any) -> Any:
        nonlocal calls
        calls += 1
        return encode_split(texts)

    monkeypatch.setattr(encoder, "encode_split", counted)
    assert (reads_both.predict(TEXTS), calls) == (expected, 0)
    monkeypatch.setattr(reads_both, "_shares_tokens", False)  # tokenised again, the texts come to the same
    assert reads_both.predict(TEXTS) == expected
    assert calls == 1


@pytest.mark.parametrize("kind", ["wordpiece", "byte_bpe", "phobert"])
def test_two_tokenizers_in_one_predictor(
    request: pytest.FixtureRequest, kind: str, save_model: SaveModel, model_directory: Path, tmp_path: Path
) -> None:
    tokenizer = request.getfixturevalue(kind)
    info = {"task": "doctype", "name": "other", "windows": {"tokens": 24, "overlap": 4}, "threshold": 0.4}
    folder = save_model(tmp_path / "other", tokenizer, TYPES, info, task="doctype")
    both = load([model_directory, folder], device="cpu")
    assert both._shares_tokens is False
    tagged, typed = load(model_directory, "cpu", NER), load(folder, "cpu", ("doctype",))
    for text, one, two, three in zip(TEXTS, *(p.predict(TEXTS) for p in (both, tagged, typed)), strict=True):
        check(one, text)
        check_type(one, 0.4)
        assert [(e.label, e.start, e.end) for e in one.entities] == [(e.label, e.start, e.end) for e in two.entities]
        assert_same_type(one, three)
    assert len({p.doc_type for p in both.predict(TEXTS)}) >= 2


def test_words_are_read_once_for_both(phobert_model: Path, phobert_classifier: Path, seeds: dict[str, str]) -> None:
    both = load([phobert_model, phobert_classifier], device="cpu")
    assert both._shares_tokens is True
    tagged, typed = load(phobert_model, "cpu", NER), load(phobert_classifier, "cpu", ("doctype",))
    texts = [*seeds.values(), *TEXTS]
    for text, one, two, three in zip(texts, *(p.predict(texts) for p in (both, tagged, typed)), strict=True):
        check(one, text)
        check_type(one)
        assert [(e.label, e.start, e.end) for e in one.entities] == [(e.label, e.start, e.end) for e in two.entities]
        assert_same_type(one, three)


@pytest.fixture(scope="module")
def phobert_classifier(phobert_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random classifier on the encoder of `phobert_model`, with shorter windows."""
    import torch
    from transformers import AutoModelForSequenceClassification

    folder = tmp_path_factory.mktemp("models") / "phobert-types"
    shutil.copytree(phobert_model, folder)
    torch.manual_seed(11)
    names = {"id2label": dict(enumerate(TYPES)), "label2id": {name: i for i, name in enumerate(TYPES)}}
    AutoModelForSequenceClassification.from_pretrained(phobert_model, **names).save_pretrained(folder)
    info = {"task": "doctype", "name": "words", "windows": {"tokens": 20, "overlap": 4}, "threshold": 0.5}
    (folder / "vanban.json").write_text(json.dumps(info), encoding="utf-8")
    return folder


@pytest.mark.parametrize("text", ["", " \t\n\u00a0", "\r\n\r\n"])
def test_a_text_without_words_has_no_type(
    reads_both: Predictor, classifier_directory: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classifier_of(reads_both), "threshold", 0.0)  # at which every other text has a type
    alone = load(classifier_directory, "cpu", ("doctype",))
    monkeypatch.setattr(classifier_of(alone), "threshold", 0.0)
    for predictor in (reads_both, alone):
        prediction, other = predictor.predict([text, "Huế"])
        assert (prediction.doc_type, prediction.doc_type_score) == (None, 0.3333)
        assert prediction.doc_type_scores == dict.fromkeys(TYPES, 0.3333)
        assert other.doc_type == "bao_cao"


def test_below_the_threshold_there_is_no_type_and_the_scores_stay(
    reads_both: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    sure = reads_both.predict("24.973")
    assert (sure.doc_type, sure.doc_type_score) == ("bao_cao", sure.doc_type_scores["bao_cao"])
    assert sure.doc_type_score is not None and 0.7 < sure.doc_type_score < 0.9
    monkeypatch.setattr(classifier_of(reads_both), "threshold", sure.doc_type_score)
    assert reads_both.predict("24.973") == sure  # reaching it is enough
    monkeypatch.setattr(classifier_of(reads_both), "threshold", 0.9)
    unsure = reads_both.predict("24.973")
    assert unsure.doc_type is None
    assert (unsure.doc_type_score, unsure.doc_type_scores) == (sure.doc_type_score, sure.doc_type_scores)


def test_a_long_document_is_read_at_its_ends_and_in_its_middle(reads_both: Predictor) -> None:
    """The reading of the tiny classifier is one window from each: what is between changes nothing."""
    line = "Hà Nội có 24.973 ca mắc, Đà Nẵng.\n"
    encoded = classifier_of(reads_both).encoder.encode(line * 9)
    assert len(encoded.windows) == 9
    plain = reads_both.predict(line * 9)

    def with_line(number: int) -> Prediction:
        lines = [line] * 9
        lines[number] = "ông Nguyễn Văn A là chủ tịch tỉnh.\n"
        return reads_both.predict("".join(lines))

    for number in range(9):
        same = with_line(number).doc_type_scores == pytest.approx(plain.doc_type_scores, abs=2e-4)
        assert same == (number not in (0, 4, 8)), number


def test_types_of_a_stream(reads_both: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vanban.predictor.TEXTS_PER_CHUNK", 3)
    for text, prediction in zip(TEXTS, reads_both.stream(iter(TEXTS)), strict=True):
        assert_same_type(prediction, reads_both.predict(text))


# ---- which models are loaded


@pytest.fixture
def shipped(
    model_directory: Path, classifier_directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[Any, ...]]:
    """Let the tiny models be those of the package; return what is asked of `find_model`."""
    (tmp_path / "bundled").mkdir()
    (tmp_path / "bundled/ner").symlink_to(model_directory)
    (tmp_path / "bundled/doctype").symlink_to(classifier_directory)
    monkeypatch.setattr("vanban.network.shipped.BUNDLED", tmp_path / "bundled")
    asked: list[tuple[Any, ...]] = []

    def recorded(*arguments: Any) -> Any:
        asked.append(arguments)
        return find_model(*arguments)

    monkeypatch.setattr("vanban.predictor.find_model", recorded)
    return asked


@pytest.mark.parametrize(
    ("tasks", "asked", "name"),
    [
        (("ner", "doctype"), [(None, "ner"), (None, "doctype")], "tiny + tiny-types"),
        (("doctype", "ner"), [(None, "ner"), (None, "doctype")], "tiny + tiny-types"),
        (("ner",), [(None, "ner")], "tiny"),
        (["doctype"], [(None, "doctype")], "tiny-types"),
    ],
)
def test_only_what_is_asked_for_is_loaded(
    shipped: list[tuple[Any, ...]], tasks: Any, asked: list[tuple[Any, ...]], name: str
) -> None:
    predictor = load(device="cpu", tasks=tasks)
    assert (shipped, predictor.name) == (asked, name)
    assert (predictor.tagger is None, predictor.classifier is None) == ("ner" not in tasks, "doctype" not in tasks)


def test_a_model_takes_the_place_of_the_shipped_one_of_its_task(
    shipped: list[tuple[Any, ...]], save_model: SaveModel, tmp_path: Path
) -> None:
    mine = save_model(tmp_path / "mine", info={"task": "ner", "name": "mine"})
    types = save_model(tmp_path / "types", classes=TYPES, info={"name": "types"}, task="doctype")
    assert load(mine, device="cpu").name == "mine + tiny-types"
    assert load([str(types)], device="cpu").name == "tiny + types"
    assert load((types, mine), device="cpu").name == "mine + types"
    assert load([], device="cpu").name == load(None, device="cpu").name == "tiny + tiny-types"
    assert shipped == [
        *((mine,), (None, "doctype")),
        *((str(types),), (None, "ner")),
        *((types,), (mine,)),
        *[(None, "ner"), (None, "doctype")] * 2,
    ]


def test_predict_loads_the_shipped_models_once(shipped: list[tuple[Any, ...]]) -> None:
    from vanban import predictor as module

    module._loaded.clear()
    try:
        for _ in range(2):
            assert vanban.predict("Huế").model == "tiny + tiny-types"
        assert shipped == [(None, "ner"), (None, "doctype")]
    finally:
        module._loaded.clear()


def test_two_models_of_a_task(
    shipped: list[tuple[Any, ...]], model_directory: Path, save_model: SaveModel, tmp_path: Path
) -> None:
    mine = save_model(tmp_path / "mine", info={"name": "mine"})
    with pytest.raises(UserError) as error:
        load([model_directory, mine], device="cpu")
    assert shipped == [(model_directory,), (mine,)]  # and not the shipped ones for nothing
    assert str(error.value) == "two models of the task ner: tiny and mine; give one for each task"
    with pytest.raises(UserError, match=r"^two models of the task ner: tiny and mine; "):
        Predictor([load_checkpoint(model_directory), load_checkpoint(mine)])
    with pytest.raises(UserError, match=r"^no model is given; expected one for a task at least \(ner, doctype\)$"):
        Predictor([])


@pytest.mark.parametrize("tasks", [(), [], None, "ner", ("ner", "pos"), ["tags"]])
def test_tasks_that_are_unknown(shipped: list[tuple[Any, ...]], tasks: Any) -> None:
    with pytest.raises(UserError) as error:
        load(device="cpu", tasks=tasks)
    assert str(error.value) == f"tasks: found {tasks!r}, expected some of ner, doctype"
    assert shipped == []


def test_a_model_whose_task_is_left_out(model_directory: Path, classifier_directory: Path) -> None:
    with pytest.raises(UserError) as error:
        load([model_directory, classifier_directory], device="cpu", tasks=NER)
    assert str(error.value) == "tiny-types: a model for doctype, found the tasks ner; leave it out"
    with pytest.raises(UserError, match=r"^tiny: a model for ner, found the tasks doctype; leave it out$"):
        load(model_directory, device="cpu", tasks=("doctype",))


# ---- streams


def counted(texts: list[str], taken: list[int]) -> Iterator[str]:
    for i, text in enumerate(texts):
        taken.append(i)
        yield text


def test_a_stream_is_lazy_in_order_and_bounded(predictor: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vanban.predictor.CHARACTERS_PER_CHUNK", 1_000)
    texts = [f"Hà Nội có {i} ca." for i in range(1_000)]
    taken: list[int] = []
    stream = predictor.stream(counted(texts, taken))
    assert taken == []  # nothing is read before the first prediction is asked for
    ahead, reads = [], set()
    for i, prediction in enumerate(stream):
        assert prediction.text == texts[i]
        ahead.append(len(taken) - i)
        reads.add(len(taken))
    assert len(ahead) == 1_000
    assert 50 <= max(ahead) <= 70  # 1,000 characters, 15 to 17 a text
    assert 15 <= len(reads) <= 20


def test_short_and_empty_texts_are_bounded_too(predictor: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vanban.predictor.TEXTS_PER_CHUNK", 10)
    taken: list[int] = []
    stream = predictor.stream(counted([""] * 1_000, taken))
    assert next(stream) == Prediction("", (), "tiny", record=Record())
    assert len(taken) == 10
    assert len(list(stream)) == 999
    assert list(predictor.stream(iter([]))) == []


def test_a_sequence_is_read_ahead_and_an_iterable_where_it_is_asked(
    reads_both: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What yields texts may belong to its thread, as cursors of databases do."""
    monkeypatch.setattr("vanban.predictor.TEXTS_PER_CHUNK", 2)
    texts = TEXTS * 2
    threads: list[str] = []
    read = Predictor.read

    def watched(self: Predictor, texts: list[str]) -> Any:
        threads.append(threading.current_thread().name)
        return read(self, texts)

    def items() -> Iterator[str]:
        for text in texts:
            threads.append(threading.current_thread().name)
            yield text

    monkeypatch.setattr(Predictor, "read", watched)
    here = threading.current_thread().name
    by_iterable = list(reads_both.stream(items()))
    assert set(threads) == {here}
    threads.clear()
    assert list(reads_both.stream(texts)) == reads_both.predict(texts) == by_iterable
    assert threads[:2] == [here, "vanban-ahead"] and set(threads) == {here, "vanban-ahead"}
    threads.clear()
    reads_both.predict(texts[0])
    assert threads == [here]


def test_what_came_before_an_error_is_predicted(predictor: Predictor) -> None:
    def broken() -> Iterator[str]:
        yield from TEXTS
        raise OSError("the network went away")

    for texts, kind in (([*TEXTS, 3], TypeError), (broken(), OSError)):
        stream = predictor.stream(texts)  # type: ignore[arg-type]
        assert [next(stream).text for _ in TEXTS] == TEXTS
        with pytest.raises(kind):
            next(stream)


def test_texts_that_are_tokenised_already(
    reads_both: Predictor, predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = reads_both.predict(TEXTS)
    read = reads_both.read(TEXTS)
    assert list(read) == TEXTS
    assert predictor.predict_batch(read) == predictor.predict(TEXTS)  # another predictor reads them itself
    monkeypatch.setattr("vanban.predictor.split", lambda texts: pytest.fail("they were read again"))
    assert reads_both.predict_batch(read) == expected


# ---- what is refused


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (b"H\xc3\xa0", r"predict: found bytes, expected str. Decode first: data.decode\('utf-8'\)"),
        (Path("a.txt"), r"predict: found a path, expected str. Read it first: path.read_bytes\(\).decode\('utf-8'\)$"),
        (None, "predict: found NoneType, expected str or a list of str"),
        (17, "predict: found int, expected str or a list of str"),
        (("a", "b"), "predict: found tuple, expected str or a list of str"),
        (["a", 17], "text 2: found int, expected str"),
        ([b"a"], "text 1: found bytes, expected str. Decode first"),
        ([None], "text 1: found NoneType, expected str"),
        ([["a"]], "text 1: found list, expected str"),
    ],
)
def test_other_types_are_refused(predictor: Predictor, value: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        predictor.predict(value)


def test_predict_of_the_package_refuses_other_types_before_it_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vanban.predictor._shipped", lambda: pytest.fail("the model was loaded"))
    for value in (b"a", None, 17, Path("a.txt")):
        with pytest.raises(TypeError, match="expected str"):
            vanban.predict(value)  # type: ignore[call-overload]


@pytest.mark.parametrize("value", ["Hà Nội", b"a", 17, None])
def test_a_stream_takes_an_iterable_of_texts(predictor: Predictor, value: Any) -> None:
    with pytest.raises(TypeError, match=r"stream takes an iterable of str, found one \w+. Call predict\(text\)"):
        predictor.stream(value)  # at the call, not when the first prediction is asked for


@pytest.mark.parametrize("value", ["Hà Nội", b"a", 17, None, iter(["a"])])
def test_a_batch_is_a_list_of_texts(predictor: Predictor, value: Any) -> None:
    with pytest.raises(TypeError, match="predict_batch takes a list of str"):
        predictor.predict_batch(value)


@pytest.mark.parametrize("value", [17, b"runs/ner", [17], ["runs/ner", None], {"runs/ner"}])
def test_load_takes_paths_and_names(value: Any) -> None:
    with pytest.raises(TypeError) as error:
        load(value)
    assert str(error.value) == f"load takes a path, a name, a list of these or None, found {type(value).__name__}"


@pytest.mark.parametrize("device", ["tpu", "gpu", "", "mps", "cuda:x"])
def test_unknown_devices(model_directory: Path, device: str) -> None:
    with pytest.raises(UserError, match=f"device '{device}': expected auto, cpu, cuda or cuda:N"):
        load(model_directory, device=device, tasks=NER)


def test_cuda_where_there_is_none(model_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    for device in ("cuda", "cuda:1"):
        with pytest.raises(UserError, match=f"device '{device}': this machine has 0 CUDA devices; use cpu or auto"):
            load(model_directory, device=device, tasks=NER)
    assert tagger_of(load(model_directory, tasks=NER)).runner.network.device.type == "cpu"


# ---- tags


def test_tags_in_another_order_are_read_by_name(save_model: SaveModel, predictor: Predictor, tmp_path: Path) -> None:
    import torch
    from transformers import BertForTokenClassification

    order = [3, 0, 8, 1, 6, 2, 7, 5, 4]
    shuffled = save_model(tmp_path / "shuffled", classes=[TAGS[i] for i in order])
    network = BertForTokenClassification.from_pretrained(shuffled)
    original = tagger_of(predictor).runner.network.module
    network.load_state_dict(original.state_dict())
    with torch.no_grad():
        network.classifier.weight.copy_(original.classifier.weight[order])
        network.classifier.bias.copy_(original.classifier.bias[order])
    network.save_pretrained(shuffled)
    (shuffled / "vanban.json").write_text('{"name": "tiny", "windows": {"tokens": 32, "overlap": 8}}', encoding="utf-8")
    other = load(shuffled, device="cpu", tasks=NER)
    assert tagger_of(other).labels == ("PLACE", "OFFICIAL", "DIRECTIVE", "COUNT")
    for one, two in zip(other.predict(TEXTS), predictor.predict(TEXTS), strict=True):
        assert_same(one, two)


@pytest.mark.parametrize(
    "tags",
    [
        ("LABEL_0", "LABEL_1"),
        ("O", "PLACE"),
        ("O", "I-PLACE", "I-COUNT"),
        ("O", "B-PLACE", "I-PLACE", "E-PLACE"),
        ("B-PLACE", "I-PLACE"),
        ("O",),
    ],
)
def test_tags_that_are_not_iob2_are_refused(save_model: SaveModel, tmp_path: Path, tags: tuple[str, ...]) -> None:
    with pytest.raises(UserError, match=f"the model's tags are {', '.join(tags)}; expected O, B-… and I-… of each"):
        load(save_model(tmp_path / "model", classes=tags), device="cpu", tasks=NER)


def test_a_predictor_says_what_it_is(predictor: Predictor) -> None:
    assert (predictor.name, tagger_of(predictor).labels, predictor.classifier) == ("tiny", LABELS, None)
    assert list(predictor.info) == ["ner"] and predictor.info["ner"]["name"] == "tiny"
    prediction = predictor.predict(NOTICE)
    assert prediction.model == "tiny"
    assert all(isinstance(e, Entity) for e in prediction.entities)
    assert not inspect.isgenerator(predictor.predict([NOTICE]))
