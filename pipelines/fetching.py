"""Fetching alone: what the publisher offers comes into the archive, and waits there for a night to look at it."""

from __future__ import annotations

from pipelines.bars import Bars, no_bars
from pipelines.exclusive import alone_at_home
from pipelines.night import STEPS
from rpps_sync.publication import Publication
from rpps_sync.publisher.archive import Archive
from rpps_sync.publisher.sources import Source
from rpps_sync.settings import Settings


def fetch(settings: Settings, source: Source, *, bars: Bars = no_bars) -> Publication | None:
    """Take what a source offers now into the archive; nothing is checked beyond its form, nothing is published.

    The database is not asked, so that a publication is not missed while its server is away.

    Returns:
        The new publication, or None when its content is that of the newest one.

    Raises:
        LockHeld: another run is at work in this home folder.
        SourceError: nothing that can be trusted came.
        StorageError: the home folder cannot be written.
    """
    with alone_at_home(settings), bars(STEPS["receive"], None) as bar:
        return Archive(settings.archive).receive(source, settings.extracts, progress=bar.advance)
