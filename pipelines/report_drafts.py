"""A report is written beside its place, then moved there: the draft bears the number of its writing process."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


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
