"""The errors that are the user's to mend: commands print their message and exit non-zero, without a traceback."""

from __future__ import annotations

from collections.abc import Mapping


class UserError(ValueError):
    """Bad input, with a message that says where, what was found, what was expected and what to do."""


class SettingError(UserError):
    """What a document holds does not fit `labels` or `conll_column`, which each command has its own name for.

    The message says where a config of training has these.
    """

    def __init__(self, message: str, setting: str) -> None:
        """`message` is what was found and expected, `setting` the entry of `data`."""
        super().__init__(f"{message}; see data.{setting}")
        self._message, self._setting = message, setting

    def where(self, places: Mapping[str, str]) -> UserError:
        """Return the error of a command that has no config: `places` say where each setting comes from."""
        return UserError(f"{self._message}; {places[self._setting]}")


def reason_of(error: Exception) -> str:
    """Return the first line of what a library says of an error."""
    return (str(error).strip().splitlines() or [""])[0]


def cause_of(error: OSError) -> str:
    """Return what could not be read or written, standard output where no file is named, and why."""
    return f"{error.filename or 'standard output'}: {error.strerror or error}"
