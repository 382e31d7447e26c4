"""All is written, or it is said how far it came: streams that take a part, a disk that is full, a pipe without room."""

from __future__ import annotations

import errno
import io
import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from vanban.documents.document import Document
from vanban.documents.file_output import FileOutput
from vanban.documents.folder_output import FolderOutput
from vanban.documents.formats.brat import FORMAT as BRAT
from vanban.documents.formats.conll import to_conll
from vanban.documents.formats.jsonl import to_jsonl
from vanban.documents.formats.pretty import to_pretty
from vanban.documents.output import Output, StreamOutput, write_all
from vanban.errors import UserError
from vanban.schema import Prediction

TEXT = "Chủ tịch xã Mỹ Hà nói. " * 40
DATA = bytes(range(256)) * 40


def document(number: int) -> Document:
    return Document(f"{number}.txt", TEXT, f"{number}.txt", str(number), str(number), f"{number}.txt")


def prediction() -> Prediction:
    return Prediction(TEXT, (), "m")


class Grudging(io.RawIOBase):
    """Takes seven bytes at a time, and every third time none; is full after `room` bytes."""

    def __init__(self, room: int = 1 << 30) -> None:
        self.taken = bytearray()
        self.room = room
        self.asked = 0
        self._end, self._other_end = os.pipe()  # what can be waited for

    def fileno(self) -> int:
        return self._other_end

    def write(self, data: Any) -> int | None:
        self.asked += 1
        if self.asked % 3 == 0:
            return None
        if len(self.taken) >= self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        part = bytes(data[: min(7, self.room - len(self.taken))])
        self.taken += part
        return len(part)

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            os.close(self._end)
            os.close(self._other_end)
        super().close()


def test_a_stream_that_takes_a_part_is_given_the_rest() -> None:
    with Grudging() as raw:
        write_all(raw, DATA)  # type: ignore[arg-type]
        assert raw.taken == DATA
        write_all(raw, b"")  # type: ignore[arg-type]
        assert raw.taken == DATA


@pytest.mark.parametrize("render", [to_jsonl, to_conll, to_pretty])
def test_every_format_reaches_a_raw_stream_whole(render: Callable[..., str]) -> None:
    whole = "".join(render(document(n), prediction()) for n in range(3)).encode("utf-8")
    with Grudging() as raw:
        output = StreamOutput(raw, render)  # type: ignore[arg-type]
        for number in range(3):
            output.write(document(number), prediction())
        assert (raw.taken, output.done) == (whole, 3)


def test_a_full_stream_says_how_far_it_came() -> None:
    size = len(to_conll(document(0), prediction()).encode("utf-8"))
    with Grudging(room=2 * size + 100) as raw:
        output = StreamOutput(raw, to_conll)  # type: ignore[arg-type]
        with pytest.raises(OSError, match="No space left"):
            for number in range(5):
                output.write(document(number), prediction())
        assert (output.done, len(raw.taken)) == (2, 2 * size + 100)


def test_a_pipe_that_does_not_block_is_waited_for() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    data = DATA * 40  # more than a pipe holds
    read = bytearray()

    def slowly() -> None:
        while part := os.read(reader, 50_000):
            read.extend(part)
            time.sleep(0.01)

    thread = threading.Thread(target=slowly)
    thread.start()
    for buffering in (0, -1):  # as standard output is under PYTHONUNBUFFERED=1, and without
        with open(os.dup(writer), "wb", buffering=buffering) as stream:
            write_all(stream, data)
    os.close(writer)
    thread.join()
    os.close(reader)
    assert read == data * 2


@contextmanager
def disk_of(size: int) -> Iterator[None]:
    """Let no file grow beyond `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def written_until_full(output: Output) -> int:
    """Write until the disk is full, and return how many documents were written."""
    output.start({})
    with disk_of(5_000), pytest.raises((OSError, UserError), match="File too large"):
        for number in range(100):
            output.write(document(number), prediction())
    return output.done


@pytest.mark.parametrize("buffering", [0, -1])
def test_a_full_disk_ends_a_stream(tmp_path: Path, buffering: int) -> None:
    path = tmp_path / "out"
    with open(path, "wb", buffering=buffering) as stream:
        done = written_until_full(StreamOutput(stream, to_conll))
    data = path.read_bytes()
    assert (len(data), done) == (5_000, data.count(b"-DOCSTART-") - 1)


def test_a_full_disk_ends_a_file_that_is_resumed(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    done = written_until_full(FileOutput(path, to_jsonl, resume=False, overwrite=False))
    again = FileOutput(path, to_jsonl, resume=True, overwrite=False)
    assert 0 < again.done == done < 100
    again.start({})
    for number in range(100):
        if not again.has(document(number)):
            again.write(document(number), prediction())
    again.finish()
    assert path.read_text(encoding="utf-8") == "".join(to_jsonl(document(n), prediction()) for n in range(100))


def test_a_full_disk_leaves_no_half_pair(tmp_path: Path) -> None:
    output = FolderOutput(BRAT, tmp_path, [], resume=False, overwrite=False)
    with disk_of(100), pytest.raises(UserError, match=r"0\.ann: can't be written: File too large"):
        output.write(document(0), prediction())
    output.close()
    assert (list(tmp_path.iterdir()), output.done) == ([], 0)
