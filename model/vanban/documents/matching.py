"""The documents of two sides meet: by id where the texts are the same, else by text."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from vanban.documents.document import Failure
from vanban.documents.formats.format import Tagged

Pair = tuple[Tagged, Tagged]


@dataclass(slots=True)
class Matching:
    """The documents that both sides have, in the order of gold; those that one has alone, by id; and what failed.

    `unlike` of the failures are documents with the same id whose texts differ.
    """

    pairs: list[Pair] = field(default_factory=list)
    only_gold: list[str] = field(default_factory=list)
    only_predicted: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    unlike: int = 0


def match(gold: Iterable[Tagged | Failure], predicted: Iterable[Tagged | Failure]) -> Matching:
    """Match the documents of both sides: by id where the texts are the same, else by text.

    One id with two texts is a failure: offsets of one text say nothing about another.
    """
    found = Matching()
    left = list(_sound(gold, found))
    right = list(_sound(predicted, found))
    by_id: dict[str, list[int]] = defaultdict(list)
    by_text: dict[bytes, list[int]] = defaultdict(list)
    for number, (document, _) in enumerate(right):
        by_id[str(document.id)].append(number)
        by_text[_digest(document.text)].append(number)
    partner: dict[int, int] = {}
    used: set[int] = set()
    for with_id in (True, False):  # all ids first: a text that stands twice must not take what an id asks for
        for number, (document, _) in enumerate(left):
            if number in partner:
                continue
            asked = by_id[str(document.id)] if with_id else by_text[_digest(document.text)]
            other = next((i for i in asked if i not in used and right[i][0].text == document.text), None)
            if other is not None:
                partner[number] = other
                used.add(other)
    for number, tagged in enumerate(left):
        if number in partner:
            found.pairs.append((tagged, right[partner[number]]))
            continue
        same_id = [i for i in by_id[str(tagged[0].id)] if i not in used]
        if same_id:
            used.add(same_id[0])
            found.unlike += 1
            found.failures.append(Failure(tagged[0].where, _unlike(tagged[0].text, right[same_id[0]][0].text)))
        else:
            found.only_gold.append(str(tagged[0].id))
    found.only_predicted = [str(document.id) for i, (document, _) in enumerate(right) if i not in used]
    return found


def _sound(items: Iterable[Tagged | Failure], matching: Matching) -> Iterator[Tagged]:
    for item in items:
        if isinstance(item, Failure):
            matching.failures.append(item)
        else:
            yield item


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _unlike(gold: str, predicted: str) -> str:
    at = next(
        (i for i, (a, b) in enumerate(zip(gold, predicted, strict=False)) if a != b), min(len(gold), len(predicted))
    )
    return (
        f"its text is another one in PREDICTED from character {at} on: {gold[at : at + 20]!r} and "
        f"{predicted[at : at + 20]!r}; tag the text that was annotated"
    )
