"""Packed files, gzip and zstd: known by their first bytes when they are read, by their suffix when they are written."""

from __future__ import annotations

import gzip
import io
from typing import Any, BinaryIO, Final, Literal, cast

from vanban.documents.extras import optional

Packing = Literal["gzip", "zstd"]

PACKING_OF_SUFFIX: Final[dict[str, Packing]] = {".gz": "gzip", ".zst": "zstd"}

_MAGIC: Final[dict[bytes, Packing]] = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_CUT_OFF: Final = "it ends in the middle of its packed data: it was cut off, copy or pack it again"
_BLOCK: Final = 1 << 16


def packing_of(head: bytes) -> Packing | None:
    """Return how a file is packed that begins with `head`, None when it is not."""
    return next((packing for magic, packing in _MAGIC.items() if head.startswith(magic)), None)


def unpacked(file: BinaryIO, packing: Packing) -> BinaryIO:
    """Return a stream of what a packed stream holds.

    Reading it raises OSError or zlib.error for damaged data and EOFError for data that was cut off. Raises UserError
    when the package for it is not installed.
    """
    if packing == "gzip":
        return cast(BinaryIO, gzip.GzipFile(fileobj=file, mode="rb"))
    return io.BufferedReader(_Zstd(file), _BLOCK)


def packer(file: BinaryIO, packing: Packing) -> BinaryIO:
    """Return a stream that packs into `file` what is written to it, until it is closed; equal data give equal bytes."""
    if packing == "gzip":
        return cast(BinaryIO, gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=6, mtime=0))
    return cast(BinaryIO, _zstandard().ZstdCompressor().stream_writer(file, closefd=False))


def check_packing(packing: Packing) -> None:
    """Raise UserError when the package for it is not installed."""
    if packing == "zstd":
        _zstandard()


def _zstandard() -> Any:
    return optional("zstandard", "zst", "zstd")


class _Zstd(io.RawIOBase):
    """Frames of zstd, one after another. The reader of zstandard takes data that were cut off for whole ones."""

    def __init__(self, file: BinaryIO) -> None:
        self._zstandard = _zstandard()
        self._file = file
        self._frame: Any = None  # None between two frames
        self._packed = self._plain = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._plain:
            self._packed = self._packed or self._file.read(_BLOCK)
            if not self._packed:
                if self._frame is not None:
                    raise EOFError(_CUT_OFF)
                return 0
            self._frame = self._frame or self._zstandard.ZstdDecompressor().decompressobj()
            try:
                self._plain = self._frame.decompress(self._packed)
            except self._zstandard.ZstdError as error:
                raise OSError(f"its packed data are damaged: {error}") from None
            self._packed = b""
            if self._frame.eof:
                self._packed, self._frame = self._frame.unused_data, None
        taken = self._plain[: len(buffer)]
        buffer[: len(taken)] = taken
        self._plain = self._plain[len(taken) :]
        return len(taken)
