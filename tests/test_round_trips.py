"""Document → format → document, in every format of the registry that writes and reads: equal, or the loss is counted.

A format must keep texts, spans and labels; scores, values, types, records and fields it may lose, if it counts them.
"""

from __future__ import annotations

import io
import tempfile
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vanban.documents.document import Document, Failure
from vanban.documents.formats.brat import span_fault
from vanban.documents.formats.format import Format, Losses, Tagged
from vanban.documents.formats.registry import formats
from vanban.documents.kept import of_line, to_line
from vanban.reading.text import INVISIBLE, LINE_BREAK
from vanban.schema import Entity, Prediction
from vanban.values.form import Written

BOTH: Final = [found for found in formats() if (found.write and found.read) or (found.files and found.read_files)]
SLOW: Final = {"spacy": 10, "cas": 15, "parquet": 25, "datasets": 25, "webanno": 25}  # formats, and how many examples
# losses by which a text, or the text of a span, may come back as another: what shows of it may not
OF_TEXTS: Final = {
    "layouts of texts",
    "characters that XML does not allow",
    "characters of white space before the first word",
}
EMPTY: Final = "empty texts"  # the documents that are left out

# what documents hold, and what goes wrong with it elsewhere: units of offsets, normal forms, line ends, breaks
PIECES: Final = [
    "Hà Nội", unicodedata.normalize("NFD", "Đặng Văn Hưởng"), "46 ca", "17/CT-UBND", "😀", "👩‍👩‍👧", "𠀋", "𡨸喃",
    "a\u0300\u0323", "\u200b", "\ufeff", "\u00ad", "\r\n", "\n", "\n\n", "\t", " ", "  ", "\u00a0", "\u2028", "\x85",
    "\x0b", "<b>&amp;</b>", '"', "\\", "\\n", "#", "|", "[1]", ";", "_", "*", "%", "=1+1", "-DOCSTART-", "O", "ﬁ",
    "Luật số\n35/2013/QH13", "Luật số\r\n35/2013/QH13 và", "năm\n2021", "x" * 70,
]  # fmt: skip
LABELS: Final = [
    "PLACE", "COUNT", "Tên người", "TÊN", "B-X", "O", "A/B", "x:y", "x|y", "[z]", "<i>", "😀", "_", "*", "a\\b", "'q'",
    "a;b", "1", "nơi-chốn.2",
]  # fmt: skip


@st.composite
def tagged_documents(draw: st.DrawFn) -> Tagged:
    """Draw a document with sound spans, in order and without overlap, some of them over soft breaks."""
    text = "".join(
        draw(
            st.lists(
                st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=12
            )
        )
    )
    visible = [i for i, c in enumerate(text) if not c.isspace() and c not in INVISIBLE]
    entities: list[Entity] = []
    at = 0
    while any(i >= at for i in visible) and draw(st.booleans()):
        start = draw(st.sampled_from([i for i in visible if i >= at]))
        end = draw(st.sampled_from([i for i in visible if i >= start][:40])) + 1
        label, score = draw(st.sampled_from(LABELS)), draw(st.sampled_from([1.0, 0.5]))
        value = Written({"number": "46"}) if draw(st.booleans()) else None
        entity = Entity(label, start, end, text[start:end], score, value)  # type: ignore[arg-type]
        if span_fault(entity, text, [label]) is None:
            entities.append(entity)
        at = end
    kind = draw(st.sampled_from([None, "thong_bao"]))
    scores = {"thong_bao": 0.75, "bao_cao": 0.25} if kind else {}
    record: Any = Written({"symbol": "17"}) if draw(st.booleans()) else None
    prediction = Prediction(text, tuple(entities), "m", kind, 0.75 if kind else None, scores, record)
    fields = draw(st.sampled_from([{}, {"source": "báo"}]))
    return Document("a1", text, "in.jsonl:1", "k1", "a1", None, fields), prediction


def there_and_back(form: Format, documents: list[Tagged], losses: Losses) -> list[Tagged | Failure]:
    """Write documents and read them again."""
    if form.write and form.read:
        file = io.BytesIO()
        form.write(iter(documents), file, losses)
        return list(form.read(io.BufferedReader(io.BytesIO(file.getvalue())), "written"))  # type: ignore[arg-type]
    assert form.files and form.read_files
    found: list[Tagged | Failure] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, data in (form.shared() if form.shared else {}).items():
            Path(folder, name).write_bytes(data)
        for number, (document, prediction) in enumerate(documents):
            for suffix, data in form.files(document, prediction, losses).items():
                Path(folder, f"{number}{suffix}").write_bytes(data)
            found.append(form.read_files(Path(folder, f"{number}{form.suffixes[0]}")))
    return found


@dataclass(frozen=True)
class Kept:
    """What a format may lose, and how much of it two documents have in common."""

    name: str
    of: Callable[[Tagged], Any]
    count: Callable[[Tagged], int]


MAY_BE_LOST: Final = (
    Kept("scores", lambda t: [e.score for e in t[1].entities], lambda t: sum(e.score != 1 for e in t[1].entities)),
    Kept(
        "values",
        lambda t: [e.value and e.value.to_dict() for e in t[1].entities],
        lambda t: sum(e.value is not None for e in t[1].entities),
    ),
    Kept("types", lambda t: t[1].doc_type, lambda t: int(t[1].doc_type is not None)),
    Kept("records", lambda t: t[1].record and t[1].record.to_dict(), lambda t: int(t[1].record is not None)),
    Kept("fields", lambda t: {n: v for n, v in t[0].fields.items() if n == "source"}, lambda t: len(t[0].fields)),
)


def spans(tagged: Tagged) -> list[tuple[int, int, str]]:
    return [(e.start, e.end, e.text) for e in tagged[1].entities]


def shown(text: str) -> str:
    """Return the characters of a text that show, and that any file can hold."""
    return "".join(c for c in text if not c.isspace() and c not in INVISIBLE and c not in "\ufffd\ufffe\uffff")


def check(form: Format, documents: list[Tagged]) -> None:
    """Hold what is read again against what was written, and losses against what is missing."""
    losses = Losses()
    back = there_and_back(form, documents, losses)
    assert not [item for item in back if isinstance(item, Failure)], back
    if losses[EMPTY]:
        left = [item for item in documents if item[0].text]
        assert losses[EMPTY] == len(documents) - len(left)
        documents = left
    pairs = list(zip(documents, [item for item in back if not isinstance(item, Failure)], strict=True))
    missing = {kept.name: sum(kept.count(a) for a, b in pairs if kept.of(a) != kept.of(b)) for kept in MAY_BE_LOST}
    uncounted = {name: number for name, number in missing.items() if number and not losses[name]}
    assert uncounted == {}, f"{form.name} loses what it does not count: {losses}"
    for (_, prediction), (document, found) in pairs:
        assert document.text == found.text
        assert all(entity.text == document.text[entity.start : entity.end] for entity in found.entities)
        assert [entity.label for entity in found.entities] == [form_label(form, e.label) for e in prediction.entities]
    if any(losses[name] for name in OF_TEXTS):
        for given_, found_ in pairs:
            assert shown(found_[0].text) == shown(given_[0].text)
            assert [shown(e.text) for e in found_[1].entities] == [shown(e.text) for e in given_[1].entities]
    else:
        assert [(b[0].text, spans(b)) for _, b in pairs] == [(a[0].text, spans(a)) for a, _ in pairs]


def form_label(form: Format, label: str) -> str:
    """Return a label as a format gives it back: brat holds no spaces in labels, and counts them."""
    return label.replace(" ", "_") if form.name == "brat" else label


@pytest.mark.parametrize("form", BOTH, ids=[found.name for found in BOTH])
def test_documents_come_back(form: Format) -> None:
    @settings(
        max_examples=SLOW.get(form.name, 80), deadline=None, derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )  # fmt: skip
    @given(st.lists(tagged_documents(), min_size=1, max_size=3))
    def come_back(documents: list[Tagged]) -> None:
        check(form, [_numbered(item, number) for number, item in enumerate(documents)])

    come_back()


def _numbered(item: Tagged, number: int) -> Tagged:
    document, prediction = item
    name = f"a{number}"
    return Document(name, document.text, f"in.jsonl:{number}", name, name, None, document.fields), prediction


@settings(max_examples=100, deadline=None)
@given(tagged_documents())
def test_a_kept_line_is_the_document(item: Tagged) -> None:
    document, prediction = of_line(to_line(*item).encode("utf-8"))
    assert (document, prediction.text, spans((document, prediction))) == (item[0], item[1].text, spans(item))
    assert (prediction.model, prediction.doc_type, prediction.doc_type_scores) == (
        "m", item[1].doc_type, item[1].doc_type_scores,
    )  # fmt: skip
    assert [e.to_dict() for e in prediction.entities] == [e.to_dict() for e in item[1].entities]
    assert (prediction.record and prediction.record.to_dict()) == (item[1].record and item[1].record.to_dict())
    assert to_line(document, prediction) == to_line(*item)


LINES: Final = [found for found in formats() if found.in_lines]


@pytest.mark.parametrize("form", LINES, ids=[found.name for found in LINES])
def test_what_is_written_in_lines_is_written_one_by_one(form: Format) -> None:
    """`tag` writes such a format to standard output, each document when it is tagged."""
    assert form.write is not None
    documents = [
        (Document(name, text, name, name, name), Prediction(text, found, "m"))
        for name, text, found in (
            ("a", "Ở Huế\u2028có 46 ca.", (Entity("PLACE", 2, 5, "Huế", 0.5),)), ("b", "", ()),
            ("c", "😀 Huế", (Entity("PLACE", 2, 5, "Huế"),)),
        )
    ]  # fmt: skip
    whole, one_by_one = io.BytesIO(), io.BytesIO()
    form.write(iter(documents), whole, Losses())
    for item in documents:
        form.write([item], one_by_one, Losses())
    assert whole.getvalue() == one_by_one.getvalue() != b""
    assert LINE_BREAK.search(whole.getvalue().decode("utf-8"))
