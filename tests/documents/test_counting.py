from __future__ import annotations

import pytest

from vanban.documents.counting import counted


@pytest.mark.parametrize(
    ("number", "plural", "said"),
    [
        (1, "documents", "1 document"),
        (0, "documents", "0 documents"),
        (2, "entities", "2 entities"),
        (1, "entities", "1 entity"),
        (1, "overlapping entities", "1 overlapping entity"),
        (1, "layouts of texts", "1 layout of texts"),
        (12_345, "rows", "12,345 rows"),
    ],
)
def test_one_is_no_plural(number: int, plural: str, said: str) -> None:
    assert counted(number, plural) == said


def test_a_singular_of_several_words() -> None:
    words = ("acts and other documents", "act or other document")
    assert [counted(number, *words) for number in (1, 2)] == ["1 act or other document", "2 acts and other documents"]
