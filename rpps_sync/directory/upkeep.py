"""Keeping the database healthy: is it whole, and a copy of it while it serves."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, Engine, exists, func, select

from rpps_sync.directory import ledger, server
from rpps_sync.directory.engine import reading
from rpps_sync.directory.publish import CHILD_TABLES
from rpps_sync.directory.tables import ACTIVITIES, PRACTITIONERS, STRUCTURES
from rpps_sync.errors import UsageError
from rpps_sync.extracts.fold import NO_STRUCTURE

PAGES_AT_A_TIME = 4096  # of 4 KiB: writers wait for 16 MiB at most


def damages(engine: Engine) -> list[str]:
    """What is wrong in the database: pages its engine cannot read, and rows that contradict one another.

    A server reads its own pages: ``pg_amcheck`` looks at them (docs/postgresql.md).

    Raises:
        DirectoryError: the database cannot be read at all.
    """
    with reading(engine) as connection:
        if not server.is_server(engine):
            lines = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
            if lines != ["ok"]:
                return lines
        return [*_orphans(connection), *_miscounts(connection)]


def _orphans(connection: Connection) -> Iterator[str]:
    """Rows about nobody, and situations at a place that is not described."""
    for table in CHILD_TABLES:
        owner = exists().where(PRACTITIONERS.c.national_id == table.c.national_id)
        if found := connection.scalar(select(func.count()).select_from(table).where(~owner)):
            yield f"{table.name}: {found} rows of nobody in the directory"
    described = exists().where(STRUCTURES.c.structure_id == ACTIVITIES.c.structure_id)
    lost = (
        select(func.count()).select_from(ACTIVITIES).where(ACTIVITIES.c.structure_id != NO_STRUCTURE, ~described)
    )
    if found := connection.scalar(lost):
        yield f"activities: {found} rows at a structure that is not described"


def _miscounts(connection: Connection) -> Iterator[str]:
    """A directory that does not hold as many people as were published."""
    served = ledger.served(connection)
    published = served.practitioners if served else 0
    found = connection.scalar(select(func.count()).select_from(PRACTITIONERS))
    if found != published:
        yield f"practitioners: {found} rows, where {published} were published"


def backup(engine: Engine, into: Path) -> int:
    """Copy the embedded database to a new file, as one consistent state, while others read and write.

    Returns:
        The size of the copy, in bytes.

    Raises:
        UsageError: the file exists, or the database is served by a server.
        DirectoryError: the database cannot be read.
    """
    if server.is_server(engine):
        raise UsageError(
            "this database is on a PostgreSQL server: its own tool copies it, while it serves",
            mend=f"run 'pg_dump --format=custom --file={into} {_address(engine)}'; 'pg_restore' puts it back",
            reason="on-a-server",
        )
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


def _address(engine: Engine) -> str:
    """The database as PostgreSQL's tools are told of it; the password is theirs to ask for."""
    parts = {
        "host": engine.url.query.get("host") or engine.url.host,
        "port": engine.url.port,
        "user": engine.url.username,
        "dbname": engine.url.database,
    }
    return '"' + " ".join(f"{name}={value}" for name, value in parts.items() if value) + '"'
