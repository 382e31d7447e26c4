"""Many failures of one kind are a few lines."""

from __future__ import annotations

from vanban.documents.document import Failure
from vanban.documents.failures import Failures


def test_the_first_of_a_kind_are_told_and_the_rest_is_counted() -> None:
    said: list[str] = []
    failures = Failures(said.append)
    for number in range(1, 9):
        failures.tell(Failure(f"a:{number}", f"no {number}.txt", "gone"))
        if number <= 5:
            failures.tell(Failure(f"b:{number}", "not JSON"))
    assert len(said) == 10 and said[-1] == "error: b:5: not JSON"
    failures.end()
    assert said[:2] == ["error: a:1: no 1.txt", "error: b:1: not JSON"]
    assert said[10:] == ["error: and 3 more: gone"]


def test_nothing_is_told_of_nothing() -> None:
    said: list[str] = []
    Failures(said.append).end()
    assert said == []
