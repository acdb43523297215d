"""Copies of the directory: one portable file, from either kind of database and into either kind.

The file is an SQLite database of this program's schema, so that a copy made on a server can be put back on a
laptop, and the reverse. Both ways read one consistent state: a copy is whole or is not there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool

from rpps_sync.directory import ledger, migrations, server, transfer, upkeep
from rpps_sync.directory.engine import open_engine, reading
from rpps_sync.directory.vacancy import require_empty
from rpps_sync.errors import DirectoryError, StorageError, UsageError
from rpps_sync.publisher.disk import free_bytes, storage_told, sync_folder

PAGES_AT_A_TIME = 4096  # of 4 KiB: a signal waits for 16 MiB at most
OCCUPIED_MEND = "make a copy of it with 'rpps-sync db backup', then restore with --overwrite"
ONE_FILE = "PRAGMA journal_mode = DELETE"  # no journal beside it: a copy opens on a read-only disk


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back."""

    publication: str  # the one served now; empty when the copy holds none
    practitioners: int
    revision: str  # of the copy; the database is at the newest one


def backup(engine: Engine, into: Path) -> int:
    """Copy the directory to a new file, as one consistent state, while others read and write.

    Returns:
        The size of the copy, in bytes.

    Raises:
        UsageError: the file exists.
        DirectoryError: the database cannot be read.
        StorageError: the disk of the copy is full, read-only or closed to this account.
    """
    if into.exists():
        raise UsageError(f"{into} exists", mend="name a file that does not exist yet")
    draft = into.with_name(f".{into.name}.part")
    _remove(draft)
    try:
        with _disk_told(draft):
            if server.is_server(engine):
                _copy_rows_into_file(engine, draft)
            else:
                _copy_pages(engine, draft)
        with storage_told(into):
            draft.replace(into)
            sync_folder(into.absolute().parent)
            return into.stat().st_size
    finally:
        _remove(draft)


def restore(engine: Engine, file: Path, *, overwrite: bool = False) -> Restored:
    """Put a copy back, in one transaction: whoever reads meanwhile sees what was there before, then the copy.

    The caller holds the run lock. A copy of an older revision is brought up to date once it is in place.

    Args:
        engine: on the database to fill.
        file: made by :func:`backup`.
        overwrite: whether a directory that is not empty may be replaced.

    Raises:
        UsageError: the database is not empty, or there is no such file.
        DirectoryError: the copy is damaged, no copy of a directory, or newer than this program.
        StorageError: the disk is full.
    """
    revision = _examined(file)
    if not overwrite:
        require_empty(engine, mend=OCCUPIED_MEND)
    if server.is_server(engine):
        with _up_to_date(file, revision) as source:
            transfer.copy(source, engine, overwrite=overwrite)
    else:
        with _disk_told(Path(str(engine.url.database))):
            _replace_pages(engine, file)
        migrations.upgrade(engine)
    with reading(engine) as connection:
        served = ledger.served(connection)
    return Restored(served.id if served else "", served.practitioners if served else 0, revision)


def _examined(file: Path) -> str:
    """The revision of a copy that is whole and known.

    Raises:
        UsageError: there is no such file.
        DirectoryError: it is damaged, no copy of a directory, or newer than this program.
    """
    if not file.is_file():
        raise UsageError(f"there is no file {file}", mend="name a copy made by 'rpps-sync db backup'")
    source = _opened(file)
    try:
        revision = migrations.current(source)
        migrations.refuse_newer(revision)
        damages = upkeep.damages(source) if revision == migrations.head() else upkeep.unreadable_pages(source)
    except DirectoryError as error:
        if error.reason != "database":
            raise
        raise _unusable(file, error.what) from error
    finally:
        source.dispose()
    if not revision:
        raise _unusable(file, "it is no copy of a directory")
    if damages:
        raise _unusable(file, f"it is damaged: {'; '.join(damages[:3])}")
    return revision


def _unusable(file: Path, why: str) -> DirectoryError:
    return DirectoryError(
        f"{file} cannot be restored: {why}; nothing was changed",
        mend="take another copy; 'rpps-sync replay' rebuilds a day from the archive without any",
        reason="backup-unusable",
    )


def _opened(file: Path) -> Engine:
    """A copy, to be read only: it may lie on a disk that is read-only too."""
    address = f"file:{quote(str(file.absolute()))}?mode=ro"
    # Columns are decoded by SQLAlchemy; whatever the thread, one connection at a time reads.
    return create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(address, uri=True, check_same_thread=False),
        poolclass=NullPool,
    )


@contextmanager
def _up_to_date(file: Path, revision: str) -> Iterator[Engine]:
    """The copy at the newest revision: itself, or a draft beside it when it is older."""
    if revision == migrations.head():
        source = _opened(file)
        yield source
        source.dispose()
        return
    draft = file.with_name(f".{file.name}.part")
    try:
        with _disk_told(draft):
            engine = open_engine(f"sqlite:///{draft}")
            _replace_pages(engine, file)
            migrations.upgrade(engine)
        yield engine
        engine.dispose()
    finally:
        _remove(draft)


def _copy_pages(engine: Engine, draft: Path) -> None:
    with reading(engine) as connection:
        ledger.served(connection)  # fixes the state that is copied, however much is written meanwhile
        source = _raw(connection)
        with _disk_told(draft), closing(sqlite3.connect(draft)) as copy:  # inside: outside, the source is named
            source.backup(copy, pages=PAGES_AT_A_TIME)
            copy.execute(ONE_FILE)


def _replace_pages(engine: Engine, file: Path) -> None:
    """All pages in one transaction of the database in place: no reader is cut off, no crash halves it."""
    with closing(engine.raw_connection()) as into, closing(_opened(file).raw_connection()) as copy:
        target, source = into.driver_connection, copy.driver_connection
        assert isinstance(target, sqlite3.Connection)
        assert isinstance(source, sqlite3.Connection)
        source.backup(target, pages=PAGES_AT_A_TIME)


def _copy_rows_into_file(engine: Engine, draft: Path) -> None:
    copy = open_engine(f"sqlite:///{draft}")
    try:
        transfer.copy(engine, copy)
    finally:
        copy.dispose()
    with closing(sqlite3.connect(draft)) as raw:
        raw.execute(ONE_FILE)


def _raw(connection: Connection) -> sqlite3.Connection:
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


@contextmanager
def _disk_told(path: Path) -> Iterator[None]:
    """A disk that refuses the copy is told by the path of the copy, not by that of what is copied."""
    try:
        yield
    except OSError as error:
        raise _refused(path, error.strerror or str(error)) from error
    except sqlite3.Error as error:
        raise _refused(path, str(error)) from error
    except DirectoryError as error:
        if str(path) not in error.what:
            raise
        raise _refused(path, str(error.__cause__ or error.what)) from error


def _refused(path: Path, why: str) -> StorageError:
    return StorageError(
        f"{path} cannot be written: {why}; {free_bytes(path.parent):,} bytes are free there",
        mend="check the folder, its permissions and its free space, then try again; nothing was changed",
        reason="not-writable",
    )


def _remove(draft: Path) -> None:
    for part in (draft, *(draft.with_name(draft.name + end) for end in ("-wal", "-shm", "-journal"))):
        with suppress(OSError):  # a folder that is closed to us holds no draft of ours
            part.unlink(missing_ok=True)
