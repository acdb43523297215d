"""Keys of the API: made, listed, replaced, withdrawn; the database holds their digests alone.

A key is ``rpps_<id>_<secret>``: the id (12 characters) is public and names it in lists and logs; the secret has
256 random bits, so that one round of SHA-256 keeps it as well as a slow password hash would. It is shown once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from rpps_sync.clock import iso, now
from rpps_sync.directory.tables import API_KEYS, API_USAGE
from rpps_sync.errors import NotFound, UsageError

PREFIX = "rpps"
FORM = re.compile(rf"{PREFIX}_(?P<id>[a-z2-7]{{12}})_(?P<secret>[A-Za-z0-9-]{{43}})")
OVERLAP = timedelta(hours=24)  # how long a replaced key goes on working
_keys, _usage = API_KEYS.c, API_USAGE.c


class KeyScope(StrEnum):
    """What a key opens."""

    READ = "read"  # the directory as it is now
    CLAIMS = "claims"  # telling what sign-ins said, and having it judged
    AUDIT = "audit"  # also the past, who left, and what the tokens of all applications said
    ADMIN = "admin"  # everything


IMPLIED: Mapping[KeyScope, frozenset[KeyScope]] = {
    KeyScope.READ: frozenset({KeyScope.READ}),
    KeyScope.CLAIMS: frozenset({KeyScope.CLAIMS}),
    KeyScope.AUDIT: frozenset({KeyScope.AUDIT, KeyScope.READ}),
    KeyScope.ADMIN: frozenset(KeyScope),
}


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret."""

    id: str
    name: str
    scopes: tuple[KeyScope, ...]
    source: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    rate_per_minute: int | None = None
    daily_quota: int | None = None
    digest: str = ""

    @property
    def opens(self) -> frozenset[KeyScope]:
        """Every scope it stands for: ``audit`` includes ``read``, ``admin`` includes all."""
        return frozenset[KeyScope]().union(*(IMPLIED[scope] for scope in self.scopes))

    def state(self, at: datetime) -> str:
        """``active``, ``revoked`` or ``expired`` at an instant."""
        if self.revoked_at is not None and self.revoked_at <= at:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= at else "active"

    def is_proved_by(self, secret: str) -> bool:
        """Whether this is the key; the time it takes tells nothing of how near a guess was."""
        return hmac.compare_digest(self.digest, digest_of(secret))

    def to_json(self) -> dict[str, Any]:
        """What lists show."""
        return {
            "id": self.id,
            "name": self.name,
            "scopes": [str(scope) for scope in self.scopes],
            "source": self.source,
            "state": self.state(now()),
            "created_at": iso(self.created_at),
            "expires_at": iso(self.expires_at) if self.expires_at else None,
            "revoked_at": iso(self.revoked_at) if self.revoked_at else None,
            "rate_per_minute": self.rate_per_minute,
            "daily_quota": self.daily_quota,
        }


def digest_of(secret: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create(
    connection: Connection,
    name: str,
    scopes: Iterable[KeyScope],
    *,
    source: str = "",
    expires_at: datetime | None = None,
    rate_per_minute: int | None = None,
    daily_quota: int | None = None,
) -> tuple[ApiKey, str]:
    """Make a key.

    Args:
        connection: inside a transaction that may write.
        name: of who will have it.
        scopes: what it opens, one at least.
        source: the application as which it tells claims; its name when not said.
        expires_at: when it stops working by itself.
        rate_per_minute: requests a minute; None: the usual number, 0: without limit.
        daily_quota: requests a day; None: the usual number, 0: without limit.

    Returns:
        The key, and the secret to hand over: nobody can show it again.

    Raises:
        UsageError: no name or no scope is given.
    """
    chosen = tuple(scope for scope in KeyScope if scope in set(scopes))
    if not name.strip() or not chosen:
        raise UsageError(
            "a key needs the name of who will have it, and a scope",
            mend=f"give --name, and --scope {'|'.join(KeyScope)}",
        )
    tells = bool({KeyScope.CLAIMS, KeyScope.ADMIN} & set(chosen))
    key_id = base64.b32encode(secrets.token_bytes(8)).decode().lower()[:12]
    secret = f"{PREFIX}_{key_id}_{secrets.token_urlsafe(32).replace('_', '-')}"
    key = ApiKey(
        id=key_id,
        name=name.strip(),
        scopes=chosen,
        source=(source or name).strip() if tells else "",
        created_at=now(),
        expires_at=expires_at,
        rate_per_minute=rate_per_minute,
        daily_quota=daily_quota,
        digest=digest_of(secret),
    )
    connection.execute(insert(API_KEYS), [_columns(key)])
    return key, secret


def every(connection: Connection) -> list[ApiKey]:
    """All keys, withdrawn ones included, oldest first."""
    return [_key(row) for row in connection.execute(select(API_KEYS).order_by(_keys.created_at, _keys.id))]


def get(connection: Connection, key_id: str) -> ApiKey:
    """One key by its id.

    Raises:
        NotFound: there is none.
    """
    row = connection.execute(select(API_KEYS).where(_keys.id == key_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no key '{key_id}'", mend="'rpps-sync keys list' shows the id of each")
    return _key(row)


def revoke(connection: Connection, key_id: str) -> ApiKey:
    """Withdraw a key at once; withdrawing it again changes nothing.

    Raises:
        NotFound: there is no such key.
    """
    key = get(connection, key_id)
    if key.revoked_at is None:
        key = replace(key, revoked_at=now())
        connection.execute(update(API_KEYS).where(_keys.id == key_id).values(revoked_at=key.revoked_at))
    return key


def rotate(connection: Connection, key_id: str, *, overlap: timedelta = OVERLAP) -> tuple[ApiKey, str]:
    """Replace a key by another that opens the same; the old one works on for a while.

    Returns:
        The new key and its secret.

    Raises:
        NotFound: there is no such key.
        UsageError: it was withdrawn or has expired.
    """
    old = get(connection, key_id)
    if old.state(now()) != "active":
        raise UsageError(f"key '{key_id}' is {old.state(now())}", mend="make a new one: 'rpps-sync keys create'")
    ends = now() + overlap
    if old.expires_at is None or ends < old.expires_at:
        connection.execute(update(API_KEYS).where(_keys.id == key_id).values(expires_at=ends))
    return create(
        connection,
        old.name,
        old.scopes,
        source=old.source,
        rate_per_minute=old.rate_per_minute,
        daily_quota=old.daily_quota,
    )


def last_used(connection: Connection) -> dict[str, datetime]:
    """When each key that was ever used was used last."""
    statement = select(_usage.key_id, func.max(_usage.last_used).label("at")).group_by(_usage.key_id)
    return {row.key_id: row.at for row in connection.execute(statement)}


def used_on(connection: Connection, day: date) -> dict[str, int]:
    """How many requests each key made on a day."""
    statement = select(_usage.key_id, _usage.requests).where(_usage.day == day)
    return {row.key_id: row.requests for row in connection.execute(statement)}


def count(connection: Connection, day: date, requests: Mapping[str, int], at: datetime) -> None:
    """Add requests to the count of a day.

    Args:
        connection: inside a transaction that may write.
        day: in UTC.
        requests: how many each key made.
        at: when the last of them was made, or a little later.
    """
    known = used_on(connection, day)
    for key_id, more in requests.items():
        here = (_usage.key_id == key_id, _usage.day == day)
        if key_id in known:
            values = {"requests": _usage.requests + more, "last_used": at}
            connection.execute(update(API_USAGE).where(*here).values(values))
        else:
            row = {"key_id": key_id, "day": day, "requests": more, "last_used": at}
            connection.execute(insert(API_USAGE), [row])


def _columns(key: ApiKey) -> dict[str, Any]:
    return {
        name: getattr(key, name) for name in API_KEYS.c.keys() if name != "scopes"  # noqa: SIM118 - columns
    } | {"scopes": ",".join(key.scopes)}  # fmt: skip


def _key(row: Row[Any]) -> ApiKey:
    told = dict(row._mapping)  # noqa: SLF001 - its public name
    return ApiKey(**told | {"scopes": tuple(KeyScope(name) for name in row.scopes.split(","))})
