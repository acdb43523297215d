"""The timetable as data (``pipelines/schedule.toml``, or the operator's own): what runs, and when.

Nothing here runs anything: ``scheduling`` does. An hour that exists twice, or never, on the day the clocks change
is refused where it is declared, so that no trigger has to be clever about it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rpps_sync.errors import UsageError

DECLARED = "schedule.toml"
NIGHT = "night"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHDAYS = tuple(str(day) for day in range(1, 29))  # every month has them
MEND = "see the comments of pipelines/schedule.toml and docs/schedule.md"


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do regularly: at an hour (``at``, local) or every so many minutes (UTC)."""

    id: str
    command: tuple[str, ...]  # of rpps-sync
    titles: Mapping[str, str]  # by language
    at: time | None = None
    on: str = ""  # a day of WEEKDAYS, or of the month ("1" to "28"); every day when empty
    every_minutes: int = 0
    catch_up: bool = False

    def due_before(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """The last instant, in UTC, at which it should have started; None when it has no hour.

        >>> Job("x", (), {}, at=time(4, 15)).due_before(datetime(2026, 11, 20, 3, 0, tzinfo=UTC), ZoneInfo("UTC"))
        datetime.datetime(2026, 11, 19, 4, 15, tzinfo=datetime.timezone.utc)
        """
        if self.at is None:
            return None
        today = now.astimezone(zone).date()
        for back in range(32):
            day = today - timedelta(days=back)
            due = datetime.combine(day, self.at, tzinfo=zone).astimezone(UTC)
            if due <= now and self.on in ("", WEEKDAYS[day.weekday()], str(day.day)):
                return due
        return None


@dataclass(frozen=True, slots=True)
class DepositWindow:
    """When the publisher deposits, and how it is waited for."""

    until: time  # UTC
    look_every: timedelta
    lock: timedelta  # how long the night waits for another command to finish


@dataclass(frozen=True, slots=True)
class Timetable:
    """Everything that is declared."""

    zone: ZoneInfo
    grace: timedelta
    deposit: DepositWindow
    jobs: tuple[Job, ...]


def load_timetable(file: Path | None = None) -> Timetable:
    """Read the timetable of the package, or another one.

    Raises:
        UsageError: the file cannot be read, or declares something impossible; the message says which job.
    """
    where = file or resources.files(__package__).joinpath(DECLARED)
    try:
        return _timetable(tomllib.loads(where.read_text(encoding="utf-8")))
    except KeyError as error:
        raise UsageError(f"the timetable {where} lacks {error}", mend=MEND) from error
    except (OSError, ValueError, TypeError, ZoneInfoNotFoundError) as error:
        raise UsageError(f"the timetable {where} cannot be used: {error}", mend=MEND) from error


def _timetable(declared: Mapping[str, Any]) -> Timetable:
    zone = ZoneInfo(declared["timezone"])
    jobs = tuple(_job(entry, zone) for entry in declared["job"])
    if len({job.id for job in jobs}) < len(jobs):
        raise ValueError("two jobs have the same id")
    deposit = declared["deposit"]
    window = DepositWindow(
        until=time.fromisoformat(deposit["until"]),
        look_every=timedelta(minutes=deposit["look_every_minutes"]),
        lock=timedelta(minutes=deposit["lock_minutes"]),
    )
    return Timetable(zone, timedelta(hours=declared["misfire_grace_hours"]), window, jobs)


def _job(entry: Mapping[str, Any], zone: ZoneInfo) -> Job:
    job = Job(
        id=entry["id"],
        command=tuple(entry["command"]),
        titles=entry["title"],
        at=time.fromisoformat(entry["at"]) if "at" in entry else None,
        on=entry.get("on", ""),
        every_minutes=entry.get("every_minutes", 0),
        catch_up=entry.get("catch_up", False),
    )
    if (job.at is None) == (job.every_minutes == 0):
        raise ValueError(f"job '{job.id}' needs either 'at' or 'every_minutes'")
    if job.every_minutes and (job.every_minutes < 0 or 60 % job.every_minutes):
        raise ValueError(f"job '{job.id}': every_minutes must divide 60")
    if job.on and job.on not in (*WEEKDAYS, *_MONTHDAYS):
        raise ValueError(f"job '{job.id}': 'on' is one of {', '.join(WEEKDAYS)}, or a day of the month, 1 to 28")
    if job.at and is_doubtful(job.at, zone):
        raise ValueError(
            f"job '{job.id}' starts at {job.at:%H:%M}, an hour that exists twice or never when clocks change"
        )
    return job


def is_doubtful(at: time, zone: ZoneInfo) -> bool:
    """Whether some day of 2026 has that hour twice, or not at all."""
    days = (datetime(2026, 1, 1, at.hour, at.minute) + timedelta(days=number) for number in range(365))  # noqa: DTZ001 - wall clock
    return any(_offset(day, zone, 0) != _offset(day, zone, 1) for day in days)


def _offset(wall: datetime, zone: ZoneInfo, fold: int) -> timedelta | None:
    return wall.replace(tzinfo=zone, fold=fold).utcoffset()
