"""Packages that only some formats need: imported where they are used, named with their extra where they are missing."""

from __future__ import annotations

import importlib
from typing import Any

from vanban.errors import UserError


def optional(module: str, extra: str, what: str) -> Any:
    """Return the module. Raise UserError where it is not installed: `what` needs it, and `extra` has it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = (error.name or module).partition(".")[0]
        raise UserError(f"{what} needs {package}: pip install 'vanban[{extra}]'") from None
