"""The compressed text inside the archive: written in one pass, read back as a stream that cannot lie.

Each file is one zstandard frame with its checksum; a reader that reaches the end compares the size with the
manifest, because the library ends silently where a cut frame does.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import zstandard

from rpps_sync.errors import DirectoryError
from rpps_sync.limits import MEBIBYTE
from rpps_sync.publication import PublishedFile
from rpps_sync.publisher.disk import storage_told

LEVEL = 3
THREADS = 2
_BLOCK_BYTES = 4 * MEBIBYTE


@dataclass(frozen=True, slots=True)
class Packed:
    """What was learnt while packing."""

    lines: int  # of data: the header is not counted, a last line without its line end is


def pack(text: Path, into: Path) -> Packed:
    """Compress one extract and count its lines.

    Raises:
        StorageError: the disk refuses it.
    """
    newlines, last = 0, b""
    compressor = zstandard.ZstdCompressor(level=LEVEL, threads=THREADS, write_checksum=True)
    size = text.stat().st_size
    with storage_told(into, size), text.open("rb") as source, into.open("wb") as target:
        with compressor.stream_writer(target, size=size, closefd=False) as writer:
            while block := source.read(_BLOCK_BYTES):
                writer.write(block)
                newlines += block.count(b"\n")
                last = block[-1:]
        target.flush()
        os.fsync(target.fileno())
    lines = newlines + (last not in {b"", b"\n"})
    return Packed(lines=max(0, lines - 1))


def unpack(path: Path, file: PublishedFile) -> BinaryIO:
    """The text of an archived extract, as a buffered stream.

    Raises:
        DirectoryError: the archived file is gone; or, while reading, it is damaged.
    """
    try:
        compressed = path.open("rb")
    except OSError as error:
        raise _damaged(path, error.strerror or str(error)) from error
    return io.BufferedReader(_Unpacking(path, compressed, file.bytes), _BLOCK_BYTES)


class _Unpacking(io.RawIOBase):
    """Decompressed bytes, with every way of being damaged told as such."""

    def __init__(self, path: Path, compressed: BinaryIO, expected: int) -> None:
        self._path = path
        self._compressed = compressed
        self._expected = expected
        self._count = 0
        self._reader = zstandard.ZstdDecompressor().stream_reader(compressed, read_size=MEBIBYTE, closefd=False)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            count = self._reader.readinto(buffer)
        except (zstandard.ZstdError, OSError) as error:
            raise _damaged(self._path, str(error)) from error
        self._count += count
        if self._count > self._expected or (not count and len(buffer) and self._count < self._expected):
            raise _damaged(self._path, f"{self._count:,} bytes where the manifest says {self._expected:,}")
        return count

    def close(self) -> None:
        self._compressed.close()
        super().close()


def _damaged(path: Path, what: str) -> DirectoryError:
    return DirectoryError(
        f"the archived extract {path} is damaged: {what}",
        mend="restore that folder from a backup; without one, remove it and run again: tonight's files will be "
        "archived afresh",
        reason="archive-damaged",
    )
