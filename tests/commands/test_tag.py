from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from project import TYPES, SaveModel, write
from vanban import Predictor, cli
from vanban.commands import tag as command
from vanban.documents.annotated import annotated_files
from vanban.documents.formats.brat import read_brat
from vanban.documents.formats.format import Losses
from vanban.documents.sources import FOLDER_SUFFIXES
from vanban.schema import Entity, Prediction

NFD = unicodedata.normalize("NFD", "Hà Nội")
UNSURE = {
    "doc_type": None,
    "doc_type_score": 0.5,
    "doc_type_scores": {"thong_bao": 0.5, "bao_cao": 0.5},
    "model": "fake",
}
_MENTION = re.compile(f"Hà Nội|{NFD}|\\d+ ca")


class FakePredictor:
    """Marks Hà Nội (0.9) and counts of cases (0.4); a text with BOOM raises, the text that is `stop_at` is Ctrl-C.

    A text with Hà Nội is a notice, of others it says that they may be one. `loaded` has what it was last loaded with.
    """

    name = "fake"

    def __init__(self, stop_at: str | None = None) -> None:
        self.stop_at = stop_at
        self.tagged: list[str] = []
        self.info: dict[str, Any] = {}
        self.loaded: tuple[Sequence[str], str, Sequence[str]] | None = None

    def load(
        self, models: Sequence[str], device: str, tasks: Sequence[str], backend: str, values: bool
    ) -> FakePredictor:
        self.loaded, self.backend, self.values = (models, device, tasks), backend, values
        return self

    @property
    def tasks(self) -> Sequence[str]:
        assert self.loaded is not None
        return self.loaded[2]

    @property
    def tagger(self) -> object | None:
        return object() if "ner" in self.tasks else None

    def predict_batch(self, texts: Sequence[str]) -> list[Prediction]:
        if self.stop_at is not None and self.stop_at in texts:
            raise KeyboardInterrupt
        if any("BOOM" in text for text in texts):
            raise RuntimeError("no such token")
        self.tagged.extend(texts)
        return [self._predict(text) for text in texts]

    def _predict(self, text: str) -> Prediction:
        entities = tuple(map(_entity, _MENTION.finditer(text))) if "ner" in self.tasks else ()
        if "doctype" not in self.tasks:
            return Prediction(text, entities, self.name)
        sure = "Hà Nội" in text
        scores = {"thong_bao": 0.75, "bao_cao": 0.25} if sure else {"thong_bao": 0.5, "bao_cao": 0.5}
        return Prediction(text, entities, self.name, "thong_bao" if sure else None, scores["thong_bao"], scores)


def _entity(match: re.Match[str]) -> Entity:
    label, score = ("COUNT", 0.4) if match.group()[0].isdigit() else ("PLACE", 0.9)
    return Entity(label, match.start(), match.end(), match.group(), score)


@dataclass
class Result:
    status: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Tag = Callable[..., Result]


@pytest.fixture
def predictor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakePredictor:
    fake = FakePredictor()
    monkeypatch.setattr(command, "load_predictor", fake.load)
    monkeypatch.chdir(tmp_path)
    return fake


@pytest.fixture
def tag(predictor: FakePredictor, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Tag:
    def run(*arguments: str, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "argv", ["tag", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as exit_:
            cli.tag_main()
        out, err = capfdbinary.readouterr()
        return Result(int(exit_.value.code or 0), out.decode("utf-8"), err.decode("utf-8"))

    return run


def records_of(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def files(folder: str = ".") -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in Path(folder).rglob("*") if p.is_file())


def test_folder_to_standard_output(tag: Tag) -> None:
    write("docs/Công điện 1.txt", "\ufeffHà Nội\r\ncó 46 ca.\r\n")
    write("docs/deep/2.txt", f"{NFD}.")
    write("docs/deep/empty.txt", "")
    write("docs/deep/white.txt", " \n\u00a0\n")
    result = tag("docs")
    assert (result.status, result.err) == (0, "")
    assert result.records == [
        {
            "id": "docs/Công điện 1.txt",
            "path": "docs/Công điện 1.txt",
            "entities": [
                {"label": "PLACE", "start": 1, "end": 7, "text": "Hà Nội", "score": 0.9},
                {"label": "COUNT", "start": 12, "end": 17, "text": "46 ca", "score": 0.4},
            ],
            "doc_type": "thong_bao",
            "doc_type_score": 0.75,
            "doc_type_scores": {"thong_bao": 0.75, "bao_cao": 0.25},
            "model": "fake",
        },
        {
            "id": "docs/deep/2.txt",
            "path": "docs/deep/2.txt",
            "entities": [{"label": "PLACE", "start": 0, "end": len(NFD), "text": NFD, "score": 0.9}],
            **UNSURE,
        },
        {"id": "docs/deep/empty.txt", "path": "docs/deep/empty.txt", "entities": [], **UNSURE},
        {"id": "docs/deep/white.txt", "path": "docs/deep/white.txt", "entities": [], **UNSURE},
    ]


def test_standard_input(tag: Tag) -> None:
    data = '{"text": "Hà Nội", "n": 1}\n'.encode()
    (record,) = tag("-", stdin=data).records
    assert (record["id"], record["n"], record["text"], record["entities"][0]["start"]) == ("-:1", 1, "Hà Nội", 0)
    (record,) = tag("-", "--input-format", "text", stdin=data).records
    assert (record["id"], record["entities"][0]["start"], "path" in record) == ("-", 10, False)
    (record,) = tag("-", "--input-format", "jsonl", "-o", "-", stdin=data).records
    assert (record["id"], record["n"], record["text"], record["entities"][0]["start"]) == ("-:1", 1, "Hà Nội", 0)


def test_five_megabytes(tag: Tag) -> None:
    text = ("Văn bản hành chính. " * 50 + "Hà Nội có 46 ca.\n") * 4_000
    write("big.txt", text)
    assert Path("big.txt").stat().st_size > 5_000_000
    for output_format, lines in (("jsonl", 1), ("pretty", 4_002), ("conll", 2 + 4_000 * (50 * 5 + 6 + 1))):
        assert tag("big.txt", "--format", output_format, "-o", output_format).status == 0
        assert Path(output_format).read_bytes().count(b"\n") == lines
    (record,) = records_of("jsonl")
    assert len(record["entities"]) == 8_000
    assert record["entities"][-1]["end"] == len(text) - 2


def test_bad_documents_do_not_stop_the_run(tag: Tag) -> None:
    write("docs/1.txt", "Hà Nội")
    write("docs/2.txt", b"ok\n\xff")
    write("docs/3.txt", "BOOM")
    write("docs/4.txt", "Hà Nội")
    write("docs/rows.jsonl", '{"id": "x", "text": "46 ca"}\n{broken\n{"id": "y"}\n{"id": "z", "text": ""}\n')
    result = tag("docs", "-o", "out.jsonl")
    assert result.status == 1
    assert [r["id"] for r in records_of("out.jsonl")] == ["docs/1.txt", "docs/4.txt", "x", "z"]
    assert result.err.splitlines() == [
        "error: docs/2.txt:2: found the byte 0xff at 3, expected UTF-8; convert it first: iconv -f CHARSET -t UTF-8, "
        "or name its encoding with --encoding",
        "error: docs/3.txt: could not be tagged: RuntimeError: no such token",
        "error: docs/rows.jsonl:2: not JSON: Expecting property name enclosed in double quotes at column 2",
        "error: docs/rows.jsonl:3: expected a \"text\" that is a string, found the keys ['id']",
        "4 documents, 3 entities → out.jsonl; model fake",
        "4 of 8 documents failed; when they are mended, the same command with --resume tags them",
    ]
    assert sorted(map(str, Path().glob("out.jsonl.*"))) == ["out.jsonl.partial", "out.jsonl.partial.journal"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["doc"], "error: doc: no such file or folder (looked in {cwd}). Did you mean docs?\n"),
        (
            ["docs", "empty"],
            f"error: empty: no {', '.join(FOLDER_SUFFIXES)} file in there, expected at least one\n",
        ),
        (["docs", "--min-score", "1.5"], "error: --min-score 1.5: expected a number from 0 to 1\n"),
        (["docs", "--min-score", "nan"], "error: --min-score nan: expected a number from 0 to 1\n"),
        (
            ["docs", "--no-doc-type", "--only-doc-type"],
            "error: --no-doc-type and --only-doc-type leave nothing to read: give one of them\n",
        ),
        (
            ["docs", "--only-doc-type", "--format", "brat", "-o", "brat"],
            "error: --format brat holds entities alone: --only-doc-type goes with jsonl and pretty\n",
        ),
        (
            ["docs", "--only-doc-type", "--format", "conll"],
            "error: --format conll holds entities alone: --only-doc-type goes with jsonl and pretty\n",
        ),
        (["docs", "--resume"], "error: --resume needs -o: what went to standard output is not known any more\n"),
        (
            ["docs", "--format", "brat"],
            "error: --format brat writes two files for each document: name a folder with -o, e.g. -o entities\n",
        ),
        (
            ["docs/1.txt", "--format", "brat", "-o", "note.md"],
            "error: note.md: --format brat writes a folder, found a file; give -o another name\n",
        ),
        (["docs", "-o", "empty"], "error: empty: is a folder, expected a file, for example -o empty/entities.jsonl\n"),
        (
            ["docs", "-o", "docs/1.txt/out"],
            "error: {cwd}/docs/1.txt: can't be written: File exists; give -o another name\n",
        ),
        (
            ["docs", "-o", "o" * 300],
            f"error: {'o' * 300}: can't be written: File name too long; give -o another name\n",
        ),
        (
            ["docs", "-o", "o", "--resume", "--overwrite"],
            "error: --resume goes on with what is there and --overwrite starts again: give one of them\n",
        ),
    ],
)
def test_wrong_use(tag: Tag, predictor: FakePredictor, arguments: list[str], message: str) -> None:
    write("docs/1.txt", "Hà Nội")
    write("note.md", "")
    Path("empty").mkdir()
    result = tag(*arguments)
    assert (result.status, result.out, result.err) == (2, "", message.format(cwd=Path.cwd()))
    assert (predictor.tagged, predictor.loaded) == ([], None)
    assert files() == ["docs/1.txt", "note.md"]


def test_options_that_typer_refuses(tag: Tag) -> None:
    write("1.txt", "")
    for arguments in ([], ["1.txt", "--format", "xml"], ["1.txt", "--batch-size", "0"], ["1.txt", "--ouput", "x"]):
        assert tag(*arguments).status == 2


def test_bad_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    write("1.txt", "")
    Path("modle").mkdir()
    monkeypatch.setattr(sys, "argv", ["tag", "1.txt", "--model", "model", "-o", "out.jsonl"])
    with pytest.raises(SystemExit) as exit_:
        cli.tag_main()
    assert exit_.value.code == 2
    assert re.fullmatch(r"error: model: no model .*Did you mean modle\?\n", capsys.readouterr().err)
    assert files() == ["1.txt"]


def test_min_score(tag: Tag) -> None:
    write("1.txt", "Hà Nội có 46 ca.")
    counts = {s: len(tag("1.txt", "--min-score", s).records[0]["entities"]) for s in ("0", "0.4", "0.41", "0.9", "1")}
    assert counts == {"0": 2, "0.4": 2, "0.41": 1, "0.9": 1, "1": 0}


# ---- entities, types, or both

BOTH = ("ner", "doctype")


@pytest.mark.parametrize(
    ("arguments", "loaded"),
    [
        ([], ([], "auto", BOTH)),
        (["--device", "cpu"], ([], "cpu", BOTH)),
        (["--no-doc-type"], ([], "auto", ("ner",))),
        (["--only-doc-type"], ([], "auto", ("doctype",))),
        (["--only-doc-type", "--format", "pretty"], ([], "auto", ("doctype",))),
        (["--format", "pretty"], ([], "auto", BOTH)),
        (["--format", "conll"], ([], "auto", ("ner",))),
        (["--format", "brat", "-o", "brat"], ([], "auto", ("ner",))),
        (["--format", "conll", "--no-doc-type"], ([], "auto", ("ner",))),
        (["--model", "a"], (["a"], "auto", BOTH)),
        (["--model", "a", "--model", "b/c", "--no-doc-type"], (["a", "b/c"], "auto", ("ner",))),
    ],
)
def test_what_is_loaded(tag: Tag, predictor: FakePredictor, arguments: list[str], loaded: object) -> None:
    write("1.txt", "Hà Nội")
    assert tag("1.txt", *arguments).status == 0
    assert (predictor.loaded, predictor.backend) == (loaded, "auto")


@pytest.mark.parametrize("backend", ["torch", "onnx"])
def test_the_back_end_is_handed_on(tag: Tag, predictor: FakePredictor, backend: str) -> None:
    write("1.txt", "Hà Nội")
    assert tag("1.txt", "--backend", backend).status == 0
    assert predictor.backend == backend


def test_values_are_left_out(tag: Tag, predictor: FakePredictor) -> None:
    write("1.txt", "Hà Nội")
    assert (tag("1.txt").status, predictor.values) == (0, True)
    assert (tag("1.txt", "--no-values").status, predictor.values) == (0, False)


def test_records_of_one_task(tag: Tag) -> None:
    write("1.txt", "Hà Nội có 46 ca.")
    (record,) = tag("1.txt", "--no-doc-type").records
    assert list(record) == ["id", "path", "entities", "model"]
    assert len(record["entities"]) == 2
    (record,) = tag("1.txt", "--only-doc-type").records
    scores = {"thong_bao": 0.75, "bao_cao": 0.25}
    assert list(record.items()) == [
        ("id", "1.txt"),
        ("path", "1.txt"),
        ("doc_type", "thong_bao"),
        ("doc_type_score", 0.75),
        ("doc_type_scores", scores),
        ("model", "fake"),
    ]


def test_pretty_of_one_task(tag: Tag) -> None:
    write("1.txt", "Hà Nội")
    write("2.txt", "46 ca")
    plain = "── 1.txt · 1 entity\n[Hà Nội](PLACE 0.90)\n\n── 2.txt · 1 entity\n[46 ca](COUNT 0.40)\n\n"
    assert tag("1.txt", "2.txt", "--format", "pretty", "--no-doc-type").out == plain
    for arguments in ([], ["-o", "out"]):
        result = tag("1.txt", "2.txt", "--format", "pretty", "--only-doc-type", *arguments)
        written = Path("out").read_text(encoding="utf-8") if arguments else result.out
        assert written == "── 1.txt · thông báo 0.75\nHà Nội\n\n── 2.txt · thông báo? 0.50\n46 ca\n\n"


def test_what_the_last_line_counts(tag: Tag, predictor: FakePredictor) -> None:
    write("1.txt", "Hà Nội")
    assert tag("1.txt", "-o", "out").err == "1 document, 1 entity → out; model fake\n"
    assert tag("1.txt", "-o", "out", "--only-doc-type").err == "1 document → out; model fake\n"
    predictor.info = {"ner": {"encoder": {"used": "bundled"}}, "doctype": {"encoder": {"used": "bundled"}}}
    assert tag("1.txt", "-o", "out").err == "1 document, 1 entity → out; model fake, encoder bundled\n"
    predictor.info = {"ner": {"encoder": {"used": "bundled"}}, "doctype": {"encoder": {"used": "vinai/phobert-base"}}}
    assert tag("1.txt", "-o", "out").err.endswith("; model fake, encoder bundled + vinai/phobert-base\n")
    predictor.info = {"ner": {}, "doctype": {"encoder": {"used": "vinai/phobert-base"}}}
    assert tag("1.txt", "-o", "out").err.endswith("; model fake, encoder vinai/phobert-base\n")


def test_min_score_is_for_entities_alone(tag: Tag) -> None:
    write("1.txt", "Hà Nội")
    (record,) = tag("1.txt", "--min-score", "0.95").records
    assert (record["entities"], record["doc_type"], record["doc_type_score"]) == ([], "thong_bao", 0.75)


def test_types_of_the_input_are_kept(tag: Tag) -> None:
    write("in.jsonl", '{"text": "Hà Nội", "doc_type": "chi_thi", "entities": ["gold"]}\n')
    (record,) = tag("in.jsonl").records
    assert (record["input_doc_type"], record["doc_type"], record["input_entities"]) == (
        "chi_thi",
        "thong_bao",
        ["gold"],
    )
    (record,) = tag("in.jsonl", "--no-doc-type").records
    assert (record["doc_type"], record["input_entities"], "input_doc_type" in record) == ("chi_thi", ["gold"], False)
    (record,) = tag("in.jsonl", "--only-doc-type").records
    assert (record["input_doc_type"], record["entities"], record["doc_type"]) == ("chi_thi", ["gold"], "thong_bao")


@pytest.fixture
def real(
    model_directory: Path, classifier_directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, list[str]]]:
    """Return `run(*arguments)`: `tag` with tiny models in the place of the package's, its status, and what is loaded.

    Loaded are checkpoints, as their folders; a forward pass adds the name of the network's class.
    """
    import torch

    from vanban.network import checkpoint, shipped
    from vanban.network.torch_network import TorchNetwork

    monkeypatch.chdir(tmp_path)
    (tmp_path / "bundled").mkdir()
    (tmp_path / "bundled/ner").symlink_to(model_directory)
    (tmp_path / "bundled/doctype").symlink_to(classifier_directory)
    monkeypatch.setattr(shipped, "BUNDLED", tmp_path / "bundled")
    seen: list[str] = []
    load_whole, forward = checkpoint.load_whole, TorchNetwork._forward

    def load(where: Path, *rest: Any) -> Any:
        seen.append(where.name)
        return load_whole(where, *rest)

    def run_batch(network: TorchNetwork, *batch: Any) -> torch.Tensor:
        seen.append(type(network.module).__name__)
        return forward(network, *batch)

    monkeypatch.setattr(checkpoint, "load_whole", load)
    monkeypatch.setattr(TorchNetwork, "_forward", run_batch)

    def run(*arguments: str) -> tuple[int, list[str]]:
        seen.clear()
        monkeypatch.setattr(sys, "argv", ["tag", *arguments, "--device", "cpu"])
        with pytest.raises(SystemExit) as exit_:
            cli.tag_main()
        return int(exit_.value.code or 0), list(seen)

    return run


TAGGING = ["ner", "BertForTokenClassification"]
CLASSIFYING = ["doctype", "BertForSequenceClassification"]


@pytest.mark.parametrize(
    ("arguments", "seen"),
    [
        ([], ["ner", "doctype", "BertForTokenClassification", "BertForSequenceClassification"]),
        (["--no-doc-type"], TAGGING),
        (["--format", "conll"], TAGGING),
        (["--format", "brat"], TAGGING),
        (["--only-doc-type"], CLASSIFYING),
        (["--only-doc-type", "--format", "pretty"], CLASSIFYING),
    ],
)
def test_no_model_is_loaded_in_vain(
    real: Callable[..., tuple[int, list[str]]], arguments: list[str], seen: list[str]
) -> None:
    write("1.txt", "Hà Nội có 24.973 ca")
    assert real("1.txt", "-o", "out", *arguments) == (0, seen)


@pytest.mark.parametrize(("option", "missing"), [("--no-doc-type", "doctype"), ("--only-doc-type", "ner")])
def test_the_model_that_is_left_out_need_not_be_there(
    real: Callable[..., tuple[int, list[str]]], capsys: pytest.CaptureFixture[str], option: str, missing: str
) -> None:
    write("1.txt", "Hà Nội")
    Path("bundled", missing).unlink()
    assert real("1.txt", "-o", "out", option)[0] == 0
    capsys.readouterr()
    assert real("1.txt", "-o", "out")[0] == 2
    assert capsys.readouterr().err == (
        f"error: {Path.cwd()}/bundled/{missing}: the shipped model is missing; install vanban again, or name a model "
        "directory\n"
    )


def test_models_that_are_named_take_the_place_of_the_package_s(
    real: Callable[..., tuple[int, list[str]]],
    save_model: SaveModel,
    classifier_directory: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("1.txt", "Hà Nội")
    save_model(Path("mine"), info={"name": "mine", "encoder": {"used": "local"}})
    assert real("1.txt", "-o", "out", "--model", "mine")[1][:2] == ["mine", "doctype"]
    assert capsys.readouterr().err.endswith(" → out; model mine + tiny-types, encoder local\n")
    assert real("1.txt", "-o", "out", "--model", str(classifier_directory), "--model", "mine")[1][:2] == [
        "tiny-types",
        "mine",
    ]
    assert records_of("out")[0]["model"] == "mine + tiny-types"
    capsys.readouterr()
    for arguments, message in (
        (["--only-doc-type"], "mine: a model for ner, found the tasks doctype; leave it out"),
        (["--model", "bundled/ner"], "two models of the task ner: mine and tiny; give one for each task"),
    ):
        assert real("1.txt", "--model", "mine", *arguments)[0] == 2
        assert capsys.readouterr().err == f"error: {message}\n"


def test_a_run_is_resumed_with_the_same_tasks(
    real: Callable[..., tuple[int, list[str]]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for i in range(1, 4):
        write(f"docs/{i}.txt", f"Hà Nội có {i} ca")
    predict_batch = Predictor.predict_batch

    def stop(predictor: Predictor, texts: Sequence[str]) -> list[Prediction]:
        if "Hà Nội có 2 ca" in texts:
            raise KeyboardInterrupt
        return predict_batch(predictor, texts)

    with monkeypatch.context() as patch:
        patch.setattr(Predictor, "predict_batch", stop)
        assert real("docs", "-o", "out", "--batch-size", "1")[0] == 130
    assert capsys.readouterr().err == (
        "interrupted: 1 document done and kept; go on with the same command and --resume\n"
    )
    for option, model in (("--no-doc-type", "tiny"), ("--only-doc-type", "tiny-types")):
        assert real("docs", "-o", "out", "--resume", option)[0] == 2
        assert capsys.readouterr().err == (
            f"error: {Path.cwd()}/out.partial: the interrupted run had model tiny + tiny-types, this one has {model}; "
            "give it the same options, or start again with --overwrite\n"
        )
    assert real("docs", "-o", "out", "--resume")[0] == 0
    assert re.fullmatch(
        r"3 documents → out, 1 of them done before, \d+ entities in the others; model tiny \+ tiny-types\n",
        capsys.readouterr().err,
    )
    records = records_of("out")
    assert [r["id"] for r in records] == [f"docs/{i}.txt" for i in range(1, 4)]
    assert all(set(r["doc_type_scores"]) == set(TYPES) and "entities" in r for r in records)


# ---- failed


def test_documents_that_failed_are_tagged_again(tag: Tag, predictor: FakePredictor) -> None:
    for name, text in (("1", "1 ca"), ("2", "BOOM"), ("3", b"\xff"), ("4", "4 ca")):
        write(f"docs/{name}.txt", text)
    assert tag("docs", "-o", "out", "--batch-size", "1").status == 1
    assert [r["id"] for r in records_of("out")] == ["docs/1.txt", "docs/4.txt"]
    predictor.tagged.clear()
    before = Path("out").stat().st_mtime_ns
    result = tag("docs", "-o", "out", "--batch-size", "1", "--resume")  # nothing was mended
    assert (result.status, predictor.tagged, Path("out").stat().st_mtime_ns) == (1, [], before)
    write("docs/2.txt", "2 ca")
    write("docs/3.txt", "3 ca")
    result = tag("docs", "-o", "out", "--batch-size", "1", "--resume")
    assert (result.status, predictor.tagged) == (0, ["2 ca", "3 ca"])
    assert result.err == "4 documents → out, 2 of them done before, 2 entities in the others; model fake\n"
    assert [r["id"] for r in records_of("out")] == [f"docs/{i}.txt" for i in (1, 4, 2, 3)]
    assert not list(Path().glob("out.*"))


def test_a_run_with_failures_is_run_again_without_being_asked(tag: Tag, predictor: FakePredictor) -> None:
    write("docs/1.txt", "1 ca")
    write("docs/2.txt", "BOOM")
    for _ in range(2):
        assert tag("docs", "-o", "out").status == 1
    assert predictor.tagged == ["1 ca", "1 ca"]
    result = tag("docs", "-o", "out", "--resume", "--min-score", "0.5")
    assert (result.status, "the interrupted run had min-score 0.0" in result.err) == (2, True)


# ---- interrupted


def interrupted_run(tag: Tag, predictor: FakePredictor, *arguments: str) -> Result:
    for i in range(1, 6):
        write(f"docs/{i}.txt", f"{i} ca")
    predictor.stop_at = "4 ca"
    result = tag("docs", "--batch-size", "1", *arguments)
    assert (result.status, result.out) == (130, "")
    assert result.err == "interrupted: 3 documents done and kept; go on with the same command and --resume\n"
    predictor.stop_at = None
    predictor.tagged.clear()
    return result


@pytest.mark.parametrize("output_format", ["jsonl", "conll", "pretty"])
def test_resume_tags_no_document_twice(tag: Tag, predictor: FakePredictor, output_format: str) -> None:
    write("out", "older")
    interrupted_run(tag, predictor, "-o", "out", "--format", output_format)
    assert Path("out").read_text() == "older"
    with open("out.partial", "ab") as partial:
        partial.write(b'{"id": "docs/4.t')  # cut off by the interruption
    with open("out.partial.journal", "ab") as journal:
        journal.write(b'["docs/4')
    # as a full path: it is the same document
    docs = str(Path("docs").resolve())
    result = tag(docs, "-o", "out", "--format", output_format, "--resume", "--batch-size", "1")
    assert (result.status, predictor.tagged) == (0, ["4 ca", "5 ca"])
    left_out = ["left out, since conll has no place for it: 2 scores"] if output_format == "conll" else []
    said = ["5 documents → out, 3 of them done before, 2 entities in the others; model fake", *left_out]
    assert result.err.splitlines() == said
    resumed = Path("out").read_text(encoding="utf-8").replace(f"{Path.cwd()}/", "")
    tag("docs", "-o", "whole", "--format", output_format)
    assert Path("whole").read_text(encoding="utf-8") == resumed
    assert files() == [*(f"docs/{i}.txt" for i in range(1, 6)), "out", "whole"]


def test_documents_that_are_not_met_again_are_told(tag: Tag, predictor: FakePredictor) -> None:
    interrupted_run(tag, predictor, "-o", "out")
    write("others/1.txt", "7 ca")
    result = tag("others", "docs/2.txt", "-o", "out", "--resume")
    assert result.status == 0
    warning = "warning: 2 documents that were done before are not among these inputs, and stay in out"
    assert result.err.splitlines()[-1] == warning
    assert [r["id"] for r in records_of("out")] == ["docs/1.txt", "docs/2.txt", "docs/3.txt", "others/1.txt"]


@pytest.mark.parametrize("shards", [(), ("--shards", "2")])
def test_a_run_in_which_all_fails_replaces_nothing(tag: Tag, shards: tuple[str, ...]) -> None:
    write("a.txt", "4 ca")
    write("b.txt", b"\xff")
    assert tag("a.txt", "-o", "out", *shards).status == 0
    before = {name: Path(name).read_bytes() for name in files()}
    result = tag("b.txt", "-o", "out", *shards, "--overwrite")
    assert result.status == 1
    assert result.err.splitlines()[-1] == "out is what it was: no document was tagged"
    assert {name: Path(name).read_bytes() for name in files() if ".partial" not in name} == before


def test_resume_twice_and_after_the_end(tag: Tag, predictor: FakePredictor) -> None:
    interrupted_run(tag, predictor, "-o", "out")
    predictor.stop_at = "5 ca"
    assert "interrupted: 4 documents done" in tag("docs", "-o", "out", "--batch-size", "1", "--resume").err
    predictor.stop_at = None
    assert tag("docs", "-o", "out", "--resume").status == 0
    assert [r["id"] for r in records_of("out")] == [f"docs/{i}.txt" for i in range(1, 6)]
    predictor.tagged.clear()
    result = tag("docs", "-o", "out", "--resume")
    assert (result.status, result.err) == (
        0,
        "out is complete, nothing to resume; documents and options that are new since then are not looked at. "
        "To tag again leave out --resume\n",
    )
    assert predictor.tagged == []
    assert tag("docs", "-o", "out").status == 0
    assert len(predictor.tagged) == 5


def test_a_document_that_was_changed_since_is_not_taken_for_done(tag: Tag, predictor: FakePredictor) -> None:
    interrupted_run(tag, predictor, "-o", "out")
    write("docs/2.txt", "22 ca")
    result = tag("docs", "-o", "out", "--resume", "--batch-size", "1")
    assert result.status == 1
    assert result.err.splitlines()[0] == (
        "error: docs/2.txt: was changed after the interrupted run tagged it; start again with --overwrite"
    )
    assert predictor.tagged == ["4 ca", "5 ca"]


def test_a_document_is_not_replaced_by_the_results(tag: Tag, predictor: FakePredictor) -> None:
    write("docs/1.txt", "1 ca")
    write("docs/2.txt", "2 ca")
    result = tag("docs", "-o", "docs/2.txt")
    assert result.status == 2
    assert result.err.startswith("error: docs/2.txt: is both read and written; give -o another name, or --overwrite")
    assert Path("docs/2.txt").read_text() == "2 ca"
    for arguments in ([], ["--overwrite"], ["--resume"]):  # the second time it is an earlier result
        assert tag("docs", "-o", "docs/found.jsonl", *arguments).status == 0
    assert [r["id"] for r in records_of("docs/found.jsonl")] == ["docs/1.txt", "docs/2.txt"]


def test_interrupted_work_is_not_thrown_away_unasked(tag: Tag, predictor: FakePredictor) -> None:
    interrupted_run(tag, predictor, "-o", "out")
    result = tag("docs", "-o", "out")
    assert result.status == 2
    assert result.err == (
        f"error: {Path.cwd()}/out.partial holds 3 documents of an interrupted run: "
        "go on with --resume, or start again with --overwrite\n"
    )
    result = tag("docs", "-o", "out", "--resume", "--min-score", "0.5")
    assert result.status == 2
    assert "the interrupted run had min-score 0.0, this one has 0.5" in result.err
    predictor.name = "other"
    assert "the interrupted run had model fake, this one has other" in tag("docs", "-o", "out", "--resume").err
    assert predictor.tagged == []
    assert tag("docs", "-o", "out", "--overwrite").status == 0
    assert [r["model"] for r in records_of("out")] == ["other"] * 5


def test_resume_with_equal_ids_and_a_power_cut(tag: Tag, predictor: FakePredictor) -> None:
    rows = [{"id": 1, "text": "BOOM"}, {"id": 1, "text": "a"}, {"id": 1, "text": "b"}, {"id": 1, "text": "stop"}]
    write("in.jsonl", "\n".join(map(json.dumps, rows)))
    predictor.stop_at = "stop"
    assert "interrupted: 2 documents done" in tag("in.jsonl", "-o", "out", "--batch-size", "1").err
    predictor.stop_at = None
    predictor.tagged.clear()
    os.truncate("out.partial", Path("out.partial").stat().st_size - 5)  # the journal reached the disk, the data did not
    assert tag("in.jsonl", "-o", "out", "--resume", "--batch-size", "1").status == 1
    assert [r["text"] for r in records_of("out")] == ["a", "b", "stop"]
    assert predictor.tagged == ["b", "stop"]


def test_brat(tag: Tag, predictor: FakePredictor) -> None:
    source = "\ufeffHà Nội\r\ncó 46 ca.\r\n"
    write("docs/Công điện 1.txt", source)
    write("docs/deep/2.txt", "")
    write("docs/rows.jsonl", '{"id": "../x", "text": "46 ca"}\n{"text": "Huế"}\n{"id": "../x", "text": "47 ca"}\n')
    result = tag("docs", "--format", "brat", "-o", "brat")
    assert result.status == 1
    assert result.err.splitlines()[0] == (
        "error: docs/rows.jsonl:3: brat/rows/%2E.%2Fx.ann was written for docs/rows.jsonl:1 already; give it another id"
    )
    assert files("brat") == [
        ".vanban-run.json",  # one of them failed
        "Công điện 1.ann",
        "Công điện 1.txt",
        "deep/2.ann",
        "deep/2.txt",
        "rows/%2E.%2Fx.ann",
        "rows/%2E.%2Fx.txt",
        "rows/2.ann",
        "rows/2.txt",
    ]
    assert Path("brat/Công điện 1.txt").read_bytes() == source.encode("utf-8")
    standoff = Path("brat/Công điện 1.ann").read_text(encoding="utf-8")
    assert standoff == "T1\tPLACE 1 7\tHà Nội\nT2\tCOUNT 12 17\t46 ca\n"
    assert [e.text for e in read_brat(standoff, source)] == ["Hà Nội", "46 ca"]
    assert Path("brat/deep/2.ann").read_bytes() == b""
    assert Path("brat/rows/%2E.%2Fx.ann").read_text() == "T1\tCOUNT 0 5\t46 ca\n"


def test_brat_never_overwrites_unasked(tag: Tag, predictor: FakePredictor) -> None:
    interrupted_run(tag, predictor, "-o", "brat", "--format", "brat")
    assert files("brat") == [".vanban-run.json", "1.ann", "1.txt", "2.ann", "2.txt", "3.ann", "3.txt"]
    result = tag("docs", "-o", "brat", "--format", "brat", "--resume", "--min-score", "0.5")
    assert (result.status, result.err) == (
        2,
        "error: brat: the interrupted run had min-score 0.0, this one has 0.5; give it the same options, or start "
        "again with --overwrite\n",
    )
    write("brat/1.ann", "T1\tPLACE 0 1\t1\n")  # mended by hand
    write("brat/5.txt", "another text")
    result = tag("docs", "-o", "brat", "--format", "brat")
    assert (result.status, predictor.tagged) == (2, [])
    assert result.err == "error: brat: holds .ann files already: go on with --resume, or start again with --overwrite\n"
    result = tag("docs", "-o", "brat", "--format", "brat", "--resume", "--batch-size", "1")
    assert (result.status, predictor.tagged) == (1, ["4 ca", "5 ca"])
    assert result.err.splitlines() == [
        "error: docs/5.txt: brat/5.txt is there and holds another text; give -o another folder, or --overwrite",
        "4 documents → brat, 3 of them done before, 1 entity in the others; model fake",
        "1 of 5 documents failed; when they are mended, the same command with --resume tags them",
        "left out, since brat has no place for it: 1 score",
    ]
    assert Path("brat/1.ann").read_text() == "T1\tPLACE 0 1\t1\n"
    assert Path("brat/5.txt").read_text() == "another text"
    assert tag("docs", "-o", "brat", "--format", "brat", "--overwrite").status == 0
    assert Path("brat/1.ann").read_text() == "T1\tCOUNT 0 4\t1 ca\n"
    assert Path("brat/5.txt").read_text() == "5 ca"


def test_brat_beside_the_texts(tag: Tag) -> None:
    write("docs/1.txt", "46 ca")
    write("docs/deep/2.txt", "")
    for _ in range(2):
        assert tag("docs", "-o", "docs", "--format", "brat", "--overwrite").status == 0
        assert files("docs") == ["1.ann", "1.txt", "deep/2.ann", "deep/2.txt"]


def test_brat_name_collisions(tag: Tag, predictor: FakePredictor) -> None:
    write("a/1.txt", "46 ca")
    write("b/1.txt", "47 ca")
    result = tag("a", "b", "--format", "brat", "-o", "brat")
    assert result.status == 2
    assert result.err.startswith(
        "error: a/1.txt and b/1.txt would both be written to brat/1; name the folder above both"
    )
    assert predictor.tagged == [] and not Path("brat").exists()
    assert len(tag("a", "b").records) == 2
    write("a/" + "x" * 254, "Huế")  # a name that leaves no room for .ann
    result = tag("a/" + "x" * 254, "a/1.txt", "--format", "brat", "-o", "brat")
    assert (result.status, files("brat")) == (1, [".vanban-run.json", "1.ann", "1.txt"])
    assert "File name too long" in result.err


def test_conll_and_pretty_on_standard_output(tag: Tag, monkeypatch: pytest.MonkeyPatch) -> None:
    write("1.txt", "Hà Nội\n46 ca")
    write("2.txt", "")
    write("3.txt", "x")
    result = tag("1.txt", "2.txt", "3.txt", "--format", "conll")
    one, two, three = (f"-DOCSTART- ({number}.txt)\tO\n\n" for number in (1, 2, 3))
    assert result.out == f"{one}Hà\tB-PLACE\nNội\tI-PLACE\n\n46\tB-COUNT\nca\tI-COUNT\n\n{two}{three}x\tO\n\n"
    plain = "── 1.txt · thông báo 0.75 · 2 entities\n[Hà Nội](PLACE 0.90)\n[46 ca](COUNT 0.40)\n\n"
    assert tag("1.txt", "--format", "pretty").out == plain
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda self: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1;32mHà Nội\x1b[0m" in tag("1.txt", "--format", "pretty").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert tag("1.txt", "--format", "pretty").out == plain


def test_a_device_is_written_and_not_replaced(tag: Tag) -> None:
    write("1.txt", "46 ca")
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert tag("1.txt", "-o", "pipe").status == 0
    assert json.loads(os.read(reader, 10_000))["id"] == "1.txt"
    os.close(reader)
    assert Path("pipe").is_fifo()


def test_a_link_is_written_through(tag: Tag) -> None:
    write("1.txt", "46 ca")
    write("results/real.jsonl", "older")
    Path("out.jsonl").symlink_to("results/real.jsonl")
    assert tag("1.txt", "-o", "out.jsonl").status == 0
    assert Path("out.jsonl").is_symlink()
    assert records_of("results/real.jsonl")[0]["id"] == "1.txt"


SCRIPT = """
import sys, time
from vanban.documents.annotated import annotated_files
from vanban.documents.formats.format import Losses
from vanban import cli
from vanban.commands import tag
from vanban.schema import Prediction
class Slow:
    name, info, tagger = "slow", {}, object()
    def predict_batch(self, texts):
        time.sleep(0.02)
        return [Prediction(t, (), "slow") for t in texts]
tag.load_predictor = lambda *given: Slow()
cli.tag_main()
"""


def start(*arguments: str, code: str = SCRIPT, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=stdin,
        # a shell lets what it starts in the background ignore Ctrl-C, and so would what is started here
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@pytest.mark.parametrize(
    ("kill", "status"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_a_killed_run_is_resumed(tmp_path: Path, kill: signal.Signals, status: int) -> None:
    rows, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    rows.write_text("".join(f'{{"id": {i}, "text": "{i}"}}\n' for i in range(200)))
    with start(str(rows), "-o", str(out), "--batch-size", "1") as process:
        partial = out.with_name("out.jsonl.partial")
        while not (partial.exists() and partial.stat().st_size > 200):
            assert process.poll() is None
        process.send_signal(kill)
        _, err = process.communicate()
    assert b"Traceback" not in err
    assert process.returncode == status
    assert (b"documents done and kept; go on with" in err) == (status > 0)
    assert not out.exists()
    with start(str(rows), "-o", str(out), "--resume") as process:
        _, err = process.communicate()
    assert process.returncode == 0, err
    assert b"of them done before" in err
    assert [r["id"] for r in records_of(str(out))] == list(range(200))


SLOW_DISK = """
import time
from vanban import cli
from vanban.commands import tag
from vanban.documents.file_output import FileOutput
from vanban.schema import Prediction
class Quick:
    name, info, tagger = "quick", {}, object()
    def predict_batch(self, texts):
        with open("tagged", "a") as tagged:
            tagged.write("." * len(texts))
        return [Prediction(t, (), "quick") for t in texts]
def load(*given):
    return Quick()
write = FileOutput.write
def slowly(*given):
    time.sleep(0.5)
    write(*given)
if __name__ == "__main__":
    FileOutput.write, tag.load_predictor = slowly, load
    cli.tag_main()
"""


@pytest.mark.parametrize("workers", [[], ["--workers", "2"]])
@pytest.mark.parametrize(("kill", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_second_time_it_ends_at_once(
    tmp_path: Path, kill: signal.Signals, status: int, workers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first waits for what is to be written, which takes half a minute here."""
    monkeypatch.chdir(tmp_path)
    write("slow.py", SLOW_DISK)
    write("in.jsonl", "".join(f'{{"id": {i}, "text": "{i}"}}\n' for i in range(200)))
    partial, tagged = Path("out.jsonl.partial"), Path("tagged")
    code = "import runpy; runpy.run_path('slow.py', run_name='__main__')"
    if workers:  # these import what was run as a file
        code = "import os, sys; os.execv(sys.executable, [sys.executable, 'slow.py', *sys.argv[1:]])"
    with start("in.jsonl", "-o", "out.jsonl", "--batch-size", "1", *workers, code=code) as process:
        # two are written, and dozens wait
        while not (partial.exists() and partial.read_bytes().count(b"\n") >= 2 and tagged.stat().st_size >= 40):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(kill)
        time.sleep(0.3)
        assert process.poll() is None
        begun = time.monotonic()
        process.send_signal(kill)
        _, err = process.communicate()
        assert time.monotonic() - begun < 3
    assert (process.returncode, err) == (status, b"interrupted again, and ended at once\n")
    kept = [json.loads(line)["id"] for line in partial.read_text().splitlines()]
    assert kept == list(range(len(kept))) and len(kept) >= 2


def test_however_often_ctrl_c_is_pressed(tmp_path: Path) -> None:
    """The last may come while Python ends."""
    rows, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    rows.write_text("".join(f'{{"id": {i}, "text": "{i}"}}\n' for i in range(200)))
    for pause in (0.001, 0.01, 0.05):
        with start(str(rows), "-o", str(out), "--batch-size", "1", "--overwrite") as process:
            partial = out.with_name("out.jsonl.partial")
            while not (partial.exists() and partial.stat().st_size > 200):
                assert process.poll() is None
            while process.poll() is None:
                process.send_signal(signal.SIGINT)
                time.sleep(pause)
            _, err = process.communicate()
        assert process.returncode == 130 and b"Traceback" not in err and b"interrupted" in err
        partial.unlink()


@pytest.mark.parametrize("source", ["pipe", "-"])
@pytest.mark.parametrize("out", [[], ["-o", "out.jsonl"]])
@pytest.mark.parametrize(("kill", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_source_that_is_slow_holds_nothing_up(
    tmp_path: Path, source: str, out: list[str], kill: signal.Signals, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came is given out while more is waited for, and then a run ends at once."""
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    arguments = [source, "--input-format", "jsonl", "--batch-size", "1", *out]
    with start(*arguments, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        writer = process.stdin.fileno() if source == "-" else os.open("pipe", os.O_WRONLY)
        os.write(writer, b'{"id": 1, "text": "a"}\n{"id": 2, "text": "b"}\n')
        if out:
            partial, deadline = Path("out.jsonl.partial"), time.monotonic() + 60
            while not (partial.exists() and partial.read_bytes().count(b"\n") == 2):
                assert time.monotonic() < deadline
                time.sleep(0.01)
        else:
            assert [json.loads(process.stdout.readline())["id"] for _ in range(2)] == [1, 2]
        time.sleep(0.2)  # it waits for the third
        process.send_signal(kill)
        assert process.wait(20) == status
        err = process.stderr.read()
        assert err.startswith(b"interrupted: 2 documents done") and b"Fatal" not in err
        if source != "-":
            os.close(writer)


@pytest.mark.parametrize(("stop", "status"), [("KeyboardInterrupt", 130), ("Terminated(143)", 143)])
def test_a_run_is_stopped_while_it_loads(tmp_path: Path, stop: str, status: int) -> None:
    (tmp_path / "1.txt").write_text("Huế")
    code = (
        "from vanban import cli\nfrom vanban.commands import tag\nfrom vanban.interruption import Terminated\n"
        f"def load(*given):\n    raise {stop}\ntag.load_predictor = load\ncli.tag_main()"
    )
    with start(str(tmp_path / "1.txt"), "-o", str(tmp_path / "out"), code=code) as process:
        _, err = process.communicate()
    assert err == b"interrupted: 0 documents done and kept; go on with the same command and --resume\n"
    assert process.returncode == status


def test_names_that_are_not_utf8(tag: Tag) -> None:
    odd = os.fsdecode(b"c\xf4ng v\xe3n.txt")
    write(f"docs/{odd}", "46 ca")
    write("docs/z.txt", "Huế")
    shown = "docs/c\\xf4ng v\\xe3n.txt"
    pretty = tag("docs", "--format", "pretty", "--no-doc-type")
    assert (pretty.status, pretty.out) == (
        0, f"── {shown} · 1 entity\n[46 ca](COUNT 0.40)\n\n── docs/z.txt · 0 entities\nHuế\n\n"
    )  # fmt: skip
    assert tag("docs", "--format", "conll").out.startswith(f"-DOCSTART- ({shown})\tO\n")
    assert tag("docs").records[0]["path"] == shown  # half a character is in no JSON that others read
    for output_format in ("jsonl", "conll", "pretty", "brat"):
        assert tag("docs", "--format", output_format, "-o", f"out-{output_format}").status == 0
    assert Path(f"out-brat/{odd[:-4]}.ann").read_text() == "T1\tCOUNT 0 5\t46 ca\n"
    write(f"docs/{odd}", b"\xff")
    assert f"error: {shown}:1: found the byte 0xff" in tag("docs").err


def test_a_reader_that_goes_away(tmp_path: Path) -> None:
    rows = tmp_path / "in.jsonl"
    rows.write_text("".join(f'{{"id": {i}, "text": "{"x" * 5000}"}}\n' for i in range(100)))
    with start(str(rows), "--batch-size", "1") as process:
        assert process.stdout is not None and process.stderr is not None
        assert json.loads(process.stdout.readline())["id"] == 0
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.parametrize("command", ["tag_main", "main"])
def test_help_loads_no_network_library(command: str) -> None:
    code = f"""
import sys, vanban
from vanban import cli
try:
    cli.{command}()
except SystemExit as exit_:
    print(exit_.code, sorted({{"torch", "transformers", "tokenizers", "vanban_training.cli"}} & set(sys.modules)))
"""
    with start("--help", code=code) as process:
        out, err = process.communicate()
    assert out.splitlines()[-1] == b"0 []", err
    assert b"Usage:" in out


def test_vanban_has_tag_and_version(
    tag: Tag, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    write("1.txt", "46 ca")
    for arguments, expected in (
        (["version"], b"vanban 0.1.0\n"),
        (["tag", "1.txt", "--format", "conll"], b"-DOCSTART- (1.txt)\tO\n\n46\tB-COUNT\nca\tI-COUNT\n\n"),
    ):
        monkeypatch.setattr(sys, "argv", ["vanban", *arguments])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        assert not exit_.value.code
        assert capfdbinary.readouterr().out == expected
    monkeypatch.setattr(sys, "argv", ["vanban", "tag", "2.txt"])
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    assert exit_.value.code == 2
    assert b"Did you mean 1.txt?" in capfdbinary.readouterr().err


def test_training_commands_are_imported_when_called(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(cli.TRAINING_COMMANDS, "annotations", ("vanban_training.no_such_module", "x_app", "Check."))
    monkeypatch.setattr(sys, "argv", ["vanban", "annotations", "check", "--help"])
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    assert exit_.value.code == 2
    expected = "error: vanban annotations needs vanban_training.no_such_module: pip install 'vanban[train,bundle]'\n"
    assert capsys.readouterr().err == expected


def test_streams_that_are_closed(tag: Tag, monkeypatch: pytest.MonkeyPatch) -> None:
    write("1.txt", "Huế")
    message = "error: standard input or output is closed here: name files, and -o FILE\n"
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", None)
        patch.setattr(sys, "argv", ["tag", "1.txt"])
        with pytest.raises(SystemExit) as stop:
            cli.tag_main()
        assert stop.value.code == 2
    assert tag("1.txt", "-o", "out").err.startswith(message)
    monkeypatch.setattr(io, "TextIOWrapper", lambda data: None)
    assert tag("-").err == message


def test_a_command_whose_output_takes_no_more() -> None:
    with open("/dev/full", "w") as full:
        code = "import vanban.cli as c, sys; sys.argv = ['vanban', 'version']; c.main()"
        ran = subprocess.run([sys.executable, "-u", "-c", code], stdout=full, stderr=subprocess.PIPE, text=True)
    assert (ran.returncode, ran.stderr) == (2, "error: standard output: No space left on device\n")


# ---- formats of other tools


def test_datasets_may_be_named_as_the_parquet_that_it_is(tag: Tag) -> None:
    write("docs/a.txt", "Hà Nội có 46 ca.")
    write("docs/b.txt", "")
    result = tag("docs", "-o", "found.parquet", "--format", "datasets")
    assert (result.status, result.err) == (0, "2 documents, 2 entities → found.parquet; model fake\n")
    found = list(annotated_files("found.parquet")[0].read(Losses()))  # type: ignore[union-attr]
    assert [(one[0].id, len(one[1].entities)) for one in found if isinstance(one, tuple)] == [
        ("docs/a.txt", 2), ("docs/b.txt", 0),
    ]  # fmt: skip


def test_prodigy_goes_to_standard_output_line_by_line(tag: Tag) -> None:
    write("docs/a.txt", "Hà Nội có 46 ca.")
    write("docs/b.txt", "")
    result = tag("docs", "--format", "prodigy")
    assert (result.status, result.err) == (0, "")
    assert [(record["id"], [span["label"] for span in record["spans"]]) for record in result.records] == [
        ("docs/a.txt", ["PLACE", "COUNT"]), ("docs/b.txt", []),
    ]  # fmt: skip
    refused = tag("docs", "--format", "doccano")
    assert (refused.status, "name a file with -o, e.g. -o tagged.jsonl" in refused.err) == (2, True)
