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
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import zstandard

from rpps_sync.errors import DirectoryError
from rpps_sync.publication import Publication, PublishedFile
from rpps_sync.publisher.deltas import encode
from rpps_sync.publisher.disk import storage_told, sync_folder
from rpps_sync.publisher.incoming import BLOCK_BYTES
from rpps_sync.publisher.packing import base_path, base_text, delta_path, open_packed, plain_path, text_path
from rpps_sync.publisher.plain import PlainText
from rpps_sync.publisher.sources import Progress, quiet

_LEVEL = 3
WORTH = 0.25  # a difference larger than that share of the whole text is not worth reading two files
_AT_ONCE = 2  # files worked on at a time


def compact(
    publications: Sequence[Publication], most: int, texts: Path, progress: Progress = quiet
) -> tuple[str, ...]:
    """Work through publications, oldest first; the last one keeps its whole text.

    Args:
        publications: of one archive, oldest first.
        most: how many of them may be rewritten.
        texts: an existing folder for decompressed texts; those that lie there already are not decompressed again.
        progress: told the number of bytes worked on; what it raises ends the work.

    Returns:
        The ids of those that became smaller.

    Raises:
        StorageError: the disk refuses it; every publication is still whole in one form or the other.
    """
    work = _Work(texts, progress)
    done: list[str] = []
    for publication in publications:
        newest = publication is publications[-1]
        if len(done) == most and not newest:
            continue
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            smaller = threads.map(partial(work.compact, publication.folder, newest=newest), publication.files)
            if any([*smaller]):
                done.append(publication.id)
    return tuple(done)


@dataclass
class _Base:
    """A packed text that others are compared with; decompressed when first needed."""

    packed: Path
    _plain: list[PlainText] = field(default_factory=list)

    def plain(self, texts: Path, progress: Progress) -> PlainText:
        if not self._plain:
            self._plain.append(PlainText.of(base_text(self.packed, texts), progress))
        return self._plain[0]


@dataclass(frozen=True)
class _Work:
    """Publication after publication; ``bases`` are the texts which later ones are to be compared with."""

    texts: Path
    progress: Progress
    bases: dict[str, _Base] = field(default_factory=dict)

    def compact(self, folder: Path, file: PublishedFile, *, newest: bool) -> bool:
        """Whether one whole text went."""
        whole, link = text_path(folder, file.kind), base_path(folder, file.kind)
        base = self.bases.get(file.kind)
        if not whole.is_file():
            if link.is_file() and (base is None or not base.packed.samefile(link)):
                self.bases[file.kind] = _Base(link)
            return False
        shared = (
            whole.stat().st_nlink > 1
        )  # with another day, or as the base of others: replacing it frees nothing
        if shared or base is None or not (_is_told(folder, file, base) or self._tell(folder, file, base)):
            self.bases[file.kind] = _Base(whole)
            return False
        if newest:
            return False
        whole.unlink()
        sync_folder(folder)
        return True

    def _tell(self, folder: Path, file: PublishedFile, base: _Base) -> bool:
        """Make the difference of one text, beside it."""
        whole, delta, link = (path(folder, file.kind) for path in (text_path, delta_path, base_path))
        draft = delta.with_name(f".{delta.name}")
        try:
            with storage_told(delta):
                sound = self._write(base, self._text(whole, file), draft)
                if not sound or draft.stat().st_size > WORTH * whole.stat().st_size:
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

    def _text(self, whole: Path, file: PublishedFile) -> PlainText:
        received = plain_path(self.texts, file.sha256)
        path = received if received.is_file() else base_text(whole, self.texts, file.bytes)
        return PlainText.of(path, self.progress)

    def _write(self, base: _Base, text: PlainText, draft: Path) -> bool:
        compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
        former = base.plain(self.texts, self.progress)
        with draft.open("wb") as target:
            with compressor.stream_writer(target, closefd=False) as writer:
                sound = encode(former, text, writer, self.progress)
            target.flush()
            os.fsync(target.fileno())
        return sound


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


def _named(existing: Path, new: Path) -> bool:
    """Give a file a second name, if this disk has such a thing."""
    new.unlink(missing_ok=True)
    try:
        os.link(existing, new)
    except OSError:
        return False
    return True
