"""The house and its wings: who may import whom, no circles, nothing outside a wing. Importing the package is light."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest

from project import ROOT

FOLDERS: Final = {"vanban": ROOT / "model" / "vanban", "vanban_training": ROOT / "training" / "vanban_training"}

# What each wing, or file that stands beside the wings, may import of its own package. Nothing else is allowed.
WINGS: Final = {
    "vanban": {
        "errors": set(),
        "schema": set(),
        "interruption": set(),
        "machine": set(),
        "reading": {"errors", "schema"},
        "network": {"errors", "schema", "machine", "reading"},
        "values": {"schema", "reading"},
        "predictor": {"errors", "schema", "reading", "network", "values"},
        "documents": {"errors", "schema", "reading", "predictor", "values"},
        "scale": {"errors", "schema", "predictor", "documents"},
        "integrations": {"schema", "documents", "scale", "predictor"},
        "serving": {"errors", "schema", "reading", "documents", "predictor", "__init__"},
        "cluster": {"errors", "schema", "interruption", "reading", "documents", "scale", "values", "__init__"},
        "__init__": {"errors", "schema", "predictor"},
        "info": {"errors", "schema", "network", "__init__"},
        "commands": {
            "errors",
            "schema",
            "interruption",
            "machine",
            "reading",
            "network",
            "predictor",
            "documents",
            "cluster",
            "serving",
            "info",
            "__init__",
        },
        "cli": {"errors", "interruption", "commands"},
    },
    "vanban_training": {
        "yaml_values": set(),
        "config": {"yaml_values"},
        "corpus": {"config"},
        "fitting": {"config"},
        "ner": {"config", "corpus", "fitting"},
        "doctype": {"config", "corpus", "fitting"},
        "runs": {"config", "corpus", "fitting", "ner", "doctype"},
        "shipping": {"corpus"},
        "cli": {"config", "corpus", "fitting", "ner", "doctype", "runs", "shipping"},
        "__main__": {"cli"},
    },
}
NEVER: Final = {"vanban_training", "datasets", "seqeval", "peft"}  # imported by inference

Graph = dict[str, set[str]]


def imports_of(path: Path) -> set[str]:
    """Return the dotted names that a file imports, at its top or inside functions, of modules and of what they hold.

    Imports that serve type checkers only (`if TYPE_CHECKING:`) are left out.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_checkers = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for statement in block.body
        for node in ast.walk(statement)
    }
    names: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in for_checkers:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import in line {node.lineno}"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def modules_of(folder: Path) -> dict[str, Path]:
    """Return the files of a package by dotted name; a wing's `__init__` by that of the wing."""
    names = {path: path.relative_to(folder.parent).with_suffix("").parts for path in sorted(folder.rglob("*.py"))}
    return {".".join(parts[:-1] if parts[-1] == "__init__" else parts): path for path, parts in names.items()}


def graph_of(folders: Mapping[str, Path]) -> Graph:
    """Return, for each file of the packages, the files of these that it imports."""
    modules = {name: path for folder in folders.values() for name, path in modules_of(folder).items()}
    return {
        name: {found for imported in imports_of(path) if (found := longest_of(imported, modules))} - {name}
        for name, path in modules.items()
    }


def longest_of(name: str, modules: Mapping[str, Path]) -> str | None:
    """Return the module that `name` is, or is found in."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name or None


def wing_of(module: str) -> str:
    """Return the wing of a module, or the file that stands beside the wings: the second part of its name."""
    return module.split(".")[1] if "." in module else "__init__"


def reached(graph: Graph, module: str) -> set[str]:
    """Return the modules that `module` imports, and those that these import, and so on."""
    seen: set[str] = set()
    ahead = [module]
    while ahead:
        for imported in graph[ahead.pop()] - seen:
            seen.add(imported)
            ahead.append(imported)
    return seen


def strangers(graph: Graph) -> list[str]:
    """Return `importer → imported` for each import that the table of wings does not allow."""
    wrong = []
    for module, imported in graph.items():
        package, wing = module.split(".")[0], wing_of(module)
        for other in imported:
            its_package, its_wing = other.split(".")[0], wing_of(other)
            if its_package != package:
                allowed = package == "vanban_training"
            else:
                allowed = its_wing == wing or its_wing in WINGS[package].get(wing, set())
            if not allowed:
                wrong.append(f"{module} → {other}")
    return sorted(wrong)


def outside(folders: Mapping[str, Path]) -> list[str]:
    """Return the files that stand in no wing, and the wings that no file stands in."""
    wrong = []
    for package, folder in folders.items():
        wings = {wing_of(module) for module in modules_of(folder)}
        wrong += [f"{package}: {wing}" for wing in sorted(wings ^ WINGS[package].keys())]
        deep = [path for path in folder.rglob("*.py") if len(path.relative_to(folder).parts) > 3]
        wrong += [str(path.relative_to(folder.parent)) for path in deep]
    return wrong


@pytest.fixture(scope="module")
def graph() -> Graph:
    """The files of both packages that each of them imports."""
    return graph_of(FOLDERS)


def test_the_graph_holds_what_is_known(graph: Graph) -> None:
    assert {"vanban.schema", "vanban.reading.text"} <= graph["vanban.reading.encoding"]
    assert "vanban.network.checkpoint" in graph["vanban.predictor"]
    assert graph["vanban.errors"] == set()
    assert "vanban.predictor" in reached(graph, "vanban.cli")  # imported inside a function
    assert "vanban.reading.phobert" in graph["vanban.network.weights"]  # inside one too
    assert "vanban_training.fitting.processes" in graph["vanban_training.cli"]  # from a wing, by the file's name
    assert "vanban.schema" in graph["vanban_training.corpus.annotated"]


def test_wings_import_what_they_may(graph: Graph) -> None:
    assert strangers(graph) == []


def test_no_file_imports_itself_in_a_circle(graph: Graph) -> None:
    assert [module for module in graph if module in reached(graph, module)] == []


def test_every_file_stands_in_a_wing() -> None:
    assert outside(FOLDERS) == []


def test_a_wing_says_in_two_lines_what_happens_there() -> None:
    for folder in FOLDERS.values():
        for path in sorted(folder.glob("*/**/__init__.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            assert len(tree.body) == 1, f"{path}: expected the text of the wing alone, and no re-exports"
            assert len((ast.get_docstring(tree) or "").splitlines()) == 2, path


def test_tests_mirror_the_wings() -> None:
    """The folders of tests are the wings; the sources of what a test file is named after stand in the same wing."""
    for package, folder, tests in (
        ("vanban", FOLDERS["vanban"], ROOT / "tests"),
        ("vanban_training", FOLDERS["vanban_training"], ROOT / "tests" / "training"),
    ):
        wings = {wing for wing in WINGS[package] if (folder / wing).is_dir()}
        assert {path.parent.name for path in tests.glob("*/test_*.py")} - {"training"} == wings
        for path in tests.glob("*/**/test_*.py"):
            place = path.relative_to(tests).parent
            source = folder / place / f"{path.stem.removeprefix('test_')}.py"
            assert place.parts[:1] == ("training",) or source.is_file(), f"{path}: no {source}"


@pytest.mark.parametrize(
    ("files", "wrong", "alone", "circle"),
    [
        ({"reading/a.py": "from vanban.network import b", "network/b.py": ""},
         ["vanban.reading.a → vanban.network.b"], [], []),
        ({"network/b.py": "def f():\n    import vanban_training.cli"},
         ["vanban.network.b → vanban_training.cli"], [], []),
        ({"lost.py": ""}, [], ["vanban: lost"], []),
        ({"reading/deep/c.py": ""}, [], [], []),  # a wing may have folders
        ({"reading/deep/deeper/c.py": ""}, [], ["vanban/reading/deep/deeper/c.py"], []),
        ({"reading/deep/c.py": "from vanban.network import b", "network/b.py": ""},
         ["vanban.reading.deep.c → vanban.network.b"], [], []),
        ({"reading/a.py": "from vanban.reading import b", "reading/b.py": "from vanban.reading.a import c"},
         [], [], ["vanban.reading.a", "vanban.reading.b"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found(
    tmp_path: Path, files: dict[str, str], wrong: list[str], alone: list[str], circle: list[str]
) -> None:
    for wing in WINGS["vanban"]:
        (tmp_path / "vanban" / wing).mkdir(parents=True)
        (tmp_path / "vanban" / wing / "__init__.py").touch()
    (tmp_path / "vanban" / "__init__.py").touch()
    (tmp_path / "vanban_training").mkdir()
    (tmp_path / "vanban_training" / "cli.py").touch()
    for name, code in files.items():
        (tmp_path / "vanban" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "vanban" / name).write_text(code, encoding="utf-8")
    folders = {name: tmp_path / name for name in FOLDERS}
    graph = graph_of(folders)
    assert strangers(graph) == wrong
    assert outside({"vanban": folders["vanban"]}) == alone
    assert [module for module in graph if module in reached(graph, module)] == circle


def test_words_and_tokenizers_know_nothing_of_windows(graph: Graph) -> None:
    assert graph["vanban.reading.phobert"] == {"vanban.errors", "vanban.reading.phobert_vocabulary"}
    assert graph["vanban.reading.words"] == {"vanban.errors", "vanban.schema", "vanban.reading.text"}
    assert graph["vanban.reading.tokens"] == {
        "vanban.schema", "vanban.reading.characters", "vanban.reading.text", "vanban.reading.words",
    }  # fmt: skip


def test_the_two_tasks_meet_in_heads_alone(graph: Graph) -> None:
    both = {"vanban.network.classification", "vanban.network.tagging"}
    network = {name: found for name, found in graph.items() if name.startswith("vanban.network.")}
    assert {name for name in network if both <= network[name]} == {"vanban.network.heads"}
    assert {name for name in graph if "vanban.network.heads" in graph[name] and name.startswith("vanban.")} == {
        "vanban.network.export", "vanban.predictor",
    }  # fmt: skip


def test_inference_never_imports_training() -> None:
    for path in FOLDERS["vanban"].rglob("*.py"):
        assert {name.split(".")[0] for name in imports_of(path)} & NEVER == set(), path


def test_imports_of_sees_every_kind(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text(
        "import a.b\nfrom vanban.reading import text\nfrom typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import c\ndef f():\n    from peft import d\n    import vanban\n",
        encoding="utf-8",
    )
    assert imports_of(tmp_path / "odd.py") == {"a.b", "vanban.reading.text", "typing.TYPE_CHECKING", "peft.d", "vanban"}


HEAVY: Final = ("torch", "transformers", "tokenizers", "safetensors", "underthesea", "joblib", "ray", "vanban_training")


def loaded_after(code: str, heavy: Sequence[str] = HEAVY) -> set[str]:
    """Run `code` in a fresh interpreter and return which of the heavy modules it loaded."""
    run = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*[m for m in {heavy} if m in sys.modules])"],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'model'}{os.pathsep}{ROOT / 'training'}"},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return set(run.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import vanban; vanban.Entity, vanban.LABELS",
        "from vanban import predict, load, Predictor, UserError",
        "import vanban; vanban.predict; vanban.load",
        "from vanban.predictor import load",
        "import vanban.cli",
        "from vanban.scale import tag_dataset",
        "import vanban.reading.words, vanban.reading.tokens, vanban.reading.encoding",
        "import vanban.network.classification, vanban.network.checkpoint, vanban.network.runner, vanban.network.heads",
    ],
)
def test_importing_is_light(code: str) -> None:
    assert loaded_after(code) == set()


def test_a_command_starts_without_the_grammars_of_values() -> None:
    assert loaded_after("import vanban.cli", ["vanban.values.document", "vanban.values.acts.directives"]) == set()


def test_the_service_is_imported_when_it_serves() -> None:
    served = ["fastapi", "starlette", "uvicorn", "pydantic", "prometheus_client"]
    assert loaded_after("import vanban.cli", served) == set()
    assert loaded_after("import vanban.serving.app", HEAVY) == set()


def test_an_unknown_attribute_is_an_error() -> None:
    import vanban

    with pytest.raises(AttributeError, match="module 'vanban' has no attribute 'tag'"):
        vanban.tag  # noqa: B018
    assert {name for name in vanban.__all__ if not hasattr(vanban, name)} == set()
