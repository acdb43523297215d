"""Keeping the database healthy: is it whole?"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Engine, exists, func, select

from rpps_sync.directory import ledger, server
from rpps_sync.directory.engine import reading
from rpps_sync.directory.publish import CHILD_TABLES
from rpps_sync.directory.tables import ACTIVITIES, PRACTITIONERS, STRUCTURES
from rpps_sync.extracts.fold import NO_STRUCTURE


def damages(engine: Engine) -> list[str]:
    """What is wrong in the database: pages its engine cannot read, and rows that contradict one another.

    A server reads its own pages: ``pg_amcheck`` looks at them (docs/postgresql.md).

    Raises:
        DirectoryError: the database cannot be read at all.
    """
    if unreadable := unreadable_pages(engine):
        return unreadable
    with reading(engine) as connection:
        return [*_orphans(connection), *_miscounts(connection)]


def unreadable_pages(engine: Engine) -> list[str]:
    """What is wrong with the pages of an embedded database, whatever its revision; nothing on a server."""
    if server.is_server(engine):
        return []
    with reading(engine) as connection:
        lines = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    return [] if lines == ["ok"] else lines


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
