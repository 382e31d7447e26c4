"""Print what the service needs of what vanban requires: all but what only models need that were not exported."""

from __future__ import annotations

from importlib.metadata import requires

from packaging.requirements import Requirement

EXTRAS = ("", "serve", "files", "onnx")
ONLY_TO_EXPORT = {"torch", "transformers", "onnx", "onnxscript", "vanban"}


def main() -> None:
    """Print a line for each package."""
    for row in map(Requirement, requires("vanban") or ()):
        wanted = row.marker is None or any(row.marker.evaluate({"extra": extra}) for extra in EXTRAS)
        if wanted and row.name not in ONLY_TO_EXPORT:
            print(f"{row.name}{row.specifier}")


if __name__ == "__main__":
    main()
