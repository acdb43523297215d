"""Many rows at once, in the fastest way each database offers through SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import polars as pl
from sqlalchemy import Connection, Table, delete

ROWS_A_STATEMENT = 50_000
NAMES_A_QUERY = 500  # bound values of one IN list: well under what every database allows


def insert(connection: Connection, table: Table, frame: pl.DataFrame, *, ignore_known: bool = False) -> None:
    """Insert the rows of a frame whose columns are named as the table's.

    Args:
        connection: inside a transaction.
        table: where to.
        frame: rows; columns that the table has and the frame lacks take their default.
        ignore_known: leave rows whose primary key exists as they are.
    """
    columns = [name for name in frame.columns if name in table.c]
    marks = ", ".join("?" if connection.dialect.paramstyle == "qmark" else "%s" for _ in columns)
    statement = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"
    if ignore_known:
        statement += " ON CONFLICT DO NOTHING"
    for part in frame.select(columns).iter_slices(ROWS_A_STATEMENT):
        connection.exec_driver_sql(statement, part.rows())


def remove(connection: Connection, table: Table, national_ids: Iterable[str]) -> None:
    """Delete the rows of some practitioners."""
    for names in batches(list(national_ids)):
        connection.execute(delete(table).where(table.c.national_id.in_(names)))


def batches(names: Sequence[str], size: int = NAMES_A_QUERY) -> Iterator[Sequence[str]]:
    """Cut a list of identifiers into lists short enough for one query."""
    return (names[start : start + size] for start in range(0, len(names), size))
