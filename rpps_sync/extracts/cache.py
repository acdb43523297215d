"""What was learned of a file, kept beside the database so that the next file is only compared with it.

A cache: each entry is named after the content of its file, and when it is missing, damaged or of another format it
is made again from the archive.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from rpps_sync.extracts import index as line_index
from rpps_sync.extracts import profile_json
from rpps_sync.extracts.scan import Scan
from rpps_sync.extracts.scratch import frame_told
from rpps_sync.publisher.disk import drafted

FORMAT = 3  # what is hashed of a line, what is noted of it, what is measured of a file
_DRAFT = ".draft"
_PROFILE = "profile"


@dataclass(frozen=True, slots=True)
class ScanCache:
    """Scans kept in a folder, one Parquet file each, named by the SHA-256 of the extract they describe.

    The rows are those of the index; the profile travels in the metadata, so that both are there or neither.
    """

    folder: Path

    def load(self, sha256: str) -> Scan | None:
        """What is known of a file, its unreadable lines left out; None when it has to be read again."""
        path = self._path(sha256)
        try:
            profile = profile_json.read(pl.read_parquet_metadata(path)[_PROFILE])
            index = pl.read_parquet(path)
        except (OSError, pl.exceptions.PolarsError, KeyError, ValueError, TypeError):
            return None
        return Scan(index, profile) if index.schema == line_index.SCHEMA else None

    def save(self, sha256: str, scan: Scan) -> None:
        """Keep what is known of a file; a half-written entry never bears its name.

        Raises:
            StorageError: the disk is full or refuses to be written.
        """
        draft = self._path(sha256).with_suffix(f".{os.getpid()}{_DRAFT}")
        with frame_told(draft), drafted(self._path(sha256), draft):
            self.folder.mkdir(parents=True, exist_ok=True)
            told = {_PROFILE: profile_json.written(scan.profile)}
            scan.index.write_parquet(draft, compression="zstd", compression_level=1, metadata=told)

    def remove_drafts(self) -> None:
        """Remove what a killed run left half-written."""
        for path in self.folder.glob(f"*{_DRAFT}"):
            path.unlink(missing_ok=True)

    def keep_only(self, sha256s: set[str]) -> None:
        """Forget other files."""
        kept = {self._path(sha256).name for sha256 in sha256s}
        for path in self.folder.glob("*"):
            if path.name not in kept:
                path.unlink(missing_ok=True)

    def _path(self, sha256: str) -> Path:
        return self.folder / f"{sha256}.v{FORMAT}.parquet"
