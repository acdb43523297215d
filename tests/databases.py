"""The two kinds of database that the tests run on, and short looks into them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, make_url

from rpps_sync.directory import engine as door

DATABASES = ("sqlite", "postgresql")


@contextmanager
def reading(url: str) -> Iterator[Connection]:
    """One consistent state of the database at an address; nothing is left open."""
    engine = door.open_engine(url)
    try:
        with door.reading(engine) as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def writing(url: str) -> Iterator[Connection]:
    """One transaction on the database at an address; nothing is left open."""
    engine = door.open_engine(url)
    try:
        with door.writing(engine) as connection:
            yield connection
    finally:
        engine.dispose()


def lose(url: str) -> None:
    """Leave nothing of the database at an address but the place for another."""
    file = make_url(url).database
    if url.startswith("sqlite:"):
        for part in (file, f"{file}-wal", f"{file}-shm"):
            Path(str(part)).unlink(missing_ok=True)
        return
    with writing(url) as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
