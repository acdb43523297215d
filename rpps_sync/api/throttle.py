"""How often a key may ask: a rate a minute and a quota a day, counted over all workers of a server.

The workers share a small file of the server's temporary folder, mapped into the memory of each; where a key
stands is sixteen bytes of it. The rate is a leaky bucket (GCRA, as in ATM networks): one number, the instant at
which the key would be even again. Quotas are those of a day in UTC; what was used is added to the database now and
then, never while a request waits, and read from there after a restart.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import tempfile
import threading
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import Engine

from rpps_sync import clock
from rpps_sync.api.problems import Problem
from rpps_sync.directory import api_keys
from rpps_sync.directory.api_keys import ApiKey
from rpps_sync.directory.engine import reading, writing
from rpps_sync.errors import RppsSyncError

SLOTS = 4096  # keys told apart at once; more share their allowance two by two
BURST_SECONDS = 10.0  # of its rate that a key may use at once, after a rest
FLUSH_SECONDS = 10.0
_SLOT = struct.Struct("<dII")  # the instant the key is even again, the day, the requests of that day
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a key without numbers of its own may do; 0: no limit."""

    rate_per_minute: int
    daily_quota: int


class Throttle:
    """Counts the requests of all keys.

    Args:
        engine: that may write, for the counts of each day.
        usual: the allowance of a key that has none of its own.
        shared: the file that the workers share; one of its own when there is none.
    """

    def __init__(self, engine: Engine, usual: Allowance, shared: Path | None = None) -> None:
        self._engine = engine
        self._usual = usual
        self._file = _opened(shared)
        self._slots = mmap.mmap(self._file, SLOTS * _SLOT.size)
        self._inside = threading.Lock()
        self._places: dict[str, int] = {}
        self._before: dict[str, int] = {}  # what the database knew of the day when the server started
        self._before_on = date.min
        self._waiting: Counter[tuple[str, date]] = Counter()

    def admit(self, key: ApiKey) -> None:
        """Count one request.

        Raises:
            Problem: 429, the key asks too often; ``Retry-After`` says when to come back.
        """
        now, today = time.monotonic(), clock.now()
        rate = self._usual.rate_per_minute if key.rate_per_minute is None else key.rate_per_minute
        quota = self._usual.daily_quota if key.daily_quota is None else key.daily_quota
        with self._slot(key.id) as place:
            even, day, used = _SLOT.unpack_from(self._slots, place)
            if day != today.toordinal():
                day = today.toordinal()
                used = self._before.get(key.id, 0) if today.date() == self._before_on else 0
            if quota and used >= quota:
                raise _too_many("quota", f"{quota} requests were made today", _until_midnight(today))
            if rate:
                even = max(even, now) + 60.0 / rate
                early = even - now - BURST_SECONDS - 60.0 / rate
                if early > 0:
                    raise _too_many("rate", f"more than {rate} requests a minute", early)
            _SLOT.pack_into(self._slots, place, even, day, used + 1)
            self._waiting[key.id, today.date()] += 1

    def remember(self) -> None:
        """Read what was used today before this server started.

        Raises:
            DirectoryError: the database cannot be read.
        """
        with reading(self._engine) as connection:
            self._before_on = clock.now().date()
            self._before = api_keys.used_on(connection, self._before_on)

    def flush(self) -> None:
        """Write down what was used; when the database is busy, that waits for the next time."""
        with self._inside:
            waiting, self._waiting = self._waiting, Counter()
        if not waiting:
            return
        try:
            with writing(self._engine) as connection:
                for day in {day for _, day in waiting}:
                    some = {key: count for (key, of), count in waiting.items() if of == day}
                    api_keys.count(connection, day, some, clock.now())
        except RppsSyncError as error:
            _log.warning("the use of keys could not be written down yet", what=error.what)
            with self._inside:
                self._waiting.update(waiting)

    def close(self) -> None:
        """Write down what waits, and let go of the shared file."""
        self.flush()
        self._slots.close()
        os.close(self._file)

    @contextmanager
    def _slot(self, key_id: str) -> Iterator[int]:
        """The place of a key, to itself: no other thread and no other worker looks at it meanwhile."""
        place = self._places.setdefault(key_id, hash_of(key_id) % SLOTS * _SLOT.size)
        with self._inside:
            fcntl.lockf(self._file, fcntl.LOCK_EX, _SLOT.size, place)
            try:
                yield place
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, _SLOT.size, place)


def hash_of(key_id: str) -> int:
    """A number that every worker finds for a key."""
    return zlib.crc32(key_id.encode())


def _opened(shared: Path | None) -> int:
    if shared is None:
        file, name = tempfile.mkstemp(prefix="rpps-sync-throttle-")
        os.unlink(name)  # noqa: PTH108 - open, and gone with the process
    else:
        file = os.open(shared, os.O_RDWR | os.O_CREAT, 0o600)
    os.ftruncate(file, SLOTS * _SLOT.size)
    return file


def _until_midnight(now: datetime) -> float:
    tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (tomorrow - now).total_seconds()


def _too_many(reason: str, detail: str, seconds: float) -> Problem:
    wait = max(1, int(seconds) + 1)
    return Problem(
        429,
        reason,
        detail,
        mend=f"come back in {wait} seconds; an administrator may give this key more",
        headers={"Retry-After": str(wait)},
    )
