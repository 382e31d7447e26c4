"""Shared fixtures: tokenizers and networks that are built here in milliseconds. Nothing is downloaded.

Tokenizers: `unigram` (Metaspace and NFKC, like the bundled encoder's), `wordpiece`, `byte_bpe`, and `phobert`, which
reads words; `any_tokenizer` runs a test with each. Models: `save_model` writes a model directory to taste;
`model_directory`, `adapter_directory` (taggers) and `classifier_directory` (document types) are ready ones;
`predictor` is the first of them, loaded, and `reads_both` the first and the last. PhoBERT: `phobert_directory` is a
small one as the hub has it, `phobert_model` a token classifier on it. `exported_directory` is `model_directory` for
ONNX Runtime, in float32. `opened` opens pages in a browser; where there is none, those tests are skipped, loudly.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from browser import NO_BROWSER, OpenPage, browser_of_this_machine, watched
from phobert_files import segmented_words, write_encoder, write_vocabulary
from project import ROOT, TAGS, TYPES, SaveModel

if TYPE_CHECKING:
    from vanban.schema import Task

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["VANBAN_BACKEND"] = "torch"  # else what tests compare would depend on the processor
os.environ.setdefault("OMP_NUM_THREADS", "1")  # tiny networks: threads cost more than they give
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # a shell's job behind the scenes: what it starts is deaf, too
    signal.signal(signal.SIGINT, signal.default_int_handler)

# a machine that does other work, too, is slow: that is no fault of what is tested
settings.register_profile("vanban", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("vanban")

LETTERS = "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệfghiìíỉĩịjklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvwxyỳýỷỹỵz"
SENTENCE = "chủ tịch ủy ban nhân dân tỉnh thành phố hà nội đà nẵng ông bà nguyễn văn thị có số trường hợp ca mắc ngày"
SYLLABLES = SENTENCE.split()
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")


@pytest.fixture(scope="session", autouse=True)
def _float32() -> Iterator[None]:
    """Run networks in float32 everywhere: bfloat16, where the hardware has it, rounds differently in each batch."""

    def float32(device: Any, exact: bool = False) -> Any:
        import torch

        return torch.float32

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vanban.network.runner.dtype_of", float32)
        yield


@pytest.fixture(scope="session")
def seeds() -> dict[str, str]:
    """The five seed documents by file stem, byte for byte."""
    return {path.stem: path.read_bytes().decode("utf-8") for path in sorted((ROOT / "seeds").glob("*.txt"))}


# ---- tokenizers


def _fast(backend: Any) -> Any:
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    ids = [(token, backend.token_to_id(token)) for token in ("<s>", "</s>")]
    backend.post_processor = TemplateProcessing(single="<s> $A </s>", special_tokens=ids)
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, bos_token="<s>", cls_token="<s>", eos_token="</s>", sep_token="</s>",
        pad_token="<pad>", unk_token="<unk>", mask_token="<mask>", model_max_length=64,
    )  # fmt: skip


def _unigram() -> Any:
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

    characters = dict.fromkeys([*LETTERS, *LETTERS.upper(), *"0123456789.,:;/-%()“”\"'!?&+*…"])
    syllables = [form for syllable in SYLLABLES for form in (syllable, syllable.capitalize(), syllable.upper())]
    pieces = [(special, 0.0) for special in SPECIAL]
    pieces += [("▁", -6.0), *((c, -8.0) for c in characters if c != "…"), ("...", -7.0)]
    pieces += [(f"▁{syllable}", -5.0) for syllable in dict.fromkeys(syllables)]
    pieces += [("▁24.", -5.0), ("▁(18", -5.0), ("46)", -5.0)]  # a number with a mark at its side
    backend = Tokenizer(models.Unigram(pieces, unk_id=SPECIAL.index("<unk>")))
    backend.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    return _fast(backend)


def _wordpiece() -> Any:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    characters = [*"abcdefghijklmnopqrstuvwxyzđ0123456789"]
    marks = [*".,:;/-%()“”\"'!?&+*"]
    plain = ["chu", "tich", "uy", "ban", "nhan", "dan", "ha", "noi", "nguyen", "van"]
    vocabulary = [*SPECIAL, *plain, *characters, *(f"##{c}" for c in characters), *marks]
    ids = {piece: i for i, piece in enumerate(vocabulary)}
    backend = Tokenizer(models.WordPiece(ids, unk_token="<unk>", max_input_chars_per_word=100))
    backend.normalizer = normalizers.BertNormalizer(lowercase=True)  # drops accents and control characters
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return _fast(backend)


def _byte_bpe() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [("N", "g"), ("n", "g"), ("Ġ", "H"), ("Ġ", "t"), ("á", "»")]
    vocabulary = [*SPECIAL, *alphabet, *("".join(merge) for merge in merges)]
    backend = Tokenizer(models.BPE({piece: i for i, piece in enumerate(vocabulary)}, merges, unk_token="<unk>"))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    return _fast(backend)


@pytest.fixture(scope="session")
def unigram() -> Any:
    """Pieces with `▁`, NFKC: one character may become several pieces, white space may be a piece of its own."""
    return _unigram()


@pytest.fixture(scope="session")
def wordpiece() -> Any:
    """Lower case without accents; a word longer than 100 characters is one <unk>."""
    return _wordpiece()


@pytest.fixture(scope="session")
def byte_bpe() -> Any:
    """Bytes: most Vietnamese letters are two or three tokens, an emoji four."""
    return _byte_bpe()


@pytest.fixture(scope="session", params=["unigram", "wordpiece", "byte_bpe", "phobert"])
def any_tokenizer(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


# ---- models


def _configuration(tokenizer: Any, classes: Sequence[str], **settings: Any) -> Any:
    from transformers import BertConfig

    return BertConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=64, pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.6,  # wide enough that a random network finds entities of every label
        id2label=dict(enumerate(classes)), label2id={name: i for i, name in enumerate(classes)}, **settings,
    )  # fmt: skip


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


@pytest.fixture(scope="session")
def save_model(unigram: Any) -> SaveModel:
    """Return `save(folder, tokenizer=unigram, classes=TAGS, info={…}, task="ner", **config)`.

    It writes a whole model directory. The network is random from a fixed seed. `info` becomes vanban.json; None leaves
    it out.
    """

    def save(
        folder: Path,
        tokenizer: Any = unigram,
        classes: Sequence[str] = TAGS,
        info: object = None,
        task: Task = "ner",
        **settings: Any,
    ) -> Path:
        import torch
        from transformers import BertForSequenceClassification, BertForTokenClassification

        # finds entities of several labels, and more than one type, in the texts of test_predictor
        torch.manual_seed(26)
        network_class = BertForTokenClassification if task == "ner" else BertForSequenceClassification
        network = network_class(_configuration(tokenizer, classes, **settings))
        folder.mkdir(parents=True, exist_ok=True)
        network.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        if info is not None:
            _write_json(folder / "vanban.json", info)
        return folder

    return save


@pytest.fixture(scope="session")
def model_directory(save_model: SaveModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole model directory: windows of 32 tokens with 8 of overlap, named `tiny`."""
    info = {"format": 1, "task": "ner", "name": "tiny", "windows": {"tokens": 32, "overlap": 8}, "classes": TAGS}
    return save_model(tmp_path_factory.mktemp("models") / "tiny", info=info)


@pytest.fixture(scope="session")
def classifier_directory(save_model: SaveModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole classifier of three types, named `tiny-types`; it reads at most three windows of 24 tokens."""
    info = {
        "format": 1, "task": "doctype", "name": "tiny-types", "windows": {"tokens": 24, "overlap": 4}, "classes": TYPES,
        "reading": {"head": 1, "body": 1, "tail": 1, "pooling": "mean"}, "temperature": 2.0, "threshold": 0.5,
    }  # fmt: skip
    return save_model(tmp_path_factory.mktemp("models") / "tiny-types", classes=TYPES, info=info, task="doctype")


@pytest.fixture(scope="session")
def encoder_directory(unigram: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A headless encoder, as the bundled one is laid out; it has a pooler that token classifiers don't use."""
    import torch
    from transformers import BertModel

    folder = tmp_path_factory.mktemp("models") / "encoder"
    torch.manual_seed(29)
    BertModel(_configuration(unigram, TAGS)).save_pretrained(folder)
    unigram.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def adapter_directory(encoder_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter directory over `encoder_directory`, written as peft does: rank 2 on every query, and the head."""
    import torch
    from safetensors.torch import save_file

    folder = tmp_path_factory.mktemp("models") / "adapter"
    folder.mkdir()
    generator = torch.Generator().manual_seed(31)
    shapes = {"classifier.weight": (len(TAGS), 16), "classifier.bias": (len(TAGS),)}
    for layer in range(2):
        query = f"bert.encoder.layer.{layer}.attention.self.query"
        shapes |= {f"{query}.lora_A.weight": (2, 16), f"{query}.lora_B.weight": (16, 2)}
    tensors = {f"base_model.model.{name}": torch.randn(shape, generator=generator) for name, shape in shapes.items()}
    save_file(tensors, folder / "adapter_model.safetensors")
    _write_json(folder / "adapter_config.json", {"peft_type": "LORA", "r": 2, "lora_alpha": 4})
    info = {
        "format": 1, "task": "ner", "name": "tiny-adapter", "classes": TAGS,
        "encoder": {"wanted": "local", "used": "local", "path": str(encoder_directory)},
        "windows": {"tokens": 32, "overlap": 8},
    }  # fmt: skip
    _write_json(folder / "vanban.json", info)
    return folder


@pytest.fixture(scope="session")
def exported_directory(model_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`model_directory` as `vanban export --precision float32` writes it; not to be changed."""
    from vanban.network.checkpoint import find_model
    from vanban.network.export import export

    folder = tmp_path_factory.mktemp("models") / "exported"
    export(find_model(model_directory), folder, "float32")
    return folder


@pytest.fixture(scope="session")
def predictor(model_directory: Path) -> Any:
    """The tiny tagger, loaded on the CPU."""
    from vanban import load

    return load(model_directory, device="cpu", tasks=("ner",))


@pytest.fixture(scope="session")
def reads_both(model_directory: Path, classifier_directory: Path) -> Any:
    """The tiny tagger and the tiny classifier in one predictor, on the CPU; they share a tokenizer."""
    from vanban import load

    return load([model_directory, classifier_directory], device="cpu")


# ---- PhoBERT


@pytest.fixture(scope="session")
def phobert_directory(seeds: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder as the hub has PhoBERT: vocab.txt, bpe.codes, config.json, pytorch_model.bin; learned on the seeds.

    Its vocab.txt lacks some of the symbols of its merges, as PhoBERT's does.
    """
    folder = tmp_path_factory.mktemp("models") / "phobert"
    write_vocabulary(folder, segmented_words(seeds.values()), symbols=2000, least=2)
    write_encoder(folder)
    return folder


@pytest.fixture(scope="session")
def phobert(phobert_directory: Path) -> Any:
    """The tokenizer of `phobert_directory`: words, whose pieces stay together."""
    from vanban.reading.phobert import PhobertTokenizerFast

    return PhobertTokenizerFast(phobert_directory)


@pytest.fixture(scope="session")
def phobert_model(phobert_directory: Path, phobert: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random token classifier on `phobert_directory`, as `train` saves it: windows of 32 tokens with 8 of overlap."""
    import torch
    from transformers import AutoModelForTokenClassification

    from vanban.reading.phobert import add_aliases

    folder = tmp_path_factory.mktemp("models") / "phobert-ner"
    torch.manual_seed(3)
    network = AutoModelForTokenClassification.from_pretrained(
        phobert_directory, id2label=dict(enumerate(TAGS)), label2id={tag: i for i, tag in enumerate(TAGS)}
    )
    torch.nn.init.normal_(network.classifier.weight)  # wide enough that entities of every label are found
    add_aliases(network, phobert)
    network.save_pretrained(folder)
    phobert.save_pretrained(folder)
    info = {
        "format": 1,
        "task": "ner",
        "name": "tiny-phobert",
        "windows": {"tokens": 32, "overlap": 8},
        "classes": TAGS,
    }
    _write_json(folder / "vanban.json", info)
    return folder


# ---- a browser


@pytest.fixture(scope="module")
def _browser() -> Iterator[Any]:
    """A headless Chromium. Of a module: while its driver runs, no other event loop can in this thread."""
    with browser_of_this_machine() as browser:
        yield browser


@pytest.fixture
def opened(_browser: Any) -> Iterator[OpenPage]:
    """Return `opened(path, **context)`: the page of a file. At the end nothing was fetched, and no error was logged."""
    with watched(_browser) as open_page:
        yield open_page


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if NO_BROWSER in str(report.longrepr)]
    if skipped:
        line = f"{len(skipped)} tests of pages did not run: {NO_BROWSER}"
        terminalreporter.write_line(line, red=True, bold=True)
