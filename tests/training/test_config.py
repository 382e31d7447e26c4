"""The config: what it accepts, and what it says of every kind of mistake."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml

from project import ROOT
from vanban.errors import UserError
from vanban.schema import DOCUMENT_TYPES, LABELS
from vanban_training.config import RunConfig, load_config, validate_config

BASE = "task: ner\nencoder: {name: bundled}\ndata: {documents: corpus}\noutput: runs/a\n"
KEYS = "task, encoder, data, output, windows, training, distillation, augmentation, reading, calibration"
TRAINING_KEYS = (
    "method, epochs, learning_rate, head_learning_rate, layer_decay, batch_size, warmup, weight_decay, loss, dropout, "
    "freeze_embeddings, precision, seed, lora"
)


@pytest.fixture
def load(tmp_path: Path):
    """Return `load(text, *overrides)`, which reads `text` from ner.yaml."""

    def read(text: str, *overrides: str) -> RunConfig:
        path = tmp_path / "ner.yaml"
        path.write_text(text, encoding="utf-8")
        return load_config(path, overrides)

    return read


def test_defaults(load):
    config = load(BASE)
    assert config.encoder.offline == "bundled"
    assert config.data.documents == ("corpus",)
    assert config.data.labels == ("OFFICIAL", "PLACE", "COUNT", "DIRECTIVE")
    assert (config.windows.tokens, config.windows.overlap) == (128, 32)
    assert (config.training.method, config.training.epochs, config.training.learning_rate) == ("full", 15.0, 2e-4)
    assert (config.training.lora.rank, config.training.lora.alpha) == (16, 32.0)
    assert (config.augmentation.copies, config.augmentation.share) == (0, 0.7)


@pytest.mark.parametrize(
    "text",
    [
        BASE,
        BASE.replace("corpus", "[một, 'hai: ba']") + "training: {method: lora, learning_rate: 2e-5, dropout: 0}\n",
    ],
)
def test_to_yaml_is_read_back_as_the_same_config(load, text):
    config = load(text)
    again = load(config.to_yaml())
    assert again == config
    assert again.to_yaml() == config.to_yaml()  # --resume compares the texts


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("training: {learning_rte: 1}", "unknown key training.learning_rte; did you mean training.learning_rate?"),
        ("training: {lora: {rnk: 3}}", "unknown key training.lora.rnk; did you mean training.lora.rank?"),
        ("windows: {learning_rate: 1}", "unknown key windows.learning_rate; did you mean training.learning_rate?"),
        ("epochs: 3", "unknown key epochs; did you mean training.epochs?"),
        ("dropout: 0.1", "unknown key dropout; did you mean training.dropout or training.lora.dropout?"),
        ("epocs: 3", "unknown key epocs; did you mean training.epochs?"),
        ("zzz: 3", f"unknown key zzz; known here: {KEYS}"),
        ("1: 3", f"unknown key 1; known here: {KEYS}"),
        ("training: {batch_size: eight}", "training.batch_size: input should be a valid integer, found 'eight' (str)"),
        ("training: {batch_size: true}", "training.batch_size: input should be a valid integer, found True (bool)"),
        ("training: {batch_size: 2.0}", "training.batch_size: input should be a valid integer, found 2.0 (float)"),
        ("training: {epochs: true}", "training.epochs: input should be a valid number, found True (bool)"),
        ("training: {epochs: .inf}", "training.epochs: input should be a finite number, found inf (float)"),
        ("training: {epochs: 0}", "training.epochs: input should be greater than 0, found 0 (int)"),
        ("training: {method: lroa}", "training.method: input should be 'full' or 'lora', found 'lroa' (str)"),
        ("training:", f"training: expected a section with the keys {TRAINING_KEYS}, found None (NoneType)"),
        ("windows: {tokens: 8}", "windows.tokens: input should be greater than or equal to 16, found 8 (int)"),
        ("windows: {overlap: 200}", "windows.overlap: found 200, expected fewer than the 128 of windows.tokens"),
        (
            "training: {seed: 5000000000}",
            "training.seed: input should be less than or equal to 4294967295, found 5000000000 (int)",
        ),
        ("task: [ner]", "task: input should be 'ner' or 'doctype', found ['ner'] (list)"),
        (
            "data: {documents: a, rules: {NO: [holds_digit]}}",
            "data.rules.0.[key]: input should be a valid string, found False (bool)",
        ),
        ("data: {documents: []}", "data.documents: expected at least one, found none"),
        ("data: {documents: [1]}", "data.documents.0: input should be a valid string, found 1 (int)"),
        ("output: 2021-05-10", "output: input should be a valid string, found datetime.date(2021, 5, 10) (date)"),
    ],
)
def test_a_fault_names_file_key_found_and_the_nearest(load, tmp_path, text, message):
    section = text.partition(":")[0]
    base = "".join(line for line in BASE.splitlines(keepends=True) if not line.startswith(f"{section}:"))
    with pytest.raises(UserError) as error:
        load(base + text + "\n")
    assert str(error.value) == f"{tmp_path}/ner.yaml: {message}"


@pytest.mark.parametrize(("found", "least_or_most"), [(0.01, "greater than or equal to 0.05"), (1e39, "less than")])
def test_a_temperature_at_which_the_loss_is_no_number(load, found, least_or_most):
    assert load(BASE, "distillation={teacher: a, temperature: 0.05}").distillation.temperature == 0.05
    with pytest.raises(UserError, match=rf"distillation\.temperature: input should be {least_or_most}"):
        load(BASE, f"distillation={{teacher: a, temperature: {found:.9f}}}")


def test_every_fault_has_its_line(load, tmp_path):
    with pytest.raises(UserError) as error:
        load("task: ner\nencoder: {nmae: x}\noutput: a\n")
    path = f"{tmp_path}/ner.yaml"
    assert str(error.value).split("\n") == [
        f"{path}: the key encoder.name is missing",
        f"{path}: unknown key encoder.nmae; did you mean encoder.name?",
        f"{path}: the key data is missing",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("task: ner\ndata: [1\noutput: 3\n", "ner.yaml:3: not YAML: expected ',' or ']', but got ':'"),
        ("task: ner\n\tdata: 1\n", "ner.yaml:2: not YAML: found character '\\t' that cannot start any token"),
        (
            "task: ner\ntraining:\n  epochs: 3\n  seed: 1\n  epochs: 4\n",
            "ner.yaml:5: not YAML: found the key epochs a second time (first in line 3); leave one of them out",
        ),
        (
            "task: ner\noutput: 2024-02-30\n",
            "ner.yaml:2: not YAML: 2024-02-30 looks like a value of the kind timestamp and is none "
            "(day is out of range for month); quote a text",
        ),
        ("", f"ner.yaml: found nothing, expected a mapping with the keys {KEYS}"),
        ("- ner\n", f"ner.yaml: found ['ner'] (list), expected a mapping with the keys {KEYS}"),
    ],
)
def test_what_is_no_config_at_all(load, tmp_path, text, message):
    with pytest.raises(UserError) as error:
        load(text)
    assert str(error.value) == f"{tmp_path}/{message}"


def test_a_missing_file_names_a_near_one(tmp_path):
    (tmp_path / "ner.yaml").write_text(BASE)
    with pytest.raises(UserError) as error:
        load_config(tmp_path / "nre.yaml")
    path = tmp_path / "nre.yaml"
    assert str(error.value) == f"{path}: no such config (looked in {tmp_path}). Did you mean {tmp_path}/ner.yaml?"


def test_files_that_are_no_text(tmp_path):
    (tmp_path / "utf16.yaml").write_bytes("task: ner".encode("utf-16"))
    for path in (tmp_path / "utf16.yaml", tmp_path):
        with pytest.raises(UserError, match=f"^{path}: can't be read as a UTF-8 text file"):
            load_config(path)


TYPE_BASE = BASE.replace("task: ner", "task: doctype")


def test_the_labels_of_a_task(load):
    config = load(TYPE_BASE)
    assert config.data.labels == config.classes == tuple(DOCUMENT_TYPES)
    assert len(config.classes) == 13
    assert (config.reading.head, config.reading.body, config.reading.tail, config.reading.pooling) == (1, 0, 1, "mean")
    assert config.calibration.accuracy == 0.95
    few = load(TYPE_BASE.replace("corpus", "corpus, labels: [thu, chi_thi]"))
    assert few.classes == ("thu", "chi_thi")
    assert load(BASE.replace("corpus", "corpus, labels: [THU]")).classes == ("O", "B-THU", "I-THU")
    assert load(BASE.replace("corpus", "corpus, labels: []")).data.labels == LABELS


def test_origins(load):
    assert load(BASE).data.origins == ()
    assert load(BASE.replace("corpus", "corpus, origins: [seed, web]")).data.origins == ("seed", "web")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BASE + "augmentation: {retitled: 1}", "augmentation.retitled is not for the task ner, which knows copies"),
        (BASE + "augmentation: {masked: 2}", "augmentation.masked is not for the task ner, which knows copies"),
        (BASE + "augmentation: {fragments: 1}", "augmentation.fragments is not for the task ner, which knows copies"),
        (
            TYPE_BASE + "augmentation: {copies: 1, masked: 1}",
            "augmentation.copies is not for the task doctype, which knows retitled, masked, fragments, formulae",
        ),
        (
            TYPE_BASE.replace("corpus", "corpus, labels: [thu]"),
            "data.labels: expected two types or more, found thu",
        ),
        (
            TYPE_BASE.replace("corpus", "corpus, labels: [a, b, a]"),
            "data.labels: expected each label once, found a more than once",
        ),
        (
            BASE.replace("corpus", "corpus, labels: [Tên người, Tên_người]"),
            "data.labels: found 'Tên người' and 'Tên_người', which brat can't tell apart: it has 'Tên_người' for both",
        ),
        *(
            (
                BASE.replace("corpus", f"corpus, labels: [PLACE, {label}]"),
                f"data.labels: found {found}, expected labels without white space at their ends, tabs and line breaks: "
                "CoNLL and brat can't hold these",
            )
            for label, found in (('""', "''"), ('" a"', "' a'"), (r'"a\tb"', r"'a\tb'"), (r'"a\nb"', r"'a\nb'"))
        ),
        (
            TYPE_BASE + "training: {epochs: 1.5}",
            "training.epochs: found 1.5, expected a whole number for types",
        ),
        (TYPE_BASE + "reading: {pooling: median}", "pooling: found 'median', expected one of mean, probability, max"),
        (TYPE_BASE + "reading: {head: 0, tail: 0}", "expected at least one window in head, body or tail"),
        (
            TYPE_BASE + "reading: {body: -1}",
            "reading.body: input should be greater than or equal to 0, found -1 (int)",
        ),
        (TYPE_BASE + "reading: {haed: 1}", "unknown key reading.haed; did you mean reading.head?"),
        (
            TYPE_BASE + "calibration: {accuracy: 95}",
            "calibration.accuracy: input should be less than or equal to 1, found 95 (int)",
        ),
        (
            BASE.replace("task: ner", "task: doctpye"),
            "task: input should be 'ner' or 'doctype', found 'doctpye' (str)",
        ),
    ],
)
def test_what_a_task_does_not_know(load, tmp_path, text, message):
    with pytest.raises(UserError) as error:
        load(text + "\n")
    assert message in str(error.value)
    assert str(error.value).startswith(f"{tmp_path}/ner.yaml: ")
    assert "\n" not in str(error.value)


def test_entries_of_the_other_task_may_be_written_out_as_nothing(load):
    augmentation = load(TYPE_BASE + "augmentation: {copies: 0, share: 0.5, retitled: 2}\n").augmentation
    assert (augmentation.copies, augmentation.retitled, augmentation.masked) == (0, 2, 0)


def test_numbers(load):
    config = load(BASE + "training: {epochs: 3, learning_rate: 2e-4, head_learning_rate: '1E-3', weight_decay: 0}\n")
    training = config.training
    assert (training.epochs, training.learning_rate, training.head_learning_rate) == (3.0, 2e-4, 1e-3)
    assert isinstance(training.epochs, float)
    assert training.weight_decay == 0.0
    # only what is a number as a whole is one
    assert load(BASE.replace("runs/a", "2e4-run")).output == "2e4-run"


def test_overrides(load):
    config = load(
        BASE,
        "training.learning_rate=5e-5",
        "training.lora.rank=4",
        "data.documents=[a, b]",
        "encoder.offline=null",
        "output=runs/a=b",
    )
    assert config.training.learning_rate == 5e-5
    assert config.training.lora.rank == 4
    assert config.data.documents == ("a", "b")
    assert config.encoder.offline is None
    assert config.output == "runs/a=b"
    assert load(BASE + "windows:\n", "windows.tokens=64").windows.tokens == 64  # an empty section can be filled


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("epochs", "--set epochs: expected section.key=value, for example --set training.epochs=3"),
        ("=3", "--set =3: expected section.key=value, for example --set training.epochs=3"),
        ("task.name=3", "--set task.name=3: task is a value, not a section"),
        (
            "training.epochs=[1",
            "--set training.epochs=[1: the value '[1' is not YAML: expected ',' or ']', but got '<stream end>'",
        ),
        (
            "output=2024-13-45",
            "--set output=2024-13-45: the value '2024-13-45' is not YAML: 2024-13-45 looks like a value of the kind "
            "timestamp and is none (month must be in 1..12); quote a text",
        ),
        (
            "encoder={name: a, name: b}",
            "--set encoder={name: a, name: b}: the value '{name: a, name: b}' is not YAML: found the key name a second "
            "time (first in line 1); leave one of them out",
        ),
    ],
)
def test_overrides_of_the_wrong_form(load, override, message):
    with pytest.raises(UserError) as error:
        load(BASE, override)
    assert str(error.value) == message


def test_a_fault_of_an_override_shows_the_override(load, tmp_path):
    with pytest.raises(UserError) as error:
        load(BASE, "training.epochs=3", "training.lora.rnk=4")
    where = f"{tmp_path}/ner.yaml --set training.epochs=3 --set training.lora.rnk=4"
    assert str(error.value) == f"{where}: unknown key training.lora.rnk; did you mean training.lora.rank?"


def test_the_configs_of_the_project_are_valid():
    paths = sorted((ROOT / "configs").glob("*.yaml"))
    assert paths
    for path in paths:
        config = load_config(path)
        assert validate_config(yaml.safe_load(config.to_yaml()), "again") == config


# ---- extends


def _write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def test_a_config_extends_another(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    _write(
        tmp_path,
        base="task: ner\nencoder: {name: bundled}\ndata: {documents: a.jsonl}\noutput: runs/a\n"
        "training: {epochs: 3, lora: {rank: 4, alpha: 8}}\n",
        large="extends: base.yaml\noutput: runs/b\nencoder: {name: vinai/phobert-large}\ntraining: {lora: {rank: 2}}\n",
    )
    _write(tmp_path / "sub", third="extends: ../large.yaml\noutput: runs/c\n")
    config = load_config(tmp_path / "sub/third.yaml", ["training.epochs=5"])
    assert (config.output, config.encoder.name, config.data.documents) == (
        "runs/c",
        "vinai/phobert-large",
        ("a.jsonl",),
    )
    assert (config.training.epochs, config.training.lora.rank, config.training.lora.alpha) == (5, 2, 8)
    assert "extends" not in config.to_yaml()
    _write(tmp_path, wrong="extends: base.yaml\noutputs: runs/a\n")
    with pytest.raises(UserError) as error:
        load_config(tmp_path / "wrong.yaml")
    where = f"{tmp_path / 'wrong.yaml'} over {tmp_path / 'base.yaml'}"
    assert str(error.value) == f"{where}: unknown key outputs; did you mean output?"


def test_a_config_that_extends_what_is_not_there_or_itself(tmp_path: Path) -> None:
    _write(
        tmp_path,
        ner="task: ner\n",
        a="extends: b.yaml\n",
        b="extends: a.yaml\n",
        c="extends: nre.yaml\n",
        d="extends: 3\n",
    )
    with pytest.raises(UserError, match=r"b\.yaml: extends: a\.yaml extends this file in turn"):
        load_config(tmp_path / "a.yaml")
    with pytest.raises(UserError, match=r"nre\.yaml: no such config .* Did you mean .*ner\.yaml\?"):
        load_config(tmp_path / "c.yaml")
    with pytest.raises(UserError, match=r"d\.yaml: extends: found 3, expected the name of a config beside this one"):
        load_config(tmp_path / "d.yaml")


def _entries(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= _entries(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return flat


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("ner-phobert-large", {"output", "encoder.name", "training.learning_rate"}),
        ("ner-xlmr", {"output", "encoder.name"}),
    ],
)
def test_variants_differ_only_in_what_they_must(name: str, changed: set[str]) -> None:
    base, variant = (_entries(load_config(ROOT / "configs" / f"{stem}.yaml").model_dump()) for stem in ("ner", name))
    assert {key for key in base | variant if base.get(key) != variant.get(key)} == changed


def test_what_the_task_does_not_know_is_said_in_one_line(type_values):
    with pytest.raises(UserError) as error:
        validate_config({**type_values, "augmentation": {"copies": 2}}, "my.yaml")
    assert str(error.value) == (
        "my.yaml: augmentation.copies is not for the task doctype, which knows retitled, masked, fragments, formulae"
    )


def test_names_are_kept_in_nfc(load):
    nfd = unicodedata.normalize("NFD", "TỈNH")
    config = load(BASE.replace("corpus", f"corpus, labels: [{nfd}], origins: [{nfd}]"))
    assert (config.data.labels, config.data.origins) == (("TỈNH",), ("TỈNH",))
    assert load(BASE, f"data.labels=[{nfd}]").classes == ("O", "B-TỈNH", "I-TỈNH")
    with pytest.raises(UserError, match=r"data\.labels: expected each label once, found TỈNH more than once"):
        load(BASE, f"data.labels=[TỈNH, {nfd}]")


def test_the_column_of_conll(load):
    assert load(BASE).data.conll_column is None
    assert load(BASE, "data.conll_column=4").data.conll_column == 4
    for wrong, message in (("1", "should be greater than or equal to 2, found 1"), ("a", "should be a valid integer")):
        with pytest.raises(UserError, match=rf"data\.conll_column: input {message}"):
            load(BASE, f"data.conll_column={wrong}")


def test_rules_of_labels(load):
    assert load(BASE).data.rules == {}
    composed = unicodedata.normalize("NFC", "Sở")
    labels = ["data.labels=[Sở]", f"data.rules={{{unicodedata.normalize('NFD', 'Sở')}: [holds_digit], COUNT: []}}"]
    assert load(BASE, *labels).data.rules == {composed: ("holds_digit",), "COUNT": ()}
    with pytest.raises(UserError, match=r"data\.rules: found the label .COUNTS., expected one of OFFICIAL, "):
        load(BASE, "data.rules={COUNTS: [holds_digit]}")
    with pytest.raises(UserError, match=r"data\.rules\.COUNT: found 'digit', expected any of holds_digit"):
        load(BASE, "data.rules={COUNT: [digit]}")
    with pytest.raises(UserError, match=r"data\.rules: found the label 'COUNT', expected no label of spans"):
        load(BASE, "task=doctype", "data.labels=[a, b]", "data.rules={COUNT: [holds_digit]}")


def test_what_is_for_spans_alone_is_refused_for_types(load):
    types = ("task=doctype", "data.labels=[a, b]")
    with pytest.raises(UserError, match=r"data\.folds is not for the task doctype"):
        load(BASE, *types, "data.folds=3")
    with pytest.raises(UserError, match=r"augmentation\.surface is not for the task doctype"):
        load(BASE, *types, "augmentation.surface={wrapped: 0.5}")
    with pytest.raises(UserError, match=r"training\.loss: sequences is not for the task doctype"):
        load(BASE, *types, "training.loss=sequences")
