"""What the resident scheduler did: each time a job ran, failed, or was missed."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from rpps_sync.clock import iso
from rpps_sync.directory.tables import JOB_RUNS

KEPT = timedelta(days=60)  # a job of every quarter of an hour leaves a hundred rows a day


class JobOutcome(StrEnum):
    """What became of a job."""

    RUNNING = "running"
    DONE = "done"
    LATER = "later"  # another run was at work, or the publisher was not reached: it comes again by itself
    FAILED = "failed"
    MISSED = "missed"  # its hour passed and it did not start
    STOPPED = "stopped"  # with the scheduler


GONE_WELL = (JobOutcome.DONE.value, JobOutcome.LATER.value)
TELLING = (JobOutcome.DONE.value, JobOutcome.FAILED.value)  # the others say nothing of whether it works


def begin(connection: Connection, job: str, at: datetime) -> int:
    """Enter a job that starts; its number."""
    connection.execute(delete(JOB_RUNS).where(JOB_RUNS.c.started_at < at - KEPT))
    values = {"job": job, "started_at": at, "outcome": JobOutcome.RUNNING.value, "message": ""}
    done = connection.execute(insert(JOB_RUNS).values(**values))
    assert done.inserted_primary_key is not None  # the dialects in use give the key back
    return int(done.inserted_primary_key[0])


def finish(
    connection: Connection,
    number: int,
    outcome: JobOutcome,
    at: datetime,
    *,
    exit_code: int | None = None,
    message: str = "",
) -> None:
    """Say how a job ended."""
    values = {"finished_at": at, "outcome": outcome.value, "exit_code": exit_code, "message": message}
    connection.execute(update(JOB_RUNS).where(JOB_RUNS.c.id == number).values(**values))


def note(connection: Connection, job: str, outcome: JobOutcome, at: datetime, message: str) -> None:
    """Enter a job that did not even start."""
    values = {"job": job, "started_at": at, "finished_at": at, "outcome": outcome.value, "message": message}
    connection.execute(insert(JOB_RUNS).values(**values))


def close_dead(connection: Connection, at: datetime) -> None:
    """Close what a scheduler that is no more left running; for the one that takes its place."""
    connection.execute(
        update(JOB_RUNS)
        .where(JOB_RUNS.c.outcome == JobOutcome.RUNNING.value)
        .values(finished_at=at, outcome=JobOutcome.STOPPED.value, message="the scheduler stopped before its end")
    )


def last(connection: Connection, *, telling: bool = False) -> dict[str, dict[str, Any]]:
    """The last time of each job: ``started_at, finished_at, outcome, exit_code, message``.

    Args:
        connection: reading.
        telling: only look at those that say whether the job works: a job that failed and runs again, was told to
            stop or comes later is still one that failed.
    """
    newest = select(func.max(JOB_RUNS.c.id)).group_by(JOB_RUNS.c.job)
    if telling:
        newest = newest.where(JOB_RUNS.c.outcome.in_(TELLING))
    rows = connection.execute(select(JOB_RUNS).where(JOB_RUNS.c.id.in_(newest)).order_by(JOB_RUNS.c.job))
    return {
        row.job: {
            "started_at": iso(row.started_at),
            "finished_at": iso(row.finished_at) if row.finished_at else None,
            "outcome": row.outcome,
            "exit_code": row.exit_code,
            "message": row.message,
        }
        for row in rows
    }


def last_well(connection: Connection, job: str) -> datetime | None:
    """When a job last started and ended well."""
    return connection.scalar(
        select(JOB_RUNS.c.started_at)
        .where(JOB_RUNS.c.job == job, JOB_RUNS.c.outcome.in_(GONE_WELL))
        .order_by(JOB_RUNS.c.started_at.desc())
        .limit(1)
    )
