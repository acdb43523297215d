"""Making the past small: older texts are kept as their difference from a base that several days share.

    day 1   text (the base)      day 2   delta + base      day 3   delta + base      newest   text, delta + base

The base inside each folder is a hard link: any folder can be read without the others, and pruning the day that
the base came with takes nothing from its successors. The difference of the newest publication is made while its
text lies decompressed; its whole text goes once it is the newest no more. A text too different from the base
becomes the next base. A difference is only made once each piece of it was compared with the text. On a disk
without hard links everything stays whole.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import zstandard

from rpps_sync.errors import DirectoryError
from rpps_sync.publication import Publication, PublishedFile
from rpps_sync.publisher.deltas import encode
from rpps_sync.publisher.disk import drafted, storage_told, sync_folder
from rpps_sync.publisher.incoming import BLOCK_BYTES
from rpps_sync.publisher.packing import base_path, delta_path, open_packed, plain_path, text_path
from rpps_sync.publisher.plain import PlainText

_LEVEL = 3
WORTH = 0.25  # a difference larger than that share of the whole text is not worth reading two files
_AT_ONCE = 2  # files worked on at a time


def compact(publications: Sequence[Publication], most: int, texts: Path) -> tuple[str, ...]:
    """Work through publications, oldest first; the last one keeps its whole text.

    Args:
        publications: of one archive, oldest first.
        most: how many of them may be rewritten.
        texts: an existing folder for decompressed texts; those that lie there already are not decompressed again.

    Returns:
        The ids of those that became smaller.

    Raises:
        StorageError: the disk refuses it; every publication is still whole in one form or the other.
    """
    bases: dict[str, _Base] = {}
    done: list[str] = []
    for publication in publications:
        newest = publication is publications[-1]
        if len(done) == most and not newest:
            continue
        work = partial(_compact_file, publication.folder, bases=bases, texts=texts, newest=newest)
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            smaller = list(threads.map(work, publication.files))
        if any(smaller):
            done.append(publication.id)
    return tuple(done)


@dataclass
class _Base:
    """A packed text that others are compared with; decompressed when first needed."""

    packed: Path
    _plain: list[PlainText] = field(default_factory=list)

    def plain(self, texts: Path) -> PlainText:
        if not self._plain:
            self._plain.append(_decompressed(self.packed, texts / f"base-{self.packed.stat().st_ino}.txt"))
        return self._plain[0]


def _compact_file(
    folder: Path, file: PublishedFile, *, bases: dict[str, _Base], texts: Path, newest: bool
) -> bool:
    """Whether one whole text went; ``bases`` learns which text later ones are to be compared with."""
    whole, link = text_path(folder, file.kind), base_path(folder, file.kind)
    base = bases.get(file.kind)
    if not whole.is_file():
        if link.is_file() and (base is None or not base.packed.samefile(link)):
            bases[file.kind] = _Base(link)
        return False
    shared = whole.stat().st_nlink > 1  # with another day, or as the base of others: replacing it frees nothing
    if shared or base is None or not (_is_told(folder, file, base) or _tell(folder, file, base, texts)):
        bases[file.kind] = _Base(whole)
        return False
    if newest:
        return False
    whole.unlink()
    sync_folder(folder)
    return True


def _is_told(folder: Path, file: PublishedFile, base: _Base) -> bool:
    """Whether a sound difference from that base was made before."""
    delta, link = delta_path(folder, file.kind), base_path(folder, file.kind)
    if not (delta.is_file() and link.is_file() and link.samefile(base.packed)):
        return False
    try:
        with open_packed(delta) as stream:  # its checksum is read with it
            while stream.read(BLOCK_BYTES):
                pass
    except DirectoryError:
        return False
    return True


def _tell(folder: Path, file: PublishedFile, base: _Base, texts: Path) -> bool:
    """Make the difference of one text, beside it."""
    whole, delta, link = (path(folder, file.kind) for path in (text_path, delta_path, base_path))
    draft = delta.with_name(f".{delta.name}")
    try:
        with storage_told(delta):
            text = _decompressed(whole, plain_path(texts, file.sha256), file.bytes)
            if not _write(base.plain(texts), text, draft) or draft.stat().st_size > WORTH * whole.stat().st_size:
                return False
            if not _named(base.packed, link):  # first: a folder with a difference always has its base
                return False
            draft.replace(delta)
            sync_folder(folder)
    except DirectoryError:  # damaged: 'db check' names it, and nothing is built upon it
        return False
    finally:
        draft.unlink(missing_ok=True)
    return True


def _decompressed(packed: Path, path: Path, expected: int | None = None) -> PlainText:
    if not path.is_file():
        part = path.with_suffix(".part")  # what a damaged text gives before it fails must not pass for the whole
        with drafted(path, part) as draft, open_packed(packed, expected) as source, draft.open("wb") as target:
            shutil.copyfileobj(source, target, BLOCK_BYTES)
    return PlainText.of(path)


def _named(existing: Path, new: Path) -> bool:
    """Give a file a second name, if this disk has such a thing."""
    new.unlink(missing_ok=True)
    try:
        os.link(existing, new)
    except OSError:
        return False
    return True


def _write(base: PlainText, text: PlainText, draft: Path) -> bool:
    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    with draft.open("wb") as target:
        with compressor.stream_writer(target, closefd=False) as writer:
            sound = encode(base, text, writer)
        target.flush()
        os.fsync(target.fileno())
    return sound
