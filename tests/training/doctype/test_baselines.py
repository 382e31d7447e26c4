"""What a document classifier must beat: a rule on the first lines, and word statistics."""

from __future__ import annotations

import unicodedata

import pytest

from vanban.schema import DOCUMENT_TYPES
from vanban_training.corpus.annotated import AnnotatedDocument
from vanban_training.doctype.baselines import tfidf_predictions, type_by_rule
from vanban_training.doctype.titles import mask_head

TYPES = tuple(DOCUMENT_TYPES)


@pytest.mark.parametrize(
    ("text", "doc_type"),
    [
        ("SỞ Y TẾ\n\nBÁO CÁO\nvề dịch", "bao_cao"),
        ("SO Y TE\n  ** CHI THI **\n", "chi_thi"),  # without marks, between others
        ("Tờ trình về việc cử đoàn", "to_trinh"),
        ("# Kế hoạch\n", "ke_hoach"),
        (unicodedata.normalize("NFD", "NGHỊ ĐỊNH\nCỦA CHÍNH PHỦ"), "nghi_dinh"),
        ("SỞ Y TẾ\nSố: 3/SYT\nV/v tiêm chủng", "cong_van"),
        ("Kính gửi: Các sở", "cong_van"),
        ("Kính gửi: Các sở\nTHÔNG BÁO", "thong_bao"),  # a title goes before
        ("Sáng nay, theo thông báo, có 3 ca mắc.", "tin_bao_chi"),
        ("Thông báokhác", "tin_bao_chi"),
        ("", "tin_bao_chi"),
        ("\n\n".join([*map(str, range(9)), "KẾ HOẠCH"]), "ke_hoach"),  # the tenth line that is not blank
        ("\n".join([*map(str, range(10)), "KẾ HOẠCH"]), "tin_bao_chi"),
    ],
)
def test_the_rule(text, doc_type):
    assert type_by_rule(text, TYPES) == doc_type


def test_the_rule_knows_the_types_of_the_config_alone():
    assert type_by_rule("BÁO CÁO", ("chi_thi", "tin_bao_chi")) == "tin_bao_chi"
    assert type_by_rule("Kính gửi: Sở", ("chi_thi", "bao_cao")) == "chi_thi"


def test_masked_heads_leave_the_rule_nothing(typed_documents):
    named = [type_by_rule(d.text, TYPES) == d.type for d in typed_documents]
    masked = [type_by_rule(mask_head(d.text), TYPES) for d in typed_documents]
    assert (all(named), set(masked)) == (True, {"tin_bao_chi"})


def test_word_statistics_tell_types_apart(typed_documents):
    training = [d for d in typed_documents if not d.id.endswith("/3")]
    tested = [d for d in typed_documents if d.id.endswith("/3")]
    found = tfidf_predictions(training, [d.text for d in tested], with_masked=False)
    assert found == [d.type for d in tested] == ["tin_bao_chi", "chi_thi", "bao_cao"]
    assert all(type(name) is str for name in found)


def test_masked_variants_are_learned_too():
    # a word counts from two texts on: those of the bodies are in two when each document is learned masked as well
    training = [
        AnnotatedDocument("a", "BÁO CÁO\n\nmắc chung", (), "bao_cao"),
        AnnotatedDocument("b", "KẾ HOẠCH\n\ntrồng chung", (), "ke_hoach"),
    ]
    tested = ["mắc chung", "trồng chung"]
    assert len(set(tfidf_predictions(training, tested, with_masked=False))) == 1
    assert tfidf_predictions(training, tested, with_masked=True) == ["bao_cao", "ke_hoach"]


def test_words_that_are_in_one_text_alone_and_texts_without_a_word():
    texts = {"bao_cao": ["mắc", "ốm", "…"], "ke_hoach": ["trồng"]}
    training = [AnnotatedDocument(text, text, (), name) for name, of_type in texts.items() for text in of_type]
    assert tfidf_predictions(training, ["trồng", "mắc"], with_masked=False) == ["ke_hoach", "bao_cao"]
    mute = [AnnotatedDocument(str(n), "…", (), name) for n, name in enumerate(("bao_cao", "ke_hoach", "bao_cao"))]
    assert tfidf_predictions(mute, ["trồng", ""], with_masked=True) == ["bao_cao", "bao_cao"]
    assert tfidf_predictions(training[:3], ["trồng"], with_masked=False) == ["bao_cao"]
