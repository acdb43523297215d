"""How commands come to the directory: a connection on a database whose schema is the expected one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from rpps_sync.cli.output import settings_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


@contextmanager
def engine_of(ctx: typer.Context) -> Iterator[Engine]:
    """The engine of the database in force, closed at the end of the block.

    Raises:
        UsageError: the database address cannot be understood.
    """
    from rpps_sync import pseudonyms
    from rpps_sync.directory.engine import open_engine

    settings = settings_of(ctx)
    pseudonyms.use(settings.pseudonym_secret())
    engine = open_engine(settings.database)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def directory_of(ctx: typer.Context) -> Iterator[Connection]:
    """A read-only look at one consistent state of the directory.

    Raises:
        UsageError: the database address cannot be understood, or this installation's objectives.
        DirectoryError: the database is missing, too old or too new; the mend says which command to run.
    """
    from rpps_sync.directory.engine import reading
    from rpps_sync.directory.migrations import ensure_current
    from rpps_sync.freshness.objectives import use as use_objectives

    use_objectives(settings_of(ctx).home)
    with engine_of(ctx) as engine:
        ensure_current(engine)
        with reading(engine) as connection:
            yield connection
