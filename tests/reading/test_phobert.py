"""PhoBERT's tokenizer against that of transformers, id by id, and what a saved one gives."""

from __future__ import annotations

import json
import random
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from transformers import AutoModelForTokenClassification, AutoTokenizer

from phobert_files import reference_tokenizer, segmented_words, write_files, write_vocabulary
from project import ROOT
from vanban.errors import UserError
from vanban.network.weights import check_vocabulary
from vanban.reading import phobert as module
from vanban.reading.phobert import PhobertTokenizerFast, add_aliases
from vanban.reading.phobert_vocabulary import Symbols, number_symbols, piece_of, read_merges, read_vocabulary

SEED_TEXT = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds").glob("*.txt")))
# what the two tokenizers could take for something else: special tokens, signs of their files, white space of every kind
ODD = (
    *("<s>", "</s>", "<unk>", "<mask>", "<pad>", "@@", "</w>", "_", "@", "<", ">"),
    *("\x1c", "\x1d", "\x1e", "\x1f", "\x85", "\xa0", "\u2028", "\u3000", "\n", "\r\n", "\r", "\t", " ", "  "),
    *("\u200b", "\ufeff", "\x00", "\u0301", "\u0323", "👧", "👨\u200d👩\u200d👧", "中", "ff", "½"),
)
FRAGMENTS = (
    "Hà_",
    "Nội",
    "Hà_Nội",
    "ng",
    "nh",
    "h",
    "Nguyễn_Văn_",
    "UBND",
    "17/CT-",
    "24.",
    "973",
    "phường",
    "Th",
    "ời",
)
TEXTS = (
    st.text(st.characters(exclude_categories=["Cs"]))
    | st.text(st.sampled_from(sorted(set(SEED_TEXT))), max_size=60)
    | st.lists(st.sampled_from(FRAGMENTS + ODD), max_size=30).map("".join)
    | st.lists(st.sampled_from(FRAGMENTS), max_size=8).map("".join).map(lambda text: text * 3)
)
LEARNED = ((200, 1), (600, 3), (2000, 1), (2000, 2), (100_000, 2))  # 100,000: all the symbols that the words give


@pytest.fixture(scope="module")
def words(seeds: dict[str, str]) -> list[str]:
    return segmented_words(seeds.values())


@pytest.fixture(scope="module", params=LEARNED, ids=lambda sizes: f"{sizes[0]} symbols, {sizes[1]} or more times")
def learned(words: list[str], request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vocabulary")
    write_vocabulary(folder, words, *request.param)
    return folder


@pytest.fixture(scope="module")
def reference(phobert_directory: Path) -> Any:
    return reference_tokenizer(phobert_directory)


def backend_ids(tokenizer: PhobertTokenizerFast, text: str) -> list[int]:
    return list(tokenizer.backend_tokenizer.encode(text).ids)


# ---- ids


def test_ids_of_the_seeds(learned: Path, seeds: dict[str, str], words: list[str]) -> None:
    fast, slow = PhobertTokenizerFast(learned), reference_tokenizer(learned)
    decomposed = [unicodedata.normalize("NFD", text) for text in seeds.values()]
    for text in (" ".join(words), *seeds.values(), *decomposed):
        assert fast(text).input_ids == slow(text).input_ids
    assert len(words) > 7_000
    assert fast.convert_tokens_to_ids("<mask>") == slow.mask_token_id == fast.first_alias - 1 == len(slow) - 1


def test_the_vocabularies_of_these_tests_have_what_is_hard(words: list[str], phobert: Any) -> None:
    """Otherwise the tests here would hold of a tokenizer without aliases."""
    assert len(phobert.reference_ids) - phobert.first_alias > 300  # symbols that vocab.txt lacks
    text = " ".join(words)
    ids = phobert(text).input_ids
    assert sum(a != b for a, b in zip(backend_ids(phobert, text), ids, strict=True)) > 100  # and that are left over
    assert 3 in ids[1:-1] and len(set(ids)) > 1_000


@settings(max_examples=300)
@given(text=TEXTS)
@example("")
@example(" \t\r\n")
@example("<mask>Hà_Nội</s> <pad><unk>x")
@example("Hà\x1cNội\x85Hà\xa0Nội\nHà\n\nNội\r\nHà\rNội\n")
@example("@@ a@@ @@b </w> a</w>b _ __")
def test_ids_of_any_text(phobert: Any, reference: Any, text: str) -> None:
    assert phobert(text).input_ids == reference(text).input_ids


@pytest.mark.parametrize("unit", ["Nguyễn_Văn_", "ha", "x", "👧", "ngh", "\u0301", "17/CT-UBND"])
def test_ids_of_a_word_of_5_000_characters(phobert: Any, reference: Any, unit: str) -> None:
    word = unit * (5_000 // len(unit))
    ids = phobert(word).input_ids
    assert ids == reference(word).input_ids
    assert len(ids) > 600


def test_ids_of_pairs_batches_and_cuts(phobert: Any, reference: Any) -> None:
    one, two = "Hà_Nội có 24.973 ca mắc , Trần_Văn_Thời 👧", "Chủ_tịch UBND"
    pair = phobert(one, two)
    assert pair.input_ids == reference(one, two).input_ids
    assert pair.input_ids.count(2) == 3  # <s> A </s> </s> B </s>
    for options in ({"padding": True}, {"truncation": True, "max_length": 8}, {"add_special_tokens": False}):
        batch, expected = phobert([one, two, ""], **options), reference([one, two, ""], **options)
        assert batch.input_ids == expected.input_ids
        assert batch.attention_mask == expected.attention_mask
    ids = phobert(one, add_special_tokens=False).input_ids
    windows = phobert(one, truncation=True, max_length=8, stride=2, return_overflowing_tokens=True).input_ids
    assert windows == [[0, *ids[i : i + 6], 2] for i in range(0, len(ids) - 2, 4)]
    assert len(windows) > 2
    assert phobert(one).input_ids == reference(one).input_ids  # the limit was that of one call


# ---- the order of the merges


def out_of_order(merges: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the merges that take a symbol which a merge of a later rank makes."""
    made = {left + right: rank for rank, (left, right) in enumerate(merges)}
    return [
        (left, right)
        for rank, (left, right) in enumerate(merges)
        if max(made.get(left, -1), made.get(right, -1)) > rank
    ]


def test_learned_merges_take_only_what_is_made_before(learned: Path) -> None:
    """The reference merges a pair everywhere in a word at once, `tokenizers` one place at a time, by rank.

    They part only where a merge brings back a pair of an earlier rank while places of its own are left.
    """
    assert out_of_order([("ab", "a"), ("a", "b")]) == [("ab", "a")]
    merges = read_merges(learned / "bpe.codes")
    assert out_of_order(merges) == []
    assert len({left + right for left, right in merges}) == len(merges)  # no symbol is made in two ways


@pytest.mark.parametrize("letters", ["ab", "abc", "abcdef"])
def test_ids_where_every_letter_comes_again_and_again(tmp_path: Path, letters: str) -> None:
    draw = random.Random(7)
    words = ["".join(draw.choices(letters, k=draw.randint(1, 12))) for _ in range(400)]
    write_vocabulary(tmp_path, words, symbols=150, least=2)
    fast, slow = PhobertTokenizerFast(tmp_path), reference_tokenizer(tmp_path)
    assert out_of_order(read_merges(tmp_path / "bpe.codes")) == []
    for _ in range(300):
        word = draw.choice(words) * draw.randint(1, 4) + "".join(draw.choices(letters, k=draw.randint(0, 30)))
        assert fast(word).input_ids == slow(word).input_ids


# ---- the files


ODD_FILES = {
    # text: ids between <s> and </s>
    "pieces by number": ("a 9\nb 3\nab 1\na@@ 1\n", "a b</w> 3\n", {"a": [4], "b": [5], "ab": [6], "aa": [7, 4]}),
    "a piece twice": ("a 9\nb 3\na 5\nc 2\n", "", {"a": [6], "b": [5], "c": [6], "<mask>": [7]}),
    "CRLF": ("a 9\r\nb 3\r\nab 1\r\n", "a b</w> 3\r\n", {"a": [4], "ab": [6], "<mask>": [7]}),
    "CR": ("a 9\rb 3\rab 1\r", "a b</w> 3\r", {"a": [4], "ab": [6]}),
    "no line break at the end": ("a 9\nb 3\nab 1", "a b</w> 3", {"a": [4], "ab": [3, 5], "<mask>": [7]}),
    "separators that are no line breaks": ("a\u2028b 9\nb\x85c 3\nx 1\n\x1cy 1\n", "", {"x": [6], "y": [7]}),
    "white space in a symbol": ("a 9\nbc 3\n", "a\xa0x b</w> 3\nb c</w> 1\n", {"bc": [5], "a": [4]}),
    "a merge twice: the last rank counts": (
        "ab@@ 9\nc 3\na@@ 1\nbc 5\n", "a b 9\nb c</w> 5\na b 3\n", {"abc": [6, 7], "abac": [4, 6, 5]},
    ),
    "a piece that is never made": ("a 9\nmadeupword0000 0\nb 3\n", "", {"a": [4], "b": [6], "<mask>": [7]}),
    "a symbol that is left over is one <unk>": (
        "Trần_@@ 9\nời 3\nvăn 1\n",
        "T r 9\nTr ầ 8\nTrầ n 7\nTrần _ 6\nv ă 5\nvă n 4\nvăn _ 3\nvăn_ t 2\nvăn_t h 1\nờ i</w> 1\n",
        {"Trần_văn_thời": [4, 3, 5], "văn_thời": [3, 5]},
    ),
    "pieces that end like those that go on": ("@ 9\n@@ 8\n@@@ 7\n@@@@ 6\n", "@ @</w> 2\n", {"@": [4], "@@": [5]}),
    "a byte order mark": ("\ufeffa 9\nb 3\n", "", {"a": [3], "b": [5], "\ufeffa": [3, 3]}),
    "nothing": ("", "", {"a": [3], "": [], "a b": [3, 3], "<mask>": [4]}),
}  # fmt: skip


@pytest.mark.parametrize(("vocabulary", "codes", "expected"), ODD_FILES.values(), ids=ODD_FILES)
def test_odd_files(tmp_path: Path, vocabulary: str, codes: str, expected: dict[str, list[int]]) -> None:
    write_files(tmp_path, vocabulary, codes)
    fast, slow = PhobertTokenizerFast(tmp_path), reference_tokenizer(tmp_path)
    for text, ids in expected.items():
        assert slow(text).input_ids == [0, *ids, 2], text
        assert fast(text).input_ids == [0, *ids, 2], text


def test_symbols_by_hand() -> None:
    vocabulary = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "ab": 4, "c@@": 5, "d": 6}
    symbols = number_symbols(vocabulary, [("a", "b</w>"), ("c", "a")])
    assert symbols == Symbols(
        ids={
            "<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": 7,
            "a": 8, "b</w>": 9, "ab</w>": 4, "c": 5, "ca": 10, "d</w>": 6,
        },
        merges=[("a", "b</w>"), ("c", "a")],
        first_alias=8,
        aliases=[3, 3, 3],
    )  # fmt: skip
    assert [piece_of(symbol) for symbol in ("ab</w>", "ab", "</w>", "@@")] == ["ab", "ab@@", "", "@@@@"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("vocab.txt", "a 1\nHà\n", ":2: expected a piece and its count, found 'Hà'"),
        ("vocab.txt", "a 1\n\nb 2\n", ":2: expected a piece and its count, found ''"),
        ("vocab.txt", "{\n", ":1: expected a piece and its count, found '{'"),
        ("bpe.codes", "a b 3\na b\n", ":2: expected two symbols and a count, found 'a b'"),
        ("bpe.codes", "#version: 0.2\na b 3\n", ":1: expected two symbols and a count, found '#version: 0.2'"),
        ("bpe.codes", "a b 3\n\n", ":2: expected two symbols and a count, found ''"),
        ("bpe.codes", "a b c 3\n", ":1: expected two symbols and a count, found 'a b c 3'"),
    ],
)
def test_damaged_lines_are_named(tmp_path: Path, name: str, content: str, message: str) -> None:
    write_files(tmp_path, "a 1\n", "a b 3\n")
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(UserError) as error:
        PhobertTokenizerFast(tmp_path)
    assert str(error.value) == f"{tmp_path / name}{message}; fetch the file again"


@pytest.mark.parametrize("name", ["vocab.txt", "bpe.codes"])
def test_a_file_that_is_not_text(tmp_path: Path, name: str) -> None:
    write_files(tmp_path, "a 1\n", "a b 3\n")
    (tmp_path / name).write_bytes(b"\x1f\x8b\x08\xff")
    with pytest.raises(UserError) as error:
        PhobertTokenizerFast(tmp_path)
    assert str(error.value).startswith(f"{tmp_path / name}: not UTF-8 ('utf-8' codec can't decode byte 0x8b")
    assert str(error.value).endswith("; the file is damaged: fetch it again")


def test_ids_and_ranks_of_the_files(tmp_path: Path) -> None:
    write_files(tmp_path, "Hà 2\nNội@@ 1\n", "a b 3\nb c 2\na b 1\n")
    assert read_vocabulary(tmp_path / "vocab.txt") == {
        "<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "Hà": 4, "Nội@@": 5,
    }  # fmt: skip
    assert read_merges(tmp_path / "bpe.codes") == [("b", "c"), ("a", "b")]


# ---- offsets and words


@given(text=TEXTS)
def test_offsets_tile_what_is_not_white_space(phobert: Any, text: str) -> None:
    found = phobert(text, return_offsets_mapping=True, add_special_tokens=False)
    offsets = found.offset_mapping
    assert [end for _, end in offsets] == sorted(end for _, end in offsets)
    assert all(left[1] <= right[0] for left, right in pairwise(offsets))
    assert all(start < end for start, end in offsets) and len(offsets) == len(found.input_ids)
    assert "".join("".join(text[start:end].split()) for start, end in offsets) == "".join(text.split())


def test_offsets_by_hand(tmp_path: Path) -> None:
    vocabulary, codes, _ = ODD_FILES["a symbol that is left over is one <unk>"]
    tokenizer = PhobertTokenizerFast(write_files(tmp_path, vocabulary, codes))
    text = " Trần_văn_thời  Trần_\n\u00a0ời👧<s>"
    found = tokenizer(text, return_offsets_mapping=True)
    assert [(i, text[start:end]) for i, (start, end) in zip(found.input_ids, found.offset_mapping, strict=True)] == [
        (0, ""), (4, "Trần_"), (3, "văn_th"), (5, "ời"), (4, "Trần_"), (3, "\n"), (3, "ờ"), (3, "i"), (3, "👧"),
        (0, "<s>"), (2, ""),
    ]  # fmt: skip
    assert found.word_ids() == [None, 0, 0, 0, 1, 1, 2, 2, 2, 3, None]
    assert tokenizer.encode_words(["Trần_văn_thời", "ời"]) == [((4, 3, 5), (5, 11, 13)), ((5,), (2,))]


def test_words_have_the_ids_of_the_whole(phobert: Any, words: list[str]) -> None:
    pieces = phobert.encode_words(words)
    assert [i for ids, _ in pieces for i in ids] == phobert(" ".join(words), add_special_tokens=False).input_ids
    for word, (ids, ends) in zip(words, pieces, strict=True):
        assert len(ids) == len(ends) > 0
        assert (ends[-1], [*ends]) == (len(word), sorted(set(ends)))
    assert phobert.encode_words([]) == []
    assert phobert.encode_words(["Chủ_tịch", "Thời", "Chủ_tịch"]) == [
        (tuple(phobert("Chủ_tịch").input_ids[1:-1]), (8,)),
        (tuple(phobert("Thời").input_ids[1:-1]), (2, 4)),
        (tuple(phobert("Chủ_tịch").input_ids[1:-1]), (8,)),
    ]


def test_remembered_words_are_bounded(
    phobert_directory: Path, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer = PhobertTokenizerFast(phobert_directory)
    expected = tokenizer.encode_words(words)
    assert len(tokenizer._words) == len(set(words)) > 1_000
    monkeypatch.setattr(module, "REMEMBERED_WORDS", 50)
    held = []
    for first in range(0, len(words), 20):
        assert tokenizer.encode_words(words[first : first + 20]) == expected[first : first + 20]
        held.append(len(tokenizer._words))
    assert max(held) <= 70 and len(held) > 300


def test_threads_share_a_tokenizer(phobert_directory: Path, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    expected = PhobertTokenizerFast(phobert_directory).encode_words(words)
    monkeypatch.setattr(module, "REMEMBERED_WORDS", 100)  # forgotten again and again while others read
    tokenizer = PhobertTokenizerFast(phobert_directory)

    def read(first: int) -> bool:
        return tokenizer.encode_words(words[first : first + 50]) == expected[first : first + 50]

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(read, [*range(0, len(words), 50)] * 3))


# ---- saved


def as_reference(tokenizer: PhobertTokenizerFast, ids: list[int]) -> list[int]:
    return tokenizer.reference_ids[ids].tolist()


def test_a_saved_tokenizer_is_an_ordinary_fast_one(
    phobert: Any, phobert_directory: Path, seeds: dict[str, str], words: list[str], tmp_path: Path
) -> None:
    phobert.save_pretrained(tmp_path / "first")
    for name in ("vocab.txt", "bpe.codes"):
        assert (tmp_path / "first" / name).read_bytes() == (phobert_directory / name).read_bytes()
    plain = AutoTokenizer.from_pretrained(tmp_path / "first")
    assert plain.is_fast and not isinstance(plain, PhobertTokenizerFast)
    assert (plain.model_max_length, plain.mask_token_id, plain.pad_token_id) == (256, phobert.first_alias - 1, 1)
    plain.save_pretrained(tmp_path / "second")
    again = AutoTokenizer.from_pretrained(tmp_path / "second")
    aliases = 0
    for text in (*seeds.values(), " ".join(words), "<mask> </s>", "", "Hà\x85Nội\x1cHà\xa0Nội\nHà"):
        own, theirs = (t(text, return_offsets_mapping=True) for t in (phobert, plain))
        assert theirs.offset_mapping == own.offset_mapping
        assert as_reference(phobert, theirs.input_ids) == own.input_ids
        same = [a == b or a >= phobert.first_alias for a, b in zip(theirs.input_ids, own.input_ids, strict=True)]
        assert all(same)
        assert again(text).input_ids == theirs.input_ids
        aliases += sum(i >= phobert.first_alias for i in theirs.input_ids)
    assert aliases > 100


@pytest.mark.parametrize(("config", "length"), [(None, 256), ({"max_position_embeddings": 130}, 128), ({}, 256)])
def test_the_length_that_is_stated(tmp_path: Path, config: dict[str, int] | None, length: int) -> None:
    write_files(tmp_path, "a 1\n", "")
    if config is not None:
        (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    tokenizer = PhobertTokenizerFast(tmp_path)
    assert tokenizer.model_max_length == length
    tokenizer.save_pretrained(tmp_path / "saved")
    stated = json.loads((tmp_path / "saved/tokenizer_config.json").read_text(encoding="utf-8"))
    assert stated["model_max_length"] == length


def test_a_tokenizer_is_saved_where_it_is_from(phobert: Any, tmp_path: Path) -> None:
    phobert.save_pretrained(tmp_path)
    tokenizer = PhobertTokenizerFast(tmp_path)
    before = (tmp_path / "vocab.txt").read_bytes()
    tokenizer.save_pretrained(tmp_path)
    assert (tmp_path / "vocab.txt").read_bytes() == before
    assert tokenizer("Trần_Văn_Thời").input_ids == phobert("Trần_Văn_Thời").input_ids


@pytest.fixture
def network(phobert_directory: Path) -> Any:
    torch.manual_seed(5)
    return AutoModelForTokenClassification.from_pretrained(phobert_directory, num_labels=5).eval()


def logits(network: Any, ids: list[int]) -> torch.Tensor:
    with torch.inference_mode():
        return network(input_ids=torch.tensor([ids])).logits


def test_a_saved_network_gives_the_plain_tokenizer_the_same(
    network: Any, phobert: Any, reference: Any, words: list[str], tmp_path: Path
) -> None:
    texts = [" ".join(words[first : first + 80]) for first in range(0, 800, 80)]
    before = [logits(network, reference(text).input_ids) for text in texts]
    assert network.get_input_embeddings().weight.shape[0] == phobert.first_alias
    add_aliases(network, phobert)
    network.save_pretrained(tmp_path)
    phobert.save_pretrained(tmp_path)
    saved = AutoModelForTokenClassification.from_pretrained(tmp_path).eval()
    plain = AutoTokenizer.from_pretrained(tmp_path)
    assert saved.config.vocab_size == len(phobert.reference_ids)
    for text, expected in zip(texts, before, strict=True):
        assert torch.equal(logits(saved, plain(text).input_ids), expected)
        assert torch.equal(logits(saved, phobert(text).input_ids), expected)
    assert any(i >= phobert.first_alias for text in texts for i in plain(text).input_ids)


def test_aliases_are_added_once_and_follow_what_they_stand_for(network: Any, phobert: Any) -> None:
    original = network.get_input_embeddings().weight.detach().clone()
    for _ in range(2):
        add_aliases(network, phobert)
        weight = network.get_input_embeddings().weight.detach()
        assert torch.equal(weight, original[torch.from_numpy(phobert.reference_ids)])
    with torch.no_grad():  # a saved model is trained on: its aliases' rows see no gradient
        network.get_input_embeddings().weight[: phobert.first_alias] += 1
    add_aliases(network, phobert)
    assert torch.equal(network.get_input_embeddings().weight.detach(), weight[torch.from_numpy(phobert.reference_ids)])
    assert torch.equal(weight[: phobert.first_alias], original + 1)


# ---- a network and a vocabulary that do not belong together


def test_rows_that_do_not_fit_the_vocabulary(network: Any, phobert: Any, unigram: Any) -> None:
    pieces, rows = phobert.first_alias, len(phobert.reference_ids)
    check_vocabulary(network, phobert, "here")
    network.resize_token_embeddings(rows, mean_resizing=False)
    check_vocabulary(network, phobert, "here")
    network.resize_token_embeddings(pieces - 1, mean_resizing=False)
    check_vocabulary(network, unigram, "here")  # another kind of tokenizer
    with pytest.raises(UserError) as error:
        check_vocabulary(network, phobert, "models/phobert")
    assert str(error.value) == (
        f"models/phobert: its network has {pieces - 1} rows of embeddings, its vocab.txt and bpe.codes ask for "
        f"{pieces} (or {rows}, as vanban saves it): they are of different models; fetch them again together"
    )


def test_what_each_backend_id_stands_for(phobert: Any) -> None:
    meant = phobert.reference_ids
    assert meant[: phobert.first_alias].tolist() == [*range(phobert.first_alias)]
    assert ((meant[phobert.first_alias :] >= 3) & (meant[phobert.first_alias :] < phobert.first_alias - 1)).all()
    assert np.unique(meant).size == phobert.first_alias


def test_a_file_that_is_cut_short(phobert_directory: Path, tmp_path: Path) -> None:
    merges = (phobert_directory / "bpe.codes").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "vocab.txt").write_bytes((phobert_directory / "vocab.txt").read_bytes())
    (tmp_path / "bpe.codes").write_text("".join(merges[:300]), encoding="utf-8")
    with pytest.raises(UserError) as error:
        PhobertTokenizerFast(tmp_path)
    message = str(error.value)
    assert message.startswith(f"{tmp_path}: ") and " pieces of vocab.txt, such as " in message
    assert message.endswith("one file is cut short, or they are of different models; fetch both again")
