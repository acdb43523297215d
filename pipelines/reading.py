"""Reading the files of a publication, compared with those of the publication being served."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Row

from pipelines.bars import Bar
from pipelines.night import Night
from rpps_sync.errors import DirectoryError, NotFound
from rpps_sync.extracts import index as line_index
from rpps_sync.extracts.cache import ScanCache
from rpps_sync.extracts.difference import LineDifference, difference
from rpps_sync.extracts.profile import Profile
from rpps_sync.extracts.scan import Scan, rescan, scan
from rpps_sync.publication import ExtractKind, Publication, PublishedFile
from rpps_sync.run_summary import QuarantinedLine


@dataclass(frozen=True, slots=True)
class Reading:
    """What the files hold, and what differs from the publication being served."""

    scans: Mapping[ExtractKind, Scan]
    differences: Mapping[ExtractKind, LineDifference]
    former: Mapping[ExtractKind, Scan]  # of the publication served; empty when there is none to compare with

    @property
    def indexes(self) -> dict[ExtractKind, pl.DataFrame]:
        """The line index of each file."""
        return {kind: item.index for kind, item in self.scans.items()}

    @property
    def profiles(self) -> dict[ExtractKind, Profile]:
        """What was measured of each file."""
        return {kind: item.profile for kind, item in self.scans.items()}

    @property
    def affected(self) -> pl.Series:
        """The national identifiers of whom a line came or went, in any file."""
        return pl.concat([item.affected for item in self.differences.values()]).unique()

    @property
    def quarantine(self) -> tuple[QuarantinedLine, ...]:
        """Every line set aside, file after file."""
        return tuple(line for item in self.scans.values() for line in item.profile.quarantined)


def read_files(night: Night, publication: Publication, served: Row[Any] | None, bar: Bar) -> Reading:
    """Read each file once; where the served one is known, only what differs is taken apart.

    Raises:
        ExtractRefused: a header is not what it should be.
        DirectoryError: the archive is damaged.
        StorageError: the disk is full or refuses to be written.
    """
    files = _Files(night, ScanCache(night.settings.home / "lines"), bar.advance)
    former = files.served(served)
    scans: dict[ExtractKind, Scan] = {}
    differences: dict[ExtractKind, LineDifference] = {}
    for file in publication.files:
        scans[file.kind], differences[file.kind] = files.read(publication, file, former.get(file.kind), served)
    nothing = line_index.empty()
    gone = {kind: LineDifference(nothing, former[kind].index) for kind in former.keys() - scans.keys()}
    return Reading(scans, differences | gone, former)


@dataclass(frozen=True, slots=True)
class _Files:
    """Files to be read, and what is kept of those read before."""

    night: Night
    cache: ScanCache
    progress: Callable[[int], None]

    def read(
        self, publication: Publication, file: PublishedFile, former: Scan | None, served: Row[Any] | None
    ) -> tuple[Scan, LineDifference]:
        """One file of tonight, kept for tomorrow."""
        text = self.night.archive.text(publication, file.kind)
        found, told = self._compared(text, file.kind, former, served)
        self.cache.save(file.sha256, found)
        return found, told

    def _compared(
        self, text: Path, kind: ExtractKind, former: Scan | None, served: Row[Any] | None
    ) -> tuple[Scan, LineDifference]:
        with text.open("rb") as stream:
            if former is not None and served is not None:
                former_text = partial(self._text_of, served.id, kind)
                try:
                    return rescan(stream, kind, former, former_text, progress=self.progress)
                except (NotFound, DirectoryError):  # the served text is gone: measure all of tonight's
                    stream.seek(0)
            found = scan(stream, kind, progress=self.progress)
        return found, difference(former.index if former else line_index.empty(), found.index)

    def served(self, served: Row[Any] | None) -> dict[ExtractKind, Scan]:
        """What is known of the files being served, read again from the archive where that was lost.

        Without one of them there is nothing to compare lines with: every practitioner is looked at again.
        """
        if served is None:
            return {}
        try:
            return {
                (kind := ExtractKind(file["kind"])): self._scan_of(served.id, kind, file["sha256"])
                for file in served.files
            }
        except (NotFound, DirectoryError):
            return {}

    def _scan_of(self, publication: str, kind: ExtractKind, sha256: str) -> Scan:
        kept = self.cache.load(sha256)
        if kept is None:
            with self._text_of(publication, kind) as stream:
                kept = scan(stream, kind)
            self.cache.save(sha256, kept)
        return kept

    def _text_of(self, publication: str, kind: ExtractKind) -> Any:
        return self.night.archive.open(self.night.archive.load(publication), kind)
