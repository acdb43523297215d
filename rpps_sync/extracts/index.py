"""The line index of a file: a stable fingerprint of each line, with its practitioner.

Comparing two indexes is comparing two files without reading either again: 20 bytes a line instead of 360. An index
is a cache: it is named after the content of its file, and when it is missing, damaged or of another format it is
made again from the archive.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import polars_hash as plh

from rpps_sync.extracts.scratch import frame_told

INDEX_FORMAT = 2  # what is hashed of a line: its known columns
_DRAFT = ".draft"
SCHEMA = pl.Schema({"line_hash": pl.UInt64, "national_id": pl.String})


def fingerprints(lines: pl.DataFrame) -> pl.DataFrame:
    """The index of some lines: ``line_hash`` (xxh3, the same on every machine and version) and ``national_id``."""
    return lines.select(line_hash=plh.col("line").nchash.xxh3_64(), national_id="national_id")


def empty() -> pl.DataFrame:
    """The index of a file that never was."""
    return pl.DataFrame(schema=SCHEMA)


@dataclass(frozen=True, slots=True)
class IndexCache:
    """Indexes kept in a folder, one Parquet file each, named by the SHA-256 of the extract they describe."""

    folder: Path

    def load(self, sha256: str) -> pl.DataFrame | None:
        """The index of a file, or None when it has to be made again."""
        try:
            frame = pl.read_parquet(self._path(sha256))
        except (OSError, pl.exceptions.PolarsError):
            return None
        return frame if frame.schema == SCHEMA else None

    def save(self, sha256: str, index: pl.DataFrame) -> None:
        """Keep the index of a file; a half-written one never bears its name.

        Raises:
            StorageError: the disk is full or refuses to be written.
        """
        draft = self._path(sha256).with_suffix(f".{os.getpid()}{_DRAFT}")
        with frame_told(draft):
            self.folder.mkdir(parents=True, exist_ok=True)
            index.write_parquet(draft, compression="zstd", compression_level=1)
            draft.replace(self._path(sha256))

    def remove_drafts(self) -> None:
        """Remove what a killed run left half-written."""
        for path in self.folder.glob(f"*{_DRAFT}"):
            path.unlink(missing_ok=True)

    def keep_only(self, sha256s: set[str]) -> None:
        """Forget the indexes of other files."""
        kept = {self._path(sha256).name for sha256 in sha256s}
        for path in self.folder.glob("*"):
            if path.name not in kept:
                path.unlink(missing_ok=True)

    def _path(self, sha256: str) -> Path:
        return self.folder / f"{sha256}.v{INDEX_FORMAT}.parquet"
