"""The one place that reads the time, so that tests and simulated nights can set it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from rpps_sync.errors import UsageError

CLOCK_VARIABLE = "RPPS_SYNC_NOW"


_pinned: ContextVar[datetime | None] = ContextVar("_pinned", default=None)


def now() -> datetime:
    """The present instant in UTC; ``RPPS_SYNC_NOW`` (ISO 8601) or :func:`pinned` replace it.

    Raises:
        UsageError: the variable does not hold an instant.
    """
    if instant := _pinned.get():
        return instant
    told = os.environ.get(CLOCK_VARIABLE)
    return parse_instant(told) if told else datetime.now(UTC)


def french_day(instant: datetime) -> date:
    """The day of an instant in metropolitan France, where the extracts are made."""
    return instant.astimezone(ZoneInfo("Europe/Paris")).date()


@contextmanager
def pinned(instant: datetime) -> Iterator[None]:
    """Stop the clock at an instant, for a simulated night."""
    token = _pinned.set(instant)
    try:
        yield
    finally:
        _pinned.reset(token)


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 instant, taken as UTC when it names no zone.

    Raises:
        UsageError: the text is no instant.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"'{text}' is not a date or an instant", mend="write it as 2026-11-20 or 2026-11-20T08:12:00Z"
        ) from error
    try:
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except OverflowError as error:  # the first or the last hours of the calendar, in another zone
        raise UsageError(f"'{text}' is beyond any publication", mend="write a day of this century") from error


def as_of(text: str) -> datetime:
    """The instant that a day (its end) or an instant means, to who asks for the past.

    Raises:
        UsageError: the text is no instant.
    """
    instant = parse_instant(text)
    try:
        return end_of(instant.date()) if len(text.strip()) <= len("2026-11-20") else instant
    except OverflowError as error:
        raise UsageError(f"'{text}' is beyond any publication", mend="write a day of this century") from error


def end_of(day: date) -> datetime:
    """The last instant of a day, in UTC: 'as of 20 November' means once that day was over."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1) - timedelta(microseconds=1)


def iso(instant: datetime) -> str:
    """An instant as written everywhere in this project: UTC, to the second, with Z."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
