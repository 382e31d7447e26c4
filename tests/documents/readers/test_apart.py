"""A process that reads: it is used again, ended when a file takes too long, and has so much memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from typing import Final

import psutil
import pytest

from made_pdf import pdf_of
from project import ROOT
from vanban.documents.readers import apart, html, pdf, rtf
from vanban.documents.readers.apart import Apart, taken_apart, taken_here
from vanban.documents.readers.reader import Encoding, Reader, Taken
from vanban.errors import UserError

RTF: Final = b"{\\rtf1 H\\u224? N\\u7897?i}"


@pytest.fixture
def process() -> Iterator[Apart]:
    """A process of its own, with little time and memory."""
    one = Apart(seconds=2, memory=600 << 20)
    yield one
    one.close()


def with_stream(packed: bytes) -> bytes:
    """Return a PDF of one page with a packed stream."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << >> >>"
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page, stream]
    data = b"%PDF-1.4\n" + b"".join(b"%d 0 obj\n%s\nendobj\n" % item for item in enumerate(objects, 1))
    return data + b"trailer\n<< /Size 5 /Root 1 0 R >>\n%%EOF\n"


def test_one_process_reads_file_after_file(process: Apart) -> None:
    assert process.read(rtf.READER, RTF) == Taken(["Hà Nội"])
    first = process._process
    assert first is not None and first.pid != os.getpid()
    with pytest.raises(UserError, match=r"cut off"):
        process.read(rtf.READER, RTF[:-1])
    assert process.read(html.READER, b"<p>H\xf4\xf2i", "windows-1258") == Taken(["Hô\u0323i"], encoding="windows-1258")
    assert process._process is first


def test_a_file_that_takes_too_long_is_given_up(process: Apart) -> None:
    slow = with_stream(zlib.compress(b"BT /F1 9 Tf (abc) Tj ET " * 3_000_000))
    started = time.monotonic()
    with pytest.raises(UserError, match=r"^a PDF file that takes more than 2 seconds to read; open it in its program"):
        process.read(pdf.READER, slow)
    assert time.monotonic() - started < 10
    assert process.read(rtf.READER, RTF).pages == ["Hà Nội"]  # by another process


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bound on Linux")
def test_a_file_that_fills_memory_is_given_up() -> None:
    process = Apart(seconds=60, memory=300 << 20)
    with pytest.raises(
        UserError, match=r"^an RTF file that takes more than 300 MiB of memory to read; it is no document"
    ):
        process.read(rtf.READER, b"{\\rtf1 " + b"a" * (100 << 20))
    assert process.read(rtf.READER, RTF).pages == ["Hà Nội"]
    process.close()


def test_a_stream_that_unpacks_to_very_much_is_given_up(process: Apart) -> None:
    packer = zlib.compressobj(1)
    block = bytes(1 << 20)
    packed = b"".join(packer.compress(block) for _ in range(400)) + packer.flush()
    assert len(packed) < 4 << 20
    with pytest.raises(UserError, match=r"^a PDF file that takes more than "):  # seconds or memory
        process.read(pdf.READER, with_stream(packed))
    assert process.read(rtf.READER, RTF).pages == ["Hà Nội"]


def test_a_process_that_dies_is_one_failure(process: Apart) -> None:
    process.read(rtf.READER, RTF)
    assert process._process is not None
    os.kill(process._process.pid, signal.SIGKILL)
    process._process.wait()
    assert process.read(rtf.READER, RTF).pages == ["Hà Nội"]  # it died between two files


def test_threads_take_turns(process: Apart) -> None:
    found: list[str] = []

    def read(number: int) -> None:
        found.extend(process.read(rtf.READER, b"{\\rtf1 %d}" % number).pages)

    threads = [threading.Thread(target=read, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [str(i) for i in range(8)]


def test_the_process_ends_with_who_asked() -> None:
    code = (
        "import sys; from vanban.documents.readers import apart, rtf\n"
        f"apart.taken_apart(rtf.READER, {RTF!r})\n"
        "print(apart._SHARED._process.pid, flush=True)\nimport os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT / "model")},
        capture_output=True,
        text=True,
    )
    pid = int(run.stdout)
    for _ in range(200):
        try:
            os.kill(pid, 0)
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:  # nobody is left to ask for its end
                return
        except (ProcessLookupError, psutil.NoSuchProcess):
            return
        time.sleep(0.05)
    pytest.fail("it still runs")


def test_the_shared_process_reads_pdf() -> None:
    assert taken_apart(pdf.READER, pdf_of(["Hà Nội"])) == Taken(["Hà Nội"], has_pages=True)


def test_here_errors_become_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    def reader_that(error: Exception | None) -> Reader:
        def read(data: bytes, encoding: Encoding | None) -> Taken:
            if error:
                raise error
            return Taken(["ab", "c"])

        return Reader("odd", "an odd file", (".odd",), read)

    for error, message in (
        (
            ValueError("no\nsuch"),
            "can't be read as an odd file: ValueError: no; it is cut off or damaged, copy it again",
        ),
        (KeyError(), "can't be read as an odd file: KeyError; it is cut off or damaged, copy it again"),
        (RecursionError(), "an odd file that nests too deep; it is no document"),
        (UserError("found it"), "found it"),
    ):
        with pytest.raises(UserError) as raised:
            taken_here(reader_that(error), b"")
        assert str(raised.value) == message
    monkeypatch.setattr(apart, "LONGEST", 2)
    with pytest.raises(UserError, match=r"^an odd file with a text of 3 characters, expected at most 2; split it$"):
        taken_here(reader_that(None), b"")
