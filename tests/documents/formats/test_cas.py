from __future__ import annotations

import unicodedata
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import replace
from pathlib import Path

import cassis
import pytest
from hypothesis import given

from any_tagged import entity, positions, tagged, texts_with_spans
from vanban.documents.document import Failure
from vanban.documents.formats.cas import FORMAT, TYPES_FILE, files, read_files
from vanban.documents.formats.format import Tagged
from vanban.schema import Entity, Prediction

TEXT = "Tại Hà Nội 😀 có 24.973 ca.\r\nTỉnh Quảng\nNam, \tÔng Anh. " + unicodedata.normalize("NFD", "Đắk Lắk\u200b.\n")
ENTITIES = (
    entity(TEXT, "Hà Nội"), entity(TEXT, "24.973 ca", "COUNT"), entity(TEXT, "Quảng\nNam"), entity(TEXT, "An", "A_b"),
)  # fmt: skip
NAMED_ENTITY = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"


def write(pair: Tagged, folder: Path) -> tuple[Path, Counter[str]]:
    losses: Counter[str] = Counter()
    path = folder / "a.xmi"
    path.write_bytes(files(*pair, losses)[".xmi"])
    return path, losses


def back(path: Path) -> Prediction:
    read = read_files(path)
    assert not isinstance(read, Failure), read
    assert read[0].text == read[1].text
    return read[1]


def test_cassis_reads_what_is_written(tmp_path: Path) -> None:
    path, losses = write(tagged(TEXT, *ENTITIES, doc_type="cong_van"), tmp_path)
    assert FORMAT.shared is not None
    for name, content in FORMAT.shared().items():
        (tmp_path / name).write_bytes(content)
    with open(tmp_path / TYPES_FILE, "rb") as file:
        types = cassis.load_typesystem(file)
    with open(path, "rb") as file:
        cas = cassis.load_cas_from_xmi(file, typesystem=types)
    assert cas.sofa_string == TEXT
    assert [(e.value, e.get_covered_text()) for e in cas.select(NAMED_ENTITY)] == [(e.label, e.text) for e in ENTITIES]
    assert [(d.begin, d.end, d.language) for d in cas.select("uima.tcas.DocumentAnnotation")] == [(0, len(TEXT), "vi")]
    segmentation = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type"
    sentences = [s.get_covered_text() for s in cas.select(f"{segmentation}.Sentence")]
    assert sentences[:2] == ["Tại Hà Nội 😀 có 24.973 ca.", "Tỉnh Quảng\nNam, \tÔng Anh."]
    assert [t.get_covered_text() for t in cas.select(f"{segmentation}.Token")][3:6] == ["😀", "có", "24.973"]
    assert [t.value for t in cas.select("webanno.custom.DocumentType")] == ["cong_van"]
    assert losses == Counter()
    assert back(path) == Prediction(TEXT, ENTITIES, "", "cong_van")


def test_offsets_are_units_of_utf_16_in_the_file(tmp_path: Path) -> None:
    path, _ = write(tagged(TEXT, *ENTITIES), tmp_path)
    spans = [
        e.attrib
        for e in ElementTree.parse(path).iter("{http:///de/tudarmstadt/ukp/dkpro/core/api/ner/type.ecore}NamedEntity")
    ]
    assert [(int(s["begin"]), int(s["end"])) for s in spans][:2] == [(4, 10), (17, 26)]
    units = TEXT.encode("utf-16-le")
    for span, one in zip(spans, ENTITIES, strict=True):
        assert units[2 * int(span["begin"]) : 2 * int(span["end"])].decode("utf-16-le") == one.text


def test_dkpros_own_types_read_it(tmp_path: Path) -> None:
    path, _ = write(tagged(TEXT, *ENTITIES), tmp_path)
    types = cassis.load_dkpro_core_typesystem()
    with open(path, "rb") as file:
        cas = cassis.load_cas_from_xmi(file, typesystem=types, lenient=True)
    assert [e.get_covered_text() for e in cas.select(NAMED_ENTITY)] == [e.text for e in ENTITIES]


@given(texts_with_spans(visible_edges=False, flat=False))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, pair: Tagged) -> None:
    path, losses = write(pair, tmp_path_factory.getbasetemp())
    read = back(path)
    assert len(read.text) == len(pair[0].text)
    assert (read.text == pair[0].text) == (not losses)
    assert positions(read) == positions(pair[1])


def test_what_has_no_place_is_counted(tmp_path: Path) -> None:
    text = "Trang\x0c2: Hà\x00Nội\ufffe"
    document, prediction = tagged(text, Entity("PLACE", 9, 15, text[9:15], 0.5), n=1)
    path, losses = write((document, replace(prediction, doc_type_scores={"bao_cao": 0.4})), tmp_path)
    assert losses == {"scores": 1, "fields": 1, "characters that XML does not allow": 3}
    assert back(path) == Prediction("Trang 2: Hà\ufffdNội\ufffd", (Entity("PLACE", 9, 15, "Hà\ufffdNội"),), "")
    assert back(write(tagged(""), tmp_path)[0]) == Prediction("", (), "")


def made_elsewhere(path: Path, *layers: str, labels: tuple[str | None, ...] = ("PER",)) -> None:
    """Write what a project of INCEpTION exports, with layers of its own over `Lê 😀 Thu`."""
    types = cassis.load_dkpro_core_typesystem()
    cas = cassis.Cas(typesystem=types)
    cas.sofa_string = "Lê 😀 Thu"
    cas.sofa_mime = "text"
    for layer in layers:
        if not types.contains_type(layer):
            types.create_feature(types.create_type(layer), "kind", "uima.cas.String")
        for label in labels:
            annotation = types.get_type(layer)(begin=5, end=8)
            annotation.set("value" if layer == NAMED_ENTITY else "kind", label)
            cas.add(annotation)
    path.write_text(cas.to_xmi(), encoding="utf-8")
    (path.parent / TYPES_FILE).write_text(types.to_xml(), encoding="utf-8")


def test_others_files(tmp_path: Path) -> None:
    path = tmp_path / "b.xmi"
    for layers in ((NAMED_ENTITY,), ("webanno.custom.Span",), (NAMED_ENTITY, "webanno.custom.Span")):
        made_elsewhere(path, *layers)
        assert back(path).entities == (Entity("PER", 5, 8, "Thu"),)
    made_elsewhere(path, NAMED_ENTITY, labels=("A", "B"))
    assert back(path).entities == (Entity("A", 5, 8, "Thu"), Entity("B", 5, 8, "Thu"))
    reasons = []
    for layers, labels in (
        (("webanno.custom.A", "webanno.custom.B"), ("PER",)),
        ((NAMED_ENTITY,), (None,)),
    ):
        made_elsewhere(path, *layers, labels=labels)
        failure = read_files(path)
        assert isinstance(failure, Failure)
        reasons.append(failure.reason)
    assert reasons == [
        "found the layers webanno.custom.A, webanno.custom.B; expected NamedEntity or one layer of spans",
        "found a span without a label at 5 8 'Thu'; expected one: give it a value",
    ]


@pytest.mark.parametrize("content", [b"", b"<a", b"<html/>", b"Xin ch\xc3\xa0o"])
def test_other_files_are_failures(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.xmi"
    path.write_bytes(content)
    failure = read_files(path)
    assert isinstance(failure, Failure)
    assert failure.where == str(path)
    assert "export it as UIMA CAS XMI (XML 1.0)" in failure.reason
    assert "No such file" in getattr(read_files(tmp_path / "none.xmi"), "reason", "")
