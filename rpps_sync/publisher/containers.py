"""Reading extracts out of what holds them on disk: plain text, gzip, zstandard, or the ZIP of the ANS.

Everything is streamed and the bytes that really come out are counted: what a header declares is checked first, and
believed never. Nothing here writes, so a hostile file costs the time to notice it.
"""

from __future__ import annotations

import gzip
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import zstandard

from rpps_sync.errors import ExtractRefused
from rpps_sync.limits import MEBIBYTE, Limits
from rpps_sync.publisher.incoming import BLOCK_BYTES, refused

_RATIO_FLOOR = 16 * MEBIBYTE  # below that, a high ratio is a small file with repeated lines and harms nobody
_ZSTD_FEED = 1024  # compressed bytes given at a time: at most 256 blocks, 32 MiB of text
_MEND = "fetch the file again; check that the copy is complete"
_UNREADABLE = (
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    zstandard.ZstdError,
    EOFError,
    NotImplementedError,  # zipfile: a newer format than it knows
    struct.error,  # zipfile: fields that lie about one another
    ValueError,  # zipfile: offsets before the start of the file
    RuntimeError,  # zipfile: an encrypted entry behind an unencrypted declaration
)


def entries(archive: Path, limits: Limits) -> dict[str, int]:
    """The names inside a ZIP with their declared sizes in bytes.

    Raises:
        ExtractRefused: the archive is damaged, or holds what an archive of the ANS never does (too many entries,
            paths, repeated names, links, encryption, excessive sizes).
    """
    with _told(str(archive)), zipfile.ZipFile(archive) as opened:
        listed = opened.infolist()
        _refuse_set(archive, listed, limits)
        for entry in listed:
            _refuse_entry(archive, entry, limits)
        return {entry.filename: entry.file_size for entry in listed}


def text_blocks(path: Path, entry: str, limits: Limits) -> Iterator[bytes]:
    """The decompressed bytes of one file, in blocks.

    Args:
        path: the file on disk; its suffix says how it is compressed.
        entry: the name inside a ZIP, '' for the other containers.
        limits: bounds on the size and the ratio of what comes out.

    Raises:
        ExtractRefused: the file is damaged, cut, or expands beyond reason.
        OSError: the file cannot be read.
    """
    name = f"{path}#{entry}" if entry else str(path)
    with _told(name):
        yield from _bounded(name, _unpacked(path, entry), path.stat().st_size, limits)


def _unpacked(path: Path, entry: str) -> Iterator[bytes]:
    suffix = path.suffix.lower()
    if suffix == ".zip":
        with zipfile.ZipFile(path) as archive, archive.open(entry) as stream:
            yield from iter(lambda: stream.read(BLOCK_BYTES), b"")
    elif suffix == ".gz":
        with gzip.open(path) as stream:
            yield from iter(lambda: stream.read(BLOCK_BYTES), b"")
    else:
        with path.open("rb") as plain:
            yield from _zstd_blocks(plain) if suffix == ".zst" else iter(lambda: plain.read(BLOCK_BYTES), b"")


def _zstd_blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Frame after frame; a cut last frame is an error, which the library's own reader lets pass."""
    decompressor = zstandard.ZstdDecompressor()
    frame = decompressor.decompressobj()
    started = False
    while compressed := stream.read(_ZSTD_FEED):
        while compressed:
            if frame.eof:
                frame = decompressor.decompressobj()
            yield frame.decompress(compressed)
            started, compressed = True, frame.unused_data
    if started and not frame.eof:
        raise EOFError("the last frame is cut")


def _bounded(name: str, blocks: Iterator[bytes], compressed: int, limits: Limits) -> Iterator[bytes]:
    count = 0
    for block in blocks:
        count += len(block)
        if count > limits.file_bytes or count > max(_RATIO_FLOOR, compressed * limits.zip_ratio):
            raise _bomb(name)
        yield block


def _refuse_set(archive: Path, listed: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(listed) > limits.zip_entries:
        raise _hostile(archive, f"{len(listed):,} entries where the ANS puts three")
    if len({entry.filename for entry in listed}) < len(listed):
        raise _hostile(archive, "two entries of the same name")
    if sum(entry.file_size for entry in listed) > limits.file_bytes:
        raise _bomb(str(archive))


def _refuse_entry(archive: Path, entry: zipfile.ZipInfo, limits: Limits) -> None:
    if {"/", "\\"} & set(entry.filename) or entry.filename in {"", ".", ".."}:
        raise _hostile(archive, "an entry with a path in its name")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise _hostile(archive, "a link")
    if entry.flag_bits & 1:
        raise _hostile(archive, "an encrypted entry")
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise _hostile(archive, "an entry compressed in a way that the ANS does not use")
    if entry.file_size > max(_RATIO_FLOOR, entry.compress_size * limits.zip_ratio):
        raise _bomb(str(archive))


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except _UNREADABLE as error:
        raise refused(name, f"damaged or cut: {error}", reason="archive-damaged", mend=_MEND) from error


def _hostile(archive: Path, what: str) -> ExtractRefused:
    return refused(
        str(archive),
        f"the archive holds {what}",
        reason="archive-hostile",
        mend="take the archive from the ANS itself, or put the text files in the folder instead",
    )


def _bomb(name: str) -> ExtractRefused:
    return refused(
        name,
        "it expands to more than any extract does",
        reason="archive-bomb",
        mend="take the file from the ANS itself",
    )
