from __future__ import annotations

import functools
import inspect
import random
import re
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vanban
from project import TAGS, SaveModel
from vanban import Entity, Prediction, Predictor, UserError, load
from vanban.encoding import TextEncoder
from vanban.predictor import sorted_tags
from vanban.schema import LABELS
from vanban.text import INVISIBLE, LINE_BREAK, newer_tone_style, older_tone_style
from vanban.words import word_spans

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


def check(prediction: Prediction, text: str) -> None:
    """Assert what holds of every prediction."""
    assert prediction.text == text
    reached = 0
    for e in prediction.entities:
        assert reached <= e.start < e.end <= len(text)
        assert text[e.start : e.end] == e.text
        assert not LINE_BREAK.search(e.text)
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


@settings(deadline=None)
@given(text=ANY_TEXT)
def test_offsets_are_exact_on_any_text(predictor: Predictor, text: str) -> None:
    check(predictor.predict(text), text)


@settings(deadline=None, max_examples=40)
@given(text=ANY_TEXT)
def test_offsets_are_exact_with_byte_tokens(byte_predictor: Predictor, text: str) -> None:
    check(byte_predictor.predict(text), text)


@pytest.fixture(scope="module")
def byte_predictor(save_model: SaveModel, byte_bpe: Any, tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    return load(save_model(tmp_path_factory.mktemp("bytes"), byte_bpe), device="cpu")


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
    assert predictor.predict("") == Prediction("", (), "tiny")
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
    other = Predictor(vanban.checkpoint.load_checkpoint(model_directory), "cpu", tokens_per_batch)
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
    rows = predictor.log_probabilities(documents)
    assert [r.shape for r in rows] == [(len(d.ids), 9) for d in documents]
    assert all(np.allclose(np.exp(r).sum(axis=1), 1, atol=1e-5) for r in rows)
    assert predictor.log_probabilities([]) == []


def test_log_probabilities_are_those_of_the_plain_network(predictor: Predictor, unigram: Any) -> None:
    import torch

    texts = ["Chủ tịch Hà Nội", "Huế"]
    rows = predictor.log_probabilities(TextEncoder(unigram, 32, 8).encode_batch(texts))
    for text, found in zip(texts, rows, strict=True):
        with torch.inference_mode():
            logits = predictor._network(**unigram(text, return_tensors="pt")).logits
        expected = logits[0, 1:-1].log_softmax(dim=-1).numpy()  # without <s> and </s>
        assert found.shape == expected.shape
        assert np.abs(found - expected).max() < 1e-4


# ---- words: PhoBERT


@pytest.fixture(scope="module")
def phobert_predictor(phobert_model: Path) -> Predictor:
    return load(phobert_model, device="cpu")


@pytest.mark.parametrize("text", TEXTS)
def test_offsets_of_words_are_exact_on_odd_texts(phobert_predictor: Predictor, text: str) -> None:
    check(phobert_predictor.predict(text), text)


@settings(deadline=None, max_examples=60)
@given(text=ANY_TEXT)
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
    predictor = load(phobert_model, device="cpu")
    pieces = {word: phobert(word.replace(" ", "_")).input_ids[1:-1] for word in KNOWN}
    tags = {i: TAGS.index("B-PLACE") for ids in pieces.values() for i in ids[1:]}
    assert tags
    tags |= {pieces[word][0]: TAGS.index(tag) for word, tag in KNOWN.items()}
    windows: list[list[int]] = []

    def forward(batch: list[Any]) -> list[Any]:
        windows.extend(ids.tolist() for ids in batch)
        rows = [np.eye(len(TAGS), dtype=np.float32)[[tags.get(i, 0) for i in ids.tolist()]] for ids in batch]
        return [np.log(row * (1 - 9e-5) + 1e-5) for row in rows]

    monkeypatch.setattr(predictor, "_forward", forward)
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
    assert max(map(len, windows)) == predictor._encoder.capacity == 30
    assert len(windows) > 300


def test_no_window_is_longer_than_the_network_takes(phobert_model: Path, tmp_path: Path) -> None:
    """RoBERTa with 258 positions takes 256 tokens, which is what a window has where nothing else is stated."""
    import torch

    shutil.copytree(phobert_model, tmp_path / "model")
    (tmp_path / "model/vanban.json").unlink()
    predictor = load(tmp_path / "model", device="cpu")
    assert (predictor._encoder.window_tokens, predictor._encoder.overlap) == (256, 64)
    text = "Chủ tịch Hà Nội có 24.973 ca mắc " * 700
    check(predictor.predict(text), text)
    ids = np.full(254, 5)
    assert predictor._forward([ids])[0].shape == (254, 9)
    with pytest.raises(AssertionError, match="a window is longer than the encoder's positions"):
        predictor._forward([np.full(255, 5)])
    with pytest.raises((IndexError, RuntimeError)), torch.inference_mode():  # what it would come to
        predictor._network(input_ids=torch.full((1, 257), 5))


def test_windows_that_a_model_can_not_take_are_cut_down(phobert_model: Path, tmp_path: Path) -> None:
    shutil.copytree(phobert_model, tmp_path / "model")
    info = '{"name": "wide", "windows": {"tokens": 512, "overlap": 128}}'
    (tmp_path / "model/vanban.json").write_text(info, encoding="utf-8")
    predictor = load(tmp_path / "model", device="cpu")
    assert (predictor._encoder.window_tokens, predictor._encoder.overlap) == (256, 64)


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
    assert next(stream) == Prediction("", (), "tiny")
    assert len(taken) == 10
    assert len(list(stream)) == 999
    assert list(predictor.stream(iter([]))) == []


# ---- what is refused


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (b"H\xc3\xa0", r"predict: found bytes, expected str. Decode first: data.decode\('utf-8'\)"),
        (Path("a.txt"), r"predict: found a path, expected str. Read it first: path.read_text"),
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


@pytest.mark.parametrize("value", [17, b"runs/ner", ["runs/ner"]])
def test_load_takes_a_path_or_a_name(value: Any) -> None:
    with pytest.raises(TypeError, match="load takes a path, a name or None, found"):
        load(value)


@pytest.mark.parametrize("device", ["tpu", "gpu", "", "mps", "cuda:x"])
def test_unknown_devices(model_directory: Path, device: str) -> None:
    with pytest.raises(UserError, match=f"device '{device}': expected auto, cpu, cuda or cuda:N"):
        load(model_directory, device=device)


def test_cuda_where_there_is_none(model_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    for device in ("cuda", "cuda:1"):
        with pytest.raises(UserError, match=f"device '{device}': this machine has 0 CUDA devices; use cpu or auto"):
            load(model_directory, device=device)
    assert load(model_directory).device.type == "cpu"


# ---- tags


def test_tags_in_another_order_are_read_by_name(save_model: SaveModel, predictor: Predictor, tmp_path: Path) -> None:
    import torch
    from transformers import BertForTokenClassification

    order = [3, 0, 8, 1, 6, 2, 7, 5, 4]
    shuffled = save_model(tmp_path / "shuffled", tags=[TAGS[i] for i in order])
    network = BertForTokenClassification.from_pretrained(shuffled)
    original = predictor._network
    network.load_state_dict(original.state_dict())
    with torch.no_grad():
        network.classifier.weight.copy_(original.classifier.weight[order])
        network.classifier.bias.copy_(original.classifier.bias[order])
    network.save_pretrained(shuffled)
    (shuffled / "vanban.json").write_text('{"name": "tiny", "windows": {"tokens": 32, "overlap": 8}}', encoding="utf-8")
    other = load(shuffled, device="cpu")
    assert other.labels == ("PLACE", "OFFICIAL", "DIRECTIVE", "COUNT")
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
        load(save_model(tmp_path / "model", tags=tags), device="cpu")


def test_sorted_tags() -> None:
    assert sorted_tags(["I-A", "B-B", "O", "B-A", "I-B"]) == ["O", "B-B", "I-B", "B-A", "I-A"]


def test_a_predictor_says_what_it_is(predictor: Predictor) -> None:
    assert (predictor.name, predictor.labels, predictor.info["task"]) == ("tiny", LABELS, "ner")
    prediction = predictor.predict(NOTICE)
    assert prediction.model == "tiny"
    assert all(isinstance(e, Entity) for e in prediction.entities)
    assert not inspect.isgenerator(predictor.predict([NOTICE]))
