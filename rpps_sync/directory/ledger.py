"""The ledgers: every run, and every publication looked at."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from rpps_sync.clock import french_day, iso
from rpps_sync.directory.tables import PUBLICATIONS, RUNS
from rpps_sync.publication import Publication
from rpps_sync.run_summary import CheckResult, Outcome, RunSummary

RUNNING = "running"
PUBLISHED, REFUSED = "published", "refused"
BASELINE_PUBLICATIONS = 60  # past publications whose figures the checks compare with


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who let a refused publication in, and why."""

    by: str
    because: str


def begin_run(connection: Connection, run_id: str, started_at: datetime) -> None:
    """Open a run; those a crash left open are closed as failed."""
    close_dead(connection, started_at)
    # What the ledger says of the run until it is closed, and for ever if the machine stops.
    stopped = RunSummary(run_id, started_at, started_at, Outcome.FAILED, message="stopped before its end")
    connection.execute(
        insert(RUNS).values(
            run_id=run_id,
            started_at=started_at,
            outcome=RUNNING,
            summary=stopped.to_json(),
            heartbeat_at=started_at,
            host=socket.gethostname(),
            pid=os.getpid(),
        )
    )


def close_dead(connection: Connection, at: datetime) -> int:
    """Close the runs that a crash left open, for the holder of the run's lock: nobody else can be at work.

    Returns:
        How many there were.
    """
    dead = connection.execute(select(RUNS).where(RUNS.c.outcome == RUNNING)).all()
    for row in dead:
        message = f"killed in the step '{row.step}'" if row.step else "killed before its first step"
        connection.execute(
            update(RUNS)
            .where(RUNS.c.run_id == row.run_id)
            .values(
                outcome=Outcome.FAILED.value,
                finished_at=row.heartbeat_at or at,
                summary=dict(row.summary) | {"message": message},
            )
        )
    return len(dead)


def beat(connection: Connection, run_id: str, step: str, at: datetime) -> None:
    """A sign of life: the run begins a step."""
    connection.execute(update(RUNS).where(RUNS.c.run_id == run_id).values(step=step, heartbeat_at=at))


def last_success(connection: Connection) -> datetime | None:
    """When a run last did its work: published, or found nothing new."""
    good = (Outcome.PUBLISHED.value, Outcome.UNCHANGED.value)
    ended: datetime | None = connection.scalar(
        select(func.max(RUNS.c.finished_at)).where(RUNS.c.outcome.in_(good))
    )
    return ended


def last_ended(connection: Connection) -> Mapping[str, Any] | None:
    """The summary of the last run that ended, as the ledger keeps it; None before the first one."""
    ended = select(RUNS.c.summary, RUNS.c.outcome).where(RUNS.c.outcome != RUNNING)
    row = connection.execute(ended.order_by(RUNS.c.started_at.desc()).limit(1)).one_or_none()
    return None if row is None else dict(row.summary) | {"outcome": row.outcome}


def finish_run(connection: Connection, summary: RunSummary) -> None:
    """Close a run with all there is to say of it."""
    connection.execute(
        update(RUNS)
        .where(RUNS.c.run_id == summary.run_id)
        .values(finished_at=summary.finished_at, outcome=summary.outcome.value, summary=summary.to_json())
    )


def served(connection: Connection) -> Row[Any] | None:
    """The publication being served, as a row of the publications ledger."""
    statement = select(PUBLICATIONS).where(PUBLICATIONS.c.seq.is_not(None)).order_by(PUBLICATIONS.c.seq.desc())
    return connection.execute(statement.limit(1)).one_or_none()


def next_seq(connection: Connection) -> int:
    """The sequence number of the next publication to be served."""
    return (connection.execute(select(func.max(PUBLICATIONS.c.seq))).scalar() or 0) + 1


def status_of(connection: Connection, publication_id: str) -> Row[Any] | None:
    """What became of a publication, or None when it was never looked at."""
    return connection.execute(select(PUBLICATIONS).where(PUBLICATIONS.c.id == publication_id)).one_or_none()


def past_metrics(connection: Connection) -> list[Mapping[str, Any]]:
    """Figures of the last accepted publications, oldest first."""
    statement = select(PUBLICATIONS.c.metrics).where(PUBLICATIONS.c.seq.is_not(None))
    newest_first = connection.execute(
        statement.order_by(PUBLICATIONS.c.seq.desc()).limit(BASELINE_PUBLICATIONS)
    ).scalars()
    return list(newest_first)[::-1]


def record_publication(
    connection: Connection,
    publication: Publication,
    *,
    run_id: str,
    at: datetime,
    metrics: Mapping[str, Any],
    checks: Iterable[CheckResult] = (),
    seq: int | None = None,
    practitioners: int | None = None,
    acceptance: Acceptance | None = None,
) -> None:
    """Enter a publication in the ledger: with a ``seq`` it is served, without one it was refused."""
    values = {
        "seq": seq,
        "status": REFUSED if seq is None else PUBLISHED,
        "published_at": publication.published_at,
        "recorded_at": at,
        "run_id": run_id,
        "files": [_file(file) for file in publication.files],
        "metrics": dict(metrics),
        "reasons": [f"{check.name}: {check.observed}" for check in checks if check.blocks],
        "accepted_by": acceptance.by if acceptance else None,
        "accepted_because": acceptance.because if acceptance else None,
        "practitioners": practitioners,
    }
    if status_of(connection, publication.id) is None:
        connection.execute(insert(PUBLICATIONS).values(id=publication.id, **values))
    else:
        connection.execute(update(PUBLICATIONS).where(PUBLICATIONS.c.id == publication.id).values(**values))


def _file(file: Any) -> dict[str, Any]:
    return {
        "kind": file.kind.value,
        "url": file.url,
        "bytes": file.bytes,
        "sha256": file.sha256,
        "lines": file.lines,
        "published_at": iso(file.published_at),
    }


def runs(connection: Connection, limit: int = 30) -> list[dict[str, Any]]:
    """The last runs, newest first: their summaries as the ledger keeps them, and their signs of life."""
    return [_run(row) for row in connection.execute(select(RUNS).order_by(_LAST_BEGUN).limit(limit))]


def run(connection: Connection, run_id: str = "") -> dict[str, Any] | None:
    """One run as the ledger keeps it, by default the last one that began; None when there is none."""
    query = select(RUNS).where(RUNS.c.run_id == run_id) if run_id else select(RUNS)
    row = connection.execute(query.order_by(_LAST_BEGUN).limit(1)).one_or_none()
    return None if row is None else _run(row)


_LAST_BEGUN = RUNS.c.started_at.desc()


def _run(row: Row[Any]) -> dict[str, Any]:
    return dict(row.summary) | {
        "run_id": row.run_id,
        "started_at": iso(row.started_at),
        "finished_at": iso(row.finished_at) if row.finished_at else None,
        "outcome": row.outcome,
        "message": "" if row.outcome == RUNNING else row.summary.get("message", ""),
        "step": row.step,
        "heartbeat_at": iso(row.heartbeat_at) if row.heartbeat_at else None,
        "host": row.host,
        "pid": row.pid,
    }


def figures(connection: Connection) -> list[Mapping[str, Any]]:
    """Every publication looked at, newest first: ``id``, ``seq`` (None when refused) and its ``metrics``."""
    columns = (PUBLICATIONS.c.id, PUBLICATIONS.c.seq, PUBLICATIONS.c.metrics)
    return [dict(row) for row in connection.execute(select(*columns).order_by(_NEWEST_FIRST)).mappings()]


_NEWEST_FIRST = PUBLICATIONS.c.published_at.desc()


def unchanged_days(connection: Connection) -> set[date]:
    """The days of the runs that found nothing new, since the last one that did."""
    rows = connection.execute(select(RUNS.c.started_at, RUNS.c.outcome).order_by(RUNS.c.started_at.desc()))
    since = takewhile(lambda row: row.outcome not in (PUBLISHED, REFUSED), rows)
    return {french_day(row.started_at) for row in since if row.outcome == Outcome.UNCHANGED}


def publications(connection: Connection) -> list[dict[str, Any]]:
    """Every publication looked at, newest first, with why it was refused or who accepted it."""
    rows = connection.execute(select(PUBLICATIONS).order_by(PUBLICATIONS.c.published_at.desc()))
    return [
        {
            "id": row.id,
            "seq": row.seq,
            "status": row.status,
            "published_at": iso(row.published_at),
            "recorded_at": iso(row.recorded_at),
            "run_id": row.run_id,
            "practitioners": row.practitioners,
            "reasons": row.reasons,
            "accepted_by": row.accepted_by,
            "accepted_because": row.accepted_because,
            "files": row.files,
        }
        for row in rows
    ]
