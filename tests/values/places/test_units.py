"""Official units: how many, their codes in their time, what became of them."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys

import pytest

from project import ROOT
from vanban.values.places.unit_table import loose_key, name_key, named, named_loosely, table
from vanban.values.places.units import Unit, at, unit

BEFORE = datetime.date(2024, 6, 1)
AFTER = datetime.date(2026, 1, 1)


def units_of(name: str, **fields: object) -> list[Unit]:
    """The units of a name whose fields are these."""
    return [found for found in map(unit, named(name)) if all(getattr(found, f) == v for f, v in fields.items())]


def the_unit(name: str, **fields: object) -> Unit:
    (found,) = units_of(name, **fields)
    return found


@pytest.mark.parametrize(
    ("day", "rank", "count"),
    [
        ("2025-06-30", "province", 63), ("2025-06-30", "district", 696), ("2025-06-30", "commune", 10035),
        ("2025-07-01", "province", 34), ("2025-07-01", "district", 0), ("2025-07-01", "commune", 3321),
        ("2022-12-31", "province", 63), ("2022-12-31", "district", 705), ("2022-12-31", "commune", 10599),
        ("2026-06-01", "state", 288),
    ],
)  # fmt: skip
def test_how_many_units_there_are(day: str, rank: str, count: int) -> None:
    units = table()
    found = [row for row in range(len(units.rows)) if units.rank(row) == rank and units.is_valid(row, day)]
    assert len(found) == count
    assert len({units.rows[row][0] for row in found}) == count  # on a day, a code is one unit


def test_every_unit_has_its_parents() -> None:
    units = table()
    for row in range(len(units.rows)):
        found = unit(row)
        depth = {"state": 0, "province": 0, "district": 1}.get(units.rank(row))
        if depth is None:
            depth = 1 if found.valid_from == datetime.date(2025, 7, 1) else 2
        assert len(found.parents) == len(found.parent_codes) == depth, found


def test_a_code_names_a_unit_only_in_its_time() -> None:
    assert the_unit("Hà Nội", code="01").level == "city"
    then, now = (the_unit("Kim Sơn", code="00562"), unit(table().at("00562", "2026-01-01") or 0))
    assert (then.name, then.parents) == ("Xã Kim Sơn", ("Huyện Gia Lâm", "Thành phố Hà Nội"))
    assert then.valid_to == datetime.date(2025, 1, 1)
    assert (now.name, now.parents, now.valid_from) == (
        "Xã Thuận An", ("Thành phố Hà Nội",), datetime.date(2025, 7, 1),
    )  # fmt: skip


def test_successors_as_a_whole_and_in_part() -> None:
    gone = the_unit("Vĩnh Phúc", level="province")
    assert [(s.code, s.name, s.how, s.on) for s in gone.successors] == [
        ("25", "Tỉnh Phú Thọ", "whole", datetime.date(2025, 7, 1))
    ]
    new = the_unit("Phú Thọ", level="province", valid_from=datetime.date(2025, 7, 1))
    assert [(s.code, s.name) for s in new.predecessors] == [
        ("17", "Tỉnh Hòa Bình"), ("25", "Tỉnh Phú Thọ"), ("26", "Tỉnh Vĩnh Phúc"),
    ]  # fmt: skip
    district = the_unit("Gia Lâm", level="district")
    assert {s.how for s in district.successors} == {"part"}
    assert "Xã Gia Lâm" in {s.name for s in district.successors}
    island = the_unit("Lý Sơn", level="district")
    assert [(s.name, s.how) for s in island.successors] == [("Đặc khu Lý Sơn", "whole")]


@pytest.mark.parametrize(
    ("name", "fields", "day", "found"),
    [
        ("Hà Giang", {"code": "02"}, AFTER, ["Tỉnh Tuyên Quang"]),
        ("Phú Thọ", {"code": "25", "valid_from": None}, AFTER, ["Tỉnh Phú Thọ"]),
        ("Hà Nội", {}, AFTER, ["Thành phố Hà Nội"]),
        ("Hà Nội", {}, BEFORE, ["Thành phố Hà Nội"]),
        ("Hà Tây", {"code": "28"}, AFTER, ["Thành phố Hà Nội"]),
        ("Thừa Thiên Huế", {}, AFTER, ["Thành phố Huế"]),
        ("2", {"code": "769", "level": "district"}, datetime.date(2022, 1, 1), ["Thành phố Thủ Đức"]),
        ("Cà Mau", {"code": "96", "valid_from": datetime.date(2025, 7, 1)}, BEFORE, ["Tỉnh Bạc Liêu", "Tỉnh Cà Mau"]),
        ("Kim Sơn", {"code": "00562"}, datetime.date(2025, 3, 1), ["Xã Phú Sơn"]),
        ("Lý Sơn", {"level": "commune"}, BEFORE, ["Huyện Lý Sơn"]),
        ("Lào", {}, AFTER, ["Lào"]),
    ],
)
def test_another_day(name: str, fields: dict[str, object], day: datetime.date, found: list[str]) -> None:
    assert [other.name for other in at(the_unit(name, **fields), day)] == found


def test_what_became_of_a_unit_leads_back_to_it() -> None:
    units = table()
    for row in range(0, len(units.rows), 97):
        if units.rank(row) == "commune" and units.is_valid(row, "2025-06-30"):
            heirs = at(unit(row), AFTER)
            assert heirs
            assert all(unit(row) in at(heir, datetime.date(2025, 6, 30)) for heir in heirs), unit(row)


def test_a_unit_that_is_not_there_is_nothing() -> None:
    assert at(Unit("99999", "Xã Không Có", "commune"), AFTER) == ()


def test_names_are_compared_without_case_tone_style_and_hyphens() -> None:
    assert name_key("THUỶ  NGUYÊN") == "thủy nguyên"
    assert name_key("Bà Rịa-Vũng Tàu") == name_key("Bà Rịa – Vũng Tàu") == "bà rịa vũng tàu"
    assert name_key("05") == "5"
    assert loose_key("Đăk Lăk") == loose_key("Dak Lak") == "daklak"
    assert {table().rows[row][2] for row in named_loosely("quy chau")} >= {"Quỳ Châu"}
    assert units_of("HOÀ BÌNH", level="province")
    assert units_of("Bà Rịa - Vũng Tàu", level="province") == units_of("Bà Rịa-Vũng Tàu", level="province")
    assert {units[2] for units in (table().rows[row] for row in named_loosely("Dak Lak"))} == {"Đắk Lắk"}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Hàn Quốc", "KR"), ("Triều Tiên", "KP"), ("Mỹ", "US"), ("Hoa Kỳ", "US"), ("Anh", "GB"), ("Nga", "RU"),
        ("Liên bang Nga", "RU"), ("Trung Quốc", "CN"), ("Đài Loan", "TW"), ("Hồng Công", "HK"), ("Hồng Kông", "HK"),
        ("Lào", "LA"), ("Campuchia", "KH"), ("Úc", "AU"), ("Ý", "IT"), ("Nhật Bản", "JP"), ("Việt Nam", "VN"),
        ("châu Âu", "150"), ("Đông Nam Á", "035"),
    ],
)  # fmt: skip
def test_states(name: str, code: str) -> None:
    assert [unit(row).code for row in named(name)] == [code]
    assert unit(named(name)[0]).level == ("region" if code.isdigit() else "country")


def test_the_tables_are_read_when_asked_for_and_small() -> None:
    data = ROOT / "model" / "vanban" / "values" / "data"
    assert sum(path.stat().st_size for path in data.iterdir()) < 1_500_000
    code = (
        "from vanban.values import meaning; from vanban.values.places import places, unit_table; "
        "print(unit_table.table.cache_info().currsize)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(ROOT / "model")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "0\n"


def test_units_are_json() -> None:
    for row in range(0, len(table().rows), 501):
        assert json.loads(json.dumps(unit(row).to_dict()))["code"] == table().rows[row][0]
