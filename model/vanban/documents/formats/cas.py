"""UIMA CAS in XMI, which INCEpTION reads as `UIMA CAS XMI (XML 1.0)`: a file a document, and one of their types.

An entity is a NamedEntity with its label as `value`; tokens and sentences are those of DKPro Core. The type of the
document is a `webanno.custom.DocumentType` with its `value`: a document-level layer of INCEpTION. dkpro-cassis counts
in code points, and writes and reads UTF-16 units.
"""

from __future__ import annotations

import re
import warnings
from functools import cache
from pathlib import Path
from typing import Any, Final

from vanban.documents.document import Document, Failure
from vanban.documents.extras import optional
from vanban.documents.formats.annotated import annotated, document_of_file
from vanban.documents.formats.format import Format, Losses, Tagged
from vanban.documents.formats.losses import count_losses
from vanban.documents.formats.sentences import sentence_tokens
from vanban.errors import UserError
from vanban.schema import Prediction, Span

_NEEDS: Final = ("cassis", "cas", "CAS XMI")
TYPES_FILE: Final = "TypeSystem.xml"

_DKPRO: Final = "de.tudarmstadt.ukp.dkpro.core.api"
_ENTITY: Final = f"{_DKPRO}.ner.type.NamedEntity"
_TOKEN: Final = f"{_DKPRO}.segmentation.type.Token"
_SENTENCE: Final = f"{_DKPRO}.segmentation.type.Sentence"
_TYPE: Final = "webanno.custom.DocumentType"
_CUSTOM: Final = "webanno.custom."
_LABELS: Final = ("value", "label")  # the feature of a span that is its label, the first that is there

_SPACES: Final = re.compile(r"[\x0b\x0c\x1c-\x1f]")
_NOT_XML: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML 1.0, production 2


def files(document: Document, prediction: Prediction, losses: Losses) -> dict[str, bytes]:
    """Return the `.xmi` of one document.

    Not in it are scores, values and characters that XML 1.0 has none of (controls): a space or U+FFFD stands in their
    place, so that every offset stays.
    """
    cassis = _cassis()
    count_losses(losses, document, prediction, kept=["types"])
    text, changed = _NOT_XML.subn(lambda match: " " if _SPACES.match(match[0]) else "\ufffd", document.text)
    if changed:
        losses["characters that XML does not allow"] += changed
    types = _types()
    cas = cassis.Cas(typesystem=types)
    cas.sofa_string = text
    cas.sofa_mime = "text/plain"
    cas.document_language = "vi"  # makes the annotation of the document, of no length
    for whole in cas.select("uima.tcas.DocumentAnnotation"):
        whole.end = len(text)
    token_type, sentence_type, entity_type = (types.get_type(name) for name in (_TOKEN, _SENTENCE, _ENTITY))
    for tokens in sentence_tokens(document.text, prediction.entities):
        cas.add(sentence_type(begin=tokens[0][0], end=tokens[-1][1]))
        cas.add_all([token_type(begin=start, end=end) for start, end in tokens])
    cas.add_all([entity_type(begin=e.start, end=e.end, value=_in_xml(e.label)) for e in prediction.entities])
    if prediction.doc_type is not None:
        cas.add(types.get_type(_TYPE)(value=_in_xml(prediction.doc_type)))
    return {".xmi": cas.to_xmi().encode("utf-8")}


def shared() -> dict[str, bytes]:
    """Return the file of the types, which other tools than INCEpTION need beside the documents."""
    _cassis()
    return {TYPES_FILE: _types().to_xml().encode("utf-8")}


def read_files(path: Path, losses: Losses) -> Tagged | Failure:
    """Return the document of a file with its spans of NamedEntity, or of the one layer of spans of the project's own.

    The types are those of the TypeSystem.xml beside it; where there is none, those that `shared` gives.
    """
    cassis = _cassis()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # types that are of no use here; offsets are checked below
            types_file = path.parent / TYPES_FILE
            types = cassis.load_typesystem(types_file) if types_file.is_file() else _types()
            with open(path, "rb") as file:
                cas = cassis.load_cas_from_xmi(file, typesystem=types, lenient=True)
        text = cas.sofa_string
        if text is None:
            raise ValueError("no text")
        return document_of_file(path, text), annotated(text, _spans(cas), losses, _document_type(cas))
    except OSError as error:
        return Failure(str(path), error.strerror or str(error))
    except UserError as error:
        return Failure(str(path), str(error))
    except Exception as error:  # whatever a foreign file makes lxml or cassis stumble over
        reason = str(error).partition("\n")[0]
        return Failure(str(path), f"found no UIMA CAS in XMI ({reason:.120}); export it as UIMA CAS XMI (XML 1.0)")


def _spans(cas: Any) -> list[tuple[str, Span]]:
    annotations = _of_type(cas, _ENTITY)
    if not annotations:
        found = {annotation.type.name for annotation in cas.select_all_annotations()}
        own = sorted(name for name in found if name.startswith(_CUSTOM))
        if len(own) > 1:
            raise UserError(f"found the layers {', '.join(own)}; expected NamedEntity or one layer of spans")
        annotations = _of_type(cas, own[0]) if own else []
    return [(_label(fs), (fs.begin, fs.end)) for fs in annotations]


def _label(annotation: Any) -> str:
    features = [feature.name for feature in annotation.type.features]
    name = next((known for known in _LABELS if known in features), next(iter(features), None))
    label = annotation.get(name) if name else None
    if not label or not isinstance(label, str):
        where = f"at {annotation.begin} {annotation.end} {annotation.get_covered_text()!r:.60}"
        raise UserError(f"found a span without a label {where}; expected one: give it a value")
    return label


def _document_type(cas: Any) -> str | None:
    found = [fs.value for fs in _of_type(cas, _TYPE) if fs.value]
    if len(found) > 1:
        raise UserError(f"found the types {', '.join(found)}; expected one for a document")
    return found[0] if found else None


def _of_type(cas: Any, name: str) -> list[Any]:
    return list(cas.select(name)) if cas.typesystem.contains_type(name) else []


def _in_xml(label: str) -> str:
    return _NOT_XML.sub("\ufffd", label)


def _cassis() -> Any:
    return optional(*_NEEDS)


@cache
def _types() -> Any:
    """Return the types of what `files` writes, with the features of DKPro Core that it gives a value."""
    types = _cassis().TypeSystem()
    for name, feature in ((_SENTENCE, None), (_TOKEN, None), (_ENTITY, "value"), (_TYPE, "value")):
        kind = types.create_type(name, "uima.cas.AnnotationBase" if name == _TYPE else "uima.tcas.Annotation")
        if feature:
            types.create_feature(kind, feature, "uima.cas.String")
    return types


FORMAT: Final = Format(
    name="cas",
    summary="UIMA CAS XMI of INCEpTION, a file a document",
    suffixes=(".xmi",),
    files=files,
    read_files=read_files,
    shared=shared,
    needs=_NEEDS,
)
