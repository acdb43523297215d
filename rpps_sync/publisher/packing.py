"""The compressed text inside the archive: written in one pass, read back as a stream that cannot lie.

Each file is one zstandard frame with its checksum; a reader that reaches the end compares the size with the
manifest, because the library ends silently where a cut frame does.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

import zstandard

from rpps_sync.errors import DirectoryError
from rpps_sync.limits import MEBIBYTE
from rpps_sync.publication import ExtractKind, PublishedFile
from rpps_sync.publisher.disk import drafted, storage_told
from rpps_sync.publisher.rebuilt import Rebuilt

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


def base_text(packed: Path, texts: Path, expected: int | None = None) -> Path:
    """The decompressed text of a base, or of one that becomes a base, among other texts of tonight.

    Raises:
        DirectoryError: the file is gone, damaged or not of the size expected.
        StorageError: the disk refuses it.
    """
    path = texts / f"base-{_inode(packed)}.txt"
    if not path.is_file():
        part = path.with_suffix(".part")  # what a damaged text gives before it fails must not pass for the whole
        with storage_told(path, expected), open_packed(packed, expected) as source:
            texts.mkdir(parents=True, exist_ok=True)
            with drafted(path, part) as draft, draft.open("wb") as target:
                shutil.copyfileobj(source, target, _BLOCK_BYTES)
    return path


def unpack(folder: Path, file: PublishedFile) -> BinaryIO:
    """The text of an archived extract, whole or rebuilt from its difference, as a buffered stream.

    Raises:
        DirectoryError: the archived file is gone; or, while reading, it is damaged.
    """
    whole, delta = text_path(folder, file.kind), delta_path(folder, file.kind)
    if whole.is_file() or not delta.is_file():
        return open_packed(whole, file.bytes)
    return _rebuilt(_copied(base_path(folder, file.kind)), delta, file.bytes)


def open_text(folder: Path, file: PublishedFile, texts: Path) -> BinaryIO:
    """The text of an archived extract as a file in which one can seek; what is decompressed stays in ``texts``.

    Its base serves the difference of tonight too, so that one decompression is all that a night asks for.

    Raises:
        DirectoryError: the archived file is gone; or, while reading, it is damaged.
        StorageError: the disk refuses it.
    """
    whole, delta, base = (path(folder, file.kind) for path in (text_path, delta_path, base_path))
    if delta.is_file() and base.is_file():
        try:
            return _rebuilt(base_text(base, texts).open("rb"), delta, file.bytes)
        except DirectoryError:
            if not whole.is_file():
                raise
    return base_text(whole, texts, file.bytes).open("rb")


def _copied(base: Path) -> IO[bytes]:
    """A base in a file without a name: pieces of it come in any order, and memory stays small."""
    with ExitStack() as opened, open_packed(base) as source:
        former = opened.enter_context(tempfile.TemporaryFile())
        shutil.copyfileobj(source, former, _BLOCK_BYTES)
        opened.pop_all()
        return former


def _rebuilt(base: IO[bytes], delta: Path, expected: int) -> BinaryIO:
    with ExitStack() as opened, open_packed(delta) as difference:
        opened.enter_context(base)
        try:
            text = opened.enter_context(Rebuilt(base, difference))
        except ValueError as error:
            raise _damaged(delta, str(error)) from error
        _refuse_size(delta, text.size, expected, ended=True)
        opened.pop_all()
        return io.BufferedReader(text, _BLOCK_BYTES)


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except OSError as error:
        raise _damaged(path, error.strerror or str(error)) from error


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
