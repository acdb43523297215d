"""A report is written beside its place, then moved there: what was there stays until all of the new is on disk.

The draft bears the number of its writing process.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from rpps_sync.errors import DirectoryError
from rpps_sync.publisher.disk import drafted

LATEST = "latest"


def replace_file(path: Path, content: bytes) -> Path:
    """Put a report in its place.

    Raises:
        DirectoryError: the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with drafted(path, draft_of(path)) as draft:
            draft.write_bytes(content)
    except OSError as error:
        raise DirectoryError(
            f"the report {path} cannot be written: {error.strerror}",
            mend="check the folder and its free space; what is served is untouched",
            reason="report-unwritable",
        ) from error
    return path


def draft_of(path: Path) -> Path:
    """Where this process writes a report before it takes its place."""
    return path.with_name(f".{path.name}.{os.getpid()}")


def sweep(folder: Path) -> None:
    """Remove the drafts of processes that are gone; ``rpps-sync report`` may be writing one without the lock."""
    for draft in folder.glob(".*"):
        number = draft.suffix.removeprefix(".")
        if number.isdigit() and not _alive(int(number)):
            with suppress(OSError):  # it does no harm where it is
                draft.unlink()


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
