"""What a PostgreSQL server needs to behave as the embedded database does, and what it can do on top.

Every session asks the server to notice within seconds that we are gone, so that our locks and our unfinished
transaction go with us. Whoever writes takes one lock first: writers wait for one another as they do on SQLite,
and readers never wait.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Engine
from sqlalchemy.engine import URL

from rpps_sync.directory.tables import METADATA

OLDEST_SERVER = (14, 0)  # the first that looks, while it works, whether its client is still there
BUSY_SECONDS = 30.0  # how long a writer waits for another
LOCKS = int.from_bytes(b"RPPS", "big")  # tells our advisory locks from those of other programs on the database
RUN_LOCK, WRITER_LOCK = 1, 2

# What the driver is told unless the address says otherwise; seconds.
_CONNECTING = {
    "application_name": "rpps-sync",
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
}
SESSION = "; ".join(
    (
        f"SET lock_timeout = '{BUSY_SECONDS:.0f}s'",
        "SET client_connection_check_interval = '2s'",
        "SET tcp_keepalives_idle = 30",
        "SET tcp_keepalives_interval = 10",
        "SET tcp_keepalives_count = 3",
    )
)


def is_server(engine: Engine | Connection) -> bool:
    """Whether the database is on a PostgreSQL server, and not embedded."""
    return engine.dialect.name == "postgresql"


def address(url: URL) -> URL:
    """The address with the driver this program is made for, and its way of connecting.

    ``postgres://`` and ``postgresql://``, as hosting services write them, are understood.
    """
    if url.drivername not in ("postgres", "postgresql", "postgresql+psycopg"):
        return url
    missing = {name: value for name, value in _CONNECTING.items() if name not in url.query}
    return url.set(drivername="postgresql+psycopg").update_query_dict(missing)


def prepare(raw: Any, _record: Any) -> None:
    """Settle a new session; older servers than :data:`OLDEST_SERVER` refuse it."""
    raw.execute(SESSION)
    raw.commit()


def begin(connection: Connection) -> None:
    """Begin a transaction; one that writes waits here until the writer before it is done."""
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s, %s)", (LOCKS, WRITER_LOCK))


def take_run_lock(connection: Connection) -> bool:
    """Take the lock of the one run at a time, for as long as the connection lives; False: another has it."""
    taken = connection.exec_driver_sql("SELECT pg_try_advisory_lock(%s, %s)", (LOCKS, RUN_LOCK))
    return bool(taken.scalar_one())


def give_back_run_lock(connection: Connection) -> None:
    """Free the lock now: after a connection is closed, the server takes a moment to notice and free it itself."""
    connection.exec_driver_sql("SELECT pg_advisory_unlock(%s, %s)", (LOCKS, RUN_LOCK))


def go_on_after(connection: Connection, column: Column[int]) -> None:
    """Number new rows after those inserted with their numbers; the embedded database does so by itself."""
    if is_server(connection):
        table = column.table.name
        connection.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('{table}', '{column.name}'), max({column.name})) FROM {table}"
        )


def gather_statistics(connection: Connection) -> None:
    """Let a server see at once what a first load brought: until it looks by itself, it would plan blindly."""
    if is_server(connection):
        connection.exec_driver_sql(f"ANALYZE {', '.join(sorted(METADATA.tables))}")
