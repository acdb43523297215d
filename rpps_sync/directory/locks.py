"""One run at a time on a database that several hosts share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from rpps_sync.directory import server
from rpps_sync.directory.engine import told_in_words
from rpps_sync.errors import LockHeld


@contextmanager
def one_run(engine: Engine) -> Iterator[None]:
    """Be the only run on this database, whichever host the others are on; embedded ones are left to a file lock.

    The lock is PostgreSQL's, on a connection of its own and outside any transaction: the server frees it when
    that connection ends, whatever ended it. Should it be lost, another run may start; publishing then notices
    that the publication it started from is no longer the one served.

    Raises:
        LockHeld: another run is at work on this database.
        DirectoryError: the database cannot be reached.
    """
    if not server.is_server(engine):
        yield
        return
    with told_in_words(engine):
        connection = engine.execution_options(isolation_level="AUTOCOMMIT").connect()
    try:
        with told_in_words(engine):
            taken = server.take_run_lock(connection)
        if not taken:
            raise LockHeld(
                f"another run is at work on {engine.url.render_as_string(hide_password=True)}",
                mend="wait for it to end, then try again; nothing was changed",
                reason="locked",
            )
        try:
            yield
        finally:
            with suppress(SQLAlchemyError):  # a connection that was lost took its lock with it
                server.give_back_run_lock(connection)
    finally:
        connection.invalidate()  # closed, not kept for others: closing is what frees the lock
        connection.close()
