"""Reports are written beside their place first: what was there stays until all of the new is on disk."""

from __future__ import annotations

from pathlib import Path

from pipelines.report_drafts import draft_of
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
