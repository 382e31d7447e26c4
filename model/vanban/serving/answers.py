"""Answers in JSON: of what was read, and of what was refused."""

from __future__ import annotations

import json
from typing import Any, Final

from starlette.responses import Response

from vanban.documents.document import Document
from vanban.documents.formats.jsonl import to_record
from vanban.schema import Prediction
from vanban.serving.limits import Refusal

JSON: Final = "application/json"


def json_answer(refusal: Refusal) -> Response:
    """Return the answer to a request that was refused."""
    body = json.dumps({"error": refusal.message}, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return Response(body, refusal.status, dict(refusal.headers), JSON)


def in_json(value: Any) -> bytes:
    """Return a value as JSON in UTF-8; raise Refusal for a number or nesting that JSON has no place for.

    Such come with the fields of records, which pass through; half a surrogate pair in these is escaped.
    """
    try:
        try:
            return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
        except UnicodeEncodeError:
            return json.dumps(value, allow_nan=False).encode("ascii")
    except ValueError:
        raise Refusal(422, "a field of a record holds a number beyond those of JSON: leave it out") from None
    except RecursionError:
        raise Refusal(422, "a field of a record is nested too deep: leave it out") from None


def prediction_to_dict(prediction: Prediction) -> dict[str, Any]:
    """Return a prediction without its text, which who asked has."""
    found = prediction.to_dict()
    del found["text"]
    return found


def document_to_dict(document: Document, prediction: Prediction) -> dict[str, Any]:
    """Return the record that `tag` writes, with the text, into which its offsets are."""
    record = to_record(document, prediction)
    record.pop("path", None)
    return {"id": record.pop("id"), "text": document.text} | {k: v for k, v in record.items() if k != "text"}
