"""`vanban version` and `vanban info`."""

from __future__ import annotations

from vanban import __version__


def version() -> None:
    """Print the version."""
    print(f"vanban {__version__}")


def info() -> None:
    """Print what this processor multiplies in and which back end it takes, versions, models, caches and threads."""
    from vanban.info import information

    print(information())
