"""The outbox of reports: which edition is to be mailed in which language, and what became of it.

What a letter says is not kept: it is written again from the ledgers for each attempt, so that nothing about a
person outlives an erasure here.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from rpps_sync.directory.incidents import BEING_SENT, FIRST_RETRY, GIVEN_UP_AFTER, LONGEST_RETRY
from rpps_sync.directory.tables import LETTERS

KEPT = timedelta(days=60)  # what was delivered, or given up


def queue(connection: Connection, edition: str, reference: str, language: str, at: datetime) -> None:
    """Put a report into the outbox.

    Args:
        connection: inside a transaction.
        edition: ``night``, ``week`` or ``month``.
        reference: the run, or the last day of the period.
        language: ``fr`` or ``en``.
        at: now.
    """
    connection.execute(delete(LETTERS).where(LETTERS.c.next_at.is_(None), LETTERS.c.created_at < at - KEPT))
    values = {"edition": edition, "reference": reference, "language": language}
    connection.execute(insert(LETTERS).values(**values, created_at=at, next_at=at, attempts=0, failure=""))


def take_due(connection: Connection, at: datetime) -> Row[Any] | None:
    """The oldest letter to be sent, kept from others while it is being sent."""
    due = select(LETTERS).where(LETTERS.c.next_at <= at).order_by(LETTERS.c.id).limit(1).with_for_update()
    found = connection.execute(due).one_or_none()
    if found is not None:
        connection.execute(update(LETTERS).where(LETTERS.c.id == found.id).values(next_at=at + BEING_SENT))
    return found


def delivered(connection: Connection, letter: Row[Any], at: datetime) -> None:
    """It arrived."""
    values = {"attempts": letter.attempts + 1, "delivered_at": at, "next_at": None, "failure": ""}
    connection.execute(update(LETTERS).where(LETTERS.c.id == letter.id).values(**values))


def not_delivered(connection: Connection, letter: Row[Any], failure: str, at: datetime, *, again: bool) -> None:
    """It did not arrive: it is tried again, later each time, and given up in the end, or at once."""
    given_up = not again or at - letter.created_at > GIVEN_UP_AFTER
    pause = min(FIRST_RETRY * 2**letter.attempts, LONGEST_RETRY)
    values = {"attempts": letter.attempts + 1, "failure": failure, "next_at": None if given_up else at + pause}
    connection.execute(update(LETTERS).where(LETTERS.c.id == letter.id).values(**values))


def waiting(connection: Connection) -> int:
    """How many letters are still to be delivered."""
    statement = select(func.count()).select_from(LETTERS).where(LETTERS.c.next_at.is_not(None))
    return int(connection.execute(statement).scalar_one())
