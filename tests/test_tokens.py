from __future__ import annotations

import numpy as np

from vanban.tokens import strip, unit_starts, without_marks


def beginnings(text: str) -> list[int]:
    return np.flatnonzero(unit_starts(text)).tolist()


def test_numbers_and_words_are_not_cut() -> None:
    assert beginnings("24.973 ca") == [0, 7]
    assert beginnings("1.234.567,89%") == [0, 12]
    assert beginnings("17/CT-UBND") == [0, 2, 3, 5, 6]
    assert beginnings("COVID19, Hà Nội.") == [0, 7, 9, 12, 15]
    assert beginnings("10. Ông") == [0, 2, 4]
    assert beginnings("a\u0331b\u0331 \u0331") == [0, 5]  # marks that don't compose stay inside their word
    assert beginnings(" \t") == beginnings("") == []


def test_without_marks() -> None:
    def inside(text: str, start: int = 0, end: int | None = None) -> str:
        a, b = without_marks(text, start, len(text) if end is None else end, unit_starts(text))
        return text[a:b]

    assert [inside(t) for t in ("2.", "(18", "5)", "“TP.”", "[1]", "(2018).", "-50", "5%")] == [
        "2", "18", "5", "TP", "1", "2018", "-50", "5%",
    ]  # fmt: skip
    assert [inside(t) for t in (").", "...", "", ".", "Hà")] == [").", "...", "", ".", "Hà"]
    assert inside("24.973", 0, 3) == "24."


def test_strip() -> None:
    text = " \u200bHà Nội\u00a0\ufeff "
    assert strip(text, 0, len(text)) == (2, 8)
    assert strip(text, 8, len(text)) == (11, 11)
    assert strip(text, 3, 3) == (3, 3)
