"""The door for a server: many readers at once who can change nothing, each for a limited time."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Connection, Engine, event

from rpps_sync.directory import server
from rpps_sync.directory.engine import open_engine

_MAPPED = 2**34  # bytes of an embedded database read as memory: a quarter less work than calls for each page
_STEPS = 50_000  # of SQLite's machine between two looks at the clock: some milliseconds


def open_reading_engine(url: str, *, connections: int, seconds: float) -> Engine:
    """An engine whose connections read only, and whose statements end in time.

    Args:
        url: of the directory.
        connections: how many at most; who finds none free waits ``seconds``.
        seconds: how long one transaction (SQLite) or statement (PostgreSQL) may take.

    Raises:
        UsageError: the address cannot be understood.
    """
    engine = open_engine(url, connections=connections, patience=seconds)
    if server.is_server(engine):
        limit = f"SET statement_timeout = {int(seconds * 1000)}"
        event.listen(engine, "connect", lambda raw, _record: _settle(raw, limit))
    else:
        event.listen(engine, "connect", _prepare_reader)
        event.listen(engine, "begin", lambda connection: _limit(connection, seconds))
    return engine


def open_writing_engine(url: str, *, connections: int, seconds: float) -> Engine:
    """An engine for short writes beside a night that publishes: who cannot write within ``seconds`` is told so.

    Raises:
        UsageError: the address cannot be understood.
    """
    engine = open_engine(url, connections=connections, patience=seconds)
    if server.is_server(engine):
        limit = f"SET lock_timeout = {int(seconds * 1000)}"
        event.listen(engine, "connect", lambda raw, _record: _settle(raw, limit))
    else:
        limit = f"PRAGMA busy_timeout = {int(seconds * 1000)}"
        event.listen(engine, "connect", lambda raw, _record: raw.execute(limit))
    return engine


def _prepare_reader(raw: Any, _record: Any) -> None:
    raw.execute("PRAGMA query_only = ON")
    raw.execute(f"PRAGMA mmap_size = {_MAPPED}")


def _settle(raw: Any, limit: str) -> None:
    raw.execute(limit)
    raw.commit()


def _limit(connection: Connection, seconds: float) -> None:
    """Let a transaction of SQLite read so long and no longer: it has no such setting of its own."""
    ends = time.monotonic() + seconds
    raw: Any = connection.connection.driver_connection
    raw.set_progress_handler(lambda: time.monotonic() > ends, _STEPS)
