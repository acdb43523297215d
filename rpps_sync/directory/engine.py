"""The door to the database: SQLite in WAL mode out of the box, PostgreSQL by another URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, SQLAlchemyError

from rpps_sync.directory import server
from rpps_sync.directory.server import BUSY_SECONDS
from rpps_sync.errors import DirectoryError, UsageError

_WAITED_IN_VAIN = frozenset(
    {"55P03", "SQLITE_BUSY"}
)  # for another writer, in the words of PostgreSQL and of SQLite


def open_engine(url: str, *, connections: int | None = None, patience: float = BUSY_SECONDS) -> Engine:
    """An engine on the directory's database; the folder of an embedded one is created.

    Args:
        url: its address.
        connections: how many may be open at once, all of them kept; the library's usual number when not said.
        patience: seconds that somebody waits for a free one.

    Raises:
        UsageError: the URL cannot be understood, or its driver is not installed.
    """
    try:
        parsed = server.address(make_url(url))
        # A connection that slept in the pool while the server restarted is found out before it is used.
        pool: dict[str, Any] = {}
        if connections is not None:
            pool = {"pool_size": connections, "max_overflow": 0, "pool_timeout": patience}
        engine = create_engine(parsed, pool_pre_ping=parsed.get_backend_name() != "sqlite", **pool)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise UsageError(
            "the setting DATABASE_URL is not a usable database address",
            mend="write sqlite:///path or postgresql+psycopg://user:password@host/database "
            "(the latter needs the 'postgres' extra)",
        ) from error
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    elif server.is_server(engine):
        event.listen(engine, "connect", server.prepare)
        event.listen(engine, "begin", server.begin)
    return engine


def is_there(url: str) -> bool:
    """Whether there is something to open at an address: opening an embedded database would make it."""
    parsed = make_url(url)
    return parsed.get_backend_name() != "sqlite" or Path(parsed.database or "").is_file()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A read-only look at one consistent state of the directory.

    Raises:
        DirectoryError: the database cannot be read.
    """
    if server.is_server(engine):
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with told_in_words(engine), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction: all of it is kept, or nothing. Writers wait for one another, readers for nobody.

    Raises:
        DirectoryError: the database cannot be written.
    """
    with told_in_words(engine), engine.execution_options(writes=True).begin() as connection:
        yield connection


@contextmanager
def told_in_words(engine: Engine) -> Iterator[None]:
    """Turn what a database or its driver complains of into an error of ours, with the mend.

    Raises:
        DirectoryError: the database complained.
    """
    try:
        yield
    except DatabaseError as error:
        raise _in_words(engine, error.orig) from error
    except SQLAlchemyError as error:
        raise DirectoryError(
            f"the database layer answers: {type(error).__name__}", mend="'rpps-sync doctor'"
        ) from error
    except engine.dialect.loaded_dbapi.Error as error:  # bulk loads speak to the driver itself
        raise _in_words(engine, error) from error


def _in_words(engine: Engine, complaint: BaseException | None) -> DirectoryError:
    mend = "nothing was half-written; check free space and permissions, then 'rpps-sync doctor'"
    if {getattr(complaint, name, None) for name in ("sqlstate", "sqlite_errorname")} & _WAITED_IN_VAIN:
        mend = f"another program has been writing for {BUSY_SECONDS:g} seconds; try again when it is done"
    elif server.is_server(engine):
        mend = "nothing was half-written; check the server, the way to it and its disk, then run again"
    where = engine.url.set(query={}).render_as_string(hide_password=True)
    told = " ".join(str(complaint).split())
    return DirectoryError(f"the database {where} answers: {told}", mend=mend, reason="database")


def _prepare_sqlite(raw: Any, _record: Any) -> None:
    # We say BEGIN ourselves: the driver's own rules would commit before schema changes.
    raw.isolation_level = None
    cursor = raw.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten: see docs/data-protection.md
    cursor.execute("PRAGMA temp_store = MEMORY")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    cache = 64 * 1024 if writes else 8 * 1024  # KiB
    if connection.info.get("cache") != cache:
        connection.exec_driver_sql(f"PRAGMA cache_size = -{cache}")
        connection.info["cache"] = cache
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
