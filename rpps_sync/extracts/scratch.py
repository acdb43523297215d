"""Writing frames to disk, with a full or read-only disk told as such."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import polars as pl

from rpps_sync.publisher.disk import storage_told

_OS_ERROR = re.compile(r"\(os error (\d+)\)")  # how the engine underneath quotes the system


@contextmanager
def frame_told(path: Path) -> Iterator[None]:
    """Turn the refusal of a disk to take a frame into a sentence, and leave nothing half-written.

    Args:
        path: the file being written.

    Raises:
        StorageError: the disk is full, read-only, or closed to this account.
    """
    with storage_told(path):
        try:
            yield
        except (OSError, pl.exceptions.PolarsError) as error:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            # Polars raises OSError without a number, or an error of its own, according to the format.
            if (quoted := _OS_ERROR.search(str(error))) is None:
                raise
            number = int(quoted[1])
            raise OSError(number, os.strerror(number), str(path)) from error
