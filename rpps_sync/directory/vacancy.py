"""A database to be filled from elsewhere must be empty: nothing is ever written over."""

from __future__ import annotations

from sqlalchemy import Engine, inspect, select

from rpps_sync.directory import migrations
from rpps_sync.directory.engine import reading
from rpps_sync.directory.tables import METADATA
from rpps_sync.errors import UsageError

MEND = "name a new file, or an empty database: nothing is ever written over"


def require_empty(engine: Engine, *, mend: str = MEND) -> None:
    """Refuse a database that holds anything; one whose schema was made and never used is as good as empty.

    Raises:
        UsageError: it holds tables of another revision or program, or rows.
        DirectoryError: it cannot be read.
    """
    revision = migrations.current(engine)
    with reading(engine) as connection:
        occupied = bool(inspect(connection).get_table_names())
        if revision == migrations.head():
            tables = METADATA.sorted_tables
            occupied = any(connection.execute(select(table).limit(1)).first() is not None for table in tables)
    if occupied:
        raise UsageError(
            f"the database {engine.url.render_as_string(hide_password=True)} is not empty; it was left as it is",
            mend=mend,
            reason="not-empty",
        )
