"""Errors that another setting may mend: each command has its own name for it."""

from __future__ import annotations

from collections.abc import Mapping

from vanban.errors import UserError


class SettingError(UserError):
    """What a document holds does not fit `labels` or `conll_column`; the message says where a config has these."""

    def __init__(self, message: str, setting: str) -> None:
        """`message` is what was found and expected, `setting` the entry of `data`."""
        super().__init__(f"{message}; see data.{setting}")
        self._message, self._setting = message, setting

    def where(self, places: Mapping[str, str]) -> UserError:
        """Return the error of a command that has no config: `places` say where each setting comes from."""
        return UserError(f"{self._message}; {places[self._setting]}")
