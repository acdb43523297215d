"""The ledger of incidents, and the outbox of what is to be told of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from rpps_sync.clock import iso
from rpps_sync.directory.tables import INCIDENTS, NOTIFICATIONS

FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(hours=6)
GIVEN_UP_AFTER = timedelta(days=3)
BEING_SENT = timedelta(minutes=2)  # nobody else takes a notification meanwhile
KEPT = timedelta(days=400)  # closed incidents


def open_ones(connection: Connection) -> Sequence[Row[Any]]:
    """The incidents that are not over, oldest first."""
    statement = select(INCIDENTS).where(INCIDENTS.c.closed_at.is_(None)).order_by(INCIDENTS.c.id)
    return connection.execute(statement).all()


def begin(connection: Connection, cause: str, symptoms: Sequence[Mapping[str, Any]], at: datetime) -> int:
    """Open an incident; its number."""
    values = {"opened_at": at, "last_seen_at": at, "told_at": at, "reminders": 0, "symptoms": list(symptoms)}
    done = connection.execute(insert(INCIDENTS).values(cause=cause, **values))
    assert done.inserted_primary_key is not None  # the dialects in use give the key back
    return int(done.inserted_primary_key[0])


def see(
    connection: Connection, number: int, symptoms: Sequence[Mapping[str, Any]], at: datetime, *, reminded: bool
) -> None:
    """It is still so."""
    values: dict[str, Any] = {"last_seen_at": at, "symptoms": list(symptoms)}
    if reminded:
        values |= {"told_at": at, "reminders": INCIDENTS.c.reminders + 1}
    connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == number).values(**values))


def close(connection: Connection, number: int, at: datetime) -> None:
    """It is over; what was over long ago is forgotten."""
    connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == number).values(closed_at=at))
    old = select(INCIDENTS.c.id).where(INCIDENTS.c.closed_at < at - KEPT)
    connection.execute(delete(NOTIFICATIONS).where(NOTIFICATIONS.c.incident_id.in_(old)))
    connection.execute(delete(INCIDENTS).where(INCIDENTS.c.closed_at < at - KEPT))


def queue(
    connection: Connection, number: int, channel: str, *, event: str, message: Mapping[str, Any], at: datetime
) -> None:
    """Put into the outbox what is to be told."""
    values = {"created_at": at, "next_at": at, "attempts": 0, "failure": "", "message": dict(message)}
    connection.execute(insert(NOTIFICATIONS).values(incident_id=number, channel=channel, event=event, **values))


def take_due(connection: Connection, channel: str, at: datetime) -> Row[Any] | None:
    """The oldest notification to be sent through a channel, kept from others while it is being sent."""
    due = select(NOTIFICATIONS).where(NOTIFICATIONS.c.channel == channel, NOTIFICATIONS.c.next_at <= at)
    found = connection.execute(due.order_by(NOTIFICATIONS.c.id).limit(1).with_for_update()).one_or_none()
    if found is not None:
        connection.execute(_only(found.id).values(next_at=at + BEING_SENT))
    return found


def delivered(connection: Connection, number: int, at: datetime) -> None:
    """It arrived."""
    counted = {"attempts": NOTIFICATIONS.c.attempts + 1, "failure": ""}
    connection.execute(_only(number).values(delivered_at=at, next_at=None, **counted))


def not_delivered(connection: Connection, found: Row[Any], failure: str, at: datetime) -> None:
    """It did not arrive: it is tried again, later each time, and given up in the end."""
    given_up = at - found.created_at > GIVEN_UP_AFTER
    pause = min(FIRST_RETRY * 2**found.attempts, LONGEST_RETRY)
    values = {"attempts": found.attempts + 1, "failure": failure, "next_at": None if given_up else at + pause}
    connection.execute(_only(found.id).values(**values))


def waiting(connection: Connection) -> int:
    """How many notifications are still to be delivered."""
    statement = select(func.count()).select_from(NOTIFICATIONS).where(NOTIFICATIONS.c.next_at.is_not(None))
    return int(connection.execute(statement).scalar_one())


def failing(connection: Connection) -> int:
    """How many notifications wait because an attempt failed."""
    tried = (NOTIFICATIONS.c.next_at.is_not(None), NOTIFICATIONS.c.failure != "")
    return int(connection.execute(select(func.count()).select_from(NOTIFICATIONS).where(*tried)).scalar_one())


def listed(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """The last incidents, open ones first, with what became of what was told of them."""
    newest = (INCIDENTS.c.closed_at.is_not(None), INCIDENTS.c.opened_at.desc(), INCIDENTS.c.id.desc())
    rows = connection.execute(select(INCIDENTS).order_by(*newest).limit(limit)).all()
    told = connection.execute(
        select(NOTIFICATIONS)
        .where(NOTIFICATIONS.c.incident_id.in_([row.id for row in rows]))
        .order_by(NOTIFICATIONS.c.id)
    ).all()
    return [_document(row, [item for item in told if item.incident_id == row.id]) for row in rows]


def _document(row: Row[Any], told: Sequence[Row[Any]]) -> dict[str, Any]:
    end = row.closed_at or row.last_seen_at
    return {
        "id": row.id,
        "cause": row.cause,
        "state": "closed" if row.closed_at else "open",
        "opened_at": iso(row.opened_at),
        "last_seen_at": iso(row.last_seen_at),
        "closed_at": iso(row.closed_at) if row.closed_at else None,
        "duration_seconds": int((end - row.opened_at).total_seconds()),
        "reminders": row.reminders,
        "symptoms": row.symptoms,
        "notifications": [
            {
                "channel": item.channel,
                "event": item.event,
                "attempts": item.attempts,
                "delivered_at": iso(item.delivered_at) if item.delivered_at else None,
                "next_at": iso(item.next_at) if item.next_at else None,
                "failure": item.failure,
            }
            for item in told
        ],
    }


def _only(number: int) -> Any:
    return update(NOTIFICATIONS).where(NOTIFICATIONS.c.id == number)
