"""Folds, their resumption, and what cross-validation writes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vanban.errors import UserError
from vanban_training.config import DistillationConfig, validate_config
from vanban_training.corpus.folds import Fold, FoldResult
from vanban_training.fitting.interruption import Interrupted
from vanban_training.ner.evaluation import Score
from vanban_training.ner.report import summary, summary_table
from vanban_training.ner.token_classification import TokenClassification
from vanban_training.runs import training
from vanban_training.runs.cross_validation import cross_validate


@pytest.fixture
def many(annotated):
    """Return `many(origin, …)`: documents d0, d1, … of these origins."""
    return lambda *origins: [annotated(f"d{i}", "", origin=origin) for i, origin in enumerate(origins)]


@pytest.fixture
def prepared(tiny_values, manifest):
    """A run over the two seed documents of the manifest."""
    return training.prepare(validate_config({**tiny_values, "data": {"documents": str(manifest)}}, "tiny"))


@pytest.fixture
def trained(monkeypatch) -> list[tuple[int, list[str]]]:
    """Replace training and prediction: the list fills with (random seed, documents trained on).

    The first seed document is predicted right but for one label, the second not at all.
    """
    calls: list[tuple[int, list[str]]] = []

    def train(task: Any, config: Any, encoder: Any, documents: Any, checkpoints: Any) -> tuple[Any, Any]:
        assert checkpoints is None
        calls.append((config.training.seed, [d.id for d in documents]))
        return None, None

    def predict(task: Any, checkpoint: Any, documents: Any) -> list[Any]:
        (document,) = documents
        if document.id == "second":
            return [[]]
        first, *others = (entity.to_dict() for entity in document.entities)
        return [[{**first, "label": "COUNT", "score": 0.75}, *others]]

    monkeypatch.setattr(TokenClassification, "train", train)
    monkeypatch.setattr(TokenClassification, "predict", predict)
    return calls


def make_folds(documents: Any) -> list[Fold]:
    """Return the folds of documents with spans, where a config asks for no number of them."""
    config = validate_config({"task": "ner", "encoder": {"name": "x"}, "data": {"documents": "x"}, "output": "x"}, "x")
    return TokenClassification().folds(config, documents)


def _held_out(documents: Any) -> list[tuple[str, list[str]]]:
    return [(fold.name, [d.id for d in fold.held_out]) for fold in make_folds(documents)]


def test_each_seed_document_is_held_out_once(many):
    documents = many("seed", "authored", "seed", None)
    assert _held_out(documents) == [("d0", ["d0"]), ("d2", ["d2"])]
    assert [d.id for d in make_folds(documents)[1].training(documents)] == ["d0", "d1", "d3"]


def test_groups_stay_together_without_being_asked_for(many):
    documents = [replace(d, group="ab"[i % 2]) for i, d in enumerate(many(*[None] * 12))]
    folds = make_folds(documents)
    assert [{d.group for d in fold.held_out} for fold in folds] == [{"a"}, {"b"}]
    with pytest.raises(UserError, match="found 1"):
        make_folds([replace(d, group="a") for d in documents])


def test_a_few_documents_of_one_group_share_a_fold(many):
    documents = [replace(d, group=group) for d, group in zip(many(*[None] * 4), ("a", None, "a", "d1"), strict=True)]
    assert _held_out(documents) == [("fold 1", ["d0", "d2"]), ("fold 2", ["d1"]), ("fold 3", ["d3"])]
    with pytest.raises(UserError, match="found 1"):
        make_folds([replace(d, group="a") for d in documents])
    each_its_own = [replace(d, group=d.id) for d in documents]
    assert _held_out(each_its_own) == [(d.id, [d.id]) for d in documents]


def test_as_many_folds_as_a_config_asks_for(many, tiny_values):
    config = validate_config({**tiny_values, "data": {**tiny_values["data"], "folds": 3}}, "tiny")
    folds = TokenClassification().folds(config, many("seed", "authored", "seed", None))
    assert [len(fold.held_out) for fold in folds] == [2, 1, 1]


def test_one_seed_document_among_others(many):
    assert _held_out(many("authored", "seed")) == [("d1", ["d1"])]


def test_without_seeds_up_to_ten_are_held_out_one_by_one(many):
    assert _held_out(many(None, None)) == [("d0", ["d0"]), ("d1", ["d1"])]
    assert len(make_folds(many(*[None] * 10))) == 10


def test_more_than_ten_without_seeds_make_five_folds(many):
    documents = many(*[None] * 12)
    assert _held_out(documents) == [
        ("fold 1", ["d0", "d5", "d10"]),
        ("fold 2", ["d1", "d6", "d11"]),
        ("fold 3", ["d2", "d7"]),
        ("fold 4", ["d3", "d8"]),
        ("fold 5", ["d4", "d9"]),
    ]
    for fold in make_folds(documents):
        assert len(fold.training(documents)) + len(fold.held_out) == 12


@pytest.mark.parametrize("number", [0, 1])
def test_too_few_documents(many, number):
    with pytest.raises(UserError, match=f"^cross-validation needs at least two documents, found {number}$"):
        make_folds(many(*["seed"] * number))


def test_metrics_and_errors(prepared, trained, tmp_path, capsys):
    metrics = cross_validate(prepared)
    assert trained == [(0, ["second"]), (0, ["first"])]
    out = tmp_path / "run/cross-validation"
    assert json.loads((out / "metrics.json").read_text(encoding="utf-8")) == metrics
    assert (metrics["folds"], metrics["random_seeds"]) == (["first", "second"], 1)
    assert metrics["pooled"]["micro"] == {
        "precision": 0.8333,  # 5 of 6
        "recall": 0.5556,  # 5 of 9
        "f1": 0.6667,
        "f1_by_random_seed": [0.6667],
        "support": 9,
    }
    assert metrics["pooled"]["COUNT"]["precision"] == 0.6667
    rows = [json.loads(line) for line in (out / "errors.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(row["document"], row["kind"], row["start"]) for row in rows] == [
        ("first", "label", 14), ("second", "missed", 3), ("second", "missed", 29), ("second", "missed", 49),
    ]  # fmt: skip
    assert rows[0]["gold"] == {"label": "PLACE", "text": "Đà Nẵng"}
    assert rows[0]["found"] == [{"label": "COUNT", "text": "Đà Nẵng", "score": 0.75}]
    assert rows[0]["context"] == "Chủ tịch tỉnh [Đà Nẵng] ông Nguyễn Văn Nam ký Chỉ thị số 17/CT-"
    printed = capsys.readouterr().out
    assert "fold 1 of 2, random seed 0: first is held out" in printed
    assert "held out: second (random seed 0)" in printed
    assert "| micro      |     0.833 |  0.556 |     0.667 |       9 |" in printed
    assert f"4 errors with context: {out}/errors.jsonl" in printed


def test_several_random_seeds(prepared, trained, capsys):
    metrics = cross_validate(prepared, seeds=2)
    assert [seed for seed, _ in trained] == [0, 0, 1, 1]
    assert metrics["pooled"]["micro"]["f1_by_random_seed"] == [0.6667, 0.6667]
    printed = capsys.readouterr().out
    assert "mean over 2 random seeds" in printed
    assert "4 errors with context" in printed  # of the first seed only
    assert "|  0.667 to 0.667   |" in printed


def test_folds_that_are_done_are_not_trained_again(prepared, trained, tmp_path):
    whole = cross_validate(prepared, seeds=2)
    out = tmp_path / "run/cross-validation"
    written = (out / "errors.jsonl").read_text(encoding="utf-8")
    (out / "seed-1-fold-1.json").unlink()
    trained.clear()
    assert cross_validate(prepared, seeds=2, resume=True) == whole
    assert trained == [(1, ["second"])]
    assert (out / "errors.jsonl").read_text(encoding="utf-8") == written
    trained.clear()
    cross_validate(prepared, seeds=2)  # from the start
    assert len(trained) == 4


def test_a_new_start_takes_away_what_an_earlier_one_left(prepared, trained, tmp_path, monkeypatch):
    cross_validate(prepared, seeds=2)

    def stop(*args: Any) -> None:
        raise Interrupted("stopped after step 1 of 2")

    monkeypatch.setattr(TokenClassification, "train", stop)
    with pytest.raises(Interrupted):
        cross_validate(prepared)
    assert [path.name for path in (tmp_path / "run/cross-validation").iterdir()] == ["config.yaml"]


def test_what_was_reported_of_another_reading_goes_before_anything_is_trained(prepared, trained, tmp_path, monkeypatch):
    cross_validate(prepared)
    out = tmp_path / "run/cross-validation"
    (out / "calibration.json").write_text("of another reading", encoding="utf-8")

    def stop(*args: Any) -> None:
        raise Interrupted("stopped after step 1 of 2")

    monkeypatch.setattr(TokenClassification, "train", stop)
    with pytest.raises(Interrupted):
        cross_validate(prepared, seeds=2, resume=True)
    assert {path.name for path in out.iterdir()} == {"config.yaml", "seed-0-fold-1.json", "seed-0-fold-2.json"}


def test_pictures_of_an_earlier_run_go_and_notes_of_others_stay(prepared, trained, tmp_path):
    out = tmp_path / "run/cross-validation"
    out.mkdir(parents=True)
    stale = ("confusion-whole.png", "calibration.json", "seed-7-fold-1.json", "seed-7-fold-1.partial", "errors.jsonl")
    for name in (*stale, "notes.txt"):
        (out / name).write_text("old", encoding="utf-8")
    cross_validate(prepared)
    assert {path.name for path in out.iterdir()} == {
        "calibration.json", "config.yaml", "errors.jsonl", "metrics.json", "notes.txt", "seed-0-fold-1.json",
        "seed-0-fold-2.json",
    }  # fmt: skip
    assert (out / "errors.jsonl").read_text(encoding="utf-8") != "old"


def test_what_a_task_reports_is_what_was_predicted_fold_by_fold(prepared, trained, monkeypatch, tmp_path):
    seen: list[FoldResult] = []

    def report(task: Any, config: Any, results: Any, out: Path) -> dict[str, Any]:
        for result in results:
            # the folds come one by one, each kept on disk before the next is trained
            seen.append(result)
            assert len(list(out.glob("seed-*.json"))) == len(trained) == len(seen)
        return {"own": 3}

    monkeypatch.setattr(TokenClassification, "report", report)
    assert cross_validate(prepared, seeds=2) == {"folds": ["first", "second"], "random_seeds": 2, "own": 3}
    assert [(r.seed, r.fold.name, len(r.predicted[0])) for r in seen] == [
        (0, "first", 6), (0, "second", 0), (1, "first", 6), (1, "second", 0),
    ]  # fmt: skip


def test_resume_with_another_config(prepared, trained, tmp_path, tiny_values, manifest):
    cross_validate(prepared)
    values = {**tiny_values, "data": {"documents": str(manifest)}, "windows": {"tokens": 48, "overlap": 8}}
    other = training.prepare(validate_config(values, "tiny"))
    with pytest.raises(UserError) as error:
        cross_validate(other, resume=True)
    out = tmp_path / "run/cross-validation"
    assert str(error.value) == (
        f"--resume: the interrupted run in {out} differs in windows.tokens: 48 (was 32). "
        f"Give it the same config, --set and documents (its own: {out}/config.yaml), or start without --resume"
    )


@pytest.mark.parametrize("field", ["origin", "group"])
def test_resume_with_documents_that_make_other_folds(prepared, trained, field):
    cross_validate(prepared)
    moved = [replace(prepared.documents[0], **{field: "another"}), prepared.documents[1]]
    with pytest.raises(UserError, match=r"differs in documents: those of checksum \w{12} \(was those of checksum"):
        cross_validate(replace(prepared, documents=moved), resume=True)


def test_resume_with_the_predictions_of_another_fold(prepared, trained, tmp_path):
    cross_validate(prepared)
    done = [tmp_path / f"run/cross-validation/seed-0-fold-{number}.json" for number in (1, 2)]
    assert json.loads(done[1].read_text(encoding="utf-8")) == {"held_out": ["second"], "predicted": [[]]}
    for held_out, found in (('["second"]', "second"), ("null", "documents that it does not name")):
        done[0].write_text(f'{{"held_out": {held_out}, "predicted": [[]]}}', encoding="utf-8")
        with pytest.raises(UserError) as error:
            cross_validate(prepared, resume=True)
        assert str(error.value) == (
            f"--resume: {done[0]}: found predictions for {found}, expected those for first; start without --resume"
        )
    assert done[1].is_file()


@pytest.mark.parametrize(
    ("record", "seen", "said"),
    [
        (
            '{"documents": [{"sha256": "SECOND"}, {"sha256": "another"}]}',
            1,
            "was trained on 1 of the 2 held-out documents",
        ),
        ('{"documents": [{"sha256": "another"}]}', 0, ""),
        ('{"documents": 3}', None, "may have seen some of the 2 held-out documents: it does not say what it was "),
        ("", None, "may have seen some of the 2 held-out documents: it does not say what it was trained on. A student"),
    ],
)
def test_a_teacher_that_has_seen_what_is_held_out(prepared, trained, tmp_path, capsys, record, seen, said):
    (tmp_path / "training.json").write_text(record.replace("SECOND", prepared.documents[1].sha256), encoding="utf-8")
    config = prepared.config.model_copy(update={"distillation": DistillationConfig(teacher="theirs")})
    metrics = cross_validate(replace(prepared, config=config, teacher=tmp_path))
    assert metrics["teacher"] == {"model": "theirs", "held_out_documents_seen": seen}
    told = capsys.readouterr().err
    assert told.startswith(f"warning: distillation.teacher: theirs {said}") if said else told == ""
    assert "teacher" not in cross_validate(prepared)


def test_trained_for_real(prepared, tmp_path, interrupt_in_step, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = {path.name for path in tmp_path.iterdir()}
    whole = cross_validate(prepared)
    folds = sorted((tmp_path / "run/cross-validation").glob("seed-*.json"))
    contents = [path.read_text(encoding="utf-8") for path in folds]
    assert [path.name for path in folds] == ["seed-0-fold-1.json", "seed-0-fold-2.json"]
    folds[1].unlink()
    with interrupt_in_step(1), pytest.raises(Interrupted):
        cross_validate(prepared, resume=True)
    assert cross_validate(prepared, resume=True) == whole
    assert [path.read_text(encoding="utf-8") for path in folds] == contents
    assert {path.name for path in tmp_path.iterdir()} == before | {"run"}


def _scores(f1: float) -> list[Score]:
    return [Score("PLACE", 1.0, f1, f1, 3, 2), Score("micro", 0.5, f1, f1, 4, 3)]


def test_the_summary_over_seeds():
    rows = summary([_scores(0.25), _scores(0.75)])
    assert rows["micro"] == {
        "precision": 0.5, "recall": 0.5, "f1": 0.5, "f1_by_random_seed": [0.25, 0.75], "support": 4,
    }  # fmt: skip
    assert summary_table(rows, 2) == (
        "mean over 2 random seeds\n"
        "| label      | precision | recall | strict F1 | lowest to highest | support |\n"
        "|------------|----------:|-------:|----------:|:-----------------:|--------:|\n"
        "| PLACE      |     1.000 |  0.500 |     0.500 |  0.250 to 0.750   |       3 |\n"
        "| micro      |     0.500 |  0.500 |     0.500 |  0.250 to 0.750   |       4 |"
    )


def test_an_output_that_can_not_be_written(prepared, tmp_path: Path):
    (tmp_path / "run").write_text("a file")
    with pytest.raises(UserError, match=r"^output: .*/run/cross-validation: can't be written \(Not a directory\)$"):
        cross_validate(prepared)


def test_a_run_that_cannot_begin_deletes_nothing(prepared, trained, tmp_path):
    cross_validate(prepared)
    before = sorted(path.name for path in (tmp_path / "run/cross-validation").iterdir())
    with pytest.raises(UserError, match="at least two documents, found 1"):
        cross_validate(replace(prepared, documents=prepared.documents[:1]))
    assert sorted(path.name for path in (tmp_path / "run/cross-validation").iterdir()) == before
