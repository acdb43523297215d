"""Writing without surprises: free space asked for first, every failure of a disk told in words."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rpps_sync.errors import StorageError

FREE_SPACE_FACTOR = 4  # the text, its lines on their way, its compressed copy, room for the database and its log
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def storage_told(path: Path, needed: int | None = None) -> Iterator[None]:
    """Turn a disk's refusal into a sentence.

    Args:
        path: what is being written.
        needed: bytes that it will take, when known.

    Raises:
        StorageError: the disk is full, read-only, or closed to this account.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise _full(path, needed) from error
        raise StorageError(
            f"{path} cannot be written: {error.strerror or error}; the former publication is still served",
            mend=f"check that {path.parent} exists, is on a writable disk and belongs to this account",
            reason="not-writable",
        ) from error


@contextmanager
def drafted(path: Path, draft: Path) -> Iterator[Path]:
    """Write beside, then move over: whatever stops the writing, a signal included, leaves no draft behind.

    Args:
        path: the file to be; what bears its name meanwhile stays whole.
        draft: where to write, on the same disk.
    """
    try:
        yield draft
        draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def require_space(folder: Path, expected: int) -> None:
    """Refuse to start what the disk cannot hold.

    Args:
        folder: an existing folder on the disk concerned.
        expected: bytes about to come, decompressed.

    Raises:
        StorageError: fewer than four times the expected bytes are free.
    """
    needed = FREE_SPACE_FACTOR * expected
    with storage_told(folder):
        free = shutil.disk_usage(folder).free
    if free < needed:
        raise StorageError(
            f"{folder}: {needed:,} bytes must be free to receive {expected:,} bytes of extracts, {free:,} are; "
            "nothing was downloaded and the former publication is still served",
            mend="free some space, or move RPPS_SYNC_HOME to a larger disk",
            reason="disk-full",
        )


def free_bytes(folder: Path) -> int:
    """Bytes that this account may still write on the disk of a folder, or of the nearest one that exists."""
    existing = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.is_dir())
    return shutil.disk_usage(existing).free


def sync_folder(folder: Path) -> None:
    """Make the names inside a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _full(path: Path, needed: int | None) -> StorageError:
    size = f"{needed:,} bytes needed, " if needed else ""
    return StorageError(
        f"the disk is full: {path} cannot be written ({size}{free_bytes(path.parent):,} free); "
        "what was written is removed and the former publication is still served",
        mend="free some space, or move RPPS_SYNC_HOME to a larger disk, then run again",
        reason="disk-full",
    )
