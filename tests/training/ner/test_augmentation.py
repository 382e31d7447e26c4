"""Mention replacement: offsets, determinism, labels, and the lists that it draws from."""

from __future__ import annotations

import itertools
import random

import pytest

from project import ROOT
from vanban.documents.formats.brat import span_fault
from vanban.schema import LABELS, Entity
from vanban_training.config import AugmentationConfig
from vanban_training.corpus.annotated import load_documents
from vanban_training.ner import mentions
from vanban_training.ner.augmentation import augment
from vanban_training.ner.mentions import counter_example, replacement, same_kind, tables


def _settings(copies: int = 1, share: float = 0.7, counter_examples: float = 0.0) -> AugmentationConfig:
    return AugmentationConfig(copies=copies, share=share, counter_examples=counter_examples)


def _outside(text: str, entities: tuple[Entity, ...]) -> list[str]:
    edges = [0, *(edge for e in entities for edge in (e.start, e.end)), len(text)]
    return [text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]


@pytest.mark.parametrize("settings", [_settings(30), _settings(30, 1.0), _settings(30, 0.5, 0.5)])
def test_every_span_is_sound(documents, settings):
    variants = augment(documents, settings, seed=3)
    assert len(variants) == 30 * len(documents)
    for variant in variants:
        assert [fault for e in variant.entities if (fault := span_fault(e, variant.text))] == []
        assert all(left.end <= right.start for left, right in itertools.pairwise(variant.entities))


def test_the_seeds_of_the_project_can_be_augmented():
    documents = load_documents([ROOT / "annotations/documents.jsonl"])
    variants = augment(documents, _settings(2, 0.7, 0.15), seed=0)
    assert [v.id for v in variants] == [f"{d.id}+{copy}" for copy in (1, 2) for d in documents]
    assert all(span_fault(e, v.text) is None for v in variants for e in v.entities)
    assert {v.origin for v in variants} == {"augmented"}  # so that none becomes a fold


def test_the_same_seed_gives_the_same_copies(documents):
    once = augment(documents, _settings(2), seed=5)
    assert once == augment(documents, _settings(2), seed=5)
    # a document's copies do not hang on the documents beside it
    assert [v for v in once if v.id.startswith("second")] == augment(documents[1:2], _settings(2), seed=5)
    assert once != augment(documents, _settings(2), seed=6)


def test_copies_differ(documents):
    variants = augment(documents[:1], _settings(20), seed=5)
    assert len({v.text for v in variants}) == 20
    assert documents[0].text not in {v.text for v in variants}


def test_share_zero_leaves_all_as_it_is(documents):
    for variant, document in zip(augment(documents, _settings(1, 0.0), seed=1), documents, strict=True):
        assert (variant.text, variant.entities) == (document.text, document.entities)
    assert augment(documents, _settings(0), seed=1) == []


def test_what_is_no_mention_stays(documents, annotated):
    # with mentions of one label only, one span for each, everything outside of them is the document's own
    document = annotated("a", "Ông [OFFICIAL Nguyễn Văn Nam] về [OFFICIAL Trần Hà].\r\nHết.")
    for variant in augment([document], _settings(50, 1.0), seed=1):
        kept = _outside(variant.text, variant.entities)
        assert kept[0] == "Ông "
        assert kept[-1].endswith(".\r\nHết.")
        assert [e.label for e in variant.entities] == ["OFFICIAL", "OFFICIAL"]
    third, empty = augment(documents[2:], _settings(1, 1.0), seed=1)
    assert (third.text, empty.text) == ("Không có ca mắc.", "")


def test_share_is_the_share(annotated):
    document = annotated("a", " ".join(["[OFFICIAL Nguyễn Văn Nam]"] * 1000))
    (variant,) = augment([document], _settings(1, 0.3), seed=2)
    replaced = sum(e.text != "Nguyễn Văn Nam" for e in variant.entities)
    assert 250 < replaced < 350


def test_counter_examples_carry_no_label(annotated):
    document = annotated("a", "x [PLACE Hà Nội] y [COUNT 12 ca mắc] z [DIRECTIVE Chỉ thị số 17] w [OFFICIAL Lê An] v")
    for variant in augment([document], _settings(50, 0.0, 1.0), seed=2):
        assert variant.entities == ()
        assert variant.text.startswith("x ")
        assert variant.text.endswith(" v")
    for label in LABELS:
        chance = random.Random(1)
        drawn = [counter_example(label, "12 ca mắc", chance) for _ in range(50)]
        assert {part_label for parts in drawn for _, part_label in parts} == {None}
        assert len({str(parts) for parts in drawn}) > 2


def test_labels_without_a_table_keep_their_mentions(annotated):
    document = annotated("a", "[PATIENT BN123] ở [PLACE Hà Nội]")
    for variant in augment([document], _settings(20, 1.0), seed=4):
        assert (variant.entities[0].label, variant.entities[0].text) == ("PATIENT", "BN123")


@pytest.mark.parametrize("label", LABELS)
def test_replacements_hold_their_label(label):
    chance = random.Random(7)
    drawn = [replacement(label, "12 ca mắc", chance) for _ in range(300)]
    for parts in drawn:
        assert label in [part_label for _, part_label in parts]
        assert all(text for text, _ in parts)
        assert not set("[]{}") & set("".join(text for text, _ in parts))
    assert len({str(parts) for parts in drawn}) > 100


def test_brackets_in_a_mention_are_text():
    chance = random.Random(3)
    for _ in range(200):
        parts = replacement("COUNT", "12 ca [F1] {x}", chance)
        text = "".join(text for text, _ in parts)
        assert text.count("[") == text.count("]") == text.count("{")
        assert all("[F1" not in text or label == "COUNT" for text, label in parts)


@pytest.mark.parametrize(
    ("place", "head"),
    [
        ("thành phố Hà Nội", "thành phố "),
        ("TP.Hà Nội", "TP."),
        ("TP. Hà Nội", "TP. "),
        ("TP Hà Nội", "TP "),
        ("tỉnh Lai Châu", "tỉnh "),
        ("Quận 1", "Quận "),
        ("thị xã Sơn Tây", "thị xã "),
        ("xã Tân Lập", "xã "),
        ("Thủ đô Hà Nội", "Thủ đô "),
        ("ngõ 12 Láng", "ngõ "),
    ],
)
def test_the_head_noun_of_a_place_stays(place, head):
    chance = random.Random(11)
    others = {same_kind(place, chance) for _ in range(30)}
    assert len(others) > 5
    for other in others:
        assert other.startswith(head)
        name = other[len(head) :]
        assert name[0].isupper() or name[0].isdigit()


def test_places_without_a_head_noun_and_those_that_stay():
    chance = random.Random(11)
    assert {same_kind("Singapore", chance) for _ in range(20)} <= set(tables()["foreign_places"])
    for kept in ("Trường Đại học Y Hà Nội", "sân bay Nội Bài", "khu công nghiệp Quế Võ", "Thủ đô", "xã"):
        assert same_kind(kept, chance) == kept
    assert "Xãn" not in same_kind("Xãn Hà", chance)  # no head noun: a word that begins like one


def test_numbers_are_written_as_in_vietnam():
    chance = random.Random(1)
    numbers = {mentions.number(chance) for _ in range(2000)}
    assert all(n.replace(".", "").isdigit() for n in numbers)
    assert all(len(group) == 3 for n in numbers for group in n.split(".")[1:])
    assert {len(n.replace(".", "")) for n in numbers} == {1, 2, 3, 4, 5, 6}
    assert "1" not in numbers


def test_identifiers_have_the_shapes_of_the_decree():
    chance = random.Random(1)
    acts = [mentions.act(chance) for _ in range(500)]
    kinds = {kind for kind, _ in mentions.ACTS}
    for act in acts:
        kind = next(k for k in sorted(kinds, key=len, reverse=True) if act.startswith(f"{k} "))
        number = act.removeprefix(f"{kind} ").removeprefix("số ").replace("-", "/").split("/")[0]
        assert number.isdigit()
    assert any("/CT-" in act for act in acts)
    assert any(act.startswith("Nghị định số") and act.endswith("-CP") for act in acts)


def _lists() -> dict[str, list[str]]:
    return {name: values for name, values in tables().items() if isinstance(values, list)}


def test_lists_hold_no_duplicate_and_nothing_empty():
    lists = _lists() | {
        "provinces": list(mentions._provinces()),
        "communes": list(mentions._communes()),
    }
    assert len(lists) >= 12
    for name, values in lists.items():
        assert all(isinstance(value, str) and value == value.strip() and value for value in values), name
        assert sorted(set(values)) == sorted(values), name
    assert len(lists["provinces"]) == 34
    assert len(lists["communes"]) > 2000


def test_every_slot_of_every_template_can_be_filled():
    known = {*_lists(), *mentions._MAKERS, "same", "noun"}
    templates = [
        template
        for table in ("replacements", "counter_examples")
        for groups in tables()[table].values()
        for group in groups.values()
        for template in group
    ]
    assert len(templates) > 80
    assert len(templates) == len(set(templates))
    for template in templates:
        assert set(mentions._SLOT.findall(template)) <= known, template
        assert "".join(m[0] for m in mentions._PART.finditer(template)) == template
        assert {m[1] for m in mentions._PART.finditer(template) if m[1]} <= set(LABELS)
