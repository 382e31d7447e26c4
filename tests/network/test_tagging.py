from __future__ import annotations

import itertools
import tracemalloc
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_lines import scored
from vanban.network.edges import USUAL_MARKS, EdgeMarks
from vanban.network.lattice import Lattice
from vanban.network.tagging import (
    IGNORED,
    _best_spans,
    decode,
    labels_of,
    merge_windows,
    tag_names,
    tags_of_spans,
)
from vanban.network.token_scores import TokenScores
from vanban.reading.encoding import EncodedText, TextEncoder, Window
from vanban.schema import LABELS, Entity

FloatArray = npt.NDArray[np.float32]
TWO = ("PLACE", "COUNT")
NAMES = tag_names(TWO)  # O, B-PLACE, I-PLACE, B-COUNT, I-COUNT
O, B, I, B2, I2 = range(5)  # noqa: E741 - the tags by their names


def encoded_words(text: str, line_starts: tuple[int, ...] = (0,)) -> EncodedText:
    """One token a word; `_` is a token without text, `+word` continues the unit before it, `~word` is a later piece of
    the word before it, which has no label of its own."""
    spans, can_begin, has_label = [], [], []
    at = 0
    for word in text.split():
        at = text.index(word, at)
        spans.append((at + 1, at + 1) if word == "_" else (at, at + len(word)))
        can_begin.append(word[0] not in "_+~")
        has_label.append(word[0] not in "_~")
        at += len(word)
    starts = np.zeros(len(spans), dtype=bool)
    starts[list(line_starts) if spans else []] = True
    return EncodedText(
        text, np.arange(len(spans)), np.array(spans, dtype=np.int64).reshape(-1, 2), np.array(can_begin, dtype=bool),
        np.array(has_label, dtype=bool), starts, (0, len(spans)), (Window(0, len(spans)),) if spans else (),
    )  # fmt: skip


def near_one_hot(tags: Any, count: int, other: float = 1e-5) -> FloatArray:
    """Return (tokens, count) log probabilities that put almost everything on `tags`."""
    probabilities = np.full((len(tags), count), other)
    for row, tag in zip(probabilities, tags, strict=True):
        row[max(tag, 0)] = 1 - other * (count - 1)  # what is IGNORED may say anything
    return np.log(probabilities).astype(np.float32)


def found(encoded: EncodedText, tags: list[int]) -> list[tuple[str, str]]:
    return [(e.label, e.text) for e in decode(encoded, near_one_hot(tags, len(NAMES)), TWO)]


# ---- names


def test_tag_names_and_back() -> None:
    assert tag_names(LABELS[:2]) == ["O", "B-OFFICIAL", "I-OFFICIAL", "B-PLACE", "I-PLACE"]
    assert labels_of(tag_names(LABELS)) == LABELS
    assert labels_of(["O"]) == ()
    with pytest.raises(ValueError, match=r"expected tags in the order .*'O', 'B-PLACE', 'I-PLACE'.* found"):
        labels_of(["B-PLACE", "O", "I-PLACE"])


# ---- spans to tags


def test_tags_of_spans() -> None:
    encoded = encoded_words("tại Hà Nội _ có 24 +.973 ca")
    entities = [Entity("PLACE", 4, 10, "Hà Nội"), Entity("COUNT", 16, 24, "24 +.973")]
    assert tags_of_spans(encoded, entities, TWO).tolist() == [O, B, I, IGNORED, O, B2, I2, O]
    assert tags_of_spans(encoded_words(""), [], TWO).tolist() == []
    assert tags_of_spans(encoded_words("Hà _ Nội"), [Entity("PLACE", 0, 8, "Hà _ Nội")], TWO).tolist() == [
        B,
        IGNORED,
        I,
    ]
    # an entity that covers part of a token takes the token
    assert tags_of_spans(encoded, [Entity("PLACE", 8, 10, "ội")], TWO).tolist()[:3] == [O, O, B]


def test_the_first_piece_of_a_word_carries_its_label() -> None:
    encoded = encoded_words("tại Hà ~Nội _ có 24 ~.973 ca Đà ~Nẵng")
    entities = [Entity("PLACE", 4, 11, "Hà ~Nội"), Entity("COUNT", 17, 28, "24 ~.973 ca")]
    expected = [O, B, IGNORED, IGNORED, O, B2, IGNORED, I2, O, IGNORED]
    assert tags_of_spans(encoded, entities, TWO).tolist() == expected
    # an entity that begins or ends inside a word takes the word
    for entity in (Entity("PLACE", 8, 11, "Nội"), Entity("PLACE", 4, 6, "Hà"), Entity("PLACE", 7, 9, "~N")):
        assert tags_of_spans(encoded, [entity], TWO).tolist() == [O, B, IGNORED, IGNORED, O, O, IGNORED, O, O, IGNORED]
    with pytest.raises(ValueError, match=r"^PLACE 7 11 '~Nội' shares its token with PLACE 4 6 'Hà'; widen one"):
        tags_of_spans(encoded, [Entity("PLACE", 4, 6, "Hà"), Entity("PLACE", 7, 11, "~Nội")], TWO)
    # pieces with nothing before them, as a mark that belongs to another character leaves them, have no one to speak
    with pytest.raises(ValueError, match="has no token of its own"):
        tags_of_spans(encoded_words("~Nội ca"), [Entity("PLACE", 0, 4, "~Nội")], TWO)


def test_an_entity_without_a_token_of_its_own_is_an_error() -> None:
    encoded = encoded_words("Hà Nội _ ca")
    with pytest.raises(ValueError, match=r"^PLACE 7 8 '_' has no token of its own, as it .* is read; remove it$"):
        tags_of_spans(encoded, [Entity("PLACE", 7, 8, "_")], TWO)
    with pytest.raises(ValueError, match=r"^COUNT 3 6 'Nội' shares its token with PLACE 0 6 'Hà Nội'; widen one of "):
        tags_of_spans(encoded, [Entity("PLACE", 0, 6, "Hà Nội"), Entity("COUNT", 3, 6, "Nội")], TWO)


# ---- decoding


def test_decode_of_two_lines() -> None:
    encoded = encoded_words("tại Hà Nội Huế 46 ca", line_starts=(0, 3))
    assert found(encoded, [O, B, I, B, B2, I2]) == [("PLACE", "Hà Nội"), ("PLACE", "Huế"), ("COUNT", "46 ca")]
    # I at the start of a line begins nothing and goes on with nothing
    assert [text for _, text in found(encoded, [O, B, I, I, O, O])][:1] == ["Hà Nội"]
    assert all(e != ("PLACE", "Hà Nội Huế") for e in found(encoded, [O, B, I, I, O, O]))
    assert decode(encoded_words(""), np.zeros((0, 5), dtype=np.float32), TWO) == []


def test_entities_side_by_side_stay_apart() -> None:
    encoded = encoded_words("Huế Huế 46 46")
    entities = decode(encoded, near_one_hot([B, B, B2, B2], 5), TWO)
    assert [(e.start, e.end, e.label) for e in entities] == [
        (0, 3, "PLACE"), (4, 7, "PLACE"), (8, 10, "COUNT"), (11, 13, "COUNT"),
    ]  # fmt: skip


def test_no_entity_begins_or_ends_inside_a_unit() -> None:
    encoded = encoded_words("có 24 +.973 ca")
    log_probs = near_one_hot([O, B2, O, O], 5)
    log_probs[2] = np.log([0.6, 0.01, 0.01, 0.01, 0.37])  # O alone, but the first token is surer of a count
    assert [(e.label, e.text) for e in decode(encoded, log_probs, TWO)] == [("COUNT", "24 +.973")]
    assert found(encoded, [O, O, B2, O]) == []


def test_tokens_without_text_neither_begin_nor_stretch_nor_break_an_entity() -> None:
    encoded = encoded_words("_ Hà _ Nội _ ca _")
    every_way = itertools.product([O, B, I], repeat=4)
    for first, second, third, fourth in every_way:
        assert found(encoded, [first, B, second, I, third, O, fourth]) == [("PLACE", "Hà _ Nội")]
    # at the end of a line
    lines = encoded_words("ở Hà _ _ Huế", line_starts=(0, 4))
    assert found(lines, [O, B, O, I, B]) == [("PLACE", "Hà"), ("PLACE", "Huế")]
    assert found(encoded_words("_ _"), [B, I]) == []


def test_later_pieces_of_a_word_have_no_say() -> None:
    encoded = encoded_words("tại Hà ~N ~ội có ca ~mắc")
    for first, second, third in itertools.product([O, B, I, B2, I2], repeat=3):
        assert found(encoded, [O, B, first, second, O, O, third]) == [("PLACE", "Hà ~N ~ội")]
        assert found(encoded, [O, B, first, second, B2, I2, third]) == [
            ("PLACE", "Hà ~N ~ội"), ("COUNT", "có ca ~mắc"),
        ]  # fmt: skip
        assert found(encoded, [O, O, first, second, O, O, third]) == []
    scores = [decode(encoded, near_one_hot([O, B, x, x, O, O, x], 5, other=0.01), TWO)[0].score for x in (O, B, I)]
    assert len(set(scores)) == 1


@st.composite
def documents(draw: st.DrawFn) -> tuple[EncodedText, list[Entity]]:
    """Words, pieces of words and tokens without text in lines, and entities over whole units of a line."""
    later = draw(st.sampled_from(["+y", "~z"]))
    kinds = draw(st.lists(st.sampled_from(["Hà", "x", later, "_"]), max_size=25))
    n = len(kinds)
    kinds = ["x" if kind == later and (i == 0 or kinds[i - 1] == "_") else kind for i, kind in enumerate(kinds)]
    starts = sorted({0, *draw(st.lists(st.integers(0, max(n - 1, 0)), max_size=4))}) if n else []
    kinds = ["x" if i in starts and kind == later else kind for i, kind in enumerate(kinds)]
    encoded = encoded_words(" ".join(kinds), tuple(starts))
    entities: list[Entity] = []
    i = 0
    while i < n:
        stop = min([*(s for s in starts if s > i), n])
        length = draw(st.integers(0, 3))
        j = i
        for _ in range(length):
            if j < stop:
                j += 1
                while j < stop and kinds[j] == later:
                    j += 1
        tokens = [t for t in range(i, j) if kinds[t] != "_"]
        if tokens and kinds[i] not in ("_", later):
            start, end = int(encoded.spans[tokens[0], 0]), int(encoded.spans[tokens[-1], 1])
            entities.append(Entity(draw(st.sampled_from(TWO)), start, end, encoded.text[start:end]))
        i = max(j, i + 1)
        while i < stop and kinds[i] == later:
            i += 1
    return encoded, entities


@given(documents())
def test_spans_to_tags_and_back(document: tuple[EncodedText, list[Entity]]) -> None:
    encoded, entities = document
    tags = tags_of_spans(encoded, entities, TWO)
    back = decode(encoded, near_one_hot(tags, 5), TWO)
    assert [(e.label, e.start, e.end, e.text) for e in back] == [(e.label, e.start, e.end, e.text) for e in entities]
    assert all(0.99 < e.score <= 1 for e in back)


def test_round_trip_with_every_tokenizer(any_tokenizer: Any) -> None:
    text = "\ufeffChủ tịch Chu Ngọc Anh , Hà\u200bNội: 24.973 ca…\r\nĐà Nẵng\u200b 👧 17/CT-UBND."
    mentions = [
        ("OFFICIAL", "Chu Ngọc Anh"), ("PLACE", "Hà\u200bNội"), ("COUNT", "24.973 ca"), ("PLACE", "Đà Nẵng"),
        ("DIRECTIVE", "17/CT-UBND"),
    ]  # fmt: skip
    entities = [Entity(label, text.index(m), text.index(m) + len(m), m) for label, m in mentions]
    encoded = TextEncoder(any_tokenizer, 62, 8).encode(text)
    tags = tags_of_spans(encoded, entities, LABELS)
    assert [(e.label, e.text, e.start) for e in decode(encoded, near_one_hot(tags, 9), LABELS)] == [
        (e.label, e.text, e.start) for e in entities
    ]


@pytest.mark.parametrize(
    ("text", "tags", "marks", "expected"),
    [
        ("ông Phạm Minh Chính - Trưởng ban", [O, B, I, I, I, O, O], USUAL_MARKS, "Phạm Minh Chính"),
        ("ông – Phạm Minh Chính : nói", [O, B, I, I, I, I, O], USUAL_MARKS, "Phạm Minh Chính"),
        ("Bà Rịa - Vũng Tàu có", [B, I, I, I, I, O], EdgeMarks(), "Bà Rịa - Vũng Tàu"),
        ("có 46 ca , ; …", [O, B, I, I, I, I], EdgeMarks(), "46 ca"),
        ("ở /100 trẻ 21- và", [O, B, I, I, O], USUAL_MARKS, "100 trẻ 21"),
        ("ở -5 độ", [O, B, I], EdgeMarks("-", ""), "-5 độ"),
        ("ở Ban ( mới ).", [O, B, I, I, I], EdgeMarks("", ")"), "Ban ( mới )"),
        ("ở ,“ Ban ”.", [O, B, I, I], EdgeMarks("“", "”"), "“ Ban ”"),
        ("ở Ban ( mới ).", [O, B, I, I, I], EdgeMarks(), "Ban ( mới"),
        ("tăng 12 % so", [O, B, I, O], USUAL_MARKS, "12 %"),
        ("tăng 12 % so", [O, B, I, O], EdgeMarks("", ")"), "12"),
        ("ở Ban ( mở rộng ) .", [O, B, I, I, I, I, I], EdgeMarks("", ")"), "Ban ( mở rộng )"),
        ("ở “ Nhà văn hóa ” .", [O, B, I, I, I, I, O], EdgeMarks("“", "”"), "“ Nhà văn hóa ”"),
        ("ở “ Nhà văn hóa ” .", [O, B, I, I, I, I, O], EdgeMarks(), "Nhà văn hóa"),
    ],
)
def test_no_entity_begins_or_ends_with_a_mark_that_no_annotated_span_does(
    text: str, tags: list[int], marks: EdgeMarks, expected: str
) -> None:
    (entity,) = decode(encoded_words(text), near_one_hot(tags, 5), TWO, marks)
    assert (entity.text, text[entity.start : entity.end]) == (expected, expected)


def test_marks_alone_are_no_entity() -> None:
    encoded = encoded_words("có - … và")
    assert decode(encoded, near_one_hot([O, B, I, O], 5), TWO) == []
    assert [e.text for e in decode(encoded, near_one_hot([O, B, B2, O], 5), TWO, EdgeMarks("-", "-"))] == ["-"]


def test_an_entity_that_breaks_a_rule_of_its_label_is_left_out() -> None:
    encoded = encoded_words("10 Thông tư hướng dẫn 12 nghị định và 7")
    scores = near_one_hot([O, B, I, O, O, B2, I2, I2, O, B2], 5)
    found = [(e.label, e.text) for e in decode(encoded, scores, TWO)]
    assert [text for _, text in found] == ["Thông tư", "12 nghị định", "7"]
    rules = {found[0][0]: ("holds_digit",), found[1][0]: ("begins_with_numeral", "goes_on_with_word")}
    assert [e.text for e in decode(encoded, scores, TWO, rules=rules)] == ["12 nghị định"]


def test_the_marks_of_annotated_spans() -> None:
    spans = [Entity("A", 0, 0, text) for text in ("Hà Nội", "(cũ)", "12 %", "“a”", "n\u0323")]
    assert EdgeMarks.of(spans) == EdgeMarks("(“", "%)”")
    assert EdgeMarks.of([]) == EdgeMarks()


def test_an_entity_goes_on_over_a_soft_break_and_no_other(any_tokenizer: Any) -> None:
    text = (
        "Thực hiện quy định về quản lý hồ chứa, ủy ban nhân dân tỉnh\nhà Nội, như đã nêu ở điều trước và theo Luật số\n"
        "35/2013/QH13 và nghị định.\nHà\nNội"
    )
    mentions = [("PLACE", "tỉnh\nhà Nội"), ("DIRECTIVE", "Luật số\n35/2013/QH13")]
    entities = [Entity(label, text.index(m), text.index(m) + len(m), m) for label, m in mentions]
    encoded = TextEncoder(any_tokenizer, 256, 8).encode(text)
    tags = tags_of_spans(encoded, entities, LABELS)
    last = len(text) - len("Hà\nNội")
    tags[(encoded.spans[:, 0] >= last) & encoded.has_label] = 2 + 2 * LABELS.index("PLACE")
    first = int(np.flatnonzero((encoded.spans[:, 0] >= last) & encoded.has_label)[0])
    tags[first] -= 1
    found = [(e.label, e.text) for e in decode(encoded, near_one_hot(tags, 9), LABELS)]
    assert found[:2] == mentions
    assert all("\n" not in text for _, text in found[2:])


# ---- against brute force


def paths(
    can_begin: list[bool], line_starts: list[bool], opens: list[bool], closes: list[bool], labels: int
) -> list[tuple[int, ...]]:
    """Return every valid tag sequence, by trying all of them."""
    edges = [i for i in range(len(can_begin)) if can_begin[i] or line_starts[i]] + [len(can_begin)]
    unit_of = {i: slice(a, b) for a, b in itertools.pairwise(edges) for i in range(a, b)}
    valid = []
    for path in itertools.product(range(1 + 2 * labels), repeat=len(can_begin)):
        spans = spans_of_path(path, line_starts)
        if not all(any(opens[unit_of[a]]) and any(closes[unit_of[b - 1]]) for a, b, _ in spans):
            continue
        before = 0
        for tag, begins, starts in zip(path, can_begin, line_starts, strict=True):
            before = 0 if starts else before
            inside = tag > 0 and tag % 2 == 0
            if tag % 2 == 1 and not begins:
                break
            if inside and before not in (tag - 1, tag):
                break
            if not (begins or starts or inside) and before:
                break  # an entity would end inside a unit
            before = tag
        else:
            valid.append(path)
    return valid


def spans_of_path(path: tuple[int, ...], line_starts: list[bool]) -> set[tuple[int, int, int]]:
    spans = set()
    for i, tag in enumerate(path):
        if tag % 2 == 1:
            end = i + 1
            while end < len(path) and path[end] == tag + 1 and not line_starts[end]:
                end += 1
            spans.add((i, end, tag // 2))
    return spans


@st.composite
def lattices(draw: st.DrawFn) -> tuple[FloatArray, list[list[bool]]]:
    n, labels = draw(st.sampled_from([(1, 2), (3, 2), (5, 2), (6, 1), (7, 1)]))
    can_begin, opens, closes = (draw(st.lists(st.booleans(), min_size=n, max_size=n)) for _ in range(3))
    line_starts = [True, *draw(st.lists(st.integers(0, 3).map(lambda x: x == 0), min_size=n - 1, max_size=n - 1))]
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    logits = generator.normal(size=(n, 1 + 2 * labels)) * draw(st.sampled_from([0.3, 1.0, 4.0]))
    log_probs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return log_probs.astype(np.float32), [can_begin, line_starts, opens, closes]


@given(lattices())
def test_best_path_and_span_probabilities_against_all_paths(lattice: tuple[FloatArray, list[list[bool]]]) -> None:
    log_probs, allowed = lattice
    line_starts = allowed[1]
    valid = paths(*allowed, labels=log_probs.shape[1] // 2)
    scores = [float(sum(log_probs[i, tag] for i, tag in enumerate(path))) for path in valid]
    best = valid[int(np.argmax(scores))]
    spans = Lattice(scored(log_probs, *map(np.array, allowed))).best_spans()
    assert {span[:3] for span in spans} == spans_of_path(best, line_starts)
    weights = np.exp(scores)
    for *span, probability in spans:
        of_span = sum(
            w for path, w in zip(valid, weights, strict=True) if tuple(span) in spans_of_path(path, line_starts)
        )
        assert probability == pytest.approx(of_span / weights.sum(), abs=1e-5)


def random_lines(lengths: list[int]) -> TokenScores:
    generator = np.random.default_rng(7)
    logits = generator.normal(size=(sum(lengths), 5)) * 2
    log_probs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    line_starts = np.zeros(len(logits), dtype=bool)
    line_starts[np.cumsum([0, *lengths[:-1]])] = True
    can_begin, opens, closes = (generator.random(len(logits)) < share for share in (0.8, 0.9, 0.9))
    return scored(log_probs.astype(np.float32), can_begin, line_starts, opens, closes)


@pytest.mark.parametrize("lengths", [[1], [1, 9, 1], [5, 5], [9, 1, 3, 7, 2], [40, 1, 1, 1]])
def test_lines_are_independent(lengths: list[int]) -> None:
    tokens = random_lines(lengths)
    together = Lattice(tokens).best_spans()
    alone = []
    for start, length in zip(np.cumsum([0, *lengths]), lengths, strict=False):
        spans = Lattice(tokens[start : start + length]).best_spans()
        alone += [(start + first, start + last, label, p) for first, last, label, p in spans]
    assert [span[:3] for span in together] == [span[:3] for span in alone]
    assert [span[3] for span in together] == pytest.approx([span[3] for span in alone], abs=1e-9)
    assert together == sorted(together)


def test_lines_in_several_grids_give_what_one_grid_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = random_lines([30, 2, 17, 1, 5, 30, 8])
    expected = Lattice(tokens).best_spans()
    monkeypatch.setattr("vanban.network.tagging._GRID_CELLS", 40)
    spans = _best_spans(tokens)
    assert [span[:3] for span in spans] == [span[:3] for span in expected]
    assert [span[3] for span in spans] == pytest.approx([span[3] for span in expected], abs=1e-9)
    assert len(spans) > 20


def test_short_lines_and_a_very_long_one_fit_in_memory() -> None:
    tokens = random_lines([4_000, *[5] * 4_000])
    tracemalloc.start()
    try:
        spans = _best_spans(tokens)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100e6  # one grid of 4,001 x 4,000 cells takes 640 MB
    assert len(spans) > 1_000


def test_probabilities_on_a_line_of_20_000_tokens() -> None:
    tokens = random_lines([20_000])
    log_probs = tokens.log_probs
    for allowed in (tokens.can_begin, tokens.opens, tokens.closes):
        allowed[:] = True
    log_probs[9_990], log_probs[10_020] = near_one_hot([O, O], 5)  # walls: what is between does not feel the rest
    spans = _best_spans(tokens)
    part = tokens[9_990:10_021]
    alone = Lattice(replace(part, line_starts=np.arange(31) == 0)).best_spans()
    inside = [(first - 9_990, last - 9_990, label, p) for first, last, label, p in spans if 9_990 <= first < 10_020]
    assert [span[:3] for span in inside] == [span[:3] for span in alone]
    assert [span[3] for span in inside] == pytest.approx([span[3] for span in alone], abs=2e-3)


# ---- windows


def test_merging_takes_the_row_that_is_farthest_from_an_edge() -> None:
    windows = [Window(0, 6), Window(4, 10), Window(8, 12)]
    scores = [np.full((w.end - w.start, 3), i, dtype=np.float32) for i, w in enumerate(windows)]
    merged = merge_windows(windows, scores, 12)
    assert merged.shape == (12, 3)
    # token 4 is 1 from the end of the first window and 0 from the start of the second; token 5 the other way round
    assert merged[:, 0].tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2]


def test_merging_of_one_window_is_the_window() -> None:
    rows = np.arange(8, dtype=np.float32).reshape(4, 2)
    assert merge_windows([Window(0, 4)], [rows], 4).tolist() == rows.tolist()
    assert merge_windows([Window(0, 2), Window(2, 4)], [rows[:2], rows[2:]], 4).tolist() == rows.tolist()
    with pytest.raises(AssertionError, match="a token is in no window"):
        merge_windows([Window(0, 2)], [rows[:2]], 4)
