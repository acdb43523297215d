from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from rpps_sync.directory import migrations
from rpps_sync.directory.engine import open_engine, reading
from rpps_sync.directory.tables import METADATA


def test_the_migrations_make_exactly_the_tables_the_program_works_with(tmp_path: Path) -> None:
    """A database migrated from nothing has every table, column, type and index of the code, and no other."""
    engine = open_engine(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    migrations.upgrade(engine)
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()
