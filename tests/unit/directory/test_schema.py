from collections.abc import Callable
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Index

from databases import reading
from postgres_server import Server
from rpps_sync.directory.tables import METADATA


def test_the_migrations_make_exactly_the_tables_the_program_works_with(database_url: str) -> None:
    """A database migrated from nothing has every table, column, type and index of the code, and no other."""
    with reading(database_url) as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": _is_for(connection)}
        )
        assert compare_metadata(context, METADATA) == []


def _is_for(connection: Connection) -> Callable[..., bool]:
    """Whether a part of the schema is for this kind of database."""

    def include(item: Any, *_: Any) -> bool:
        condition = item._ddl_if if isinstance(item, Index) else None
        return condition is None or condition.dialect == connection.dialect.name

    return include


def test_every_text_of_a_server_sorts_as_the_embedded_database_sorts(postgres: Server) -> None:
    """No column follows the locale of the server: a cursor or a page would mean something else there."""
    url = postgres.migrated()
    columns = postgres.run(
        "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables"
        " USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        " AND data_type IN ('text', 'character varying') AND collation_name IS DISTINCT FROM 'C'",
        at=url,
    )
    postgres.drop(url)
    assert columns == []
