"""Imports go one way, and importing the package is light."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from project import ROOT

PACKAGE = ROOT / "model" / "vanban"
# each of these may import what stands before it, never what stands after it
ONE_WAY = (
    *("errors", "schema", "text", "words", "tokens", "encoding", "tagging", "classification"),
    *("checkpoint", "runner", "heads", "predictor", "batch", "cli"),
)
NEVER = {"vanban_training", "datasets", "seqeval", "peft"}


def imports_of(path: Path) -> set[str]:
    """Return the dotted names that a module imports, at its top or inside functions; `vanban` alone left out.

    Imports that serve type checkers only (`if TYPE_CHECKING:`) are left out too.
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
            assert node.module is not None
            names |= {f"vanban.{alias.name}" for alias in node.names} if node.module == "vanban" else {node.module}
    return names - {"vanban"}


@pytest.fixture(scope="module")
def graph() -> dict[str, set[str]]:
    """The modules of vanban that each module of vanban imports."""
    modules = {path.stem: path for path in PACKAGE.glob("*.py") if path.stem != "__init__"}
    found = {name: {i.split(".")[1] for i in imports_of(p) if i.startswith("vanban.")} for name, p in modules.items()}
    return {name: imported & set(modules) for name, imported in found.items()}


def reached(graph: dict[str, set[str]], module: str) -> set[str]:
    """Return the modules that `module` imports, and those that these import, and so on."""
    seen: set[str] = set()
    ahead = [module]
    while ahead:
        for imported in graph[ahead.pop()] - seen:
            seen.add(imported)
            ahead.append(imported)
    return seen


def test_the_graph_holds_what_is_known(graph: dict[str, set[str]]) -> None:
    assert {"schema", "text"} <= graph["encoding"]
    assert "checkpoint" in graph["predictor"]
    assert graph["errors"] == set()
    assert "predictor" in reached(graph, "cli")  # imported inside a function
    assert "phobert" in graph["checkpoint"]  # inside one too


def test_imports_go_one_way(graph: dict[str, set[str]]) -> None:
    for i, module in enumerate(ONE_WAY):
        assert reached(graph, module) & set(ONE_WAY[i + 1 :]) == set(), f"{module} imports what stands after it"


def test_phobert_and_words_know_nothing_of_models_and_windows(graph: dict[str, set[str]]) -> None:
    assert graph["phobert"] == {"errors", "model_files"}
    assert graph["words"] == {"errors", "schema", "text"}
    assert graph["tokens"] == {"schema", "text", "words"}


def test_the_two_tasks_meet_in_heads_alone(graph: dict[str, set[str]]) -> None:
    assert graph["classification"] == set()
    assert graph["runner"] == {"encoding", "errors"}
    assert graph["heads"] == {"checkpoint", "classification", "encoding", "errors", "runner", "schema", "tagging"}
    assert {name for name in graph if {"classification", "tagging"} <= graph[name]} == {"heads"}
    assert {name for name in graph if "heads" in graph[name]} == {"predictor"}


def test_no_module_imports_itself_in_a_circle(graph: dict[str, set[str]]) -> None:
    assert [module for module in graph if module in reached(graph, module)] == []


def test_inference_never_imports_training() -> None:
    for path in PACKAGE.rglob("*.py"):
        assert {name.split(".")[0] for name in imports_of(path)} & NEVER == set(), path


def test_imports_of_sees_every_kind(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text(
        "import a.b\nfrom vanban import text\nfrom typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import c\ndef f():\n    from peft import d\n    import vanban\n",
        encoding="utf-8",
    )
    assert imports_of(tmp_path / "odd.py") == {"a.b", "vanban.reading.text", "typing", "peft"}


def loaded_after(code: str) -> set[str]:
    """Run `code` in a fresh interpreter and return which of the heavy packages it loaded."""
    heavy = ["torch", "transformers", "tokenizers", "safetensors", "underthesea", "joblib", "vanban_training"]
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
        "import vanban.reading.words, vanban.reading.tokens, vanban.reading.encoding",
        "import vanban.network.classification, vanban.network.checkpoint, vanban.network.runner, vanban.network.heads",
    ],
)
def test_importing_is_light(code: str) -> None:
    assert loaded_after(code) == set()


def test_an_unknown_attribute_is_an_error() -> None:
    import vanban

    with pytest.raises(AttributeError, match="module 'vanban' has no attribute 'tag'"):
        vanban.tag  # noqa: B018
    assert {name for name in vanban.__all__ if not hasattr(vanban, name)} == set()
