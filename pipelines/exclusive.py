"""One run at a time: in a home folder and, across hosts, on a database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from pipelines.home_lock import home_locked
from rpps_sync.directory import locks
from rpps_sync.directory.engine import open_engine
from rpps_sync.extracts.cache import ScanCache
from rpps_sync.settings import Settings


@contextmanager
def alone(settings: Settings) -> Iterator[Engine]:
    """The database, while no other run is at work in this home folder or, on another host, on this database.

    What a killed run left half-done is removed first; drafts of the archive are removed by the next reception.

    Raises:
        LockHeld: another run is at work.
        StorageError: the home folder cannot be written.
        DirectoryError: the database cannot be reached.
    """
    with home_locked(settings.home):
        shutil.rmtree(settings.home / "work", ignore_errors=True)
        ScanCache(settings.home / "lines").remove_drafts()
        engine = open_engine(settings.database)
        try:
            with locks.one_run(engine):
                yield engine
        finally:
            engine.dispose()
