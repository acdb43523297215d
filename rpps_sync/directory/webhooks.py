"""Subscribers of the change feed: who they are, how far each has heard, and who is delivering to whom.

One delivery is under way for a subscriber at most: whoever delivers holds its *lease*, for a minute that each
message renews. A process that is killed leaves a lease that ends by itself; one that slept beyond its lease finds
that it is no longer its own, and stops. The cursor moves when a message has arrived, never before: whatever
happens, a subscriber hears of everything, in order, and now and then of something twice.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from rpps_sync.clock import iso, now
from rpps_sync.directory.changes import newest
from rpps_sync.directory.choice import Choice
from rpps_sync.directory.tables import WEBHOOKS
from rpps_sync.errors import NotFound, UsageError

LEASE = timedelta(seconds=60)  # three times what one message may take
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
DISABLED_AFTER = timedelta(days=7)  # of failures without one success: a long week-end is no reason
OVERLAP = timedelta(hours=24)  # how long a replaced secret goes on signing
_hooks = WEBHOOKS.c


class State(StrEnum):
    """Whether changes are delivered."""

    ACTIVE = "active"
    DISABLED = "disabled"  # after a week of failures, or because the receiver said that it is gone


@dataclass(frozen=True, slots=True)
class Webhook:
    """A subscriber. Its secret is not in here: see ``rpps_sync.webhooks.signing``."""

    id: str
    name: str
    url: str
    choice: Choice
    cursor: int
    secret_version: int
    key_check: str
    former_until: datetime | None
    created_at: datetime
    created_by: str
    state: State = State.ACTIVE
    failures: int = 0
    failing_since: datetime | None = None
    failure: str = ""
    next_at: datetime | None = None
    delivered_at: datetime | None = None
    lease: str = ""
    lease_until: datetime | None = None

    def to_json(self, end: int) -> dict[str, Any]:
        """What lists show.

        Args:
            end: of the feed, see :func:`rpps_sync.directory.changes.newest`.
        """
        return {
            "id": self.id,
            "name": self.name,
            "url": self.url,
            "filters": self.choice.to_json(),
            "state": str(self.state),
            "cursor": self.cursor,
            "behind": max(0, end - self.cursor),
            "failures": self.failures,
            "failure": self.failure,
            "failing_since": _told(self.failing_since),
            "next_at": _told(self.next_at if self.failures and self.state is State.ACTIVE else None),
            "delivered_at": _told(self.delivered_at),
            "created_at": iso(self.created_at),
            "created_by": self.created_by,
        }


def _told(instant: datetime | None) -> str | None:
    return iso(instant) if instant else None


def create(
    connection: Connection, name: str, url: str, choice: Choice, *, cursor: int, key_check: str, by: str
) -> Webhook:
    """Enter a subscriber.

    Args:
        connection: inside a transaction that may write.
        name: of the application that listens.
        url: looked at before, see ``rpps_sync.webhooks.addresses``.
        choice: which changes.
        cursor: after which the first change comes.
        key_check: of the key that its secret is made of.
        by: who enters it.

    Raises:
        UsageError: it has no name, a filter means nothing, or the cursor is none that the feed ever gave.
    """
    if not name.strip():
        raise UsageError("a subscriber needs a name", mend="give that of the application that listens")
    if not 0 <= cursor <= (end := newest(connection)):
        raise UsageError(
            f"the feed ends at cursor {end}", mend="give a cursor of it, or a date", reason="cursor-unknown"
        )
    at = now()
    webhook = Webhook(
        id=base64.b32encode(secrets.token_bytes(8)).decode().lower()[:12],
        name=name.strip(),
        url=url,
        choice=choice.settled(connection),
        cursor=cursor,
        secret_version=1,
        key_check=key_check,
        former_until=None,
        created_at=at,
        created_by=by,
        next_at=at,
    )
    connection.execute(insert(WEBHOOKS), [_columns(webhook)])
    return webhook


def every(connection: Connection) -> list[Webhook]:
    """All subscribers, oldest first."""
    return [_webhook(row) for row in connection.execute(select(WEBHOOKS).order_by(_hooks.created_at, _hooks.id))]


def get(connection: Connection, webhook_id: str) -> Webhook:
    """One subscriber.

    Raises:
        NotFound: there is none.
    """
    row = connection.execute(select(WEBHOOKS).where(_hooks.id == webhook_id)).one_or_none()
    if row is None:
        raise NotFound(
            f"there is no webhook '{webhook_id}'", mend="'rpps-sync webhooks list' shows the id of each"
        )
    return _webhook(row)


def remove(connection: Connection, webhook_id: str) -> Webhook:
    """Let a subscriber go; a message under way is the last.

    Raises:
        NotFound: there is none.
    """
    webhook = get(connection, webhook_id)
    connection.execute(delete(WEBHOOKS).where(_hooks.id == webhook_id))
    return webhook


def renew(connection: Connection, webhook_id: str, *, key_check: str, overlap: timedelta = OVERLAP) -> Webhook:
    """Replace the secret; the former one signs too for a while, where the key that it was made of is still there.

    Raises:
        NotFound: there is none.
    """
    old = get(connection, webhook_id)
    until = now() + overlap if overlap and old.key_check == key_check else None
    values = {"secret_version": old.secret_version + 1, "key_check": key_check, "former_until": until}
    _change(connection, webhook_id, values)
    return get(connection, webhook_id)


def enable(connection: Connection, webhook_id: str, *, cursor: int | None = None) -> Webhook:
    """Deliver again, at once, from where the subscriber was or from another cursor.

    Raises:
        NotFound: there is none.
        UsageError: the feed does not reach that cursor.
    """
    webhook = get(connection, webhook_id)
    place = webhook.cursor if cursor is None else cursor
    if not 0 <= place <= (end := newest(connection)):
        mend = f"say from where: --since 0, --since {end} or a date"
        raise UsageError(f"the feed ends at cursor {end}, before {place}", mend=mend, reason="cursor-unknown")
    again = {"state": State.ACTIVE.value, "failures": 0, "failing_since": None, "failure": "", "next_at": now()}
    # A message under way is waited for, to the end of its lease, and what becomes of it is not noted any more.
    lease = secrets.token_hex(8) if webhook.lease else ""
    _change(connection, webhook_id, again | {"cursor": place, "lease": lease})
    return get(connection, webhook_id)


def due(connection: Connection, at: datetime) -> list[Webhook]:
    """The subscribers to whom something may be delivered now: the longest waiting first."""
    statement = select(WEBHOOKS).where(*_is_due(at), _hooks.cursor != newest(connection))
    return [_webhook(row) for row in connection.execute(statement.order_by(_hooks.next_at, _hooks.id))]


def refused(connection: Connection, at: datetime) -> list[dict[str, Any]]:
    """Those who do not take their messages, as lists show them, with ``failing_for`` in seconds."""
    return [
        webhook.to_json(webhook.cursor) | {"failing_for": (at - (webhook.failing_since or at)).total_seconds()}
        for webhook in every(connection)
        if webhook.failures
    ]


def take(connection: Connection, webhook_id: str, at: datetime) -> Webhook | None:
    """Become the one who delivers to a subscriber; None when somebody else does, or it is not due."""
    free = select(WEBHOOKS).where(_hooks.id == webhook_id, *_is_due(at))
    row = connection.execute(free.with_for_update()).one_or_none()
    if row is None:
        return None
    taken = replace(_webhook(row), lease=secrets.token_hex(8), lease_until=at + LEASE)
    _change(connection, webhook_id, {"lease": taken.lease, "lease_until": taken.lease_until})
    return taken


def delivered(connection: Connection, taken: Webhook, cursor: int, at: datetime, *, told: bool) -> Webhook | None:
    """Everything up to a cursor arrived; go on.

    Args:
        connection: inside a transaction that may write.
        taken: whose lease is renewed.
        cursor: of the last change.
        at: now.
        told: whether there was a message, and not only changes that are not wanted.

    Returns:
        The subscriber at its new place; None when it is no longer ours to deliver to.
    """
    well: dict[str, Any] = {"cursor": cursor, "lease_until": at + LEASE, "next_at": at}
    if told:
        well |= {"failures": 0, "failing_since": None, "failure": "", "delivered_at": at}
    return replace(taken, **well) if _ours(connection, taken, well) else None


def release(connection: Connection, taken: Webhook) -> None:
    """Deliver no more for now."""
    _ours(connection, taken, {"lease": "", "lease_until": None})


def not_delivered(
    connection: Connection,
    taken: Webhook,
    failure: str,
    at: datetime,
    *,
    wait: timedelta | None = None,
    final: bool,
) -> State:
    """A message did not arrive: it is tried again, later each time, for a week.

    Args:
        connection: inside a transaction that may write.
        taken: who was to be told.
        failure: in words, without address or secret.
        at: now.
        wait: what the receiver asks for.
        final: trying again is of no use.

    Returns:
        Whether it is tried again.
    """
    since = taken.failing_since or at
    state = State.DISABLED if final or at - since >= DISABLED_AFTER else State.ACTIVE
    pause = min(max(FIRST_PAUSE * 2 ** min(taken.failures, 20), wait or timedelta()), LONGEST_PAUSE)
    values = {"state": state.value, "failures": taken.failures + 1, "failing_since": since, "failure": failure}
    _ours(connection, taken, values | {"next_at": at + pause, "lease": "", "lease_until": None})
    return state


def _is_due(at: datetime) -> tuple[Any, ...]:
    free = or_(_hooks.lease == "", _hooks.lease_until.is_(None), _hooks.lease_until <= at)
    return _hooks.state == State.ACTIVE.value, _hooks.next_at <= at, free


def _ours(connection: Connection, taken: Webhook, values: Mapping[str, Any]) -> bool:
    """Change a subscriber as long as the lease is ours, and say whether it was."""
    mine = update(WEBHOOKS).where(_hooks.id == taken.id, _hooks.lease == taken.lease)
    return bool(connection.execute(mine.values(**values)).rowcount)


def _change(connection: Connection, webhook_id: str, values: Mapping[str, Any]) -> None:
    connection.execute(update(WEBHOOKS).where(_hooks.id == webhook_id).values(**values))


def _columns(webhook: Webhook) -> dict[str, Any]:
    columns = {name: getattr(webhook, name) for name in WEBHOOKS.c.keys()}  # noqa: SIM118 - columns
    return columns | {"choice": webhook.choice.to_json(), "state": str(webhook.state)}


def _webhook(row: Row[Any]) -> Webhook:
    told = dict(row._mapping)  # noqa: SLF001 - its public name
    return Webhook(**told | {"choice": Choice.from_json(row.choice), "state": State(row.state)})
