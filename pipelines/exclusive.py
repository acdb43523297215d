"""One run at a time: in a home folder and, across hosts, on a database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from pipelines import report_drafts
from pipelines.home_lock import home_locked
from rpps_sync import pseudonyms
from rpps_sync.directory import locks
from rpps_sync.directory.engine import open_engine
from rpps_sync.extracts.cache import ScanCache
from rpps_sync.publisher.archive import Archive
from rpps_sync.settings import Settings


@contextmanager
def alone(settings: Settings) -> Iterator[Engine]:
    """The database, while no other run is at work in this home folder or, on another host, on this database.

    What a killed run left half-done is removed first.

    Raises:
        LockHeld: another run is at work.
        StorageError: the home folder cannot be written.
        DirectoryError: the database cannot be reached.
    """
    with alone_at_home(settings):
        pseudonyms.use(settings.pseudonym_secret())
        engine = open_engine(settings.database)
        try:
            with locks.one_run(engine):
                yield engine
        finally:
            engine.dispose()


@contextmanager
def alone_at_home(settings: Settings) -> Iterator[None]:
    """The home folder, without its database, while no other run is at work in it; swept first.

    Raises:
        LockHeld: another run is at work.
        StorageError: the home folder cannot be written.
    """
    with home_locked(settings.home):
        _sweep(settings)
        yield


def _sweep(settings: Settings) -> None:
    shutil.rmtree(settings.home / "work", ignore_errors=True)
    ScanCache(settings.home / "lines").remove_drafts()
    Archive(settings.archive).remove_drafts()
    report_drafts.sweep(settings.reports)
