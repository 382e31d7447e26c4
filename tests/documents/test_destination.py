"""Names of outputs: what they say of the format, and those that say another thing than what is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from vanban.documents.destination import format_of
from vanban.errors import UserError


@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".doc", ".docx", ".pdf", ".rtf", ".eml", ".PDF", ".docx.gz"])
def test_a_kind_that_is_not_written_is_an_error(suffix: str) -> None:
    with pytest.raises(UserError, match=r" is not written; expected \.jsonl, \.parquet, \.csv, \.html") as error:
        format_of(None, Path(f"báo cáo{suffix}"))
    assert str(error.value).startswith(f"báo cáo{suffix}: ")
    assert format_of("jsonl", Path(f"báo cáo{suffix}")) == "jsonl"  # it was said


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (None, "jsonl"), ("found", "jsonl"), ("a.txt", "jsonl"), ("a.json", "jsonl"), ("a.d", "jsonl"),
        ("a.csv.gz", "csv"), ("a.htm", "html"), ("a.tsv", "conll"), ("a.spacy", "spacy"), ("a.parquet", "parquet"),
    ],
)  # fmt: skip
def test_other_names_say_the_format(name: str | None, found: str) -> None:
    assert format_of(None, None if name is None else Path(name)) == found


def test_a_format_and_a_name_of_another() -> None:
    with pytest.raises(UserError, match=r"^f\.jsonl: \.jsonl is the suffix of jsonl"):
        format_of("html", Path("f.jsonl"))
    with pytest.raises(UserError, match=r"^a\.xmi: \.xmi is the suffix of cas, and jsonl is asked for"):
        format_of(None, Path("a.xmi"))
    assert format_of("datasets", Path("a.parquet")) == "datasets"
