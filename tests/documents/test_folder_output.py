"""Folders with files for each document, of any format that writes them."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from vanban.documents.document import Document, Failure
from vanban.documents.folder_output import FolderOutput, open_folder
from vanban.documents.formats.brat import FORMAT as BRAT
from vanban.documents.formats.format import Format, Losses, Tagged
from vanban.errors import UserError
from vanban.schema import Entity, Prediction

pytestmark = pytest.mark.usefixtures("working_folder")

Read = Callable[[Path], Tagged | Failure]


def document(name: str, text: str) -> Document:
    return Document(name, text, f"{name}.txt", name, name)


def prediction(text: str) -> Prediction:
    return Prediction(text, (Entity("COUNT", 0, len(text), text, 0.5),) if text else (), "m")


def upper(document: Document, prediction: Prediction, losses: Losses) -> dict[str, bytes]:
    losses["scores"] += len(prediction.entities)
    return {".up": document.text.upper().encode()}


def read_upper(path: Path, losses: Losses) -> Tagged | Failure:
    text = path.read_text().lower()
    return Failure(str(path), "odd") if text == "odd" else (document(path.stem, text), prediction(text))


ALONE = Format("alone", "one file a document", (".up",), files=upper, read_files=read_upper)
SHARED = Format("shared", "with a file for all", (".up",), files=upper, shared=lambda: {"types.xml": b"<types/>"})


def written(form: Format, folder: str, texts: dict[str, str], **flags: bool) -> tuple[list[str], Losses]:
    """Write the texts that are not there; return the names of those that were written, and the losses."""
    losses = Losses()
    output = FolderOutput(form, Path(folder), [], flags.get("resume", False), flags.get("overwrite", False), losses)
    output.start({"model": "m"})
    names = [name for name, text in texts.items() if not output.has(document(name, text))]
    for name in names:
        output.write(document(name, texts[name]), prediction(texts[name]))
    output.finish()
    output.close()
    return names, losses


def contents(folder: str) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(Path(folder).rglob("*.*"))}


def test_files_are_written_and_what_is_lost_is_counted() -> None:
    names, losses = written(SHARED, "out", {"a": "huế", "b/c": ""})
    assert (names, losses) == (["a", "b/c"], Losses({"scores": 1}))
    assert contents("out") == {"a.up": "HUẾ".encode(), "b/c.up": b"", "types.xml": b"<types/>"}


@pytest.mark.parametrize("form", [ALONE, BRAT])
def test_what_is_done_is_not_done_again(form: Format) -> None:
    texts = {"a": "huế", "b": ""}
    written(form, "out", texts)
    before = contents("out")
    with pytest.raises(UserError, match=rf"out: holds {form.suffixes[0]} files already: go on with --resume"):
        written(form, "out", texts)
    assert written(form, "out", texts | {"c": "x"}, resume=True)[0] == ["c"]
    assert {name: data for name, data in contents("out").items() if not name.startswith("c")} == before
    assert written(form, "out", texts, overwrite=True)[0] == ["a", "b"]


def started(resume: bool = False, overwrite: bool = False) -> FolderOutput:
    output = FolderOutput(BRAT, Path("out"), [], resume, overwrite)
    output.start({"model": "n"})
    return output


def test_what_was_there_before_is_not_done_for_a_run_that_overwrites() -> None:
    """It is killed twice. What it wrote stays, and what was mended by hand since."""
    written(BRAT, "out", {name: "2 ca" for name in "abcde"} | {"f": "1 ca"})
    found_nothing = Prediction("2 ca", (), "n")

    output = started(overwrite=True)
    output.write(document("a", "2 ca"), found_nothing)
    output.close()  # as a process that is killed
    Path("out/b.ann").write_text("T1\tCOUNT 0 1\t2\n")
    output = started(resume=True)
    assert [output.has(document(name, "2 ca")) for name in "abcdef"] == [True, True, False, False, False, False]
    output.write(document("c", "2 ca"), found_nothing)
    output.close()
    output = started(resume=True)
    assert [output.has(document(name, "2 ca")) for name in "abcdef"] == [True, True, True, False, False, False]
    for name in "def":  # the text of the last is another one than before
        output.write(document(name, "2 ca"), found_nothing)
    output.finish()
    output.close()
    standoff = {path.stem: path.read_text() for path in Path("out").glob("*.ann")}
    assert standoff == {name: "" for name in "acdef"} | {"b": "T1\tCOUNT 0 1\t2\n"}
    assert Path("out/f.txt").read_text() == "2 ca"
    assert not [*Path("out").glob(".*")]


def test_a_run_that_overwrites_and_could_not_write_all_does_not_take_the_rest_for_done() -> None:
    written(BRAT, "out", {"a": "2 ca", "b": "2 ca"})
    output = started(overwrite=True)
    output.write(document("a", "2 ca"), Prediction("2 ca", (), "n"))
    output.finish(failed=1)
    output.close()
    output = started(resume=True)
    assert [output.has(document(name, "2 ca")) for name in "ab"] == [True, False]


@pytest.mark.parametrize("noted", [b"", b"\0\0\0", b"5", b"[5]"])
def test_what_the_run_noted_and_is_unreadable_is_told(noted: bytes) -> None:
    started().close()
    Path("out/.vanban-run.json").write_bytes(noted)
    with pytest.raises(
        UserError, match=r"\.vanban-run\.json: does not say what the run was; start again with --overwr"
    ):
        started(resume=True)
    started(overwrite=True).close()


def test_a_folder_is_written_by_one_run_at_a_time() -> None:
    first = FolderOutput(BRAT, Path("out"), [], False, False)
    for resume, overwrite in ((False, False), (True, False), (False, True)):
        with pytest.raises(UserError, match="another run writes out now; wait for it, or give -o another name"):
            FolderOutput(BRAT, Path("out"), [], resume, overwrite)
    first.start({})
    first.finish()
    first.close()
    assert contents("out") == {}
    assert written(BRAT, "out", {"a": "x"})[0] == ["a"]


def test_what_a_run_that_was_killed_left_is_taken_away() -> None:
    written(BRAT, "out", {"a": "x", "b/c": "x"})
    before = contents("out")
    for left in (".vanban-7.tmp", "b/.vanban-12345.tmp", ".vanban-run.lock"):
        (Path("out") / left).write_bytes(b"x")
    assert written(BRAT, "out", {"a": "x"}, resume=True)[0] == []
    assert contents("out") == before


def test_another_text_is_not_replaced_unasked() -> None:
    written(ALONE, "out", {"a": "huế"})
    with pytest.raises(UserError, match=r"out/a\.up is there and holds another text; give -o another folder"):
        written(ALONE, "out", {"a": "hà nội"}, resume=True)
    (Path("out") / "a.up").write_text("ODD")  # can't be read
    with pytest.raises(UserError, match="holds another text"):
        written(ALONE, "out", {"a": "huế"}, resume=True)
    written(ALONE, "out", {"a": "hà nội"}, overwrite=True)
    assert contents("out") == {"a.up": "HÀ NỘI".encode()}


def test_a_pair_whose_standoff_has_a_fault_is_done_all_the_same() -> None:
    written(BRAT, "out", {"a": "huế"})
    (Path("out") / "a.ann").write_text("T1\tPLACE 7 9\tmended\n")
    assert written(BRAT, "out", {"a": "huế"}, resume=True)[0] == []


@pytest.mark.parametrize("name", ["../a", "/a", "b/../../a", ""])
def test_a_name_that_leads_out_of_the_folder_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="expected one below the folder"):
        written(ALONE, "in/out", {name: "x"})
    assert contents("in") in ({}, {"out/.vanban-run.json": b'{"model": "m"}'})


def test_a_disk_that_is_full_ends_the_run_and_a_name_that_is_too_long_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    output = started()
    for name, odd in ("n" * 300, "name too long"), ("n\ud800", "half a surrogate pair"):
        with pytest.raises(UserError, match=f"can't be written: .*{odd}"):
            output.write(document(name, "x"), prediction("x"))

    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            output.write(document("b", "x"), prediction("x"))
    output.write(document("b", "x"), prediction("x"))
    assert (output.done, [*contents("out")]) == (1, [".vanban-run.json", ".vanban-run.lock", "b.ann", "b.txt"])


def test_losses_of_a_document_that_fails_are_none() -> None:
    losses = Losses()
    output = FolderOutput(ALONE, Path("out"), [], False, False, losses)
    for _ in range(2):
        try:
            output.write(document("a", "x"), prediction("x"))
        except UserError as error:
            assert "out/a.up was written for a.txt already" in str(error)
    assert (output.done, losses["scores"]) == (1, 1)


def test_a_format_may_write_its_folder_itself() -> None:
    given = []

    def own(*arguments: object) -> FolderOutput:
        given.append(arguments)
        return FolderOutput(BRAT, Path("out"), [], False, False)

    form = Format("own", "its own folder", folder=own)
    losses = Losses()
    assert isinstance(open_folder(form, Path("out"), [], True, False, losses), FolderOutput)
    assert given == [(Path("out"), [], True, False, losses)]
