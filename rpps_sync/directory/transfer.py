"""Moving house: a whole database into another one of either kind, and proof that nothing was lost on the way.

Everything goes: the directory with its history and its feed, cursors included, the ledgers, the observations, the
findings. The copy is of one moment, and is made in one transaction: it is there whole and verified, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Column, Connection, Engine, Table, delete, insert

from rpps_sync.directory import bulk, digest, migrations, server
from rpps_sync.directory.digest import Digest
from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.tables import METADATA
from rpps_sync.directory.vacancy import require_empty
from rpps_sync.errors import DirectoryError


def copy(
    source: Engine,
    target: Engine,
    *,
    overwrite: bool = False,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Mapping[str, Digest]:
    """Copy a database into an empty one, in bounded memory, and read the copy again to compare.

    Args:
        source: read as of one moment; others may go on reading and writing.
        target: empty, or with a schema never used, unless it is to be overwritten.
        overwrite: replace what the target holds, in the same transaction.
        progress: told the number of rows copied since the last call.

    Returns:
        What each table holds, the same on both sides.

    Raises:
        UsageError: the target is not empty.
        DirectoryError: the source is not at the revision of this program, a database complained, or the copy is
            not what it was made from; the target is then left as it was.
    """
    migrations.ensure_current(source)
    if not overwrite:
        require_empty(target)
    migrations.upgrade(target)
    with reading(source) as old, writing(target) as new:
        if overwrite:
            _empty(new)
        copied = {table.name: _copy_table(old, new, table, progress) for table in METADATA.sorted_tables}
        for table in METADATA.sorted_tables:
            if (numbered := _numbered(table)) is not None:
                server.go_on_after(new, numbered)
        server.gather_statistics(new)
        _compare(new, copied)
    return copied


def _empty(connection: Connection) -> None:
    """Row by row, for those who read meanwhile: TRUNCATE would lock them out."""
    for table in reversed(METADATA.sorted_tables):
        connection.execute(delete(table))


def _copy_table(old: Connection, new: Connection, table: Table, progress: Callable[[int], None]) -> Digest:
    seen = Digest()
    for rows in digest.batches(old, table):
        frame = digest.as_texts(table, rows)
        seen.add(frame)
        if digest.is_plain(table):
            bulk.insert(new, table, frame)
        else:
            new.execute(insert(table), [dict(row._mapping) for row in rows])  # noqa: SLF001 - its public name
        progress(len(rows))
    return seen


def _numbered(table: Table) -> Column[Any] | None:
    """The column that numbers its rows by itself, if there is one."""
    return next((column for column in table.primary_key if column.autoincrement is True), None)


def _compare(new: Connection, copied: Mapping[str, Digest]) -> None:
    for name, seen in copied.items():
        found = digest.of_table(new, METADATA.tables[name])
        if found != seen:
            raise DirectoryError(
                f"the copy of {name} holds {found.rows} rows that are not the {seen.rows} it was made from",
                mend="the target was left as it was; try again, and tell the maintainers if it happens twice",
                reason="copy-differs",
            )
