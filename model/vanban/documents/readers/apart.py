"""Readers run in a process of their own, which is ended when a file takes too long, and has so much memory.

A file may be made to hold a reader for ever, or to fill all memory; in a thread nothing could stop it. The process is
started with the first file, and reads all that follow.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import struct
import subprocess
import sys
import threading
from typing import Any, BinaryIO, Final

from vanban.documents.readers.reader import LONGEST, MEMORY, SECONDS, Encoding, Reader, Taken
from vanban.documents.readers.registry import reader_of_format
from vanban.errors import UserError

_SIZE: Final = struct.Struct(">Q")
_CODE: Final = (
    "import sys; sys.path[:] = {path!r}\nfrom vanban.documents.readers.apart import serve; serve({memory}, {seconds})"
)


class _Clock:
    """Ends a process after so many seconds, unless it is stopped before."""

    def __init__(self, seconds: float, process: subprocess.Popen[bytes]) -> None:
        self.ran_out = False
        self._process = process
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True
        self._timer.start()

    def _ring(self) -> None:
        self.ran_out = True
        self._process.kill()

    def stop(self) -> None:
        """Let it ring no more."""
        self._timer.cancel()


class Apart:
    """A process that reads one file after the other; threads take turns."""

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        """Each file may take so many seconds, and the process so many bytes where the system can bound that."""
        self._seconds, self._memory = seconds, memory
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._turn = threading.Lock()

    def read(self, reader: Reader, data: bytes, encoding: Encoding | None = None) -> Taken:
        """Return what a reader takes out of a file. Raises UserError where it can't, or does not in time."""
        with self._turn:
            process = self._running()
            clock = _Clock(self._seconds, process)
            try:
                assert process.stdin is not None and process.stdout is not None
                _send(process.stdin, (reader.format, data, encoding))
                answer = _receive(process.stdout)
            except (OSError, EOFError, pickle.UnpicklingError):
                self._end()
                why = (
                    f"takes more than {self._seconds:g} seconds to read"
                    if clock.ran_out
                    else "ended the process that reads it, or took too much memory"
                )
                raise UserError(f"{reader.kind} that {why}; open it in its program and save it anew") from None
            except BaseException:  # interrupted between question and answer
                self._end()
                raise
            finally:
                clock.stop()
        if isinstance(answer, Taken):
            return answer
        raise UserError(str(answer))

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._owner != os.getpid() or self._process.poll() is not None:
            code = _CODE.format(path=sys.path, memory=self._memory, seconds=self._seconds)
            # a session of its own: Ctrl-C in a terminal is for who asks
            self._process = subprocess.Popen(
                [sys.executable, "-c", code],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            self._owner = os.getpid()
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None and self._owner == os.getpid():
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()

    def close(self) -> None:
        """End the process, also while a thread waits for it: its file fails."""
        process = self._process
        if process is not None and self._owner == os.getpid():
            process.kill()


_SHARED: Final = Apart()
atexit.register(_SHARED.close)


def taken_apart(reader: Reader, data: bytes, encoding: Encoding | None = None) -> Taken:
    """Return what a reader takes out of a file, in the process that all threads here share. Raises as `Apart.read`."""
    return _SHARED.read(reader, data, encoding)


def taken_here(reader: Reader, data: bytes, encoding: Encoding | None = None) -> Taken:
    """Return what a reader takes out of a file, in this process. Raises UserError where it can't."""
    try:
        taken = reader.read(data, encoding)
    except (UserError, MemoryError):
        raise
    except RecursionError:
        raise UserError(f"{reader.kind} that nests too deep; it is no document") from None
    except Exception as error:
        cause = str(error).strip().splitlines()
        shown = f"{type(error).__name__}: {cause[0][:200]}" if cause else type(error).__name__
        raise UserError(f"can't be read as {reader.kind}: {shown}; it is cut off or damaged, copy it again") from None
    length = sum(map(len, taken.pages))
    if length > LONGEST:
        raise UserError(f"{reader.kind} with a text of {length:,} characters, expected at most {LONGEST:,}; split it")
    return taken


# ---- in the process


def serve(memory: int, seconds: float) -> None:
    """Answer on standard output what is asked on standard input, until that ends."""
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a package prints is no answer
    _bound(memory)
    while True:
        try:
            name, data, encoding = _receive(questions)
        except EOFError:
            return
        reader = reader_of_format(name)
        _wake_in(seconds + 5)  # who asked ends this process first, unless it was killed
        try:
            answer: Any = taken_here(reader, data, encoding)
        except UserError as error:
            answer = str(error)
        except MemoryError:
            answer = f"{reader.kind} that takes more than {memory >> 20:,} MiB of memory to read; it is no document"
        _wake_in(0)
        _send(answers, answer)


def _bound(memory: int) -> None:
    """Let this process have no more memory than that, beside what it has."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _wake_in(seconds: float) -> None:
    """Let the system end this process then, whatever it is at; 0 for never."""
    with contextlib.suppress(ImportError, AttributeError):
        import signal

        signal.setitimer(signal.ITIMER_REAL, seconds)


def _send(stream: Any, value: Any) -> None:
    data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_SIZE.pack(len(data)))
    stream.write(data)
    stream.flush()


def _receive(stream: BinaryIO | Any) -> Any:
    """Return the next value. Raises EOFError where the stream ends."""
    head = stream.read(_SIZE.size)
    if len(head) < _SIZE.size:
        raise EOFError
    (size,) = _SIZE.unpack(head)
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return pickle.loads(data)
