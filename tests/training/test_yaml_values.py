"""YAML in which each key stands once, and whose faults are all of one kind."""

from __future__ import annotations

import pytest
import yaml

from vanban_training.yaml_values import read_yaml


def test_ordinary_yaml_is_read_as_ever():
    for text in ("a: {b: 1, c: [2, 3]}\nd: 2024-02-03\n'1': x\n1: y\n", "", "- 2e-4"):
        assert read_yaml(text) == yaml.safe_load(text)
    assert read_yaml("base: &b {x: 1, y: 2}\nmore: {<<: *b, x: 3}")["more"] == {"x": 3, "y": 2}


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("a: 1\nb: {c: 1}\na: 2", 3, "found the key a a second time (first in line 1); leave one of them out"),
        ("x:\n  - {b: 1,\n     b: 2}", 3, "found the key b a second time (first in line 2); leave one of them out"),
        ("a: 0x_", 1, "0x_ looks like a value of the kind int and is none ("),
        ("- 1\n- 2024-13-45", 2, "2024-13-45 looks like a value of the kind timestamp and is none (month"),
        ("{[a]: 1}", 1, "found unhashable key"),
    ],
)
def test_faults(text, line, problem):
    with pytest.raises(yaml.YAMLError) as error:
        read_yaml(text)
    assert error.value.problem.startswith(problem)
    assert error.value.problem_mark.line + 1 == line
