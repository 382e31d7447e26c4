"""A format that is written when all documents are there: from the partial file, whole or in shards, packed or not."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import pytest

from vanban.documents.destination import open_output
from vanban.documents.document import Document
from vanban.documents.file_output import FileOutput
from vanban.documents.format_form import FormatForm
from vanban.documents.formats.format import Format, Losses, Tagged
from vanban.documents.kept import to_line
from vanban.errors import UserError
from vanban.schema import Entity, Prediction

pytestmark = pytest.mark.usefixtures("working_folder")


def write_list(documents: Iterable[Tagged], file: BinaryIO, losses: Losses) -> None:
    """Write an array, as Label Studio has it: not one document after the other."""
    rows = []
    for document, prediction in documents:
        rows.append([document.id, document.text, [entity.to_dict() for entity in prediction.entities], document.fields])
        losses["models"] += 1
    file.write(json.dumps(rows).encode())


LIST = Format("list", "an array", (".json",), write=write_list)


def document(number: int) -> Document:
    return Document(number, f"{number} ca", f"in:{number}", f"in:{number}", f"in/{number}", fields={"n": number})


def prediction(number: int) -> Prediction:
    return Prediction(f"{number} ca", (Entity("COUNT", 0, 1, str(number), 0.5),), "m")


def run(name: str, losses: Losses, documents: range, resume: bool = False, shards: int = 0, failed: int = 0) -> None:
    form = FormatForm(LIST, Path(name), losses)
    output = FileOutput(Path(name), to_line, resume, False, form, shards)
    output.start({"model": "m"})
    for number in documents:
        if not output.has(document(number)):
            output.write(document(number), prediction(number))
    output.finish(failed)


ROWS = [
    [n, f"{n} ca", [{"label": "COUNT", "start": 0, "end": 1, "text": str(n), "score": 0.5}], {"n": n}] for n in range(5)
]


def test_all_documents_are_written_at_the_end() -> None:
    losses = Losses()
    run("out.json", losses, range(5))
    assert json.loads(Path("out.json").read_bytes()) == ROWS
    assert losses == {"models": 5}
    assert [path.name for path in Path().iterdir()] == ["out.json"]


def test_packed_and_in_shards() -> None:
    run("out.json.gz", Losses(), range(5))
    assert json.loads(gzip.decompress(Path("out.json.gz").read_bytes())) == ROWS
    losses = Losses()
    run("many.json", losses, range(5), shards=2)
    parts = [json.loads(path.read_bytes()) for path in sorted(Path().glob("many-*.json"))]
    assert parts == [ROWS[:2], ROWS[2:]]
    assert losses == {"models": 5}


def test_a_run_is_resumed() -> None:
    run("out.json", Losses(), range(3), failed=2)
    losses = Losses()
    run("out.json", losses, range(5), resume=True)
    assert json.loads(Path("out.json").read_bytes()) == ROWS
    assert losses == {"models": 5}  # of all that is in the file


def test_formats_of_files_are_none() -> None:
    with pytest.raises(UserError, match="--format files writes files for each document: name a folder with -o"):
        FormatForm(Format("files", "files", (".x",)), Path("out"), Losses())


def test_csv_of_tag() -> None:
    losses = Losses()
    output = open_output([], Path("out.csv"), "csv", False, False, ("ner",), 0, losses)
    output.start({})
    for number in range(2):
        output.write(document(number), prediction(number))
    output.finish()
    assert Path("out.csv").read_bytes() == (
        b"\xef\xbb\xbfdocument,label,start,end,text,score\n0,COUNT,0,1,0,0.5\n1,COUNT,0,1,1,0.5\n"
    )
    assert losses == {"texts": 2, "fields": 2}
    with pytest.raises(UserError, match=r"--format csv is written when all documents are there: name a file with -o"):
        open_output([], None, "csv", False, False, ("ner",))
