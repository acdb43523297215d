"""Many rows at once, in the fastest way each database offers through SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import TypeVar

import polars as pl
from sqlalchemy import Connection, Table, delete

from rpps_sync.directory import server

ROWS_A_STATEMENT = 50_000
ROWS_TOGETHER = 50  # the driver gives Python's lock away, and waits for it, once a statement instead of once a row
NAMES_A_QUERY = 500  # bound values of one IN list: well under what every database allows

_Name = TypeVar("_Name", str, int)


def insert(connection: Connection, table: Table, frame: pl.DataFrame, *, ignore_known: bool = False) -> None:
    """Insert the rows of a frame whose columns are named as the table's.

    Args:
        connection: inside a transaction.
        table: where to.
        frame: rows of text, numbers and booleans; columns that the frame lacks take their default.
        ignore_known: leave rows whose primary key exists as they are.
    """
    rows = frame.select([name for name in frame.columns if name in table.c])
    if not server.is_server(connection):
        _execute_many(connection, table.name, rows, ignore_known=ignore_known)
    elif not ignore_known:
        _copy(connection, table.name, rows)
    elif rows.height:
        _copy_unknown(connection, table.name, rows)


def _execute_many(connection: Connection, table: str, rows: pl.DataFrame, *, ignore_known: bool) -> None:
    head = f"INSERT INTO {table} ({', '.join(rows.columns)}) VALUES "
    tail = " ON CONFLICT DO NOTHING" if ignore_known else ""
    row = f"({', '.join('?' * rows.width)})"
    for part in rows.iter_slices(ROWS_A_STATEMENT):
        values = part.rows()
        whole = len(values) - len(values) % ROWS_TOGETHER
        groups = [tuple(chain(*values[start : start + ROWS_TOGETHER])) for start in range(0, whole, ROWS_TOGETHER)]
        for statement, bound in (((row + ", ") * (ROWS_TOGETHER - 1) + row, groups), (row, values[whole:])):
            if bound:
                connection.exec_driver_sql(head + statement + tail, bound)


def _copy(connection: Connection, table: str, rows: pl.DataFrame) -> None:
    """Send rows through COPY, as CSV: text always quoted, so that an empty one is not taken for none."""
    raw = connection.connection.driver_connection
    assert raw is not None
    with (
        raw.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(rows.columns)}) FROM STDIN (FORMAT csv)") as copy,
    ):
        for part in rows.iter_slices(ROWS_A_STATEMENT):
            copy.write(part.write_csv(include_header=False, quote_style="non_numeric"))


def _copy_unknown(connection: Connection, table: str, rows: pl.DataFrame) -> None:
    """COPY refuses a known key, so the rows go through a table of this session."""
    columns = ", ".join(rows.columns)
    connection.exec_driver_sql(f"CREATE TEMP TABLE incoming (LIKE {table} INCLUDING DEFAULTS) ON COMMIT DROP")
    _copy(connection, "incoming", rows)
    connection.exec_driver_sql(
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM incoming ON CONFLICT DO NOTHING"
    )
    connection.exec_driver_sql("DROP TABLE incoming")


@contextmanager
def indexed_last(connection: Connection, tables: Iterable[Table]) -> Iterator[None]:
    """Fill empty tables without their secondary indexes, and build those at the end.

    An embedded database sorts an index in a fraction of the time it takes to grow one in no order. A server keeps
    its indexes: dropping them would lock its readers out for as long.
    """
    indexes = [] if server.is_server(connection) else [index for table in tables for index in table.indexes]
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:
        index.create(connection)


def remove(connection: Connection, table: Table, national_ids: Iterable[str]) -> None:
    """Delete the rows of some practitioners."""
    for names in batches(list(national_ids)):
        connection.execute(delete(table).where(table.c.national_id.in_(names)))


def batches(names: Sequence[_Name], size: int = NAMES_A_QUERY) -> Iterator[Sequence[_Name]]:
    """Cut a list of identifiers into lists short enough for one query."""
    return (names[start : start + size] for start in range(0, len(names), size))
