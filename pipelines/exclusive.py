"""One run at a time: in a home folder and, across hosts, on a database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Engine

from rpps_sync.directory import locks
from rpps_sync.directory.engine import open_engine
from rpps_sync.errors import LockHeld
from rpps_sync.extracts.cache import ScanCache
from rpps_sync.publisher.disk import storage_told
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
    with storage_told(settings.home):
        settings.home.mkdir(parents=True, exist_ok=True)
    with _locked(settings.home / "run.lock"):
        shutil.rmtree(settings.home / "work", ignore_errors=True)
        ScanCache(settings.home / "lines").remove_drafts()
        engine = open_engine(settings.database)
        try:
            with locks.one_run(engine):
                yield engine
        finally:
            engine.dispose()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    # An advisory lock of the kernel: it falls with its process, whatever kills it.
    lock = FileLock(path)
    with storage_told(path):
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise LockHeld(
                f"another run holds {path}",
                mend="wait for it to end, then try again; nothing was changed",
                reason="locked",
            ) from error
    try:
        yield
    finally:
        lock.release()
