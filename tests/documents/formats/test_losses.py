"""What is lost is counted once, and said in one sentence."""

from __future__ import annotations

from vanban.documents.document import Document
from vanban.documents.formats.format import Losses
from vanban.documents.formats.losses import count_losses, said
from vanban.documents.formats.pieces import flat
from vanban.schema import Entity, Prediction
from vanban.values.form import Written

VALUE = Written({"number": "46"})


def test_what_formats_have_no_place_for() -> None:
    entities = (Entity("COUNT", 0, 5, "46 ca", 0.5, VALUE), Entity("PLACE", 6, 9, "Huế"))  # type: ignore[arg-type]
    losses = Losses()
    prediction = Prediction("46 ca Huế", entities, "m", "tin_bao_chi", 0.9, {"tin_bao_chi": 0.9}, VALUE)  # type: ignore[arg-type]
    document = Document("a", "46 ca Huế", "a", "a", "a", None, {"id": "a", "text": "46 ca Huế", "n": 1, "m": 2})
    count_losses(losses, document, prediction)
    assert losses == {"scores": 1, "values": 1, "types": 1, "records": 1, "fields": 2}
    losses.clear()
    count_losses(losses, document, prediction, kept=("scores", "types"))
    assert losses == {"values": 1, "records": 1, "fields": 2}


def test_annotations_by_hand_lose_nothing() -> None:
    losses = Losses()
    count_losses(losses, Document("a", "Huế", "a", "a", "a"), Prediction("Huế", (Entity("PLACE", 0, 3, "Huế"),), ""))
    assert losses == {}
    assert said(losses, "conll") is None
    assert said(Losses({"scores": 0}), "conll") is None


def test_one_sentence() -> None:
    losses = Losses({"scores": 1200, "types": 1, "layouts of texts": 1, "overlapping entities": 1, "empty texts": 1})
    assert said(losses, "doccano") == (
        "left out, since doccano has no place for it: 1 empty text, 1 layout of texts, 1 overlapping entity, "
        "1,200 scores, 1 type"
    )


def test_of_spans_that_overlap_the_longer_is_kept() -> None:
    text = "Sở Y tế Hà Nội và Huế"
    spans = [(0, 14), (3, 7), (8, 14), (8, 21), (15, 17), (18, 21)]
    entities = [Entity("X", start, end, text[start:end]) for start, end in spans]
    losses = Losses()
    assert [(e.start, e.end) for e in flat(entities, losses)] == [(0, 14), (15, 17), (18, 21)]
    assert losses == {"overlapping entities": 3}
    assert list(flat([], losses)) == []
    assert [(e.start, e.end) for e in flat(entities[1:3], Losses())] == [(3, 7), (8, 14)]
