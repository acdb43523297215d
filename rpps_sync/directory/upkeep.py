"""Keeping the database healthy: is it whole, and a copy of it while it serves."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Engine

from rpps_sync.directory.engine import reading
from rpps_sync.errors import UsageError

PAGES_AT_A_TIME = 4096  # of 4 KiB: writers wait for 16 MiB at most


def damages(engine: Engine) -> list[str]:
    """What is wrong in the database, in the words of its engine; empty when it is sound.

    Raises:
        DirectoryError: the database cannot be read at all.
    """
    if engine.dialect.name != "sqlite":
        return []  # a server checks its own pages; reaching it at all is what could be learnt here
    with reading(engine) as connection:
        lines = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    return [] if lines == ["ok"] else lines


def backup(engine: Engine, into: Path) -> int:
    """Copy the embedded database to a new file, as one consistent state, while others read and write.

    Returns:
        The size of the copy, in bytes.

    Raises:
        UsageError: the file exists, or the database is served by a server.
        DirectoryError: the database cannot be read.
    """
    if engine.dialect.name != "sqlite":
        raise UsageError("this database is on a server", mend="copy it with the server's own tool (pg_dump)")
    if into.exists():
        raise UsageError(f"{into} exists", mend="name a file that does not exist yet")
    draft = into.with_name(f"{into.name}.part")
    try:
        with reading(engine) as connection:
            source = connection.connection.driver_connection
            assert isinstance(source, sqlite3.Connection)
            copy = sqlite3.connect(draft)
            try:
                source.backup(copy, pages=PAGES_AT_A_TIME)
            finally:
                copy.close()
        draft.replace(into)
    finally:
        draft.unlink(missing_ok=True)
    return into.stat().st_size
