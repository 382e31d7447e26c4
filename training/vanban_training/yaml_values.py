"""YAML as a config needs it: each key once, and what only looks like a date or a number is a fault with its line."""

from __future__ import annotations

from typing import Any

import yaml
from yaml.constructor import ConstructorError


class _Loader(yaml.SafeLoader):
    """A SafeLoader that lets no key take the place of another, and raises YAMLError for all that it can't construct."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        lines: dict[tuple[str, str], int] = {}
        for key, _ in node.value:
            name = (key.tag, str(key.value))
            if name in lines:
                problem = (
                    f"found the key {key.value} a second time (first in line {lines[name]}); leave one of them out"
                )
                raise ConstructorError(None, None, problem, key.start_mark)
            lines[name] = key.start_mark.line + 1
        return super().construct_mapping(node, deep)

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError as error:  # of a date like 2024-13-45, or a number like 0x_
            kind = node.tag.rpartition(":")[2]
            problem = f"{node.value} looks like a value of the kind {kind} and is none ({error}); quote a text"
            raise ConstructorError(None, None, problem, node.start_mark) from None


def read_yaml(text: str) -> Any:
    """Return what `text` spells out; raises YAMLError, whose `problem` says what is wrong."""
    return yaml.load(text, _Loader)
