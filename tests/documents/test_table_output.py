from __future__ import annotations

import csv
import datetime
import importlib.util
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from vanban.documents.table_output import table_writer
from vanban.errors import UserError

COLUMNS: Final[dict[str, type]] = {"text": str, "number": Decimal, "date": datetime.date, "planned": bool, "start": int}
ROWS: Final[list[dict[str, Any]]] = [
    {"text": 'a, "b"', "number": Decimal("1234567.50"), "date": datetime.date(2021, 7, 23), 
     "planned": True, "start": 4},
    {"text": "=1+1\ud800", "number": Decimal("1E+30"), "date": None, "planned": False, "start": None},
    {"text": None, "number": Decimal("0.123456789012"), "date": None, "planned": None, "start": 0},
]  # fmt: skip


def test_csv_has_digits_and_iso_dates(tmp_path: Path) -> None:
    assert table_writer("a.csv")(tmp_path / "a.csv", COLUMNS, iter(ROWS)) == 3
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbftext,")
    first, second, _ = csv.DictReader((tmp_path / "a.csv").read_text("utf-8-sig").splitlines())
    assert first == {"text": 'a, "b"', "number": "1234567.50", "date": "2021-07-23", "planned": "true", "start": "4"}
    assert second["number"] == "1" + "0" * 30


@pytest.mark.parametrize("text", ["=1+1", "+84 912", "-5 ca", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_text_in_csv_is_no_formula(tmp_path: Path, text: str) -> None:
    rows = [
        {"document": text, "text": f"có {text}", "number": Decimal("-5")},
        {"document": "", "text": None, "number": 0},
    ]
    table_writer("a.csv")(tmp_path / "a.csv", {"document": str, "text": str, "number": Decimal}, iter(rows))
    with open(tmp_path / "a.csv", encoding="utf-8-sig", newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["document"], first["text"], first["number"]) == (f"'{text}", f"có {text}", "-5")  # a number is none
    assert second == {"document": "", "text": "", "number": "0"}


def test_parquet_has_types(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    assert table_writer("a.parquet")(tmp_path / "a.parquet", COLUMNS, iter(ROWS)) == 3
    first, second, third = parquet.read_table(tmp_path / "a.parquet").to_pylist()
    assert first == ROWS[0]
    assert second["number"] is None and second["text"].startswith("=1+1")  # more digits than the column holds
    assert third["number"] == Decimal("0.1234567890")


def test_a_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    assert table_writer("a.csv")(tmp_path / "a.csv", COLUMNS, ()) == 0
    assert (tmp_path / "a.csv").read_text("utf-8-sig") == "text,number,date,planned,start\n"


def test_a_workbook_holds_numbers_and_no_formula(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    assert table_writer("a.xlsx")(tmp_path / "a.xlsx", COLUMNS, iter(ROWS)) == 3
    rows = list(openpyxl.load_workbook(tmp_path / "a.xlsx").active.iter_rows())
    assert [cell.value for cell in rows[0]] == list(COLUMNS)
    assert rows[1][1].value == 1234567.5 and rows[2][0].data_type == "s"


@pytest.mark.skipif(importlib.util.find_spec("openpyxl") is not None, reason="openpyxl is installed")
def test_a_workbook_without_the_extra_is_an_error() -> None:
    with pytest.raises(UserError, match=r"\.xlsx needs openpyxl: pip install 'vanban\[xlsx\]'"):
        table_writer("a.xlsx")


def test_the_name_says_the_form() -> None:
    with pytest.raises(UserError, match=r"a\.txt: expected a name that ends in \.csv or \.xlsx or \.parquet"):
        table_writer("a.txt")
