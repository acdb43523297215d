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
from rpps_sync.publication import ExtractKind, PublishedFile
from rpps_sync.publisher.deltas import decode
from rpps_sync.publisher.disk import storage_told

LEVEL = 1  # the fastest one: a whole text stays only until its difference takes its place
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


def plain_path(folder: Path, sha256: str) -> Path:
    """Where a text lies decompressed while a run needs it, by the digest of its content."""
    return folder / f"{sha256}.txt"


def text_path(folder: Path, kind: ExtractKind) -> Path:
    """Where the whole text of an extract lies in a folder of the archive."""
    return folder / f"{kind}.txt.zst"


def delta_path(folder: Path, kind: ExtractKind) -> Path:
    """Where its difference from ``base_path`` lies instead, once it is no longer the newest."""
    return folder / f"{kind}.delta.zst"


def base_path(folder: Path, kind: ExtractKind) -> Path:
    """A second name of the text that a difference refers to: the folder needs no other to be read."""
    return folder / f"{kind}.base.zst"


def unpack(folder: Path, file: PublishedFile) -> BinaryIO:
    """The text of an archived extract, whole or rebuilt from its difference, as a buffered stream.

    Raises:
        DirectoryError: the archived file is gone; or, while reading, it is damaged.
    """
    whole, delta = text_path(folder, file.kind), delta_path(folder, file.kind)
    if whole.is_file() or not delta.is_file():
        return open_packed(whole, file.bytes)
    return rebuild(base_path(folder, file.kind), delta, file.bytes)


def rebuild(base: Path, delta: Path, expected: int) -> BinaryIO:
    """The text that a difference and its base make together, as a buffered stream.

    Raises:
        DirectoryError: one of them is gone; or, while reading, damaged.
    """
    return io.BufferedReader(_Rebuilding(base, delta, expected), _BLOCK_BYTES)


def open_packed(path: Path, expected: int | None = None) -> BinaryIO:
    """The bytes inside one packed file.

    Raises:
        DirectoryError: the file is gone; or, while reading, it is damaged or not of the size expected.
    """
    try:
        compressed = path.open("rb")
    except OSError as error:
        raise _damaged(path, error.strerror or str(error)) from error
    return io.BufferedReader(_Unpacking(path, compressed, expected), _BLOCK_BYTES)


class _Unpacking(io.RawIOBase):
    """Decompressed bytes, with every way of being damaged told as such."""

    def __init__(self, path: Path, compressed: BinaryIO, expected: int | None) -> None:
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
        _refuse_size(self._path, self._count, self._expected, ended=not count and bool(len(buffer)))
        return count

    def close(self) -> None:
        self._compressed.close()
        super().close()


class _Rebuilding(io.RawIOBase):
    """The text that a difference and its base make together."""

    def __init__(self, base: Path, delta: Path, expected: int) -> None:
        self._path = delta
        self._expected = expected
        self._base = open_packed(base)
        self._difference = open_packed(delta)
        self._blocks = decode(self._base, self._difference)
        self._rest = b""
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            while not self._rest and (block := next(self._blocks, b"")):
                self._rest = block
        except ValueError as error:
            raise _damaged(self._path, str(error)) from error
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        self._count += len(taken)
        _refuse_size(self._path, self._count, self._expected, ended=not taken and bool(len(buffer)))
        return len(taken)

    def close(self) -> None:
        self._blocks.close()
        self._base.close()
        self._difference.close()
        super().close()


def _refuse_size(path: Path, count: int, expected: int | None, *, ended: bool) -> None:
    if expected is not None and (count > expected or (ended and count < expected)):
        raise _damaged(path, f"{count:,} bytes where the manifest says {expected:,}")


def _damaged(path: Path, what: str) -> DirectoryError:
    return DirectoryError(
        f"the archived extract {path} is damaged: {what}",
        mend="restore that folder from a backup; without one, remove it and run again: tonight's files will be "
        "archived afresh",
        reason="archive-damaged",
    )
