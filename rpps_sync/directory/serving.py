"""The door for a server: many readers at once who can change nothing, each for a limited time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, event, func, select

from rpps_sync.clock import iso, now
from rpps_sync.directory import server
from rpps_sync.directory.engine import open_engine
from rpps_sync.directory.tables import ERASURES, PUBLICATIONS
from rpps_sync.errors import NotFound

_STEPS = 50_000  # of SQLite's machine between two looks at the clock: some milliseconds
_published = PUBLICATIONS.c
_SERVED = (
    select(
        _published.seq,
        _published.id,
        _published.published_at,
        _published.practitioners,
        select(func.max(ERASURES.c.id)).scalar_subquery().label("erasures"),
    )
    .where(_published.seq.is_not(None))
    .order_by(_published.seq.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Served:
    """The publication that answers are made of."""

    seq: int
    id: str
    published_at: datetime
    practitioners: int  # in it
    erasures: int  # people erased so far: an answer made before one must not be taken for current

    @property
    def age_seconds(self) -> int:
        """How long ago it was made."""
        return int((now() - self.published_at).total_seconds())

    @property
    def about(self) -> dict[str, Any]:
        """What every answer says of it."""
        return {
            "publication": self.id,
            "published_at": iso(self.published_at),
            "age_seconds": self.age_seconds,
        }

    @property
    def edition(self) -> str:
        """A text that changes whenever answers may."""
        return f"{self.id}.{self.erasures}" if self.erasures else self.id


def served(connection: Connection) -> Served:
    """The publication being served.

    Raises:
        NotFound: the directory holds none.
    """
    row = connection.execute(_SERVED).one_or_none()
    if row is None:
        raise NotFound(
            "the directory holds no publication yet", mend="run 'rpps-sync run' first", reason="no-publication"
        )
    return Served(row.seq, row.id, row.published_at, row.practitioners or 0, row.erasures or 0)


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
        event.listen(engine, "connect", lambda raw, _record: raw.execute("PRAGMA query_only = ON"))
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


def _settle(raw: Any, limit: str) -> None:
    raw.execute(limit)
    raw.commit()


def _limit(connection: Connection, seconds: float) -> None:
    """Let a transaction of SQLite read so long and no longer: it has no such setting of its own."""
    ends = time.monotonic() + seconds
    raw: Any = connection.connection.driver_connection
    raw.set_progress_handler(lambda: time.monotonic() > ends, _STEPS)
