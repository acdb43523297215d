"""Reading the files of a publication, compared with those of the publication being served."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

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
    former: Mapping[ExtractKind, Scan]  # of the publication served, as long as it is needed
    compared: bool  # with every file of the publication served

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

    def settled(self) -> Reading:
        """What is left to keep in memory once tonight was compared with the publication served."""
        return replace(self, former={})

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
    files = _Files(night, ScanCache(night.settings.home / "lines"), served, bar.advance)
    scans: dict[ExtractKind, Scan] = {}
    differences: dict[ExtractKind, LineDifference] = {}
    former: dict[ExtractKind, Scan] = {}
    for file in publication.files:
        before = files.served_before(file.kind)
        found, differences[file.kind] = files.read(publication, file, before)
        scans[file.kind] = _placed(found)
        if before is not None:
            former[file.kind] = _placed(before)
    for kind in files.kinds_served() - scans.keys():
        if (before := files.served_before(kind)) is not None:
            differences[kind] = LineDifference(line_index.empty(), before.index)
            former[kind] = _placed(before)
    # Without one of the files there is nothing to compare with: every practitioner is looked at again.
    whole = bool(former) and former.keys() == files.kinds_served()
    return Reading(scans, differences, former if whole else {}, compared=whole)


def _placed(scan: Scan) -> Scan:
    """A scan whose lines were compared: where they are still matters, their fingerprints no longer do."""
    return Scan(scan.index.drop("line_hash"), scan.profile)


@dataclass(frozen=True, slots=True)
class _Files:
    """Files to be read, and what is kept of those read before."""

    night: Night
    cache: ScanCache
    served: Row[Any] | None  # the publication being served
    progress: Callable[[int], None]

    def kinds_served(self) -> set[ExtractKind]:
        """The extracts of the publication being served."""
        return {ExtractKind(file["kind"]) for file in self.served.files} if self.served else set()

    def read(
        self, publication: Publication, file: PublishedFile, former: Scan | None
    ) -> tuple[Scan, LineDifference]:
        """One file of tonight, kept for tomorrow."""
        text = self.night.archive.text(publication, file.kind)
        found, told = self._compared(text, file.kind, former)
        self.cache.save(file.sha256, found)
        return found, told

    def _compared(self, text: Path, kind: ExtractKind, former: Scan | None) -> tuple[Scan, LineDifference]:
        with text.open("rb") as stream:
            if former is not None:
                former_text = partial(self._served_text, kind)
                try:
                    return rescan(stream, kind, former, former_text, progress=self.progress)
                except (NotFound, DirectoryError):  # the served text is gone: measure all of tonight's
                    stream.seek(0)
            found = scan(stream, kind, progress=self.progress)
        return found, difference(former.index if former else line_index.empty(), found.index)

    def served_before(self, kind: ExtractKind) -> Scan | None:
        """What is known of a file being served, from its archived text where that was lost; None without."""
        for file in self.served.files if self.served else ():
            if file["kind"] == kind:
                with suppress(NotFound, DirectoryError):
                    return self._scan_of(kind, file["sha256"])
        return None

    def _scan_of(self, kind: ExtractKind, sha256: str) -> Scan:
        kept = self.cache.load(sha256)
        if kept is None:
            with self._served_text(kind) as stream:
                kept = scan(stream, kind)
            self.cache.save(sha256, kept)
        return kept

    def _served_text(self, kind: ExtractKind) -> BinaryIO:
        assert self.served is not None
        return self.night.archive.seekable(self.night.archive.load(self.served.id), kind)
