"""Making the past small: older texts are kept as their difference from a base that several days share.

    day 1   text (the base)      day 2   delta + base      day 3   delta + base      newest   text

The base inside each folder is a hard link: any folder can be read without the others, and pruning the day that
the base came with takes nothing from its successors. The newest publication stays whole, so that a night never
waits for the past. A text too different from the base becomes the next base. A difference replaces a text only
after the text was rebuilt from it and had the digest in the manifest. On a disk without hard links everything
stays whole.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import zstandard

from rpps_sync.errors import DirectoryError
from rpps_sync.publication import Publication, PublishedFile
from rpps_sync.publisher.deltas import encode
from rpps_sync.publisher.disk import storage_told, sync_folder
from rpps_sync.publisher.incoming import BLOCK_BYTES
from rpps_sync.publisher.packing import LEVEL, base_path, delta_path, open_packed, rebuild, text_path

WORTH = 0.25  # a difference larger than that share of the whole text is not worth reading two files


def compact(publications: Sequence[Publication], most: int) -> tuple[str, ...]:
    """Work through publications, oldest first, the last one left whole.

    Args:
        publications: of one archive, oldest first.
        most: how many of them may be rewritten.

    Returns:
        The ids of those that became smaller.

    Raises:
        StorageError: the disk refuses it; every publication is still whole in one form or the other.
    """
    bases: dict[str, Path] = {}
    done: list[str] = []
    for publication in publications[:-1]:
        if len(done) == most:
            break
        smaller = [_compact_file(publication.folder, file, bases) for file in publication.files]
        if any(smaller):
            done.append(publication.id)
    return tuple(done)


def _compact_file(folder: Path, file: PublishedFile, bases: dict[str, Path]) -> bool:
    """Whether one text was replaced; ``bases`` learns which text later ones are to be compared with."""
    whole, base = text_path(folder, file.kind), bases.get(file.kind)
    if not whole.is_file():
        if base_path(folder, file.kind).is_file():
            bases[file.kind] = base_path(folder, file.kind)
        return False
    shared = whole.stat().st_nlink > 1  # with another day, or as the base of others: replacing it frees nothing
    if shared or base is None or not _replace(folder, file, base):
        bases[file.kind] = whole
        return False
    return True


def _replace(folder: Path, file: PublishedFile, base: Path) -> bool:
    whole, delta, link = (path(folder, file.kind) for path in (text_path, delta_path, base_path))
    draft = delta.with_name(f".{delta.name}")
    try:
        with storage_told(delta):
            _write(base, whole, draft)
            if draft.stat().st_size > WORTH * whole.stat().st_size or _digest(base, draft, file) != file.sha256:
                return False
            if not _named(base, link):  # first of the two: a folder with a difference always has its base
                return False
            draft.replace(delta)
            sync_folder(folder)
            whole.unlink()
            sync_folder(folder)
    except DirectoryError:  # damaged: 'db check' names it, and nothing is built upon it
        return False
    finally:
        draft.unlink(missing_ok=True)
    return True


def _named(existing: Path, new: Path) -> bool:
    """Give a file a second name, if this disk has such a thing."""
    new.unlink(missing_ok=True)
    try:
        os.link(existing, new)
    except OSError:
        return False
    return True


def _write(base: Path, whole: Path, draft: Path) -> None:
    with tempfile.TemporaryFile() as text, open_packed(whole) as packed, open_packed(base) as former:
        while block := packed.read(BLOCK_BYTES):
            text.write(block)
        text.seek(0)
        compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
        with draft.open("wb") as target:
            with compressor.stream_writer(target, closefd=False) as writer:
                encode(former, text, writer)
            target.flush()
            os.fsync(target.fileno())


def _digest(base: Path, draft: Path, file: PublishedFile) -> str:
    digest = hashlib.sha256()
    with rebuild(base, draft, file.bytes) as stream:
        while block := stream.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
